#include "sampling-client/sample_command.hpp"

#include <gmock/gmock.h>
#include <CLI/CLI.hpp>

#include "tests/sampling-client/sparse_object.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{
namespace
{

using testing::HasSubstr;

const std::string ROOT(64, 'a');

/// Parses a command line. @return  CLI11's exit code: zero if it was understood.
int parse(SampleCommand& command, std::vector<std::string> arguments)
{
    CLI::App app;
    declare_sample_arguments(app, command);
    std::ranges::reverse(arguments);
    try
    {
        app.parse(arguments);
    }
    catch (const CLI::ParseError& error)
    {
        return error.get_exit_code();
    }
    return 0;
}

TEST(sample_command, arguments_have_the_documented_defaults)
{
    SampleCommand command{.program = "test"};
    ASSERT_EQ(parse(command, {ROOT}), 0);
    EXPECT_EQ(command.object_root, ROOT);
    EXPECT_EQ(command.options.error, 1e-9);
    EXPECT_EQ(command.options.mode, SampleMode::cell);
    EXPECT_EQ(command.options.deadline, std::chrono::seconds{60});
    EXPECT_TRUE(command.options.evidence_folder.empty());
    EXPECT_FALSE(command.json);
}

TEST(sample_command, arguments_are_all_understood)
{
    SampleCommand command{.program = "test"};
    ASSERT_EQ(parse(command, {ROOT, "--error", "1e-6", "--mode", "blob", "--deadline", "2.5",
                                 "--evidence", "kept", "--json", "--full-commitments"}),
        0);
    EXPECT_EQ(command.options.error, 1e-6);
    EXPECT_EQ(command.options.mode, SampleMode::blob);
    EXPECT_EQ(command.options.deadline, std::chrono::milliseconds{2500});
    EXPECT_EQ(command.options.evidence_folder, "kept");
    EXPECT_TRUE(command.json);
}

TEST(sample_command, arguments_out_of_range_are_refused)
{
    SampleCommand command{.program = "test"};
    EXPECT_NE(parse(command, {}), 0);
    EXPECT_NE(parse(command, {ROOT, "--mode", "row"}), 0);
    EXPECT_NE(parse(command, {ROOT, "--deadline", "0"}), 0);
    EXPECT_NE(parse(command, {ROOT, "--deadline", "1e9"}), 0);
    EXPECT_NE(parse(command, {ROOT, "--error", "small"}), 0);
}

class SampleCommandRun : public testing::Test
{
protected:
    /// Runs the command. @return  its exit code; what it printed is in out_ and error_.
    int run(const SampleCommand& command)
    {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const auto code = run_sample_command(command);
        out_ = testing::internal::GetCapturedStdout();
        error_ = testing::internal::GetCapturedStderr();
        return code;
    }

    TemporaryFolder folder_;
    std::string out_;
    std::string error_;
};

TEST_F(SampleCommandRun, unusable_input_is_exit_code_2_with_one_line)
{
    SampleCommand command{.program = "test", .object_root = "abc"};
    EXPECT_EQ(run(command), 2);
    EXPECT_THAT(error_, testing::StartsWith("test: object root"));

    command.object_root = ROOT;
    command.committee_file = folder_.path() / "nowhere.json";
    EXPECT_EQ(run(command), 2);
    EXPECT_THAT(error_, HasSubstr("nowhere.json"));

    command.committee_file = folder_.write("bad.json", "{}");
    EXPECT_EQ(run(command), 2);
    EXPECT_THAT(error_, HasSubstr("bad.json"));
    EXPECT_EQ(std::ranges::count(error_, '\n'), 1);
    EXPECT_EQ(out_, "");
}

TEST_F(SampleCommandRun, errors_are_one_line_of_json_where_asked)
{
    EXPECT_EQ(run({.program = "test", .object_root = "abc", .json = true}), 2);
    EXPECT_THAT(out_, HasSubstr(R"("message_type":"error")"));
    EXPECT_EQ(std::ranges::count(out_, '\n'), 1);
}

TEST_F(SampleCommandRun, committee_without_addresses_is_unconfirmed_with_exit_code_4)
{
    const auto file = folder_.write("committee.json", make_committee(3).to_json());
    SampleCommand command{.program = "test", .object_root = ROOT, .committee_file = file};
    EXPECT_EQ(run(command), 4);
    EXPECT_THAT(out_, HasSubstr("UNCONFIRMED"));
    command.json = true;
    EXPECT_EQ(run(command), 4);
    EXPECT_THAT(out_, HasSubstr(R"("verdict":"UNCONFIRMED")"));
    command.options.error = 2;
    EXPECT_EQ(run(command), 2);
    EXPECT_THAT(out_, HasSubstr("not between 0 and 1"));
}

}  // namespace
}  // namespace ashlar::test
