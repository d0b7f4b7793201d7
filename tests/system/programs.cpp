#include "tests/system/programs.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <thread>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ashlar::test
{

nlohmann::json ProgramRun::summary() const
{
    auto lines = out;
    while (lines.ends_with('\n'))
        lines.pop_back();
    return nlohmann::json::parse(lines.substr(lines.rfind('\n') + 1), nullptr, false);
}

nlohmann::json ProgramRun::first(const std::string& message_type) const
{
    std::istringstream lines{out};
    for (std::string line; std::getline(lines, line);)
    {
        auto message = nlohmann::json::parse(line, nullptr, false);
        if (message.is_object() && message.value("message_type", "") == message_type)
            return message;
    }
    return {};
}

bool ProgramRun::has_one_error_line() const
{
    return err.starts_with("ashlar: ") && err.find('\n') == err.size() - 1;
}

namespace
{

/// Unfinished publishes must not reach the journals of whoever runs the tests.
void use_own_state_folder()
{
    static const TemporaryFolder state;
    ::setenv("XDG_STATE_HOME", state.path().c_str(), 1);
}

/// Waits for the process, and kills it if it takes longer than it may.
ProgramRun wait_for(pid_t pid, std::optional<std::uint64_t> kill_after_ms)
{
    if (kill_after_ms)
    {
        std::this_thread::sleep_for(std::chrono::milliseconds{*kill_after_ms});
        ::kill(pid, SIGKILL);  // Not waited for yet, so the number is still its own.
    }
    int status = 0;
    rusage usage{};
    ::wait4(pid, &status, 0, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
        .out = {},
        .err = {},
        .cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)};
}

}  // namespace

ProgramRun run_ashlar_program(
    const std::vector<std::string>& arguments, std::optional<std::uint64_t> kill_after_ms)
{
    use_own_state_folder();
    const TemporaryFolder folder;
    const auto out = (folder.path() / "out").native();
    const auto err = (folder.path() / "err").native();
    std::vector<std::string> words{ASHLAR_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(
        &actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_addopen(
        &actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
    pid_t pid = 0;
    const int code = posix_spawn(&pid, ASHLAR_PROGRAM, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0)
        return {.status = 127, .out = "", .err = "cannot start " ASHLAR_PROGRAM};
    auto run = wait_for(pid, kill_after_ms);
    run.out = contents_of(out);
    run.err = contents_of(err);
    return run;
}

RunningDevnet::RunningDevnet(std::size_t nodes) : folder_{(parent_.path() / "devnet").native()}
{
    const auto up = command("up", {"--nodes", std::to_string(nodes)});
    EXPECT_EQ(up.status, 0) << up.err;
}

RunningDevnet::~RunningDevnet()
{
    const auto down = command("down", {"--wipe"});
    EXPECT_EQ(down.status, 0) << down.err;
}

ProgramRun RunningDevnet::command(
    const std::string& action, const std::vector<std::string>& arguments) const
{
    std::vector<std::string> words{"devnet", action, "--dir", folder_};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_ashlar_program(words);
}

}  // namespace ashlar::test
