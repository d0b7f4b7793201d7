/// make-calldata FILE: publishes a small model under a committee of a chain that a test is about to
/// start, and writes calldata of every kind with what the contracts must answer.

#include <cstdlib>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "rollup/calldata.hpp"
#include "rollup/registry_rule.hpp"
#include "rollup/tensor_slice.hpp"
#include "rollup/weight_prover.hpp"
#include "tests/support/published_model.hpp"

namespace ashlar::test
{
namespace
{

using Json = nlohmann::ordered_json;

// contracts/test/world.mjs: hardhat's chain, the first contract of its first account, owners of
// nodes at 0xa5a500000000 + i, two ether of stake each.
constexpr std::uint64_t HARDHAT_CHAIN = 31337;
constexpr std::string_view REGISTRY = "5fbdb2315678afecb367f032d93f642f64180aa3";
constexpr std::uint64_t FIRST_OWNER = 0xa5a500000000;
constexpr std::uint64_t STAKE_GWEI = 2'000'000'000;

Committee hardhat_committee()
{
    Committee::Parts parts;
    parts.binding = {.chain_id = HARDHAT_CHAIN, .registry = array_from_hex<20>(REGISTRY).value()};
    for (std::uint64_t i = 0; i < 8; ++i)
    {
        Bytes32 scalar{};
        std::ranges::copy(big_endian(i + 1), scalar.begin() + 24);
        const auto key = BlsSecretKey::parse(scalar).value();
        Bytes32 operator_id{};
        std::ranges::copy(big_endian(FIRST_OWNER + i), operator_id.begin() + 12);
        parts.members.push_back({.key = key.public_key(),
            .possession_proof = key.prove_possession().bytes(),
            .operator_id = operator_id,
            .weight = STAKE_GWEI});
    }
    return Committee::make(std::move(parts)).value();
}

Json weight_call(const Bytes32& root, const Result<WeightProof>& proof)
{
    const auto bytes = verify_weight_proof(root, proof.value()).value();
    return {{"kind", to_string(proof->kind)}, {"calldata", "0x" + to_hex(weight_calldata(*proof))},
        {"bytes", "0x" + to_hex(bytes)}};
}

Json equivalence_call(LightObject& object, std::uint64_t first, std::uint64_t end)
{
    const auto proof =
        prove_equivalence(object, {.first = first, .end = end, .scheme = 1, .w = {}}).value();
    const auto [gamma, z] = EquivalenceChallenge::of(object.header().root(), proof.claim);
    return {{"calldata", "0x" + to_hex(equivalence_calldata(proof))},
        {"gamma", "0x" + to_hex(gamma.to_bytes())}, {"z", "0x" + to_hex(z.to_bytes())},
        {"y", "0x" + to_hex(proof.y)}};
}

Json answer_call(LightObject& object, std::uint64_t position, std::uint64_t element)
{
    const auto answer = answer_challenge(object, position, element).value();
    return {{"calldata", "0x" + to_hex(answer_calldata(7, answer))}, {"id", 7},
        {"commitment", "0x" + to_hex(answer.blob.commitment)},
        {"y", "0x" + to_hex(answer.opening.value)}, {"proof", "0x" + to_hex(answer.opening.proof)}};
}

/// What the registry's rule sees and says, for shapes, copies and signers of many kinds.
Json rule_cases(const Committee& committee)
{
    auto cases = Json::array();
    for (const auto data_blobs :
        std::initializer_list<std::uint64_t>{1, 300, 4096, 70'000, 7'875'505})
    {
        for (std::uint64_t i = 0; i < 10; ++i)
        {
            const auto copies = 1 + i / 2;
            const auto shape =
                ObjectShape::make({.data_blobs = data_blobs,
                                      .parity_blobs = ObjectShape::default_parity_blobs(data_blobs),
                                      .group_parities = i % 5})
                    .value();
            std::vector<std::size_t> signers;
            for (std::size_t m = i % 3; m < committee.size(); ++m)
                signers.push_back(m);
            const auto s = summarize_signers(committee, signers);
            cases.push_back({{"bitmap", fmt::format("0x{:02x}", 0xff & (0xff << (i % 3)))},
                {"shape", {data_blobs, shape.parity_blobs(), shape.group_parities(), copies}},
                {"domain", shape.domain()},
                {"summary", {s.total_weight, s.min_weight, s.densest_shards, s.densest_weight,
                                s.placed_members, s.missing_members, s.missing_shards}},
                {"holds", registry_rule(shape, copies, s).holds()}});
        }
    }
    return cases;
}

Json make_calls(PublishedModel& model)
{
    auto object = model.open().value();
    const auto& root = model.root();
    const auto row = tensor_slice(model.rows(), "5").value();
    const auto anchor = anchor_calldata(object.header(), *object.binding().certificate,
        {.model_id = root, .epoch = 1, .uri = "ashlar://a model", .is_fork = false});
    const auto claim =
        make_custody_claim(object, model.network().committee(), 1, std::nullopt).value();
    const auto last = object.header().shape().stored_count() - 1;
    return {{"object_root", "0x" + to_hex(root)},
        {"committee_root", "0x" + to_hex(model.network().committee().root())},
        {"rules", rule_cases(model.network().committee())}, {"now", LocalNetwork::NOW},
        {"anchor", "0x" + to_hex(anchor.value())},
        {"weights",
            {weight_call(root, prove_element(object, 2, 5)),
                weight_call(
                    root, prove_bytes(object, {.offset = model.straddling_offset(), .size = 2})),
                weight_call(
                    root, prove_bytes(object, {.offset = PAYLOAD_BYTES_PER_BLOB - 20, .size = 40})),
                weight_call(root, prove_tensor(object, model.directory(), model.rows(), row)),
                weight_call(root, prove_cell(object, 0, 32)),
                weight_call(root, prove_cell(object, 2, 0))}},
        {"equivalence", {equivalence_call(object, 0, 3), equivalence_call(object, 1, 2)}},
        {"challenge", "0x" + to_hex(challenge_calldata(claim))},
        {"challenged", {{"member", claim.member}, {"position", 1}}},
        {"answers", {answer_call(object, 0, 4095),
                        answer_call(object, object.header().shape().position_of(last), 17)}}};
}

}  // namespace
}  // namespace ashlar::test

int main(int argc, char** argv)
{
    using namespace ashlar;
    if (argc != 2)
    {
        fmt::print(stderr, "usage: make-calldata FILE\n");
        return EXIT_FAILURE;
    }
    // What the registry's closed form asks of a small object among eight equal members.
    EncodeOptions options;
    options.copies = 3;
    test::PublishedModel model{PAYLOAD_BYTES_PER_BLOB + 100, test::hardhat_committee(), options};
    const auto written =
        write_file_atomically(argv[1], as_byte_view(test::make_calls(model).dump(1)));
    if (!written)
        fmt::print(stderr, "{}\n", written.error().message);
    return written ? EXIT_SUCCESS : EXIT_FAILURE;
}
