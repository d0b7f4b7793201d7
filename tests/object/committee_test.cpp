#include "object/committee.hpp"

#include <functional>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/cache.hpp"
#include "base/hash.hpp"
#include "tests/object/fixtures.hpp"
#include "tests/support/scoped_environment.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

using test::MemberSpec;

__extension__ using Int128 = __int128;

Committee::Parts equal_parts(std::size_t count)
{
    const auto committee = test::equal_committee(count);
    return {.binding = {},
        .members = committee.members(),
        .shards = committee.shards(),
        .records = std::vector<std::optional<SignedNodeRecord>>(count)};
}

void expect_refused(Committee::Parts parts, ErrorKind kind, std::string_view word)
{
    const auto committee = Committee::make(std::move(parts));
    ASSERT_FALSE(committee) << word;
    EXPECT_EQ(committee.error().kind, kind);
    EXPECT_NE(committee.error().message.find(word), std::string::npos) << committee.error().message;
}

std::vector<std::size_t> shards_per_member(
    std::span<const std::uint16_t> shards, std::size_t member_count)
{
    std::vector<std::size_t> out(member_count);
    for (const auto member : shards)
        ++out[member];
    return out;
}

Bytes32 hash_of_table(std::span<const std::uint16_t> shards)
{
    Bytes bytes;
    for (const auto member : shards)
        append(bytes, little_endian(member));
    return sha256(bytes);
}

/// The first table as DESIGN §6 says it.
std::vector<std::uint16_t> naive_first_table(std::span<const Member> members)
{
    std::vector<std::uint16_t> shards;
    const auto met_lately = [&](const Bytes32& operator_id) {
        const auto look_back = std::min<std::size_t>(shards.size(), 10);
        return std::any_of(shards.end() - static_cast<std::ptrdiff_t>(look_back), shards.end(),
            [&](auto m) { return members[m].operator_id == operator_id; });
    };
    Int128 total = 0;
    for (const auto& member : members)
        total += member.weight;
    for (std::size_t s = 0; s < SHARD_COUNT; ++s)
    {
        std::vector<std::uint16_t> candidates;
        for (std::uint16_t i = 0; i < members.size(); ++i)
        {
            if (!met_lately(members[i].operator_id))
                candidates.push_back(i);
        }
        if (candidates.empty())
        {
            for (std::uint16_t i = 0; i < members.size(); ++i)
                candidates.push_back(i);
        }
        const auto claim = [&](std::uint16_t i) {
            return Int128{members[i].weight} * static_cast<Int128>(s + 1) -
                   total * static_cast<Int128>(std::ranges::count(shards, i));
        };
        shards.push_back(*std::ranges::max_element(candidates, {}, claim));
    }
    return shards;
}

TEST(committee, make_worked_example_has_documented_root)
{
    const auto committee = test::example_committee();

    EXPECT_EQ(to_hex(committee.root()),
        "71d07953cfcb776e18e46b8bd3c658faa7e2c17c3564c5fa3074c1374751c235");
    EXPECT_EQ(committee.total_weight(), 52U);
    EXPECT_EQ(committee.size(), 5U);
    EXPECT_FALSE(committee.record(4));
}

TEST(committee, root_binds_every_part_but_binding_and_records)
{
    const auto root_of = [](const std::function<void(Committee::Parts&)>& change) {
        auto parts = equal_parts(3);
        change(parts);
        return Committee::make(std::move(parts)).value().root();
    };
    const auto root = root_of([](auto&) {});

    EXPECT_NE(root, root_of([](auto& p) { p.members[1].weight = 2; }));
    EXPECT_NE(root, root_of([](auto& p) { p.members[1].operator_id = {}; }));
    EXPECT_NE(root, root_of([](auto& p) { std::swap(p.members[0], p.members[1]); }));
    EXPECT_NE(root, root_of([](auto& p) { std::swap(p.shards[0], p.shards[1]); }));
    EXPECT_EQ(root, root_of([](auto& p) { p.binding.chain_id = 1; }));
    EXPECT_EQ(root, root_of([](auto& p) { p.records[0] = test::signed_record(0, {}); }));
}

