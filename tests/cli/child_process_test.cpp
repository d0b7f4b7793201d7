#include "cli/child_process.hpp"

#include <csignal>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

using namespace std::chrono_literals;
using test::TemporaryFolder;

/// A process that sleeps for a minute unless it is ended before.
ProcessIdentity start_sleeper(const TemporaryFolder& folder)
{
    return start_detached({.program = "/bin/sleep", .arguments = {"60"}}, folder.path() / "log")
        .value();
}

void end(const ProcessIdentity& process)
{
    signal_process(process, SIGKILL);
    EXPECT_TRUE(wait_until_gone({process}, 10s));
}

TEST(run_command, gives_back_standard_output)
{
    EXPECT_EQ(run_command({.program = "/bin/echo", .arguments = {"a b", "c"}}).value(), "a b c\n");
}

TEST(run_command, failure_tells_the_last_line_of_standard_error)
{
    const auto result = run_command(
        {.program = "/bin/sh", .arguments = {"-c", "echo first >&2; echo last >&2; exit 3"}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
    EXPECT_TRUE(result.error().message.ends_with(": last")) << result.error().message;
}

TEST(run_command, missing_program_is_an_error)
{
    EXPECT_FALSE(run_command({.program = "/nowhere/program", .arguments = {}}));
}

TEST(run_command, output_beyond_the_limit_is_refused)
{
    const auto bytes = [](std::size_t count) {
        return run_command({.program = "/usr/bin/head",
            .arguments = {"-c", fmt::format("{}", count), "/dev/zero"}});
    };
    EXPECT_EQ(bytes(65'536).value().size(), 65'536u);
    EXPECT_FALSE(bytes(65'537));
}

TEST(start_detached, process_runs_in_its_own_session_and_logs)
{
    const TemporaryFolder folder;
    const auto process =
        start_detached({.program = "/bin/sh", .arguments = {"-c", "echo said; exec sleep 60"}},
            folder.path() / "log")
            .value();
    EXPECT_TRUE(is_running(process));
    EXPECT_EQ(::getsid(process.pid), process.pid);
    while (last_line(folder.path() / "log").empty() && is_running(process))
        ::usleep(1'000);
    EXPECT_EQ(last_line(folder.path() / "log"), "said");
    end(process);
    EXPECT_FALSE(is_running(process));
}

TEST(signal_process, leaves_a_later_process_with_the_same_number_alone)
{
    const TemporaryFolder folder;
    const auto process = start_sleeper(folder);
    const ProcessIdentity earlier{.pid = process.pid, .start_ticks = process.start_ticks - 1};

    EXPECT_FALSE(is_running(earlier));
    signal_process(earlier, SIGKILL);

    EXPECT_FALSE(wait_until_gone({process}, 50ms));
    end(process);
}

TEST(parse_process, reads_what_to_text_wrote)
{
    const ProcessIdentity process{.pid = 4711, .start_ticks = 123'456};
    EXPECT_EQ(parse_process(to_text(process)), process);
}

TEST(parse_process, refuses_what_could_signal_others)
{
    for (const auto* text : {"", "\n", "1 5\n", "0 5\n", "-1 5\n", "-4711 5\n", "4711\n", "4711 5",
             "4711 5\n6", "4711  5\n", "4711 -5\n", "99999999999 5\n"})
        EXPECT_FALSE(parse_process(text)) << text;
}

TEST(last_line, skips_empty_lines_and_shows_no_control_characters)
{
    const TemporaryFolder folder;
    EXPECT_EQ(last_line(folder.path() / "missing"), "");
    EXPECT_EQ(last_line(folder.write("empty", "")), "");
    EXPECT_EQ(last_line(folder.write("blank", "\n\n")), "");
    EXPECT_EQ(last_line(folder.write("two", "one\ntwo\x1b\n\n")), "two\\x1b");
}

}  // namespace
}  // namespace ashlar
