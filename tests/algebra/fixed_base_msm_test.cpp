#include "algebra/fixed_base_msm.hpp"

#include <gtest/gtest.h>
#include <thread>

#include "algebra/msm.hpp"
#include "base/cache.hpp"
#include "base/random.hpp"
#include "tests/algebra/lane_paths.hpp"
#include "tests/oracle/naive.hpp"
#include "tests/support/scoped_environment.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t POINTS_MAX = 70;

/// Small enough that many tables can be built, with buckets that collide often.
FixedBaseMsm::Options small_options(std::size_t bases, const LaneKernels* path)
{
    return {.bases_per_sum = bases, .step_bits = 3, .window_bits = 6, .kernels = path};
}

std::vector<G1Affine> distinct_points(std::size_t count)
{
    std::vector<G1> points;
    G1 point;
    for (std::size_t i = 0; i < count; ++i)
        points.push_back(point += G1::generator());
    return to_affine(points);
}

std::vector<Fr> random_scalars(std::size_t count, std::uint64_t seed)
{
    SeededRandom random{seed};
    std::vector<Fr> out;
    for (std::size_t i = 0; i < count; ++i)
    {
        Bytes64 wide;
        random.fill(wide);
        out.push_back(Fr::reduce(std::span<const std::byte, 64>{wide}));
    }
    return out;
}

Fr power_of_two(unsigned exponent)
{
    return Fr::from_u64(2).pow(exponent);
}

/// Scalars at which a recoding could go wrong.
std::vector<Fr> edge_scalars()
{
    std::vector<Fr> out{Fr{}, Fr::one(), -Fr::one(), power_of_two(248) - Fr::one(),
        power_of_two(248), power_of_two(254), power_of_two(254) - Fr::one()};
    for (unsigned bit = 0; bit < 255; bit += 5)
    {
        out.push_back(power_of_two(bit) - Fr::one());
        out.push_back(-power_of_two(bit));
    }
    // 0b…0101 and 0b…0011: a digit at every place, and every one next to a zero.
    out.push_back((power_of_two(254) - Fr::one()) * Fr::from_u64(3).inverse());
    out.push_back((power_of_two(252) - Fr::one()) * Fr::from_u64(5).inverse());
    return out;
}

TEST(fixed_base_msm, sum_equals_msm_for_any_count_and_infinity_in_every_place)
{
    const auto points = distinct_points(POINTS_MAX);
    const auto scalars = random_scalars(POINTS_MAX, 1);
    for (const auto* path : test::lane_paths())
    {
        for (const std::size_t count : {1U, 2U, 3U, 4U, 7U, 8U, 9U, 33U, 70U})
        {
            for (std::size_t hole = 0; hole <= count; ++hole)
            {
                std::vector<G1Affine> bases{
                    points.begin(), points.begin() + static_cast<std::ptrdiff_t>(count)};
                if (hole < count)
                    bases[hole] = G1Affine{};
                const auto some = std::span{scalars}.first(count);
                const FixedBaseMsm sums{bases, small_options(count, path)};

                ASSERT_EQ(sums.sum(some), msm(bases, some)) << count << " points, hole " << hole;
            }
        }
    }
}

TEST(fixed_base_msm, sum_equals_naive_for_edge_scalars_and_every_shape_of_table)
{
    const auto scalars = edge_scalars();
    const auto bases = distinct_points(scalars.size());
    const auto expected = naive::sum_of_products(bases, scalars);
    for (const auto* path : test::lane_paths())
    {
        for (const auto& [step, window] : {std::pair{1U, 2U}, {1U, 5U}, {1U, 14U}, {2U, 14U},
                 {7U, 14U}, {4U, 8U}, {3U, 15U}, {8U, 16U}, {5U, 10U}})
        {
            const FixedBaseMsm sums{bases, {.bases_per_sum = bases.size(),
                                               .step_bits = step,
                                               .window_bits = window,
                                               .kernels = path}};
            EXPECT_EQ(sums.sum(scalars), expected) << "step " << step << ", window " << window;
        }
    }
}

