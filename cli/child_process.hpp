#pragma once

/// Other programs: run to their end, or started to outlive this one.

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/error.hpp"

namespace ashlar
{

/// A program with its arguments. No shell is involved.
struct ChildCommand
{
    std::filesystem::path program;
    std::vector<std::string> arguments;
};

/// A process, told apart from a later one with the same number by when it started.
struct ProcessIdentity
{
    pid_t pid;
    std::uint64_t start_ticks;  ///< Since boot: field 22 of /proc/PID/stat.

    friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

/// Runs a command to its end and gives back its standard output.
/// @return  unavailable if it cannot be started, fails (with the last line it said), or says more
///          than 64 KiB.
[[nodiscard]] Result<std::string> run_command(const ChildCommand& command);

/// Starts a command in its own session, so that it keeps running when this process and its
/// terminal go. What it prints is appended to `log`; it reads nothing.
[[nodiscard]] Result<ProcessIdentity> start_detached(
    const ChildCommand& command, const std::filesystem::path& log);

/// False once it has ended, even if nobody has asked for its exit status yet.
[[nodiscard]] bool is_running(const ProcessIdentity& process);

/// Sends a signal if the process still runs, and never to another that has its number now.
void signal_process(const ProcessIdentity& process, int signal);

/// Waits until none of the processes runs. @return false if some still do after `timeout`.
[[nodiscard]] bool wait_until_gone(
    const std::vector<ProcessIdentity>& processes, std::chrono::milliseconds timeout);

/// "PID START" and back: how a process is remembered in a file.
[[nodiscard]] std::string to_text(const ProcessIdentity& process);
[[nodiscard]] std::optional<ProcessIdentity> parse_process(std::string_view text);

/// The last line of a text file that is not empty, printable and cut; "" if there is none.
[[nodiscard]] std::string last_line(const std::filesystem::path& file);

}  // namespace ashlar
