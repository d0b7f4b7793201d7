#pragma once

/// `watch`: follows a registry until a signal asks to stop.

#include "sampling-client/watcher.hpp"

namespace CLI  // NOLINT(readability-identifier-naming): the library's own name
{
class App;
}

namespace ashlar
{

/// What the command line says.
struct WatchCommand
{
    std::string program;  ///< Begins every line of error.
    std::string rpc{};
    std::string registry{};
    std::filesystem::path committee_file{};
    std::filesystem::path state_file{};
    std::string hook{};     ///< Shell command; empty for none.
    std::string webhook{};  ///< URL; empty for none.
    std::optional<std::uint16_t> status_port{};
    std::chrono::seconds poll_every{12};
    WatchOptions options{};
    SampleOptions sampling{};
};

/// Declares the command's arguments on `app`; parsing fills `command`, which must outlive it.
void declare_watch_arguments(CLI::App& app, WatchCommand& command);

/// Watches until SIGTERM or SIGINT. Prints "status http://127.0.0.1:PORT/status" once it serves.
/// @return  0 when asked to stop; 2 for unusable arguments or files; 4 if the Ethereum node does
///          not answer at the start.
[[nodiscard]] int run_watch_command(const WatchCommand& command);

}  // namespace ashlar
