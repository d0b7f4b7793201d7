#include "base/log.hpp"

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

TEST(log, printable_keeps_text_and_escapes_control_characters)
{
    EXPECT_EQ(printable("model-00001.safetensors"), "model-00001.safetensors");
    EXPECT_EQ(printable("caf\xc3\xa9"), "caf\xc3\xa9");
    EXPECT_EQ(printable("a\nb\x1b[2J\x7f"), "a\\x0ab\\x1b[2J\\x7f");
}

TEST(log, printable_escapes_broken_utf8_and_the_controls_beyond_ascii)
{
    EXPECT_EQ(printable("a\xff"), "a\\xff");
    // U+009B starts a terminal sequence as ESC [ does.
    EXPECT_EQ(printable("a\xc2\x9b"), "a\\xc2\\x9b");
    EXPECT_EQ(printable("a\xc2\xa0"), "a\xc2\xa0");
}

TEST(log, printable_cuts_at_256_bytes_and_never_within_a_character)
{
    EXPECT_EQ(printable(std::string(256, 'a')), std::string(256, 'a'));
    EXPECT_EQ(printable(std::string(257, 'a')), std::string(256, 'a') + "...");
    EXPECT_EQ(printable(std::string(255, 'a') + "\xc3\xa9"), std::string(255, 'a') + "...");
}

}  // namespace
}  // namespace ashlar
