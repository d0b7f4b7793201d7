#include "base/shape.hpp"

#include <set>

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

ObjectShape make_shape(std::uint64_t data_blobs, std::uint64_t parity_blobs,
    std::uint64_t group_parities = GROUP_PARITIES_DEFAULT)
{
    return ObjectShape::make(
        {.data_blobs = data_blobs, .parity_blobs = parity_blobs, .group_parities = group_parities})
        .value();
}

ObjectShape default_shape(std::uint64_t data_blobs)
{
    return make_shape(data_blobs, ObjectShape::default_parity_blobs(data_blobs));
}

/// Sizes around every boundary of the design: 15/16, powers of two, long runs, the maximum.
const std::vector<std::uint64_t> SIZES = {1, 2, 3, 7, 8, 9, 14, 15, 16, 17, 31, 32, 33, 100, 1000,
    32767, 32768, 32769, 40000, 65535, 65536, 65537, 100000, 1000003, DOMAIN_MAX - 1, DOMAIN_MAX};

TEST(shape, domain_is_the_least_power_of_two_from_16)
{
    EXPECT_EQ(domain_for(1), 16U);
    EXPECT_EQ(domain_for(16), 16U);
    EXPECT_EQ(domain_for(17), 32U);
    EXPECT_EQ(domain_for(DOMAIN_MAX), DOMAIN_MAX);
}

TEST(shape, make_accepts_the_bounds_and_refuses_one_past_them)
{
    const auto make = [](std::uint64_t k, std::uint64_t p, std::uint64_t l) {
        return ObjectShape::make({.data_blobs = k, .parity_blobs = p, .group_parities = l});
    };
    EXPECT_TRUE(make(1, 1, 0));
    EXPECT_TRUE(make(1, 16, 4));
    EXPECT_TRUE(make(17, 32, 2));
    EXPECT_TRUE(make(DOMAIN_MAX, DOMAIN_MAX, 4));
    for (const auto& refused : {make(0, 1, 0), make(DOMAIN_MAX + 1, 1, 0), make(1, 0, 0),
             make(1, 17, 0), make(17, 33, 0), make(1, 1, 5), make(~std::uint64_t{0}, 1, 0)})
    {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
    }
}

// DESIGN §3: P = min(D, the least value ≥ max(K, 15) that fills the last stripe).
TEST(shape, default_parity_is_the_least_that_fills_the_last_stripe)
{
    for (const auto k : SIZES)
    {
        const auto p = ObjectShape::default_parity_blobs(k);
        const auto d = domain_for(k);
        const std::uint64_t stripe_blobs = d >= LONG_RUN_DOMAIN ? 512 : 8;
        const auto least = std::max<std::uint64_t>(k, 15);
        EXPECT_LE(p, d) << k;
        if (p < d)
        {
            EXPECT_GE(p, least) << k;
            EXPECT_LT(p, least + stripe_blobs) << k;
            EXPECT_EQ((k + p) % stripe_blobs, 0U) << k;
        }
        else
        {
            EXPECT_GT(least + stripe_blobs, d) << k;
        }
    }
    EXPECT_EQ(ObjectShape::default_parity_blobs(1), 15U);
    EXPECT_EQ(ObjectShape::default_parity_blobs(2), 16U);  // 22 would fill, but D = 16.
    EXPECT_EQ(ObjectShape::default_parity_blobs(8), 16U);
    EXPECT_EQ(ObjectShape::default_parity_blobs(9), 15U);
    EXPECT_EQ(ObjectShape::default_parity_blobs(17), 23U);
}

TEST(shape, data_blobs_round_the_payload_up)
{
    EXPECT_EQ(ObjectShape::data_blobs_for(0), 1U);
    EXPECT_EQ(ObjectShape::data_blobs_for(1), 1U);
    EXPECT_EQ(ObjectShape::data_blobs_for(PAYLOAD_BYTES_PER_BLOB), 1U);
    EXPECT_EQ(ObjectShape::data_blobs_for(PAYLOAD_BYTES_PER_BLOB + 1), 2U);
    EXPECT_GT(ObjectShape::data_blobs_for(~std::uint64_t{0}), DOMAIN_MAX);
}

