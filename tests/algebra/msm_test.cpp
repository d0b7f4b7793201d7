#include "algebra/msm.hpp"

#include <gtest/gtest.h>

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

TEST(msm, parallel_equals_serial_across_chunks)
{
    for (const std::size_t count : {511U, 512U, 1023U, 1024U, 1500U})
    {
        auto terms = make_terms(count);
        terms.points[count / 2] = G1Affine{};
        EXPECT_EQ(parallel_msm(terms.points, terms.scalars), msm(terms.points, terms.scalars));
    }
}

}  // namespace
}  // namespace ashlar
