// Proofs as anybody may send them. What is read is written back and read again the same; no proof
// holds against a root that is not its header's, and nothing crashes.

#include "base/merkle.hpp"
#include "rollup/proof_json.hpp"

namespace ashlar::test
{
namespace
{

Bytes32 own_root(const HeaderBytes& header)
{
    std::vector<Bytes32> leaves;
    for (std::size_t at = 0; at < header.size(); at += sizeof(Bytes32))
        leaves.push_back(to_array(ByteView{header}.subspan(at).first<sizeof(Bytes32)>()));
    return merkle_root(std::move(leaves));
}

Result<void> verify(const Bytes32& root, const WeightProof& proof)
{
    ASHLAR_TRY(const auto bytes, verify_weight_proof(root, proof));
    ASHLAR_ASSERT(bytes.size() == proof.range.size);
    return {};
}

Result<void> verify(const Bytes32& root, const EquivalenceProof& proof)
{
    return verify_equivalence(root, proof);
}

void check(const AnyProof& proof)
{
    std::visit(
        [](const auto& one) {
            const auto json = to_json(one);
            const auto again = parse_proof(json);
            ASHLAR_ASSERT(again);
            ASHLAR_ASSERT(std::visit([](const auto& two) { return to_json(two); }, *again) == json);
            ASHLAR_ASSERT(!verify({}, one));
            const auto root = own_root(one.binding.header);
            static_cast<void>(verify(root, one));
            if (const auto header = ObjectHeader::parse_for(root, one.binding.header))
                static_cast<void>(check_walks(*header, one.binding.fold_record, one.blobs));
        },
        proof);
}

}  // namespace
}  // namespace ashlar::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ashlar;
    const auto proof = parse_proof(as_text(std::as_bytes(std::span{data, size})));
    if (proof)
        test::check(*proof);
    return 0;
}
