#include "algebra/point_transform.hpp"

#include <gtest/gtest.h>

#include "algebra/point_multiplier.hpp"
#include "base/random.hpp"
#include "tests/algebra/lane_paths.hpp"

namespace ashlar
{
namespace
{

Fr random_element(SeededRandom& random)
{
    return Fr::from_u64(random.below(UINT64_MAX)).pow(5);
}

std::vector<G1Affine> affine_in_exponent(std::span<const Fr> logarithms)
{
    std::vector<G1Affine> out;
    for (const auto& logarithm : logarithms)
        out.push_back((G1::generator() * logarithm).to_affine());
    return out;
}

/// Scalars whose chains end early, are empty, or use one part only.
std::vector<Fr> awkward_scalars(SeededRandom& random)
{
    const Fr lambda =
        Fr::from_u64(0xac45a4010001a402) * Fr::from_u64(2).pow(64) + Fr::from_u64(0xffffffff);
    std::vector<Fr> out{Fr{}, Fr::one(), -Fr::one(), Fr::from_u64(2), Fr::from_u64(15),
        Fr::from_u64(16), Fr::from_u64(17), lambda, -lambda, lambda + Fr::one(), lambda - Fr::one(),
        lambda * lambda, Fr::from_u64(2).pow(127), Fr::from_u64(2).pow(128),
        Fr::from_u64(UINT64_MAX), Fr::from_u64(7).inverse()};
    while (out.size() < 40)
        out.push_back(random_element(random));
    return out;
}

/// The slow twin, on logarithms.
std::vector<Fr> extended(std::vector<Fr> logarithms, const FftDomain& domain)
{
    logarithms.resize(domain.size());
    extend_to_coset(Elements<Fr>{logarithms}, domain);
    return logarithms;
}

void expect_extension(std::span<const Fr> logarithms, std::size_t size)
{
    const FftDomain domain{size};
    const auto expected =
        affine_in_exponent(extended({logarithms.begin(), logarithms.end()}, domain));
    for (const auto* kernels : test::lane_paths())
        EXPECT_EQ(
            extend_points_to_coset(affine_in_exponent(logarithms), domain, *kernels), expected)
            << kernels->name << ", " << logarithms.size() << " of " << size;
}

}  // namespace

TEST(point_multiplier, multiply_equals_scalar_multiplication)
{
    SeededRandom random{1};
    const auto scalars = awkward_scalars(random);
    std::vector<PointScalar> chains(scalars.begin(), scalars.end());
    auto points = affine_in_exponent(scalars);  // The first is infinity.
    std::ranges::rotate(points, points.begin() + 3);
    for (const auto* kernels : test::lane_paths())
    {
        const auto lanes = make_lane_array(points.size());
        kernels->points_to_lanes(&points[0].raw(), lanes.get(), points.size());
        std::vector<PointMultiplier::Product> products;
        for (std::size_t i = 0; i < points.size(); ++i)
            products.push_back(
                {.point = reinterpret_cast<PointRef>(&lanes[i]), .scalar = &chains[i]});
        PointMultiplier multiplier{*kernels};
        // Twice, because working memory is used again.
        for (int round = 0; round < 2; ++round)
        {
            const auto sums = multiplier.multiply(products);
            for (std::size_t i = 0; i < points.size(); ++i)
            {
                blst_p1_affine sum;
                kernels->points_from_lanes(
                    reinterpret_cast<const LanePoint*>(sums[i] & ~NEGATED), &sum, 1);
                blst_fp_cneg(&sum.y, &sum.y, (sums[i] & NEGATED) != 0);
                EXPECT_EQ(G1Affine{sum}, (G1{points[i]} * scalars[i]).to_affine())
                    << kernels->name << ", scalar " << i;
            }
        }
    }
}

TEST(point_transform, extend_equals_extension_of_logarithms)
{
    SeededRandom random{2};
    for (const std::size_t size : {1U, 2U, 16U, 64U})
    {
        for (const std::size_t used : {std::size_t{1}, size / 2 + 1, size})
        {
            std::vector<Fr> logarithms;
            while (logarithms.size() < std::min(used, size))
                logarithms.push_back(random_element(random));
            expect_extension(logarithms, size);
        }
    }
}

// Points are the publisher's to choose: equal ones, opposite ones, infinity, and values that make
// every sum of a layer meet such a case.
TEST(point_transform, extend_is_complete)
{
    const Fr g = Fr::from_u64(11);
    expect_extension(std::vector<Fr>(16), 16);
    expect_extension(std::vector<Fr>(16, g), 16);
    expect_extension(std::vector<Fr>(9, g), 16);
    std::vector<Fr> alternating;
    std::vector<Fr> sparse(16);
    std::vector<Fr> roots;
    const FftDomain domain{16};
    for (std::size_t n = 0; n < 16; ++n)
    {
        alternating.push_back(n % 2 == 0 ? g : -g);
        roots.push_back(domain.point(n));
    }
    sparse[7] = g;
    expect_extension(alternating, 16);
    expect_extension(sparse, 16);
    expect_extension(roots, 16);
}

}  // namespace ashlar
