#pragma once

/// Telling somebody that a model cannot be had: a command, or a URL.

#include "sampling-client/watch_state.hpp"

namespace ashlar
{

/// Runs `command` by /bin/sh, with ASHLAR_VERDICT, ASHLAR_REASON, ASHLAR_OBJECT_ROOT,
/// ASHLAR_MODEL_ID and ASHLAR_PUBLISHER in its environment; its output goes where this process's
/// errors go. Killed with what it started after `timeout`.
///
/// @return  unavailable if it cannot be started, ends with another status than 0, or is killed.
[[nodiscard]] Result<void> run_hook(const std::string& command, const WatchedVersion& version,
    std::chrono::milliseconds timeout = std::chrono::seconds{60});

/// Posts the version as JSON. Whatever is answered, it has been told.
/// @return  an error of http_post_json()
[[nodiscard]] Result<void> post_webhook(const std::string& url, const WatchedVersion& version);

}  // namespace ashlar
