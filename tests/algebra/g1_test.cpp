#include "algebra/g1.hpp"

#include <gtest/gtest.h>

#include "tests/algebra/base_modulus.hpp"
#include "tests/oracle/oracle.hpp"

namespace ashlar
{
namespace
{

using test::BASE_MODULUS;

/// x under the three flag bits compressed, infinity, sign.
Bytes48 encode(Bytes48 x, unsigned flags)
{
    x[0] = (x[0] & std::byte{0x1f}) | static_cast<std::byte>(flags << 5);
    return x;
}

Bytes48 small_x(unsigned x)
{
    Bytes48 out{};
    out[47] = static_cast<std::byte>(x);
    return out;
}

void expect_refused(const Bytes48& bytes)
{
    const auto refused = G1Affine::decompress(bytes);
    ASSERT_FALSE(refused) << to_hex(bytes);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
    EXPECT_FALSE(oracle::is_g1_point(bytes)) << to_hex(bytes);
}

TEST(g1, decompress_accepts_only_the_finite_flag_patterns_for_a_body)
{
    const auto body = G1::generator().compress();
    for (unsigned flags = 0; flags < 8; ++flags)
    {
        const auto bytes = encode(body, flags);
        if (flags == 0b100 || flags == 0b101)
            EXPECT_EQ(G1Affine::decompress(bytes).value().compress(), bytes);
        else
            expect_refused(bytes);
    }
}

TEST(g1, decompress_accepts_only_one_encoding_of_infinity)
{
    for (unsigned flags = 0; flags < 8; ++flags)
    {
        const auto bytes = encode(Bytes48{}, flags);
        if (flags == 0b110)
            EXPECT_TRUE(G1Affine::decompress(bytes).value().is_infinity());
        else
            expect_refused(bytes);
    }
}

TEST(g1, decompress_refuses_infinity_with_a_body)
{
    for (std::size_t bit = 0; bit < 381; ++bit)
    {
        auto bytes = encode(Bytes48{}, 0b110);
        bytes[47 - bit / 8] |= static_cast<std::byte>(1U << (bit % 8));
        expect_refused(bytes);
    }
}

TEST(g1, decompress_refuses_coordinates_from_the_modulus_on)
{
    const auto modulus = array_from_hex<48>(BASE_MODULUS).value();
    auto one_more = modulus;
    one_more[47] = static_cast<std::byte>(std::to_integer<unsigned>(one_more[47]) + 1);
    Bytes48 greatest;
    greatest.fill(std::byte{0xff});
    for (const auto& x : {modulus, one_more, greatest})
    {
        expect_refused(encode(x, 0b100));
        expect_refused(encode(x, 0b101));
    }
}

TEST(g1, decompress_refuses_points_off_the_curve_and_outside_the_subgroup)
{
    std::size_t off_curve = 0;
    std::size_t outside = 0;
    for (unsigned x = 0; x < 64; ++x)
    {
        const auto bytes = encode(small_x(x), 0b100);
        if (G1Affine::decompress_trusted(bytes))
            ++outside;
        else
            ++off_curve;
        if (!oracle::is_g1_point(bytes))
            expect_refused(bytes);
        else
            EXPECT_TRUE(G1Affine::decompress(bytes));
    }
    EXPECT_GT(off_curve, 16U);
    EXPECT_GT(outside, 16U);
}

// (0, ±2) have order 3: a random combination alone would miss them one time in three.
TEST(g1, decompress_refuses_the_points_of_order_three)
{
    expect_refused(encode(Bytes48{}, 0b100));
    expect_refused(encode(Bytes48{}, 0b101));
}

TEST(g1, decompress_all_names_the_first_bad_index)
{
    Bytes many;
    for (int i = 0; i < 30; ++i)
        append(many, G1::generator().compress());
    EXPECT_EQ(decompress_all(many).value().size(), 30U);

    many[11 * 48] = std::byte{0};
    many[20 * 48] = std::byte{0};
    const auto refused = decompress_all(many);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("point 11"), std::string::npos);

    EXPECT_TRUE(decompress_all({}).value().empty());
    EXPECT_FALSE(decompress_all(ByteView{many}.first(95)));
}

TEST(g1, additions_are_complete)
{
    const auto g = G1::generator();
    const auto twice = g * Fr::from_u64(2);
    const G1 infinity;

    EXPECT_EQ(g + g, twice);
    EXPECT_EQ(g + g.to_affine(), twice);
    EXPECT_TRUE((g - g).is_infinity());
    EXPECT_TRUE((g + (-g).to_affine()).is_infinity());
    EXPECT_EQ(g + infinity, g);
    EXPECT_EQ(infinity + g, g);
    EXPECT_EQ(infinity + g.to_affine(), g);
    EXPECT_EQ(g + G1Affine{}, g);
    EXPECT_TRUE((infinity + infinity).is_infinity());
    EXPECT_TRUE((-infinity).is_infinity());
}

TEST(g1, multiplication_by_edges_of_the_field)
{
    const auto g = G1::generator();

    EXPECT_TRUE((g * Fr{}).is_infinity());
    EXPECT_EQ(g * Fr::one(), g);
    EXPECT_EQ(g * -Fr::one(), -g);
    EXPECT_TRUE((G1{} * Fr::from_u64(5)).is_infinity());
}

TEST(g1, to_affine_of_a_list_keeps_infinities)
{
    const auto g = G1::generator();
    const std::vector<G1> points{G1{}, g, g * Fr::from_u64(3), G1{}, -g};

    const auto converted = to_affine(points);

    ASSERT_EQ(converted.size(), points.size());
    for (std::size_t i = 0; i < points.size(); ++i)
        EXPECT_EQ(converted[i], points[i].to_affine()) << i;
    EXPECT_TRUE(converted[3].is_infinity());
    EXPECT_TRUE(to_affine(std::vector<G1>(2))[1].is_infinity());
    EXPECT_TRUE(to_affine(std::vector<G1>{}).empty());
}

}  // namespace
}  // namespace ashlar
