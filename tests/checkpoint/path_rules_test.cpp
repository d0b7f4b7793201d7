#include "checkpoint/path_rules.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

using Paths = std::vector<std::string_view>;

TEST(path_rules, check_path_accepts_what_checkpoints_are_made_of)
{
    for (const auto* path : {"model.safetensors", "a/b/c", ".gitattributes", ".git/config", "..a",
             "...a/b", "--help", "..;/x", "con1", "console.txt", "com0", "com10", "e\u0301",
             "\u00e9", "\U0001f600.bin", "a b", "~"})
        EXPECT_TRUE(check_path(path)) << path;
}

TEST(path_rules, check_path_refuses_what_leads_out_or_cannot_be_stored)
{
    for (const auto* path : {"", "/a", "a/", "a//b", ".", "..", "./a", "a/./b", "a/..", "../a",
             "a\\b", "C:", "c:x", "a ", "a.", "a /b", "a./b", "con", "CON", "nul.txt", "a/Aux.x.y",
             "lpt9", "COM1.log", "a\tb", "a\x7f", "\x1b[2J", "a\u2215b", "a\u2044b", "\uff0fa",
             "a\uff3cb", "\uff0e\uff0e/x", "\u2024\u2024/x"})
        EXPECT_FALSE(check_path(path)) << path;
}

TEST(path_rules, check_path_refuses_nul_and_broken_utf8)
{
    using namespace std::string_view_literals;
    EXPECT_FALSE(check_path("a\0b"sv));
    EXPECT_FALSE(check_path("a\xff"));
    EXPECT_FALSE(check_path("\xed\xa0\x80"));
    EXPECT_FALSE(check_path("\xc0\xaf"));
}

TEST(path_rules, check_path_accepts_1024_bytes_and_refuses_1025)
{
    EXPECT_TRUE(check_path(std::string(1024, 'a')));
    EXPECT_FALSE(check_path(std::string(1025, 'a')));
}

TEST(path_rules, check_path_error_shows_no_control_characters)
{
    const auto checked = check_path("\x1b[2Jx");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(checked.error().message.find('\x1b'), std::string::npos);
}

TEST(path_rules, check_path_set_requires_increasing_bytes)
{
    EXPECT_TRUE(check_path_set(Paths{}));
    EXPECT_TRUE(check_path_set(Paths{"a", "b"}));
    EXPECT_FALSE(check_path_set(Paths{"b", "a"}));
    EXPECT_FALSE(check_path_set(Paths{"a", "a"}));
    // Bytes, not characters of some locale: upper case before lower, 0x7f before 0x80.
    EXPECT_TRUE(check_path_set(Paths{"Z", "a", "~", "\u00e9"}));
}

TEST(path_rules, check_path_set_refuses_a_file_that_is_a_folder_of_another)
{
    EXPECT_FALSE(check_path_set(Paths{"a", "a/b"}));
    // '-' sorts between "a" and "a/b".
    EXPECT_FALSE(check_path_set(Paths{"a", "a-b", "a/b/c"}));
    EXPECT_FALSE(check_path_set(Paths{"a/b", "a/b/c"}));
    EXPECT_TRUE(check_path_set(Paths{"a-b", "a/b", "ab"}));
}

TEST(path_rules, check_path_set_refuses_names_that_normalise_alike)
{
    EXPECT_FALSE(check_path_set(Paths{"e\u0301", "\u00e9"}));
    EXPECT_TRUE(check_path_set(Paths{"e", "\u00e9"}));
    // Two names, neither of them normal: the marks in either order. And the Kelvin sign is a K.
    EXPECT_FALSE(check_path_set(Paths{"q\u0307\u0323", "q\u0323\u0307"}));
    EXPECT_FALSE(check_path_set(Paths{"K", "\u212a"}));
}

}  // namespace
}  // namespace ashlar