TEST(fixed_base_msm, single_edge_scalars_equal_multiplication)
{
    const auto base = distinct_points(3).back();
    for (const auto* path : test::lane_paths())
    {
        const FixedBaseMsm sums{std::span{&base, 1}, {.bases_per_sum = 1, .kernels = path}};
        for (const auto& scalar : edge_scalars())
            EXPECT_EQ(sums.sum(std::span{&scalar, 1}), G1{base} * scalar);
    }
}

TEST(fixed_base_msm, sum_is_right_for_equal_and_opposite_bases)
{
    const auto point = distinct_points(5).back();
    const auto opposite = (-G1{point}).to_affine();
    const auto random = random_scalars(40, 2);
    for (const auto* path : test::lane_paths())
    {
        std::vector<G1Affine> bases(40, point);
        for (const auto& scalar : {Fr::one(), -Fr::one(), Fr{}, random.front()})
        {
            const std::vector<Fr> equal(bases.size(), scalar);
            const FixedBaseMsm sums{bases, small_options(bases.size(), path)};
            EXPECT_EQ(sums.sum(equal), G1{point} * (scalar * Fr::from_u64(40)));
            EXPECT_EQ(sums.sum(random), naive::sum_of_products(bases, random));
        }
        for (std::size_t i = 0; i < bases.size(); i += 2)
            bases[i] = opposite;
        const FixedBaseMsm sums{bases, small_options(bases.size(), path)};
        EXPECT_TRUE(sums.sum(std::vector<Fr>(bases.size(), random.front())).is_infinity());
        EXPECT_EQ(sums.sum(random), naive::sum_of_products(bases, random));
    }
}

TEST(fixed_base_msm, sum_of_equal_scalars_equals_scaled_sum)
{
    const auto bases = distinct_points(POINTS_MAX);
    for (const auto* path : test::lane_paths())
    {
        const FixedBaseMsm sums{bases, small_options(bases.size(), path)};
        for (const auto& scalar : edge_scalars())
        {
            const std::vector<Fr> equal(bases.size(), scalar);
            ASSERT_EQ(sums.sum(equal), sums.sum(std::vector<Fr>(bases.size(), Fr::one())) * scalar);
        }
    }
}

TEST(fixed_base_msm, missing_scalars_count_as_zero)
{
    const auto bases = distinct_points(9);
    const auto scalars = random_scalars(9, 3);
    const FixedBaseMsm sums{bases, {.bases_per_sum = 9}};

    EXPECT_TRUE(sums.sum(std::span<const Fr>{}).is_infinity());
    for (std::size_t count = 1; count <= 9; ++count)
        EXPECT_EQ(sums.sum(std::span{scalars}.first(count)),
            msm(std::span{bases}.first(count), std::span{scalars}.first(count)));
}

TEST(fixed_base_msm, sums_over_bases_of_their_own_start_anywhere)
{
    constexpr std::size_t SUMS = 6;
    constexpr std::size_t BASES = 5;
    const auto bases = distinct_points(SUMS * BASES);
    const auto scalars = random_scalars(SUMS * BASES, 4);
    std::vector<blst_scalar> integers;
    for (const auto& scalar : scalars)
        integers.push_back(scalar.to_scalar());
    const FixedBaseMsm msms{bases, {.bases_per_sum = BASES, .step_bits = 4, .window_bits = 8}};

    for (std::size_t first = 0; first <= SUMS; ++first)
    {
        const auto sums = msms.sums(std::span{integers}.subspan(first * BASES), first);
        ASSERT_EQ(sums.size(), SUMS - first);
        for (std::size_t s = 0; s < sums.size(); ++s)
        {
            const auto at = (first + s) * BASES;
            EXPECT_EQ(sums[s],
                msm(std::span{bases}.subspan(at, BASES), std::span{scalars}.subspan(at, BASES)));
        }
    }
}

