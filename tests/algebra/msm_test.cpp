#include "algebra/msm.hpp"

#include <gtest/gtest.h>

#include "base/parallel.hpp"
#include "tests/oracle/naive.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t POINTS_MAX = 70;

/// Distinct points i·G, and scalars that fill the field.
struct Terms
{
    std::vector<G1Affine> points;
    std::vector<Fr> scalars;

    [[nodiscard]] G1 naive_sum() const { return naive::sum_of_products(points, scalars); }
};

Terms make_terms(std::size_t count)
{
    Terms out;
    G1 point;
    Fr scalar = Fr::from_u64(0x9e3779b97f4a7c15).pow(5);
    for (std::size_t i = 0; i < count; ++i)
    {
        point += G1::generator();
        scalar *= scalar + Fr::from_u64(i);
        out.points.push_back(point.to_affine());
        out.scalars.push_back(scalar);
    }
    return out;
}

TEST(msm, of_nothing_is_infinity)
{
    EXPECT_TRUE(msm({}, {}).is_infinity());
    EXPECT_TRUE(parallel_msm({}, {}).is_infinity());
}

TEST(msm, equals_naive_sum_with_infinity_in_every_place)
{
    const auto all = make_terms(POINTS_MAX);
    G1 sum;
    for (std::size_t count = 1; count <= POINTS_MAX; ++count)
    {
        auto points = all.points;
        points.resize(count);
        const auto scalars = std::span{all.scalars}.first(count);
        sum += G1{all.points[count - 1]} * all.scalars[count - 1];
        ASSERT_EQ(msm(points, scalars), sum) << count;
        for (std::size_t place = 0; place < count; ++place)
        {
            points[place] = G1Affine{};
            const auto missing = G1{all.points[place]} * all.scalars[place];
            ASSERT_EQ(msm(points, scalars), sum - missing) << count << " without " << place;
            points[place] = all.points[place];
        }
    }
}

TEST(msm, of_infinities_or_zero_scalars_is_infinity)
{
    const auto terms = make_terms(POINTS_MAX);
    const std::vector<G1Affine> infinities(POINTS_MAX);
    const std::vector<Fr> zeros(POINTS_MAX);
    for (std::size_t count = 1; count <= POINTS_MAX; ++count)
    {
        EXPECT_TRUE(msm(std::span{infinities}.first(count), std::span{terms.scalars}.first(count))
                        .is_infinity());
        EXPECT_TRUE(
            msm(std::span{terms.points}.first(count), std::span{zeros}.first(count)).is_infinity());
    }
}

TEST(msm, equals_naive_sum_of_equal_and_opposite_points)
{
    for (std::size_t count = 1; count <= POINTS_MAX; ++count)
    {
        auto terms = make_terms(count);
        const auto p = G1::generator();
        for (std::size_t i = 0; i < count; ++i)
            terms.points[i] = (i % 2 == 0 ? p : -p).to_affine();
        ASSERT_EQ(msm(terms.points, terms.scalars), terms.naive_sum()) << count;

        // Equal scalars too, so that buckets meet equal and opposite points.
        std::ranges::fill(terms.scalars, Fr::from_u64(0xabcdef));
        ASSERT_EQ(msm(terms.points, terms.scalars), terms.naive_sum()) << count;

        std::ranges::fill(terms.points, p.to_affine());
        ASSERT_EQ(msm(terms.points, terms.scalars), terms.naive_sum()) << count;
    }
}

TEST(msm, equals_naive_sum_for_scalars_at_the_edges)
{
    const std::array<Fr, 4> edges{Fr{}, Fr::one(), -Fr::one(), Fr::from_u64(2)};
    for (std::size_t count = 1; count <= POINTS_MAX; ++count)
    {
        auto terms = make_terms(count);
        for (std::size_t i = 0; i < count; ++i)
            terms.scalars[i] = edges[i % edges.size()];
        ASSERT_EQ(msm(terms.points, terms.scalars), terms.naive_sum()) << count;
        for (const auto& edge : edges)
        {
            std::ranges::fill(terms.scalars, edge);
            ASSERT_EQ(msm(terms.points, terms.scalars), terms.naive_sum()) << count;
        }
    }
}

