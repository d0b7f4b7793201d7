#include "algebra/lane_fft.hpp"

#include <gtest/gtest.h>

#include "tests/algebra/lane_paths.hpp"

namespace ashlar
{
namespace
{

/// Multiples of the generator, some of them equal, opposite or infinite.
std::vector<G1> made_points(std::size_t count, std::uint64_t seed)
{
    std::vector<G1> out;
    Fr scalar = Fr::from_u64(seed);
    for (std::size_t i = 0; i < count; ++i)
    {
        scalar *= scalar + Fr::from_u64(i);
        out.push_back(i % 7 == 3   ? G1{}
                      : i % 5 == 4 ? -out.back()
                      : i % 6 == 2 ? out.back()
                                   : G1::generator() * scalar);
    }
    return out;
}

class lane_fft : public testing::TestWithParam<const LaneKernels*>
{
};

INSTANTIATE_TEST_SUITE_P(paths, lane_fft, testing::ValuesIn(test::lane_paths()),
    [](const auto& path) { return std::string{path.param->name}; });

TEST_P(lane_fft, equals_transforms_of_single_points)
{
    for (const std::size_t size : {1U, 2U, 4U, 16U})
    {
        constexpr std::size_t TRANSFORMS = 3;
        const FftDomain domain{size};
        const LaneFft lanes{domain, *GetParam()};
        auto expected = made_points(TRANSFORMS * size, size + 5);
        auto points = to_affine(expected);
        for (std::size_t t = 0; t < TRANSFORMS; ++t)
            fft(Elements<G1>{std::span{expected}.subspan(t * size, size)}, domain);
        lanes.forward(points);
        EXPECT_EQ(points, to_affine(expected)) << "forward, size " << size;

        for (std::size_t t = 0; t < TRANSFORMS; ++t)
            inverse_fft_unscaled(Elements<G1>{std::span{expected}.subspan(t * size, size)}, domain);
        lanes.inverse_unscaled(points);
        EXPECT_EQ(points, to_affine(expected)) << "inverse, size " << size;
    }
}

TEST_P(lane_fft, inverse_undoes_forward_for_infinities_and_equal_points)
{
    constexpr std::size_t SIZE = 32;
    const FftDomain domain{SIZE};
    const LaneFft lanes{domain, *GetParam()};
    std::vector<G1Affine> infinities(SIZE);
    lanes.forward(infinities);
    EXPECT_EQ(infinities, std::vector<G1Affine>(SIZE));

    const std::vector<G1> equal(SIZE, G1::generator());
    auto points = to_affine(equal);
    lanes.forward(points);
    EXPECT_EQ(points.front(), (G1::generator() * Fr::from_u64(SIZE)).to_affine());
    EXPECT_TRUE(points.back().is_infinity());
    lanes.inverse_unscaled(points);
    EXPECT_EQ(points, to_affine(std::vector<G1>(SIZE, G1::generator() * Fr::from_u64(SIZE))));
}

TEST_P(lane_fft, of_nothing_is_nothing)
{
    const FftDomain domain{8};
    const LaneFft lanes{domain, *GetParam()};
    lanes.forward({});
    lanes.inverse_unscaled({});
}

}  // namespace
}  // namespace ashlar
