#include "provenance/json.hpp"

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

Result<SignedJson> parse(std::string_view text)
{
    return parse_signed_json(as_byte_view(text));
}

std::string canonical(std::string_view text)
{
    return to_canonical_json(parse(text).value()).value();
}

TEST(signed_json, parse_refuses_what_two_readers_could_read_differently)
{
    EXPECT_TRUE(parse(R"({"a":{"a":1},"b":[{"a":1},{"a":1}]})"));
    for (const auto* text : {"", "{", "{}x", R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})",
             R"([{"x":{"b":1,"c":2,"b":3}}])", "\"\xff\"", "\"\xed\xa0\x80\"", "{'a':1}", "[1,]",
             "NaN", "01"})
        EXPECT_FALSE(parse(text)) << text;
}

TEST(signed_json, parse_bounds_nesting_and_length)
{
    const auto nested = [](std::size_t depth) {
        return parse(std::string(depth, '[') + std::string(depth, ']'));
    };
    EXPECT_TRUE(nested(SIGNED_JSON_DEPTH_MAX));
    EXPECT_FALSE(nested(SIGNED_JSON_DEPTH_MAX + 2));
    EXPECT_FALSE(nested(1'000'000));
    const std::string blanks(SIGNED_JSON_BYTES_MAX - 1, ' ');
    EXPECT_TRUE(parse("1" + blanks));
    EXPECT_FALSE(parse("1 " + blanks));
}

TEST(signed_json, canonical_form_is_rfc_8785)
{
    EXPECT_EQ(canonical(R"( { "b" : [ 1 , true , null ] , "a" : { } } )"),
        R"({"a":{},"b":[1,true,null]})");
    // Section 3.2.2: the example's string.
    EXPECT_EQ(canonical("\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\""),
        "\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
    // Section 3.2.3: keys by their UTF-16 code units, not by code points or bytes.
    EXPECT_EQ(
        canonical(R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})"),
        "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,"
        "\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}");
}

TEST(signed_json, canonical_form_refuses_numbers_that_doubles_do_not_hold)
{
    EXPECT_EQ(canonical("[9007199254740992,-9007199254740992,0]"),
        "[9007199254740992,-9007199254740992,0]");
    for (const auto* text : {"9007199254740993", "-9007199254740993", "1.5", "1e3"})
        EXPECT_FALSE(to_canonical_json(parse(text).value())) << text;
}

TEST(signed_json, base64_is_strict)
{
    for (const auto* text : {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="})
        EXPECT_EQ(to_base64(from_base64(text).value()), text);
    EXPECT_EQ(as_text(from_base64("Zm9vYg==").value()), "foob");
    for (const auto* text : {"Zg", "Zg=", "Zh==", "Zm9v\n", "Zm 9", "Zm9-", "===="})
        EXPECT_FALSE(from_base64(text)) << text;
}

}  // namespace
}  // namespace ashlar
