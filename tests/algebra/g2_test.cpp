#include "algebra/g2.hpp"

#include <gtest/gtest.h>

#include "tests/algebra/base_modulus.hpp"

namespace ashlar
{
namespace
{

using test::BASE_MODULUS;

Bytes96 encode(Bytes96 x, unsigned flags)
{
    x[0] = (x[0] & std::byte{0x1f}) | static_cast<std::byte>(flags << 5);
    return x;
}

void expect_refused(const Bytes96& bytes)
{
    const auto refused = G2Affine::decompress(bytes);
    ASSERT_FALSE(refused) << to_hex(bytes);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
}

TEST(g2, decompress_accepts_only_the_finite_flag_patterns_for_a_body)
{
    const auto body = G2Affine::generator().compress();
    for (unsigned flags = 0; flags < 8; ++flags)
    {
        const auto bytes = encode(body, flags);
        if (flags == 0b100 || flags == 0b101)
            EXPECT_EQ(G2Affine::decompress(bytes).value().compress(), bytes);
        else
            expect_refused(bytes);
    }
}

TEST(g2, decompress_accepts_only_one_encoding_of_infinity)
{
    for (unsigned flags = 0; flags < 8; ++flags)
    {
        const auto bytes = encode(Bytes96{}, flags);
        if (flags == 0b110)
            EXPECT_TRUE(G2Affine::decompress(bytes).value().is_infinity());
        else
            expect_refused(bytes);
    }
    auto with_body = encode(Bytes96{}, 0b110);
    with_body[95] = std::byte{1};
    expect_refused(with_body);
}

TEST(g2, decompress_refuses_coordinates_from_the_modulus_on)
{
    const auto modulus = array_from_hex<48>(BASE_MODULUS).value();
    const auto generator = G2Affine::generator().compress();
    for (const std::ptrdiff_t half : {0, 48})
    {
        auto bytes = generator;
        std::ranges::copy(modulus, bytes.begin() + half);
        expect_refused(encode(bytes, 0b100));
    }
}

TEST(g2, decompress_refuses_small_coordinates_off_the_curve_or_outside_the_subgroup)
{
    // The cofactor has over 500 bits, so no such point is in G2 by chance.
    std::size_t on_curve = 0;
    for (unsigned x = 1; x < 64; ++x)
    {
        Bytes96 bytes{};
        bytes[95] = static_cast<std::byte>(x);
        bytes = encode(bytes, 0b100);
        expect_refused(bytes);
        const auto refused = G2Affine::decompress(bytes);
        on_curve += refused.error().message.find("outside") != std::string::npos ? 1 : 0;
    }
    EXPECT_GT(on_curve, 16U);
}

TEST(g2, pairing_is_bilinear)
{
    const auto g1 = G1::generator();
    const auto g2 = G2Affine::generator();
    const auto a = Fr::from_u64(1234567);
    const auto b = -Fr::from_u64(89);

    EXPECT_TRUE(pairings_equal((g1 * a).to_affine(), g2 * b, (g1 * (a * b)).to_affine(), g2));
    EXPECT_FALSE(pairings_equal((g1 * a).to_affine(), g2 * b, (g1 * (a + b)).to_affine(), g2));
}

TEST(g2, pairing_with_infinity_is_one)
{
    const auto g1 = G1::generator().to_affine();
    const auto g2 = G2Affine::generator();
    const G1Affine infinity1;
    const G2Affine infinity2;

    EXPECT_TRUE(pairings_equal(infinity1, g2, g1, infinity2));
    EXPECT_TRUE(pairings_equal(infinity1, infinity2, infinity1, g2));
    EXPECT_FALSE(pairings_equal(infinity1, g2, g1, g2));
    EXPECT_FALSE(pairings_equal(g1, g2, g1, infinity2));
}

TEST(g2, arithmetic_meets_infinity)
{
    const auto g = G2Affine::generator();

    EXPECT_TRUE((g - g).is_infinity());
    EXPECT_TRUE((g * Fr{}).is_infinity());
    EXPECT_EQ(g - G2Affine{}, g);
    EXPECT_EQ(g * Fr::from_u64(3) - g, g * Fr::from_u64(2));
    EXPECT_EQ(G2Affine{} - g, g * -Fr::one());
}

}  // namespace
}  // namespace ashlar
