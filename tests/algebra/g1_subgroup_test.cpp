#include "algebra/g1_subgroup.hpp"

#include <gtest/gtest.h>

#include "algebra/g1.hpp"
#include "algebra/lane_array.hpp"
#include "tests/algebra/lane_paths.hpp"

namespace ashlar
{

namespace
{

class g1_subgroup : public testing::TestWithParam<const LaneKernels*>
{
};
INSTANTIATE_TEST_SUITE_P(paths, g1_subgroup, testing::ValuesIn(test::lane_paths()),
    [](const auto& path) { return std::string{path.param->name}; });

using Points = std::vector<blst_p1_affine>;

blst_p1_affine affine(const blst_p1& point)
{
    blst_p1_affine out;
    blst_p1_to_affine(&out, &point);
    return out;
}

blst_p1 sum(const blst_p1& a, const blst_p1& b)
{
    blst_p1 out;
    blst_p1_add_or_double(&out, &a, &b);
    return out;
}

blst_p1 multiple(const blst_p1& point, std::span<const byte> integer)
{
    blst_p1 out;
    blst_p1_mult(&out, &point, integer.data(), 8 * integer.size());
    return out;
}

blst_p1 opposite(blst_p1 point)
{
    blst_p1_cneg(&point, true);
    return point;
}

/// Different points of G1.
Points members(std::size_t count)
{
    Points out;
    G1 point = G1::generator() * random_fr();
    for (std::size_t i = 0; i < count; ++i, point += G1::generator())
        out.push_back(point.to_affine().raw());
    return out;
}

/// A point of the curve outside G1, most likely of a large order: another for each `first_x`.
blst_p1 any_outside(std::uint8_t first_x = 1)
{
    for (auto x = first_x;; ++x)
    {
        Bytes48 encoded{};
        encoded[0] = std::byte{0x80};
        encoded[47] = std::byte{x};
        blst_p1_affine point;
        if (blst_p1_uncompress(&point, reinterpret_cast<const byte*>(encoded.data())) !=
                BLST_SUCCESS ||
            blst_p1_affine_in_g1(&point))
            continue;
        blst_p1 out;
        blst_p1_from_affine(&out, &point);
        return out;
    }
}

/// A point of order 3, 11 or 10177, the least prime factors of the cofactor (z − 1)²/3.
blst_p1 of_order(std::uint64_t prime)
{
    __extension__ using Wide = unsigned __int128;
    auto order = (-Fr::one()).to_scalar();
    ++order.b[0];
    const Wide cofactor = Wide{0x396c8c005555e156} << 64 | 0x8c00aaab0000aaab;
    auto rest = cofactor / prime;
    // The factor is a square: the group of order 11² has no element of that order.
    if (prime != 3)
        rest /= prime;
    std::array<byte, 16> bytes{};
    for (auto& digit : bytes)
    {
        digit = static_cast<byte>(rest);
        rest >>= 8;
    }
    for (std::uint8_t x = 1;; ++x)
    {
        const auto out = multiple(multiple(any_outside(x), order.b), bytes);
        if (!blst_p1_is_inf(&out))
            return out;
    }
}

const std::vector<std::uint64_t> PRIMES = {3, 11, 10177};

/// Sizes of each set of trials, and one after another.
const std::vector<std::size_t> SIZES = {1, SUBGROUP_BATCH_MIN - 1, SUBGROUP_BATCH_MIN, 512};

TEST_P(g1_subgroup, takes_members_in_any_number_with_infinity_among_them)
{
    EXPECT_TRUE(all_in_g1({}, *GetParam()));
    for (const auto size : SIZES)
    {
        auto points = members(size);
        EXPECT_TRUE(all_in_g1(points, *GetParam())) << size;
        points[size / 2] = {};
        EXPECT_TRUE(all_in_g1(points, *GetParam())) << size;
    }
    EXPECT_TRUE(all_in_g1(Points(SUBGROUP_BATCH_MIN), *GetParam()));
}

TEST_P(g1_subgroup, takes_equal_and_opposite_members)
{
    auto points = members(SUBGROUP_BATCH_MIN);
    for (std::size_t i = 1; i < points.size(); ++i)
    {
        points[i] = points[0];
        blst_fp_cneg(&points[i].y, &points[i].y, i % 3 == 0);
    }
    EXPECT_TRUE(all_in_g1(points, *GetParam()));
}

TEST_P(g1_subgroup, refuses_one_point_outside_in_any_place)
{
    const auto outside = affine(any_outside());
    for (const auto size : SIZES)
    {
        for (const auto place : {std::size_t{0}, size / 2, size - 1})
        {
            auto points = members(size);
            points[place] = outside;
            EXPECT_FALSE(all_in_g1(points, *GetParam())) << size << " " << place;
        }
    }
}

// One random combination misses order 3 one time in three: hence many repetitions.
TEST_P(g1_subgroup, refuses_errors_of_small_order_every_time)
{
    for (const auto prime : PRIMES)
    {
        const auto error = of_order(prime);
        ASSERT_FALSE(blst_p1_is_inf(&error));
        std::array<byte, 2> factor{static_cast<byte>(prime), static_cast<byte>(prime >> 8)};
        const auto killed = multiple(error, factor);
        ASSERT_TRUE(blst_p1_is_inf(&killed));
        for (int repetition = 0; repetition < 10; ++repetition)
        {
            auto points = members(SUBGROUP_BATCH_MIN);
            points[7] = affine(error);
            EXPECT_FALSE(all_in_g1(points, *GetParam())) << prime;
            points[7] = affine(sum(error, *blst_p1_generator()));
            EXPECT_FALSE(all_in_g1(points, *GetParam())) << prime;
        }
    }
}

// Errors that cancel in the plain sum, with sums of two points that are the error alone: of order
// 3 that is (0, ±2), which has infinity's x-coordinate.
TEST_P(g1_subgroup, refuses_errors_that_cancel)
{
    for (const auto prime : PRIMES)
    {
        const auto error = of_order(prime);
        const auto& g = *blst_p1_generator();
        auto points = members(SUBGROUP_BATCH_MIN);
        points[0] = affine(sum(g, error));
        points[1] = affine(opposite(g));
        points[2] = affine(sum(g, opposite(error)));
        EXPECT_FALSE(all_in_g1(points, *GetParam())) << prime;

        // Nothing but the error and its opposite.
        for (std::size_t i = 0; i < points.size(); ++i)
            points[i] = affine(i % 2 == 0 ? error : opposite(error));
        EXPECT_FALSE(all_in_g1(points, *GetParam())) << prime;
    }
}

// What the trials rest on: additions are complete on the whole curve.
TEST_P(g1_subgroup, additions_are_right_for_points_of_order_three)
{
    const auto error = of_order(3);
    const auto& g = *blst_p1_generator();
    const std::vector<blst_p1> kinds = {
        error, opposite(error), g, sum(g, error), opposite(g), sum(g, g), blst_p1{}};
    Points points;
    Points expected;
    for (const auto& a : kinds)
    {
        for (const auto& b : kinds)
        {
            points.insert(points.end(), {affine(a), affine(b)});
            expected.push_back(affine(sum(a, b)));
        }
    }
    const auto in = make_lane_array(points.size());
    const auto out = make_lane_array(expected.size());
    GetParam()->points_to_lanes(points.data(), in.get(), points.size());
    std::vector<PointRef> pairs;
    for (std::size_t i = 0; i < points.size(); ++i)
        pairs.push_back(reinterpret_cast<PointRef>(&in[i]));
    const auto scratch = std::make_unique<LaneScratch>();
    GetParam()->add({.pairs = pairs.data(),
        .count = expected.size(),
        .out = out.get(),
        .scratch = scratch.get()});
    Points sums(expected.size());
    GetParam()->points_from_lanes(out.get(), sums.data(), sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i)
        EXPECT_TRUE(blst_p1_affine_is_equal(&sums[i], &expected[i])) << i;
}

TEST_P(g1_subgroup, single_check_agrees_with_blst)
{
    Points points = members(19);
    points.push_back({});
    points.push_back(affine(any_outside()));
    for (const auto prime : PRIMES)
    {
        points.push_back(affine(of_order(prime)));
        points.push_back(affine(sum(of_order(prime), *blst_p1_generator())));
    }
    const auto inside = std::make_unique<bool[]>(points.size());
    GetParam()->in_subgroup(points.data(), inside.get(), points.size());
    for (std::size_t i = 0; i < points.size(); ++i)
        EXPECT_EQ(inside[i], blst_p1_affine_in_g1(&points[i])) << i;
}

}  // namespace
}  // namespace ashlar
