/// Examples of docs/formats/committee.md and placement.md.

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "base/ssz.hpp"
#include "tests/formats/example.hpp"
#include "tests/formats/example_object.hpp"

namespace ashlar::test
{
namespace
{

Bytes encode(std::span<const std::uint16_t> shards)
{
    Bytes out;
    for (const auto member : shards)
        append(out, little_endian(member));
    return out;
}

std::vector<std::uint64_t> counts(std::span<const std::uint16_t> shards, std::size_t members)
{
    std::vector<std::uint64_t> out(members);
    for (const auto member : shards)
        ++out.at(member);
    return out;
}

std::vector<std::uint64_t> numbers(std::span<const std::uint16_t> values)
{
    return {values.begin(), values.end()};
}

Bytes32 root_of(const Member& member)
{
    const std::array<Bytes32, 4> fields{ssz::byte_vector_root(member.key.bytes()),
        ssz::byte_vector_root(member.possession_proof), member.operator_id,
        ssz::chunk_of(member.weight)};
    return ssz::container_root(fields);
}

TEST(example, committee)
{
    const auto example = Example::current();
    const auto& committee = example_committee();
    const auto& shards = committee.shards();
    std::vector<Bytes32> operators;
    std::vector<std::uint64_t> weights;
    std::vector<Bytes> pubkeys;
    std::vector<Bytes32> roots;
    for (std::size_t i = 0; i < committee.size(); ++i)
    {
        const auto& member = committee.members()[i];
        operators.push_back(member.operator_id);
        weights.push_back(member.weight);
        pubkeys.emplace_back(member.key.bytes().begin(), member.key.bytes().end());
        roots.push_back(root_of(member));
        example.expect(fmt::format("pop_{}", i), member.possession_proof);
    }
    example.expect_list("operators", operators);
    example.expect("weights", weights);
    example.expect_list("pubkeys", pubkeys);
    example.expect("shards_0_to_31", numbers(std::span{shards}.first(32)));
    example.expect("shards_per_member", counts(shards, committee.size()));
    example.expect("shards_sha256", sha256(encode(shards)));

    const auto members_root = ssz::list_root(roots, MEMBERS_MAX);
    const auto shards_root = ssz::byte_vector_root(encode(shards));
    example.expect_list("member_roots", roots);
    example.expect("members_root", members_root);
    example.expect("shards_root", shards_root);
    example.expect("committee_root", committee.root());
    EXPECT_EQ(committee.root(), ssz::container_root(std::array{members_root, shards_root}));
}

TEST(example, first_table)
{
    const auto example = Example::current();
    const auto operators = example.integers("operator_numbers");
    const auto weights = example.integers("weights");
    ASSERT_EQ(operators.size(), weights.size());
    std::vector<Member> members;
    for (std::size_t i = 0; i < weights.size(); ++i)
        members.push_back({.key = example_key(0).public_key(),
            .possession_proof = {},
            .operator_id = ssz::chunk_of(operators[i]),
            .weight = weights[i]});
    const auto shards = first_table(members);
    example.expect("shards_0_to_47", numbers(std::span{shards}.first(48)));
    example.expect("shards_per_member", counts(shards, members.size()));
    example.expect("shards_sha256", sha256(encode(shards)));
}

TEST(example, node_record)
{
    const auto example = Example::current();
    EXPECT_EQ(example.integer("secret_key"), 1);
    const auto& secret = example_key(0);
    const NodeRecord record{.sequence = example.integer("sequence"),
        .endpoint = std::string{as_text(example.bytes("endpoint"))},
        .tls_certificate = std::string{as_text(example.bytes("certificate"))}};
    const auto digest = node_record_digest(secret.public_key(), record);
    example.expect("digest", digest);
    example.expect("signature", secret.sign(digest).bytes());
    example.expect_text("server_name", tls_server_name(secret.public_key()));
}

/// b(σ), as placement.md states it.
std::uint64_t base_shard(std::uint64_t offset, std::uint64_t group_parities, std::uint64_t stripe)
{
    return (offset + (8 + group_parities) * stripe + stripe * 40'503 / 65'536) % SHARD_COUNT;
}

std::uint64_t offset_of(const Bytes32& placement_seed)
{
    const auto digest = sha256({as_byte_view("ashlar/placement/v1"), placement_seed});
    return load_big_endian<std::uint16_t>(std::span<const std::byte, 2>{digest.data(), 2});
}

TEST(example, base_shards)
{
    const auto example = Example::current();
    const auto offset = offset_of(example.array<32>("placement_seed"));
    example.expect("offset", offset);
    std::vector<std::uint64_t> bases;
    for (const auto stripe : example.integers("stripes"))
        bases.push_back(base_shard(offset, example.integer("group_parities"), stripe));
    example.expect("base_shards", bases);
    EXPECT_EQ(
        example_object().header().fields().placement_seed, example.array<32>("placement_seed"));
}

TEST(example, object_placement)
{
    const auto example = Example::current();
    const auto& header = example_object().header();
    const auto& shape = header.shape();
    const auto offset = offset_of(header.fields().placement_seed);
    const Placement placement{header, example_committee()};
    for (std::uint64_t stripe = 0; stripe < 3; ++stripe)
    {
        std::vector<std::uint64_t> shards;
        std::vector<std::uint64_t> members;
        for (std::uint64_t run = 0; run < 10; ++run)
        {
            shards.push_back((base_shard(offset, 2, stripe) + run) % SHARD_COUNT);
            members.push_back(example_committee().shards()[shards.back()]);
            const auto piece =
                run < 8 ? 8 * stripe + run : shape.stored_count() + 2 * stripe + (run - 8);
            if (run >= 8 || piece < shape.stored_count())
            {
                EXPECT_EQ(numbers(placement.holders(piece)), std::vector{members.back()});
            }
        }
        example.expect(fmt::format("stripe_{}_shards", stripe), shards);
        example.expect(fmt::format("stripe_{}_members", stripe), members);
    }
}

TEST(example, copies)
{
    const auto example = Example::current();
    const auto header = example_header_with_copies(example.integer("copies"));
    const Placement placement{header, example_committee()};
    const auto base = base_shard(offset_of(header.fields().placement_seed), 2, 0);
    example.expect("shards", std::vector{base, base + 1, base + 2});
    for (std::uint64_t piece = 0; piece < 3; ++piece)
        example.expect(fmt::format("holders_{}", piece), numbers(placement.holders(piece)));
}

}  // namespace
}  // namespace ashlar::test