/// Σ scalarᵢ·i·G without a sum of points, for points that are i·G.
G1 known_sum(std::span<const Fr> scalars)
{
    Fr total;
    for (std::size_t i = 0; i < scalars.size(); ++i)
        total += scalars[i] * Fr::from_u64(i + 1);
    return G1::generator() * total;
}

TEST(msm, equals_known_sums_of_many_points_with_scalars_of_every_length)
{
    const auto terms = make_terms(1200);
    for (const std::size_t count : {39U, 40U, 41U, 130U, 600U, 1200U})
    {
        const auto points = std::span{terms.points}.first(count);
        for (const std::size_t bytes : {1U, 2U, 8U, 16U, 20U, 31U})
        {
            std::vector<Fr> scalars;
            for (std::size_t i = 0; i < count; ++i)
            {
                auto digits = terms.scalars[i].to_bytes();
                std::fill(digits.begin(), digits.end() - static_cast<std::ptrdiff_t>(bytes),
                    std::byte{0});
                scalars.push_back(Fr::parse(digits).value());
            }
            ASSERT_EQ(msm(points, scalars), known_sum(scalars)) << count << ", " << bytes;
        }
    }
}

// Digits of the greatest magnitude have no bucket of their own, and the last window takes a carry.
TEST(msm, equals_known_sums_for_scalars_of_one_bit_and_of_all_ones)
{
    constexpr std::size_t COUNT = 255;
    const auto terms = make_terms(COUNT);
    for (const auto& less : {Fr{}, Fr::one()})
    {
        std::vector<Fr> scalars;
        Fr power = Fr::one();
        for (std::size_t i = 0; i < COUNT; ++i, power += power)
            scalars.push_back(power - less);
        for (std::size_t count = 40; count <= COUNT; count += 5)
        {
            const auto some = std::span{scalars}.first(count);
            ASSERT_EQ(msm(std::span{terms.points}.first(count), some), known_sum(some)) << count;
        }
    }
}

TEST(msm, of_integers_equals_msm_of_elements)
{
    const auto terms = make_terms(POINTS_MAX);
    std::vector<blst_scalar> integers;
    for (const auto& scalar : terms.scalars)
        integers.push_back(scalar.to_scalar());
    for (std::size_t count = 0; count <= POINTS_MAX; ++count)
    {
        const auto points = std::span{terms.points}.first(count);
        const auto sum = msm(points, std::span{terms.scalars}.first(count));
        ASSERT_EQ(integer_msm(points, std::span<const blst_scalar>{integers}.first(count)), sum);
        ASSERT_EQ(
            parallel_integer_msm(points, std::span<const blst_scalar>{integers}.first(count)), sum);
    }
}

TEST(msm, parallel_equals_serial_for_any_number_of_threads)
{
    for (const std::size_t threads : {1U, 2U, 3U, 64U})
    {
        set_thread_count(threads);
        for (const std::size_t count : {39U, 40U, 511U, 1500U})
        {
            auto terms = make_terms(count);
            terms.points[count / 2] = G1Affine{};
            EXPECT_EQ(parallel_msm(terms.points, terms.scalars), msm(terms.points, terms.scalars));
        }
    }
    set_thread_count(0);
}

// More points than are summed at a time.
TEST(msm, equals_known_sum_across_chunks)
{
    constexpr std::size_t COUNT = (std::size_t{1} << 17) + 3;
    constexpr std::size_t DISTINCT = 1000;
    const auto terms = make_terms(DISTINCT);
    std::vector<G1Affine> points;
    std::vector<Fr> scalars(COUNT, Fr::from_u64(201));
    Fr total;
    for (std::size_t i = 0; i < COUNT; ++i)
    {
        points.push_back(terms.points[i % DISTINCT]);
        total += Fr::from_u64(i % DISTINCT + 1);
    }
    EXPECT_EQ(msm(points, scalars), G1::generator() * (total * Fr::from_u64(201)));
}

}  // namespace
}  // namespace ashlar
