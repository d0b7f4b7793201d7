#include "checkpoint/json_reader.hpp"

#include <gtest/gtest.h>

#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

/// A reader over text, with what it reads from.
struct Source
{
    explicit Source(std::string_view text)
      : file{test::memory_file(text)}, reader{file, 0, text.size()}, json{reader}
    {}

    File file;
    HeaderReader reader;
    JsonReader json;
};

Result<std::string> string_of(std::string_view text, std::size_t bytes_max = 1024)
{
    return Source{text}.json.read_string(bytes_max);
}

TEST(json_reader, read_string_resolves_escapes)
{
    EXPECT_EQ(string_of(R"("a\"\\\/\b\f\n\r\tz")").value(), "a\"\\/\b\f\n\r\tz");
    EXPECT_EQ(string_of(R"("\u0041\u00e9\u20AC")").value(), "A\u00e9\u20ac");
    EXPECT_EQ(string_of(R"("\ud83d\ude00")").value(), "\U0001f600");
    EXPECT_EQ(string_of(R"("a\u0000b")").value(), std::string("a\0b", 3));
    EXPECT_EQ(string_of("\"\u20ac\U0001f600\"").value(), "\u20ac\U0001f600");
}

TEST(json_reader, read_string_refuses_what_is_no_json_string)
{
    for (const auto* text : {"", "a", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u0x1f\"",
             "\"\\ud83d\"", "\"\\ud83dxx\"", "\"\\ud83d\\u0041\"", "\"\\ude00\"", "\"\n\"",
             "\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\xe2\x82", "'a'"})
        EXPECT_FALSE(string_of(text)) << text;
}

TEST(json_reader, read_string_stops_one_past_the_limit)
{
    EXPECT_TRUE(string_of("\"abcd\"", 4));
    EXPECT_FALSE(string_of("\"abcde\"", 4));
}

TEST(json_reader, skip_string_checks_what_it_skips)
{
    Source good{"\"" + std::string(200'000, 'x') + "\u20ac\" "};
    EXPECT_TRUE(good.json.skip_string());
    EXPECT_TRUE(good.json.finish());
    EXPECT_FALSE(Source{"\"ab\xff\""}.json.skip_string());
    EXPECT_FALSE(Source{"\"ab"}.json.skip_string());
}

TEST(json_reader, read_unsigned_takes_integers_alone)
{
    EXPECT_EQ(Source{" 0 "}.json.read_unsigned().value(), 0);
    EXPECT_EQ(Source{"18446744073709551615"}.json.read_unsigned().value(), ~std::uint64_t{0});
    for (const auto* text : {"18446744073709551616", "184467440737095516150", "-1", "-0", "+1",
             "01", "00", "", "x", ".5", "\"1\""})
        EXPECT_FALSE(Source{text}.json.read_unsigned()) << text;
    for (const auto* text : {"1.0", "1e0", "1x"})
    {
        Source source{text};
        EXPECT_TRUE(source.json.read_unsigned());
        EXPECT_FALSE(source.json.finish()) << text;
    }
}

TEST(json_reader, read_object_calls_members_in_order)
{
    Source source{" { \"a\" : 1 , \"b\":2}\t\r\n"};
    std::string seen;
    const auto read = source.json.read_object(8, [&](const std::string& key) -> Result<void> {
        ASHLAR_TRY(const auto value, source.json.read_unsigned());
        seen += fmt::format("{}={};", key, value);
        return {};
    });
    EXPECT_TRUE(read);
    EXPECT_TRUE(source.json.finish());
    EXPECT_EQ(seen, "a=1;b=2;");
}

TEST(json_reader, read_array_refuses_stray_commas_and_missing_ends)
{
    for (const auto* text : {"[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{1]", ""})
    {
        Source source{text};
        const auto read = source.json.read_array([&]() -> Result<void> {
            ASHLAR_CHECK(source.json.read_unsigned());
            return {};
        });
        EXPECT_FALSE(read) << text;
    }
    EXPECT_TRUE(Source{"[]"}.json.read_array([]() -> Result<void> { return {}; }));
}

TEST(json_reader, finish_refuses_anything_but_white_space)
{
    using namespace std::string_view_literals;
    EXPECT_TRUE(Source{" \t\r\n"}.json.finish());
    EXPECT_FALSE(Source{" x"}.json.finish());
    EXPECT_FALSE(Source{"\0"sv}.json.finish());
}

}  // namespace
}  // namespace ashlar
