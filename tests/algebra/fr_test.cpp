#include "algebra/fr.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ashlar
{
namespace
{

constexpr std::string_view MODULUS =
    "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
constexpr std::string_view GREATEST =
    "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000";

Fr element(std::uint64_t seed)
{
    Bytes64 wide{};
    std::ranges::copy(big_endian(seed), wide.begin());
    std::ranges::copy(big_endian(~seed), wide.begin() + 40);
    return Fr::reduce(std::span<const std::byte, 64>{wide});
}

TEST(fr, parse_accepts_the_greatest_element_and_refuses_the_modulus)
{
    const auto greatest = Fr::parse(array_from_hex<32>(GREATEST).value());
    ASSERT_TRUE(greatest);
    EXPECT_EQ(*greatest, -Fr::one());
    EXPECT_EQ(to_hex(greatest->to_bytes()), GREATEST);

    for (const auto text : {MODULUS,
             std::string_view{"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}})
    {
        const auto bytes = array_from_hex<32>(text).value();
        const auto refused = Fr::parse(bytes);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
        Fr out;
        EXPECT_FALSE(Fr::parse_into(bytes, out));
    }
}

TEST(fr, parse_accepts_zero)
{
    EXPECT_TRUE(Fr::parse(Bytes32{}).value().is_zero());
    EXPECT_EQ(Fr{}.to_bytes(), Bytes32{});
}

TEST(fr, one_is_the_unit)
{
    EXPECT_EQ(Fr::one(), Fr::from_u64(1));
    EXPECT_TRUE(Fr::one().is_one());
    EXPECT_FALSE(Fr{}.is_one());
    EXPECT_FALSE((-Fr::one()).is_one());
}

TEST(fr, bytes_are_big_endian)
{
    const auto bytes = Fr::from_u64(0x0102030405060708).to_bytes();

    EXPECT_EQ(to_hex(bytes), std::string(48, '0') + "0102030405060708");
    EXPECT_EQ(Fr::from_u64(258).to_scalar().b[0], 2);
    EXPECT_EQ(Fr::from_u64(258).to_scalar().b[1], 1);
}

TEST(fr, reduce_is_the_integer_modulo_r)
{
    const auto modulus = array_from_hex<32>(MODULUS).value();
    EXPECT_TRUE(Fr::reduce(std::span<const std::byte, 32>{modulus}).is_zero());

    // 2²⁵⁶·high + low, by Horner over bytes.
    Bytes64 wide;
    for (std::size_t i = 0; i < wide.size(); ++i)
        wide[i] = static_cast<std::byte>(251 - 3 * i);
    Fr expected;
    for (const auto b : wide)
        expected = expected * Fr::from_u64(256) + Fr::from_u64(std::to_integer<std::uint64_t>(b));
    EXPECT_EQ(Fr::reduce(std::span<const std::byte, 64>{wide}), expected);
}

TEST(fr, reduce_of_all_ones_wide_bytes_equals_horner)
{
    Bytes64 wide;
    wide.fill(std::byte{0xff});
    const Fr two_to_256 = Fr::from_u64(2).pow(256);

    EXPECT_EQ(
        Fr::reduce(std::span<const std::byte, 64>{wide}), two_to_256 * two_to_256 - Fr::one());
}

TEST(fr, arithmetic_obeys_the_field_laws)
{
    EXPECT_TRUE(rc::check("field laws", [](std::uint64_t x, std::uint64_t y, std::uint64_t z) {
        const auto a = element(x);
        const auto b = element(y);
        const auto c = element(z);
        RC_ASSERT(a + b == b + a);
        RC_ASSERT(a * b == b * a);
        RC_ASSERT((a + b) * c == a * c + b * c);
        RC_ASSERT(a - b == a + (-b));
        RC_ASSERT((a - a).is_zero());
        RC_ASSERT(Fr::parse(a.to_bytes()).value() == a);
    }));
}

TEST(fr, inverse_times_element_is_one_and_zero_stays_zero)
{
    for (const auto& x : {Fr::one(), -Fr::one(), Fr::from_u64(2), element(99)})
        EXPECT_TRUE((x * x.inverse()).is_one());
    EXPECT_TRUE(Fr{}.inverse().is_zero());
}

TEST(fr, batch_invert_equals_single_inverses_and_keeps_zeros)
{
    std::vector<Fr> none;
    batch_invert(none);
    EXPECT_TRUE(none.empty());

    std::vector<Fr> values{Fr{}, Fr::one(), element(1), Fr{}, element(2), -Fr::one(), Fr{}};
    const auto before = values;
    batch_invert(values);
    for (std::size_t i = 0; i < values.size(); ++i)
        EXPECT_EQ(values[i], before[i].inverse()) << i;

    std::vector<Fr> zeros(3);
    batch_invert(zeros);
    for (const auto& zero : zeros)
        EXPECT_TRUE(zero.is_zero());
}

TEST(fr, pow_equals_repeated_product)
{
    const auto x = element(5);
    Fr product = Fr::one();
    for (std::uint64_t e = 0; e < 20; ++e, product *= x)
        EXPECT_EQ(x.pow(e), product);
    EXPECT_EQ(Fr{}.pow(0), Fr::one());
    EXPECT_EQ(powers(x, 4), (std::vector<Fr>{Fr::one(), x, x * x, x * x * x}));
}

TEST(fr, root_of_unity_is_primitive_for_every_order)
{
    EXPECT_TRUE(root_of_unity(0).is_one());
    EXPECT_EQ(root_of_unity(1), -Fr::one());
    for (unsigned k = 1; k <= 32; ++k)
    {
        const auto root = root_of_unity(k);
        EXPECT_TRUE(root.pow(std::uint64_t{1} << k).is_one()) << k;
        EXPECT_FALSE(root.pow(std::uint64_t{1} << (k - 1)).is_one()) << k;
        EXPECT_EQ(root * root, root_of_unity(k - 1)) << k;
    }
}

// The value that EIP-4844 names: 7^((r−1)/4096).
TEST(fr, root_of_unity_of_4096_is_that_of_eip_4844)
{
    EXPECT_EQ(to_hex(root_of_unity(12).to_bytes()),
        "564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306");
}

TEST(fr, random_coefficient_has_128_bits)
{
    const auto coefficient = random_coefficient_128().to_bytes();

    EXPECT_TRUE(is_zero(ByteView{coefficient}.first(16)));
    EXPECT_FALSE(is_zero(coefficient));
    EXPECT_FALSE(random_fr() == random_fr());
}

}  // namespace
}  // namespace ashlar