TEST(committee, find_knows_members_only)
{
    const auto committee = test::equal_committee(3);

    EXPECT_EQ(committee.find(test::secret_key(3).public_key()), 2U);
    EXPECT_FALSE(committee.find(test::secret_key(4).public_key()));
}

TEST(committee, make_refuses_too_few_and_too_many_members)
{
    expect_refused({}, ErrorKind::invalid_input, "1 to 4096 members");

    const std::vector<MemberSpec> specs(MEMBERS_MAX + 1, {.operator_number = 0, .weight = 1});
    expect_refused(
        {.binding = {}, .members = test::members_of_one_key(specs), .shards = {}, .records = {}},
        ErrorKind::invalid_input, "1 to 4096 members, not 4097");
}

TEST(committee, make_refuses_weights_of_zero_or_beyond_the_total)
{
    auto parts = equal_parts(3);
    parts.members[1].weight = 0;
    expect_refused(parts, ErrorKind::invalid_input, "member 1 has no weight");

    parts.members[1].weight = (1ULL << 63) - 3;
    EXPECT_TRUE(Committee::make(parts));
    parts.members[1].weight += 1;
    expect_refused(parts, ErrorKind::invalid_input, "2^63");
    parts.members[1].weight = parts.members[2].weight = ~std::uint64_t{0};
    expect_refused(parts, ErrorKind::invalid_input, "2^63");
}

TEST(committee, make_refuses_a_repeated_key)
{
    auto parts = equal_parts(3);
    parts.members[2] = parts.members[0];
    parts.members[2].operator_id = test::operator_named(9);
    expect_refused(parts, ErrorKind::invalid_input, "members 0 and 2 have the same key");
}

TEST(committee, make_refuses_a_wrong_table)
{
    auto parts = equal_parts(3);
    parts.shards.pop_back();
    expect_refused(parts, ErrorKind::invalid_input, "4095 shards");
    parts.shards.push_back(2);
    EXPECT_TRUE(Committee::make(parts));
    parts.shards.back() = 3;
    expect_refused(parts, ErrorKind::invalid_input, "shard 4095 is on member 3");
    parts.shards.back() = 2;
    parts.shards.push_back(2);
    expect_refused(parts, ErrorKind::invalid_input, "4097 shards");
}

TEST(committee, make_refuses_false_possession_proofs)
{
    const auto good = equal_parts(3);

    auto parts = good;
    parts.members[1].possession_proof = parts.members[2].possession_proof;
    expect_refused(parts, ErrorKind::proof_invalid, "member 1");

    // A signature over the key under the tag of plain signatures proves nothing.
    parts = good;
    parts.members[1].possession_proof =
        test::secret_key(2).sign(parts.members[1].key.bytes()).bytes();
    expect_refused(parts, ErrorKind::proof_invalid, "member 1");

    parts = good;
    parts.members[1].possession_proof = G2Affine{}.compress();
    expect_refused(parts, ErrorKind::proof_invalid, "member 1");

    parts = good;
    parts.members[1].possession_proof = {};
    expect_refused(parts, ErrorKind::proof_invalid, "member 1");
}

TEST(committee, make_refuses_a_rogue_key)
{
    // Key 2 = x·G − key 0 − key 1: the three keys sum to x·G, so its owner alone could sign for
    // all, if it could prove possession. The best it has is the proof for x.
    auto parts = equal_parts(3);
    const auto x = test::secret_key(77);
    const auto rogue = G1{x.public_key().point()} - G1{parts.members[0].key.point()} -
                       G1{parts.members[1].key.point()};
    parts.members[2].key = BlsPublicKey::parse(rogue.compress()).value();
    parts.members[2].possession_proof = x.prove_possession().bytes();
    expect_refused(parts, ErrorKind::proof_invalid, "member 2");
}

