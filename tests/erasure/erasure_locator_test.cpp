#include "erasure/erasure_locator.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace ashlar
{
namespace
{

/// Π (x − x_e) over the lost positions but `skip`, straight from the definition.
Fr product_at(
    const FftDomain& domain, std::span<const std::uint8_t> lost, const Fr& x, std::size_t skip)
{
    Fr out = Fr::one();
    for (std::size_t n = 0; n < lost.size(); ++n)
    {
        if (lost[n] != 0 && n != skip)
            out *= x - domain.point(n);
    }
    return out;
}

}  // namespace

// 512 positions lose 200: past the schoolbook degree, so the product tree is at work.
TEST(erasure_locator, make_equals_product_by_definition)
{
    const FftDomain domain{512};
    SeededRandom random{3};
    std::vector<std::uint8_t> lost(domain.size(), 0);
    for (int i = 0; i < 200; ++i)
        lost[random.below(lost.size())] = 1;

    const auto locator = ErasureLocator::make(domain, lost);

    for (std::size_t n = 0; n < domain.size(); ++n)
    {
        const Fr x = domain.point(n);
        ASSERT_EQ(locator.values[n], product_at(domain, lost, x, domain.size()));
        if (lost[n] != 0)
        {
            ASSERT_TRUE((locator.derivative_inverses[n] * product_at(domain, lost, x, n)).is_one());
        }
    }
}

TEST(erasure_locator, make_without_losses_is_one_everywhere)
{
    const FftDomain domain{16};
    const auto locator = ErasureLocator::make(domain, std::vector<std::uint8_t>(16, 0));

    for (const auto& value : locator.values)
        EXPECT_TRUE(value.is_one());
}

}  // namespace ashlar
