// Metadata with bytes changed, under a header that binds the changed bytes: a node takes no
// commitments but the true codeword's, and no length but the shape's.

#include "base/merkle.hpp"
#include "da-node/metadata_check.hpp"
#include "tests/support/small_object.hpp"

namespace ashlar::test
{
namespace
{

/// Roots of the bytes as they stand, valid points or not.
void bind_bytes(SmallObject& object, const ObjectShape& shape)
{
    const ByteView commitments{object.metadata.commitments};
    std::vector<Bytes32> leaves;
    std::size_t at = 0;
    for (std::uint64_t n = 0; n < shape.position_count(); ++n)
    {
        auto point = Commitment{}.bytes();
        if (!shape.is_virtual(n))
        {
            point = to_array(commitments.subspan(at).first<BYTES_PER_G1>());
            at += BYTES_PER_G1;
        }
        leaves.push_back(commitment_leaf(point));
    }
    object.fields.commitments_root = merkle_root(std::move(leaves));
    object.fields.placement_seed = default_placement_seed(object.fields.commitments_root);
    std::vector<Bytes32> hashes;
    for (ByteView rest{object.metadata.group_parity_hashes}; !rest.empty();
         rest = rest.subspan(sizeof(Bytes32)))
        hashes.push_back(to_array(rest.first<sizeof(Bytes32)>()));
    object.fields.group_parity_root = merkle_root(std::move(hashes));
}

/// Two bytes: how much longer the commitments get, how much shorter the hashes. Then three bytes a
/// change: place, place, mask.
void run(ByteView input)
{
    static const auto original = make_small_object({.data_blobs = 1, .group_parities = 1});
    static const auto shape = original.shape();
    if (input.size() < 2)
        return;
    auto object = original;
    auto& [commitments, hashes] = object.metadata;
    for (ByteView rest = input.subspan(2); rest.size() >= 3; rest = rest.subspan(3))
    {
        const auto place =
            load_big_endian<std::uint16_t>(rest.first<2>()) % (commitments.size() + hashes.size());
        auto& byte =
            place < commitments.size() ? commitments[place] : hashes[place - commitments.size()];
        byte ^= rest[2];
    }
    bind_bytes(object, shape);
    const bool true_commitments = commitments == original.metadata.commitments;
    commitments.resize(commitments.size() + std::to_integer<std::size_t>(input[0]));
    hashes.resize(hashes.size() - std::to_integer<std::size_t>(input[1]) % hashes.size());
    const bool true_lengths = commitments.size() == original.metadata.commitments.size() &&
                              hashes.size() == original.metadata.group_parity_hashes.size();
    const auto checked = check_metadata(object.header(), object.metadata);
    ASHLAR_ASSERT(checked.has_value() == (true_commitments && true_lengths));
}

}  // namespace
}  // namespace ashlar::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ashlar::test::run(std::as_bytes(std::span{data, size}));
    return 0;
}