TEST(fixed_base_msm, table_from_the_cache_gives_the_same_sums_without_the_bases)
{
    const test::TemporaryFolder folder;
    test::ScopedEnvironment environment;
    environment.set("ASHLAR_CACHE_DIR", folder.path().native());
    auto bases = distinct_points(20);
    bases[3] = G1Affine{};
    const auto scalars = random_scalars(20, 6);
    const auto expected = msm(bases, scalars);
    for (const auto* path : test::lane_paths())
    {
        auto options = small_options(bases.size(), path);
        options.cache_name = "some";
        const FixedBaseMsm first{bases, options};
        std::size_t made = 0;
        const FixedBaseMsm second{bases.size(),
            [&] {
                ++made;
                return bases;
            },
            options};
        EXPECT_EQ(made, 0U) << path->name;
        EXPECT_EQ(first.sum(scalars), expected) << path->name;
        EXPECT_EQ(second.sum(scalars), expected) << path->name;
    }
}

// As a table of another layout would be, were its file found under this name.
TEST(fixed_base_msm, cached_bytes_that_are_no_table_are_made_again)
{
    const test::TemporaryFolder folder;
    test::ScopedEnvironment environment;
    environment.set("ASHLAR_CACHE_DIR", folder.path().native());
    const auto bases = distinct_points(20);
    auto options = small_options(bases.size(), &lane_kernels());
    options.cache_name = "some";
    const auto bytes = FixedBaseMsm{bases, options}.table_bytes();
    const auto file = std::filesystem::directory_iterator
    {
        folder.path()
    } -> path().filename();

    Bytes table(bytes);
    ASSERT_TRUE(read_cache(file.native(), table));
    for (std::size_t at = 0; at < bytes; at += sizeof(LanePoint))
        std::ranges::swap_ranges(std::span{table}.subspan(at, sizeof(LaneFp)),
            std::span{table}.subspan(at + sizeof(LaneFp), sizeof(LaneFp)));
    write_cache(file.native(), table);

    const auto scalars = random_scalars(20, 7);
    const FixedBaseMsm again{bases, options};
    EXPECT_EQ(again.sum(scalars), msm(bases, scalars));
    Bytes mended(bytes);
    ASSERT_TRUE(read_cache(file.native(), mended));
    EXPECT_NE(mended, table);
}

/// Eighty sums by four threads.
void expect_right_sums(const FixedBaseMsm& sums, std::span<const Fr> scalars, const G1& expected)
{
    std::array<std::size_t, 4> wrong{};
    {
        std::vector<std::jthread> threads;
        for (auto& count : wrong)
            threads.emplace_back([&] {
                for (std::size_t round = 0; round < 20; ++round)
                    count += sums.sum(scalars) == expected ? 0U : 1U;
            });
    }
    EXPECT_EQ(wrong, (std::array<std::size_t, 4>{}));
}

TEST(fixed_base_msm, threads_share_a_table)
{
    const auto bases = distinct_points(50);
    const auto scalars = random_scalars(50, 5);
    const FixedBaseMsm sums{bases, small_options(bases.size(), &lane_kernels())};
    expect_right_sums(sums, scalars, msm(bases, scalars));
}

// After some sums the table is copied, while others read the mapping.
TEST(fixed_base_msm, threads_share_a_mapped_table)
{
    const test::TemporaryFolder folder;
    test::ScopedEnvironment environment;
    environment.set("ASHLAR_CACHE_DIR", folder.path().native());
    const auto bases = distinct_points(50);
    const auto scalars = random_scalars(50, 5);
    auto options = small_options(bases.size(), &lane_kernels());
    options.cache_name = "some";
    const FixedBaseMsm built{bases, options};
    const FixedBaseMsm mapped{bases.size(), [] { return std::vector<G1Affine>{}; }, options};
    expect_right_sums(mapped, scalars, msm(bases, scalars));
}

}  // namespace
}  // namespace ashlar