TEST(committee, make_takes_records_for_all_or_none_and_some_empty)
{
    auto parts = equal_parts(3);
    parts.records[1] =
        test::signed_record(1, {.sequence = 7, .endpoint = "node:1", .tls_certificate = "pem"});
    const auto committee = Committee::make(parts);
    ASSERT_TRUE(committee);
    EXPECT_FALSE(committee->record(0));
    EXPECT_EQ(committee->record(1)->record.endpoint, "node:1");

    parts.records.pop_back();
    expect_refused(parts, ErrorKind::invalid_input, "2 node records for 3 members");
}

TEST(committee, make_refuses_records_that_the_member_did_not_sign)
{
    const NodeRecord record{.sequence = 7, .endpoint = "node:1", .tls_certificate = "pem"};
    const std::vector<std::function<void(SignedNodeRecord&)>> changes{
        [](auto& r) { r.record.sequence += 1; },
        [](auto& r) { r.record.endpoint = "evil:1"; },
        [](auto& r) { r.record.tls_certificate += " "; },
        // The same bytes, cut elsewhere: the lengths are signed too.
        [](auto& r) { r.record.endpoint = "node:", r.record.tls_certificate = "1pem"; },
        [&](auto& r) { r = test::signed_record(0, record); },
        [](auto& r) { r.signature = {}; },
        [](auto& r) { r.signature = G2Affine{}.compress(); },
    };
    for (const auto& change : changes)
    {
        auto parts = equal_parts(3);
        parts.records[1] = test::signed_record(1, record);
        change(*parts.records[1]);
        expect_refused(parts, ErrorKind::proof_invalid, "member 1: the signature of its node");
    }
}

TEST(committee, signatures_that_held_are_noted_and_no_others)
{
    const test::TemporaryFolder cache;
    test::ScopedEnvironment environment;
    environment.set("ASHLAR_CACHE_DIR", cache.path().native());
    const auto notes = [&] {
        return std::distance(std::filesystem::directory_iterator{cache.path()}, {});
    };
    const auto parts = equal_parts(3);
    EXPECT_EQ(notes(), 1);
    ASSERT_TRUE(Committee::make(parts));
    EXPECT_EQ(notes(), 1);

    auto swapped = parts;
    std::swap(swapped.members[0].possession_proof, swapped.members[1].possession_proof);
    expect_refused(swapped, ErrorKind::proof_invalid, "possession");
    auto falsely_signed = parts;
    falsely_signed.records[2] = SignedNodeRecord{.record = {}, .signature = {}};
    expect_refused(falsely_signed, ErrorKind::proof_invalid, "record");
    EXPECT_EQ(notes(), 1);

    // Other keys, another note.
    ASSERT_TRUE(Committee::make(equal_parts(2)));
    EXPECT_EQ(notes(), 2);

    // This user's own word counts, which shows that noted signatures are not verified again.
    Bytes text;
    for (const auto& member : swapped.members)
    {
        append(text, member.key.bytes());
        append(text, member.possession_proof);
        append(text, ByteArray<1>{});
    }
    write_cache(
        "committee-" + to_hex(sha256({as_byte_view("ashlar/committee-note/v1"), text})), {});
    EXPECT_TRUE(Committee::make(swapped));
}

TEST(committee, make_refuses_records_beyond_their_sizes)
{
    const auto make_with = [](NodeRecord record) {
        auto parts = equal_parts(1);
        parts.records[0] = test::signed_record(0, std::move(record));
        return Committee::make(parts);
    };
    EXPECT_TRUE(make_with({.sequence = ~std::uint64_t{0},
        .endpoint = std::string(ENDPOINT_BYTES_MAX, 'x'),
        .tls_certificate = std::string(TLS_CERTIFICATE_BYTES_MAX, 'x')}));
    for (const auto& record : {NodeRecord{.sequence = 0,
                              .endpoint = std::string(ENDPOINT_BYTES_MAX + 1, 'x'),
                              .tls_certificate = {}},
             NodeRecord{.sequence = 0,
             .endpoint = {},
             .tls_certificate = std::string(TLS_CERTIFICATE_BYTES_MAX + 1, 'x')},
             NodeRecord{.sequence = 0, .endpoint = "\xff", .tls_certificate = {}},
             NodeRecord{.sequence = 0, .endpoint = {}, .tls_certificate = "\xff"}})
    {
        const auto committee = make_with(record);
        ASSERT_FALSE(committee);
        EXPECT_EQ(committee.error().kind, ErrorKind::invalid_input);
    }
}

