#include <gtest/gtest.h>

#include "cli/commands.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

struct Run
{
    ExitCode code;
    std::string out;
    std::string err;
};

Run run(std::vector<const char*> arguments)
{
    arguments.insert(arguments.begin(), "ashlar");
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const auto code = run_ashlar(static_cast<int>(arguments.size()), arguments.data());
    auto err = testing::internal::GetCapturedStderr();
    return {.code = code, .out = testing::internal::GetCapturedStdout(), .err = std::move(err)};
}

TEST(command_line, help_is_done)
{
    const auto help = run({"--help"});
    EXPECT_EQ(help.code, ExitCode::done);
    for (const auto* command :
        {"publish", "sample", "fetch", "verify", "ls", "inspect", "devnet", "Exit codes"})
        EXPECT_NE(help.out.find(command), std::string::npos) << command;
}

TEST(command_line, wrong_usage_has_its_exit_code)
{
    EXPECT_EQ(run({}).code, ExitCode::unusable);
    EXPECT_EQ(run({"nonsense"}).code, ExitCode::unusable);
    EXPECT_EQ(run({"fetch"}).code, ExitCode::unusable);
    EXPECT_EQ(run({"publish", "folder", "--keep-days", "0"}).code, ExitCode::unusable);
    EXPECT_EQ(run({"publish", "folder", "--keep-days", "3601"}).code, ExitCode::unusable);
    EXPECT_EQ(run({"devnet"}).code, ExitCode::unusable);
    EXPECT_EQ(run({"devnet", "kill"}).code, ExitCode::unusable);
    EXPECT_EQ(run({"devnet", "kill", "-1"}).code, ExitCode::unusable);
}

TEST(command_line, unusable_committee_is_told_in_one_line)
{
    const test::TemporaryFolder folder;
    const auto missing = (folder.path() / "missing.json").native();
    const auto broken = folder.write("broken.json", "{}").native();
    const std::string root(64, '1');
    for (const auto& file : {missing, broken, folder.path().native()})
    {
        const auto failed = run({"inspect", root.c_str(), "--committee", file.c_str()});
        EXPECT_EQ(failed.code, ExitCode::unusable);
        EXPECT_TRUE(failed.err.starts_with("ashlar: ")) << failed.err;
        EXPECT_EQ(std::ranges::count(failed.err, '\n'), 1) << failed.err;
        EXPECT_EQ(failed.out, "");
    }
}

TEST(command_line, error_comes_as_json_too_where_that_was_asked_for)
{
    const auto failed = run({"ls", "12", "--json"});
    EXPECT_EQ(failed.code, ExitCode::unusable);
    EXPECT_TRUE(failed.out.starts_with("{\"message_type\":\"error\"")) << failed.out;
}

}  // namespace
}  // namespace ashlar