TEST(shape, positions_and_stored_indices_are_inverse)
{
    for (const auto k : {1U, 5U, 16U, 17U, 40U})
    {
        const auto shape = make_shape(k, 9);
        std::uint64_t stored_positions = 0;
        for (std::uint64_t n = 0; n < shape.position_count(); ++n)
        {
            const auto stored = shape.stored_index_of(n);
            EXPECT_EQ(shape.is_virtual(n), n >= k && n < shape.domain());
            if (!stored)
                continue;
            ++stored_positions;
            EXPECT_EQ(shape.position_of(*stored), n);
            EXPECT_FALSE(shape.is_virtual(n));
        }
        EXPECT_EQ(stored_positions, shape.stored_count());
    }
}

TEST(shape, runs_are_long_from_a_domain_of_65536)
{
    EXPECT_EQ(make_shape(32768, 1).run_blobs(), 1U);
    EXPECT_EQ(make_shape(32769, 1).run_blobs(), 64U);
    const auto shape = make_shape(32769, 32800);
    EXPECT_EQ(shape.run_count(), (32769U + 32800U + 63U) / 64U);
    EXPECT_EQ(shape.stripe_count(), (shape.run_count() + 7) / 8);
}

TEST(shape, every_stored_blob_is_one_member_of_its_group)
{
    for (const auto& shape : {make_shape(5, 9), make_shape(16, 16), make_shape(32769, 1000)})
    {
        std::uint64_t members = 0;
        for (std::uint64_t s = 0; s < shape.stripe_count(); ++s)
        {
            for (std::uint64_t g = 0; g < shape.run_blobs(); ++g)
            {
                const GroupId id{.stripe = s, .group = g};
                EXPECT_EQ(shape.group_member(id, 0).has_value(), g < shape.groups_in_stripe(s));
                for (std::uint64_t m = 0; m < RUNS_PER_STRIPE; ++m)
                {
                    const auto stored = shape.group_member(id, m);
                    if (!stored)
                        continue;
                    ++members;
                    ASSERT_EQ(shape.group_of(*stored), id);
                }
            }
        }
        EXPECT_EQ(members, shape.stored_count());
    }
}

TEST(shape, local_parity_indices_are_a_bijection)
{
    // Short last stripes: with every group, with one run begun, and with few groups.
    for (const auto& shape : {make_shape(1, 1), make_shape(5, 9, 4), make_shape(16, 16, 1),
             make_shape(33000, 32536), make_shape(33000, 32537), make_shape(33000, 32567, 3)})
    {
        std::uint64_t next = 0;
        for (std::uint64_t s = 0; s < shape.stripe_count(); ++s)
            for (std::uint64_t l = 0; l < shape.group_parities(); ++l)
                for (std::uint64_t g = 0; g < shape.groups_in_stripe(s); ++g, ++next)
                {
                    const LocalParityId id{.group_id = {.stripe = s, .group = g}, .parity = l};
                    ASSERT_EQ(shape.local_parity_index(id), next);
                    ASSERT_EQ(shape.local_parity_at(next), id);
                }
        EXPECT_EQ(shape.local_parity_count(), next);
    }
}

TEST(shape, without_group_parities_there_are_no_local_parities)
{
    EXPECT_EQ(make_shape(5, 9, 0).local_parity_count(), 0U);
}

TEST(shape, stored_in_all_counts_groups_with_members)
{
    for (const auto k : SIZES)
    {
        const auto shape = default_shape(k);
        const auto last = shape.stripe_count() - 1;
        EXPECT_EQ(shape.local_parity_count(),
            GROUP_PARITIES_DEFAULT * (last * shape.run_blobs() + shape.groups_in_stripe(last)));
        EXPECT_GE(shape.groups_in_stripe(last), 1U);
    }
}

TEST(shape, reverse_bits_is_its_own_inverse)
{
    EXPECT_EQ(reverse_bits(0, 0), 0U);
    EXPECT_EQ(reverse_bits(1, 1), 1U);
    EXPECT_EQ(reverse_bits(1, 12), 2048U);
    EXPECT_EQ(reverse_bits(0b0011, 4), 0b1100U);
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < 256; ++i)
    {
        seen.insert(reverse_bits(i, 8));
        EXPECT_EQ(reverse_bits(reverse_bits(i, 8), 8), i);
    }
    EXPECT_EQ(seen.size(), 256U);
}

}  // namespace
}  // namespace ashlar
