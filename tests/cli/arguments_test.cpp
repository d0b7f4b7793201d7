#include "cli/arguments.hpp"

#include <gtest/gtest.h>

#include "tests/support/scoped_environment.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

/// The environment that defaults come from, as it was when the test is over.
class Arguments : public testing::Test
{
protected:
    void set(const char* name, const std::optional<std::string>& value)
    {
        environment_.set(name, value);
    }

private:
    test::ScopedEnvironment environment_;
};

TEST_F(Arguments, parse_root_takes_64_digits_with_or_without_prefix)
{
    const std::string digits(64, 'a');
    EXPECT_EQ(to_hex(parse_root(digits).value()), digits);
    EXPECT_EQ(to_hex(parse_root("0x" + digits).value()), digits);
    EXPECT_EQ(to_hex(parse_root(std::string(64, 'A')).value()), digits);
}

TEST_F(Arguments, parse_root_refuses_any_other_text)
{
    for (const auto& text : {std::string{}, std::string{"0x"}, std::string(62, 'a'),
             std::string(63, 'a'), std::string(66, 'a'), std::string(63, 'a') + "g"})
        EXPECT_EQ(parse_root(text).error().kind, ErrorKind::invalid_input) << text;
}

TEST_F(Arguments, parse_root_error_shows_no_control_characters)
{
    EXPECT_EQ(parse_root("\x1b[2J").error().message.find('\x1b'), std::string::npos);
}

TEST_F(Arguments, default_devnet_folder_prefers_its_variable)
{
    set("HOME", "/home/someone");
    set("ASHLAR_DEVNET", std::nullopt);
    EXPECT_EQ(default_devnet_folder().value(), "/home/someone/.local/share/ashlar/devnet");
    set("ASHLAR_DEVNET", "/somewhere");
    EXPECT_EQ(default_devnet_folder().value(), "/somewhere");
}

TEST_F(Arguments, default_devnet_folder_without_home_is_an_error)
{
    set("HOME", std::nullopt);
    set("ASHLAR_DEVNET", std::nullopt);
    EXPECT_EQ(default_devnet_folder().error().kind, ErrorKind::invalid_input);
}

TEST_F(Arguments, default_committee_file_is_the_variable_then_the_devnet)
{
    const test::TemporaryFolder devnet;
    set("ASHLAR_DEVNET", devnet.path().native());
    set("ASHLAR_COMMITTEE", std::nullopt);
    EXPECT_EQ(default_committee_file().error().kind, ErrorKind::invalid_input);
    const auto file = devnet.write("committee.json", "{}");
    EXPECT_EQ(default_committee_file().value(), file);
    set("ASHLAR_COMMITTEE", "/other.json");
    EXPECT_EQ(default_committee_file().value(), "/other.json");
}

TEST_F(Arguments, default_key_file_follows_the_configuration_folder)
{
    set("HOME", "/home/someone");
    set("XDG_CONFIG_HOME", std::nullopt);
    EXPECT_EQ(default_key_file().value(), "/home/someone/.config/ashlar/publisher.key");
    set("XDG_CONFIG_HOME", "/config");
    EXPECT_EQ(default_key_file().value(), "/config/ashlar/publisher.key");
}

}  // namespace
}  // namespace ashlar
