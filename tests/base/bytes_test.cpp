#include "base/bytes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ashlar
{
namespace
{

TEST(bytes, integers_are_written_in_the_stated_order)
{
    EXPECT_EQ(to_hex(big_endian(std::uint32_t{0x01020304})), "01020304");
    EXPECT_EQ(to_hex(little_endian(std::uint32_t{0x01020304})), "04030201");
    EXPECT_EQ(to_hex(big_endian(std::uint8_t{0xfe})), "fe");
}

TEST(bytes, integers_survive_both_orders)
{
    EXPECT_TRUE(rc::check("integers survive", [](std::uint64_t x, std::uint16_t y) {
        RC_ASSERT(load_big_endian<std::uint64_t>(big_endian(x)) == x);
        RC_ASSERT(load_little_endian<std::uint64_t>(little_endian(x)) == x);
        RC_ASSERT(load_big_endian<std::uint16_t>(big_endian(y)) == y);
        RC_ASSERT(load_little_endian<std::uint16_t>(little_endian(y)) == y);
    }));
}

TEST(bytes, hex_survives)
{
    EXPECT_TRUE(rc::check("hex survives", [](const std::vector<std::uint8_t>& values) {
        const auto bytes = std::as_bytes(std::span{values});
        RC_ASSERT(equal(from_hex(to_hex(bytes)).value(), bytes));
        RC_ASSERT(equal(from_hex("0x" + to_hex(bytes)).value(), bytes));
    }));
}

TEST(bytes, from_hex_accepts_either_case_and_empty_text)
{
    EXPECT_EQ(to_hex(from_hex("0xAbCdEf").value()), "abcdef");
    EXPECT_TRUE(from_hex("").value().empty());
    EXPECT_TRUE(from_hex("0x").value().empty());
}

TEST(bytes, from_hex_refuses_odd_lengths_and_other_characters)
{
    for (const auto* text : {"0", "0x0", "abc", "0g", "g0", "0 ", "0X00", "0x0x", "--", "/0", ":0",
             "@0", "`0", "\xff\xff"})
    {
        const auto refused = from_hex(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
    }
}

TEST(bytes, array_from_hex_wants_the_exact_length)
{
    EXPECT_TRUE(array_from_hex<2>("0102"));
    EXPECT_FALSE(array_from_hex<2>("01"));
    EXPECT_FALSE(array_from_hex<2>("010203"));
}

TEST(bytes, is_zero_and_equal_look_at_every_byte)
{
    Bytes32 bytes{};
    EXPECT_TRUE(is_zero(bytes));
    EXPECT_TRUE(is_zero({}));
    for (std::size_t i = 0; i < bytes.size(); ++i)
    {
        bytes[i] = std::byte{1};
        EXPECT_FALSE(is_zero(bytes));
        EXPECT_FALSE(equal(bytes, Bytes32{}));
        bytes[i] = std::byte{0};
    }
    EXPECT_FALSE(equal(Bytes(2), Bytes(3)));
}

// RFC 3629, with the first and last code point of every length and those one past them.
TEST(bytes, is_utf8_accepts_well_formed_text)
{
    for (const std::string_view text :
        {"", "ashlar", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
            "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xc3\xa9z"})
        EXPECT_TRUE(is_utf8(text)) << to_hex(as_byte_view(text));
    EXPECT_TRUE(is_utf8(std::string_view{"\0", 1}));
}

TEST(bytes, is_utf8_refuses_overlong_surrogate_truncated_and_stray_bytes)
{
    for (const std::string_view text : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2 ",
             "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80", "\xed\xbf\xbf",
             "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
             "\xf8\x88\x80\x80\x80", "\xfe", "\xff", "ok\xc3\xa9\xa9"})
        EXPECT_FALSE(is_utf8(text)) << to_hex(as_byte_view(text));
}

}  // namespace
}  // namespace ashlar
