#include "object/placement.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/object/fixtures.hpp"

namespace ashlar
{
namespace
{

using test::MemberSpec;
using testing::ElementsAre;

/// Stored blobs that each member holds.
std::vector<std::uint64_t> stored_per_member(const ObjectHeader& header, const Committee& committee)
{
    const Placement placement{header, committee};
    std::vector<std::uint64_t> out(committee.size());
    for (std::uint64_t t = 0; t < header.shape().stored_count(); ++t)
    {
        for (const auto member : placement.holders(t))
            ++out[member];
    }
    return out;
}

/// Holders of piece after piece, straight from DESIGN §3 and §6: stored blobs, then local
/// parities by stripe, parity run and group.
std::vector<std::vector<std::uint16_t>> naive_placement(
    const ObjectHeader& header, const Committee& committee)
{
    const auto& shape = header.shape();
    const auto run_blobs = shape.run_blobs();
    const auto stripe_blobs = 8 * run_blobs;
    const auto held_at = [&](std::uint64_t stripe, std::uint64_t run) {
        return test::naive_holders(
            committee, test::naive_shard(header, stripe, run), header.fields().copies);
    };
    std::vector<std::vector<std::uint16_t>> out;
    for (std::uint64_t t = 0; t < shape.stored_count(); ++t)
        out.push_back(held_at(t / stripe_blobs, t % stripe_blobs / run_blobs));
    for (std::uint64_t first = 0; first < shape.stored_count(); first += stripe_blobs)
    {
        for (std::uint64_t l = 0; l < shape.group_parities(); ++l)
        {
            const auto groups = std::min(run_blobs, shape.stored_count() - first);
            for (std::uint64_t j = 0; j < groups; ++j)
                out.push_back(held_at(first / stripe_blobs, 8 + l));
        }
    }
    return out;
}

void expect_as_designed(const ObjectHeader& header, const Committee& committee)
{
    const Placement placement{header, committee};
    const auto expected = naive_placement(header, committee);
    ASSERT_EQ(piece_count(header.shape()), expected.size());
    std::vector<std::vector<std::uint64_t>> pieces(committee.size());
    for (std::uint64_t piece = 0; piece < expected.size(); ++piece)
    {
        ASSERT_TRUE(std::ranges::equal(placement.holders(piece), expected[piece])) << piece;
        for (const auto member : expected[piece])
            pieces[member].push_back(piece);
    }
    for (std::size_t member = 0; member < committee.size(); ++member)
        ASSERT_EQ(placement.pieces_of(member), pieces[member]);
}

TEST(placement, documented_examples)
{
    const auto committee = test::example_committee();
    auto fields = test::example_fields();
    const auto header = ObjectHeader::make(fields).value();
    const Placement placement{header, committee};

    std::vector<std::uint16_t> members;
    for (std::uint64_t piece = 0; piece < piece_count(header.shape()); ++piece)
        members.push_back(placement.holders(piece).front());
    EXPECT_THAT(members,
        ElementsAre(4, 3, 0, 1, 3, 2, 3, 0, 4, 3, 0, 1, 3, 2, 4, 3, 3, 4, 0, 1, 3, 0, 1, 1, 3));

    fields.copies = 6;
    const Placement copied{ObjectHeader::make(fields).value(), committee};
    EXPECT_THAT(copied.holders(0), ElementsAre(4, 3, 1, 2, 0));
    EXPECT_THAT(copied.holders(1), ElementsAre(3, 0, 1, 2, 4));
    EXPECT_THAT(copied.holders(2), ElementsAre(0, 1, 3, 2, 4));
}

TEST(placement, documented_base_shards_of_far_stripes)
{
    // Member 1 has only the base shards of stripes 1000 and 524287, the last of the greatest
    // object.
    Committee::Parts parts{.binding = {},
        .members = test::equal_committee(2).members(),
        .shards = std::vector<std::uint16_t>(SHARD_COUNT, 0),
        .records = {}};
    parts.shards[1252] = parts.shards[3351] = 1;
    const auto committee = Committee::make(std::move(parts)).value();
    auto fields = test::example_fields();
    fields.payload_bytes = DOMAIN_MAX * PAYLOAD_BYTES_PER_BLOB;
    fields.data_blobs = fields.parity_blobs = DOMAIN_MAX;
    const Placement placement{ObjectHeader::make(fields).value(), committee};

    for (const std::uint64_t stripe : {1'000U, 524'287U})
    {
        const auto first = stripe * RUNS_PER_STRIPE * LONG_RUN_BLOBS;
        EXPECT_THAT(placement.holders(first), ElementsAre(1));
        EXPECT_THAT(placement.holders(first + LONG_RUN_BLOBS - 1), ElementsAre(1));
        EXPECT_THAT(placement.holders(first - 1), ElementsAre(0));
        EXPECT_THAT(placement.holders(first + LONG_RUN_BLOBS), ElementsAre(0));
    }
}

TEST(placement, agrees_with_the_design_for_runs_of_one_blob_and_of_64)
{
    const auto committee = test::example_committee();
    for (const std::uint64_t group_parities : {0U, 2U, 4U})
    {
        expect_as_designed(test::header_of({.data_blobs = 100,
                               .parity_blobs = 77,
                               .group_parities = group_parities,
                               .copies = 2}),
            committee);
        expect_as_designed(
            test::header_of(
                {.data_blobs = 32'769, .parity_blobs = 700, .group_parities = group_parities}),
            committee);
    }
}

RC_GTEST_PROP(placement, agrees_with_the_design, ())
{
    const auto count = *rc::gen::inRange<std::size_t>(1, 10);
    const auto specs = *rc::gen::container<std::vector<MemberSpec>>(
        count, rc::gen::apply(
                   [](std::size_t operator_number, std::uint64_t weight) {
                       return MemberSpec{operator_number, weight};
                   },
                   rc::gen::inRange<std::size_t>(0, 6), rc::gen::inRange<std::uint64_t>(1, 50)));
    const auto data_blobs = *rc::gen::inRange<std::uint64_t>(1, 60);
    const auto header = test::header_of({.data_blobs = data_blobs,
        .parity_blobs = *rc::gen::inRange<std::uint64_t>(1, domain_for(data_blobs) + 1),
        .group_parities = *rc::gen::inRange<std::uint64_t>(0, 5),
        .copies = *rc::gen::inRange<std::uint64_t>(1, 12),
        .seed = *rc::gen::arbitrary<std::uint64_t>()});
    expect_as_designed(header, test::committee(specs));
}

TEST(placement, eight_equal_members_hold_an_eighth_each)
{
    const auto committee = test::equal_committee(8);
    for (const std::uint64_t data_blobs : {20U, 1'000U, 40'000U})
    {
        const auto header = test::header_of({.data_blobs = data_blobs,
            .parity_blobs = ObjectShape::default_parity_blobs(data_blobs)});
        const auto eighth = header.shape().stored_count() / 8;
        EXPECT_EQ(stored_per_member(header, committee), std::vector<std::uint64_t>(8, eighth));
    }
}

TEST(placement, drift_gives_each_of_ten_equal_members_a_share)
{
    // Stripes are ten shards apart, so without the drift two members would hold parity runs only.
    const auto header = test::header_of({.data_blobs = 4'000, .parity_blobs = 4'000});
    for (const auto held : stored_per_member(header, test::equal_committee(10)))
        EXPECT_NEAR(static_cast<double>(held), 800.0, 20.0);
}

TEST(placement, copies_are_on_different_members_and_operators_first)
{
    const std::vector<MemberSpec> specs{{0, 1}, {0, 1}, {1, 1}, {1, 1}, {2, 1}};
    const auto committee = test::committee(specs);
    const auto header =
        test::header_of({.data_blobs = 16, .parity_blobs = 16, .copies = COPIES_MAX});
    const Placement placement{header, committee};
    for (std::uint64_t t = 0; t < 32; ++t)
    {
        const auto holders = placement.holders(t);
        ASSERT_EQ(holders.size(), committee.size());
        EXPECT_EQ((std::set<std::uint16_t>{holders.begin(), holders.end()}).size(), 5U);
        std::set<Bytes32> operators;
        for (const auto member : holders.first(3))
            operators.insert(committee.members()[member].operator_id);
        EXPECT_EQ(operators.size(), 3U);
    }
}

TEST(placement, a_member_without_shards_holds_nothing)
{
    Committee::Parts parts{.binding = {},
        .members = test::equal_committee(2).members(),
        .shards = std::vector<std::uint16_t>(SHARD_COUNT, 1),
        .records = {}};
    const auto committee = Committee::make(std::move(parts)).value();
    const auto header = test::header_of({.data_blobs = 3, .parity_blobs = 5, .copies = 2});
    const Placement placement{header, committee};

    EXPECT_TRUE(placement.pieces_of(0).empty());
    EXPECT_EQ(placement.pieces_of(1).size(), piece_count(header.shape()));
    EXPECT_THAT(placement.holders(0), ElementsAre(1));
}

TEST(placement, stored_per_shard_counts_stored_blobs_only)
{
    const auto header = test::header_of({.data_blobs = 40'000, .parity_blobs = 100});
    const Placement placement{header, test::equal_committee(3)};
    const auto counts = placement.stored_per_shard();

    std::vector<std::uint64_t> expected(SHARD_COUNT);
    for (std::uint64_t t = 0; t < header.shape().stored_count(); ++t)
        ++expected[test::naive_shard(header, t / 512, t % 512 / 64)];
    EXPECT_EQ(counts, expected);
}

}  // namespace
}  // namespace ashlar
