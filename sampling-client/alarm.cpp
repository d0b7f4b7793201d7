#include "sampling-client/alarm.hpp"

#include <chrono>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.hpp"
#include "chain/http_post.hpp"

namespace ashlar
{
namespace
{

constexpr std::chrono::milliseconds HOOK_POLL_PERIOD{20};

std::vector<std::string> hook_environment(const WatchedVersion& version)
{
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry)
        environment.emplace_back(*entry);
    const auto add = [&](const char* name, const std::string& value) {
        environment.push_back(fmt::format("{}={}", name, value));
    };
    const auto& event = version.event;
    add("ASHLAR_VERDICT", std::string{version.verdict ? to_string(*version.verdict) : "NONE"});
    // Words of nodes may be in it: neither control characters nor a zero go on.
    add("ASHLAR_REASON", printable(version.reason));
    add("ASHLAR_OBJECT_ROOT", "0x" + to_hex(event.object_root));
    add("ASHLAR_MODEL_ID", "0x" + to_hex(event.model_id));
    add("ASHLAR_PUBLISHER", "0x" + to_hex(event.publisher));
    return environment;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (auto& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// Starts the command at the head of a process group of its own, so that all of it can be ended.
Result<pid_t> start_hook(const std::string& command, const WatchedVersion& version)
{
    auto environment = hook_environment(version);
    std::vector<std::string> words{"/bin/sh", "-c", command};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t no_signals;
    ::sigemptyset(&no_signals);
    ::posix_spawnattr_setsigmask(&attributes, &no_signals);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    pid_t pid = 0;
    const int code = ::posix_spawn(&pid, words[0].c_str(), &actions, &attributes,
        pointers_to(words).data(), pointers_to(environment).data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (code != 0)
        return fail(ErrorKind::unavailable, "the hook cannot be started: error {}", code);
    return pid;
}

}  // namespace

Result<void> run_hook(
    const std::string& command, const WatchedVersion& version, std::chrono::milliseconds timeout)
{
    ASHLAR_TRY(const auto pid, start_hook(command, version));
    const auto end = std::chrono::steady_clock::now() + timeout;
    int status = 0;
    while (::waitpid(pid, &status, WNOHANG) == 0)
    {
        if (std::chrono::steady_clock::now() < end)
        {
            std::this_thread::sleep_for(HOOK_POLL_PERIOD);
            continue;
        }
        ::kill(-pid, SIGKILL);
        ::waitpid(pid, &status, 0);
        return fail(ErrorKind::unavailable, "the hook took longer than {} ms", timeout.count());
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fail(ErrorKind::unavailable, "the hook failed: status {}",
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return {};
}

Result<void> post_webhook(const std::string& url, const WatchedVersion& version)
{
    ASHLAR_TRY([[maybe_unused]] const auto answer,
        http_post_json(url, to_json(version), {.status_counts = true}));
    return {};
}

}  // namespace ashlar
