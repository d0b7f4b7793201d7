#include <bit>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "object/certificate.hpp"
#include "tests/object/fixtures.hpp"

namespace ashlar
{
namespace
{

using test::MemberSpec;

/// Positions left at worst, by trying every set A of members.
std::uint64_t naive_surviving(const ObjectHeader& header, const Committee& committee,
    std::span<const std::size_t> signers, WeightShare share)
{
    std::uint32_t signed_set = 0;
    for (const auto member : signers)
        signed_set |= 1U << member;
    std::vector<std::uint32_t> held;
    for (std::uint64_t t = 0; t < header.shape().stored_count(); ++t)
    {
        const auto run = t / header.shape().run_blobs();
        std::uint32_t set = 0;
        for (const auto member : test::naive_holders(
                 committee, test::naive_shard(header, run / 8, run % 8), header.fields().copies))
            set |= 1U << member;
        held.push_back(set & signed_set);
    }
    const auto limit = committee.total_weight() * share.numerator / share.denominator;
    std::uint64_t worst = held.size();
    for (std::uint32_t set = 0; set < 1U << committee.size(); ++set)
    {
        std::uint64_t weight = 0;
        for (std::uint32_t rest = set; rest != 0; rest &= rest - 1)
            weight += committee.members()[static_cast<std::size_t>(std::countr_zero(rest))].weight;
        if (weight > limit)
            continue;
        const auto surviving = static_cast<std::uint64_t>(
            std::ranges::count_if(held, [&](auto on) { return (on & ~set) != 0; }));
        worst = std::min(worst, surviving);
    }
    return worst;
}

/// A committee whose table is random too: any mixture of shares.
Committee arbitrary_committee(std::size_t count)
{
    const auto specs = *rc::gen::container<std::vector<MemberSpec>>(
        count, rc::gen::apply(
                   [](std::size_t operator_number, std::uint64_t weight) {
                       return MemberSpec{operator_number, weight};
                   },
                   rc::gen::inRange<std::size_t>(0, 6), rc::gen::inRange<std::uint64_t>(1, 20)));
    const auto stride = *rc::gen::inRange<std::size_t>(1, 97);
    const auto modulus = *rc::gen::inRange<std::size_t>(1, count + 1);
    Committee::Parts parts{
        .binding = {}, .members = test::members(specs), .shards = {}, .records = {}};
    for (std::size_t s = 0; s < SHARD_COUNT; ++s)
        parts.shards.push_back(
            static_cast<std::uint16_t>(s % 3 == 0 ? s * stride % count : s * stride % modulus));
    return Committee::make(std::move(parts)).value();
}

ObjectHeader arbitrary_header()
{
    const auto data_blobs = *rc::gen::inRange<std::uint64_t>(1, 20);
    return test::header_of({.data_blobs = data_blobs,
        .parity_blobs = *rc::gen::inRange<std::uint64_t>(1, domain_for(data_blobs) + 1),
        .group_parities = *rc::gen::inRange<std::uint64_t>(0, 5),
        .copies = *rc::gen::inRange<std::uint64_t>(1, 5),
        .seed = *rc::gen::arbitrary<std::uint64_t>()});
}

std::vector<std::size_t> arbitrary_signers(std::size_t member_count)
{
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < member_count; ++i)
    {
        if (*rc::gen::weightedElement<int>({{4, 1}, {1, 0}}) == 1)
            out.push_back(i);
    }
    return out;
}

WeightShare arbitrary_share()
{
    const auto denominator = *rc::gen::inRange<std::uint64_t>(1, 101);
    return {.numerator = *rc::gen::inRange<std::uint64_t>(0, denominator + 1),
        .denominator = denominator};
}

TEST(fault_tolerance, documented_examples)
{
    const auto committee = test::example_committee();
    const std::vector<std::size_t> signers{0, 1, 3};
    auto fields = test::example_fields();
    for (const auto& [copies, left] : {std::pair{1U, 9U}, {2U, 17U}})
    {
        fields.copies = copies;
        const auto tolerance = tolerance_at(
            ObjectHeader::make(fields).value(), committee, signers, TARGET_FAULT_SHARE);
        EXPECT_TRUE(tolerance.recoverable);
        EXPECT_EQ(tolerance.surviving_positions_min, left);
    }
}

RC_GTEST_PROP(fault_tolerance, is_exact_for_few_signers, ())
{
    const auto committee = arbitrary_committee(*rc::gen::inRange<std::size_t>(1, 11));
    const auto header = arbitrary_header();
    const auto signers = arbitrary_signers(committee.size());
    const auto share = arbitrary_share();

    const auto tolerance = tolerance_at(header, committee, signers, share);
    const auto surviving = naive_surviving(header, committee, signers, share);
    RC_ASSERT(tolerance.surviving_positions_min == surviving);
    RC_ASSERT(tolerance.recoverable == (surviving >= header.shape().data_blobs()));
}

RC_GTEST_PROP(fault_tolerance, never_claims_too_much_for_many_signers, ())
{
    // More than sixteen signers, so that positions are charged instead of counted. The sets to
    // try are 2¹⁷, which makes cases dear; they are cut short.
    const auto committee = arbitrary_committee(17);
    const auto header = arbitrary_header();
    const auto signers = test::first_indices(17);
    const WeightShare share{
        .numerator = *rc::gen::inRange<std::uint64_t>(0, 70), .denominator = 100};

    const auto tolerance = tolerance_at(header, committee, signers, share);
    const auto surviving = naive_surviving(header, committee, signers, share);
    RC_ASSERT(tolerance.surviving_positions_min <= surviving);
    RC_ASSERT(!tolerance.recoverable || surviving >= header.shape().data_blobs());
}

TEST(fault_tolerance, bound_is_exact_for_equal_members_with_one_copy)
{
    const auto committee = test::equal_committee(18);
    const auto header = test::header_of({.data_blobs = 16, .parity_blobs = 16});
    const auto everyone = test::first_indices(18);
    for (std::uint64_t lost = 0; lost <= 18; ++lost)
    {
        const WeightShare share{.numerator = lost, .denominator = 18};
        EXPECT_EQ(tolerance_at(header, committee, everyone, share).surviving_positions_min,
            naive_surviving(header, committee, everyone, share));
    }
}

TEST(fault_tolerance, recoverable_turns_false_one_position_short)
{
    // Four members with 8 of 32 positions each: half of the weight leaves 16.
    const auto committee = test::equal_committee(4);
    const auto everyone = test::first_indices(4);
    constexpr WeightShare HALF{.numerator = 1, .denominator = 2};
    const auto enough = test::header_of({.data_blobs = 16, .parity_blobs = 16});
    EXPECT_EQ(tolerance_at(enough, committee, everyone, HALF).surviving_positions_min, 16U);
    EXPECT_TRUE(tolerance_at(enough, committee, everyone, HALF).recoverable);

    const auto one_short = test::header_of({.data_blobs = 17, .parity_blobs = 15});
    EXPECT_EQ(tolerance_at(one_short, committee, everyone, HALF).surviving_positions_min, 16U);
    EXPECT_FALSE(tolerance_at(one_short, committee, everyone, HALF).recoverable);
}

TEST(fault_tolerance, percent_is_the_last_that_is_recoverable)
{
    const auto committee = test::equal_committee(8);
    const auto header = test::header_of({.data_blobs = 16, .parity_blobs = 16});
    const auto everyone = test::first_indices(8);
    // Four of eight members may go: less than five eighths of the weight, 62.5 %.
    EXPECT_EQ(tolerated_percent(header, committee, everyone), 62U);
    const auto recoverable_at = [&](std::uint64_t percent) {
        return tolerance_at(header, committee, everyone, {.numerator = percent, .denominator = 100})
            .recoverable;
    };
    EXPECT_TRUE(recoverable_at(62));
    EXPECT_FALSE(recoverable_at(63));

    // Five signers: one of them may go, so less than two eighths.
    EXPECT_EQ(tolerated_percent(header, committee, test::first_indices(5)), 24U);
    EXPECT_EQ(tolerated_percent(header, committee, test::first_indices(4)), 12U);
    EXPECT_EQ(tolerated_percent(header, committee, test::first_indices(3)), std::nullopt);
    EXPECT_EQ(tolerated_percent(header, committee, {}), std::nullopt);
}

TEST(fault_tolerance, percent_of_a_lone_member_is_99)
{
    const auto header = test::header_of({.data_blobs = 16, .parity_blobs = 16});
    EXPECT_EQ(tolerated_percent(header, test::equal_committee(1), test::first_indices(1)), 99U);
}

TEST(fault_tolerance, one_heavy_member_among_many_is_not_taken_in_part)
{
    // It has 70 % of the weight, so no A of a third of it holds any of its positions.
    std::vector<MemberSpec> specs;
    for (std::size_t i = 0; i < 30; ++i)
        specs.push_back({.operator_number = i, .weight = 1});
    specs.push_back({.operator_number = 30, .weight = 70});
    const auto committee = test::committee(specs);
    const auto header = test::header_of({.data_blobs = 4'096, .parity_blobs = 4'096});
    const std::vector<std::size_t> heavy_only{30};
    const auto alone =
        tolerance_at(header, committee, heavy_only, {.numerator = 0, .denominator = 1});
    const auto all = tolerance_at(header, committee, test::first_indices(31), TARGET_FAULT_SHARE);
    EXPECT_EQ(all.surviving_positions_min, alone.surviving_positions_min);
}

TEST(fault_tolerance, greatest_object_is_counted_by_runs)
{
    const auto committee = test::equal_committee(20);
    const auto header =
        test::header_of({.data_blobs = DOMAIN_MAX, .parity_blobs = DOMAIN_MAX, .copies = 2});
    const auto tolerance =
        tolerance_at(header, committee, test::first_indices(20), TARGET_FAULT_SHARE);
    EXPECT_TRUE(tolerance.recoverable);
    // Six of twenty members: at most 30 % of the charges and a little imbalance.
    EXPECT_GT(tolerance.surviving_positions_min, 2 * DOMAIN_MAX / 100 * 69);
    EXPECT_LT(tolerance.surviving_positions_min, 2 * DOMAIN_MAX / 100 * 71);
}

TEST(copies_for, one_copy_where_members_share_the_object_evenly)
{
    const auto fields = test::fields_of({.data_blobs = 400, .parity_blobs = 400});
    EXPECT_EQ(copies_for(fields, test::equal_committee(1)), 1U);
    EXPECT_EQ(copies_for(fields, test::equal_committee(8)), 1U);
    EXPECT_EQ(copies_for(fields, test::equal_committee(20)), 1U);
}

TEST(copies_for, is_the_least_that_is_recoverable_when_all_sign)
{
    for (const std::size_t count : {6U, 8U, 13U, 40U})
    {
        const auto committee = test::equal_committee(count);
        const auto everyone = test::first_indices(count);
        // Little parity, or few positions for many members: one copy is not enough.
        for (const auto& spec : {test::ObjectSpec{.data_blobs = 16, .parity_blobs = 3},
                 test::ObjectSpec{.data_blobs = 1, .parity_blobs = 1}})
        {
            auto fields = test::fields_of(spec);
            const auto recoverable_with = [&](std::uint64_t copies) {
                fields.copies = copies;
                return tolerance_at(
                    ObjectHeader::make(fields).value(), committee, everyone, TARGET_FAULT_SHARE)
                    .recoverable;
            };
            const auto copies = copies_for(fields, committee);
            EXPECT_GT(copies, 1U);
            EXPECT_LE(copies, count / 3 + 1) << "no third of the members has so many copies";
            EXPECT_TRUE(recoverable_with(copies)) << count << " members, " << copies << " copies";
            for (std::uint64_t fewer = 1; fewer < copies; ++fewer)
                EXPECT_FALSE(recoverable_with(fewer));
        }
    }
}

TEST(copies_for, is_the_most_tolerant_where_the_target_is_out_of_reach)
{
    // One member has all shards and a third of the weight: copies change nothing.
    const std::vector<MemberSpec> specs{{0, 1}, {1, 1}, {2, 1}};
    Committee::Parts parts{.binding = {},
        .members = test::members(specs),
        .shards = std::vector<std::uint16_t>(SHARD_COUNT, 0),
        .records = {}};
    const auto one_holder = Committee::make(parts).value();
    const auto fields = test::fields_of({.data_blobs = 16, .parity_blobs = 16});
    EXPECT_EQ(copies_for(fields, one_holder), 1U);

    // Now a second member has a shard, so a second copy of every run; 2 of 5 would take both.
    parts.members = test::members(std::vector<MemberSpec>{{0, 1}, {1, 1}, {2, 4}});
    parts.shards[7] = 1;
    const auto two_holders = Committee::make(parts).value();
    EXPECT_EQ(copies_for(fields, two_holders), 2U);
    const auto percent_with = [&](std::uint64_t copies) {
        auto changed = fields;
        changed.copies = copies;
        return tolerated_percent(
            ObjectHeader::make(changed).value(), two_holders, test::first_indices(3));
    };
    EXPECT_EQ(percent_with(1), 16U);
    EXPECT_EQ(percent_with(2), 33U);
}

}  // namespace
}  // namespace ashlar
