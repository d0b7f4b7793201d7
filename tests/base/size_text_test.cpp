#include "base/size_text.hpp"

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

TEST(size_text, parse_size_knows_decimal_and_binary_units)
{
    EXPECT_EQ(parse_size("0").value(), 0u);
    EXPECT_EQ(parse_size("4096").value(), 4096u);
    EXPECT_EQ(parse_size("7B").value(), 7u);
    EXPECT_EQ(parse_size("1KB").value(), 1000u);
    EXPECT_EQ(parse_size("1KiB").value(), 1024u);
    EXPECT_EQ(parse_size("64mib").value(), 64u << 20);
    EXPECT_EQ(parse_size("2GB").value(), 2'000'000'000u);
    EXPECT_EQ(parse_size("3TiB").value(), 3ULL << 40);
}

TEST(size_text, parse_size_refuses_what_is_no_size)
{
    for (const auto* text : {"", "-1", "+1", " 1", "1 MB", "1.5GB", "MiB", "1M", "0x10", "1XB"})
        EXPECT_EQ(parse_size(text).error().kind, ErrorKind::invalid_input) << text;
}

TEST(size_text, parse_size_refuses_the_first_value_that_overflows)
{
    EXPECT_EQ(parse_size("18446744073709551615").value(), 18446744073709551615u);
    EXPECT_FALSE(parse_size("18446744073709551616"));
    EXPECT_EQ(parse_size("16777215TiB").value(), 16777215ULL << 40);
    EXPECT_FALSE(parse_size("16777216TiB"));
}

TEST(size_text, format_size_keeps_three_digits)
{
    EXPECT_EQ(format_size(0), "0 B");
    EXPECT_EQ(format_size(999), "999 B");
    EXPECT_EQ(format_size(1000), "1.00 KB");
    EXPECT_EQ(format_size(67'108'864), "67.1 MB");
    EXPECT_EQ(format_size(999'499), "999 KB");
    EXPECT_EQ(format_size(999'500), "1.00 MB");
    EXPECT_EQ(format_size(18446744073709551615u), "18.4 EB");
}

}  // namespace
}  // namespace ashlar