TEST(committee, node_record_digest_is_as_documented)
{
    const auto key = test::secret_key(1).public_key();
    const NodeRecord record{.sequence = 1,
        .endpoint = "node0.example.org:7400",
        .tls_certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"};

    EXPECT_EQ(to_hex(node_record_digest(key, record)),
        "e386ca15b50d8a9674fd84d6417a3af0965de5a31c3210035dc0efa87615d1fa");
    EXPECT_EQ(tls_server_name(key), "97f1d3a73197d794.node.ashlar");
}

TEST(first_table, documented_examples)
{
    const auto example = test::example_committee();
    EXPECT_EQ(shards_per_member(example.shards(), 5),
        (std::vector<std::size_t>{788, 788, 394, 1575, 551}));
    EXPECT_EQ(to_hex(hash_of_table(example.shards())),
        "16609d3def42d45c84b809e0e030815f3986d40282e8ed4486db9ffa82c0515e");

    std::vector<MemberSpec> specs;
    for (std::size_t i = 0; i < 16; ++i)
        specs.push_back({.operator_number = i % 12, .weight = i + 1});
    EXPECT_EQ(to_hex(hash_of_table(first_table(test::members_of_one_key(specs)))),
        "b39f5733b6df038db622c61eccef5498227047e4c5a136616e80d8908820edee");
}

TEST(first_table, equal_members_hold_equal_shares)
{
    for (const std::size_t count : {1U, 8U, 64U, 4096U})
    {
        std::vector<MemberSpec> specs;
        for (std::size_t i = 0; i < count; ++i)
            specs.push_back({.operator_number = i, .weight = 3});
        const auto table = first_table(test::members_of_one_key(specs));
        EXPECT_EQ(
            shards_per_member(table, count), std::vector<std::size_t>(count, SHARD_COUNT / count));
    }
}

TEST(first_table, weights_near_the_limit_do_not_overflow)
{
    const std::vector<MemberSpec> specs{{0, (1ULL << 62) - 1}, {1, (1ULL << 61)}, {2, 1ULL << 61}};
    const auto counts = shards_per_member(first_table(test::members_of_one_key(specs)), 3);
    EXPECT_EQ(counts, (std::vector<std::size_t>{2048, 1024, 1024}));
}

TEST(first_table, operators_do_not_meet_within_ten_shards_if_there_are_eleven)
{
    std::vector<MemberSpec> specs;
    for (std::size_t i = 0; i < 33; ++i)
        specs.push_back({.operator_number = i % 11, .weight = 1});
    const auto members = test::members_of_one_key(specs);
    const auto table = first_table(members);
    for (std::size_t s = 0; s + 10 < SHARD_COUNT; ++s)
    {
        for (std::size_t step = 1; step <= 10; ++step)
            ASSERT_NE(members[table[s]].operator_id, members[table[s + step]].operator_id);
    }
}

RC_GTEST_PROP(first_table, agrees_with_the_design, ())
{
    const auto count = *rc::gen::inRange<std::size_t>(1, 20);
    const auto specs = *rc::gen::container<std::vector<MemberSpec>>(
        count, rc::gen::apply(
                   [](std::size_t operator_number, unsigned shift) {
                       return MemberSpec{operator_number, (1ULL << shift) + operator_number};
                   },
                   rc::gen::inRange<std::size_t>(0, 14), rc::gen::inRange(0U, 58U)));
    const auto members = test::members_of_one_key(specs);
    RC_ASSERT(first_table(members) == naive_first_table(members));
}

}  // namespace
}  // namespace ashlar
