#pragma once

/// Structured one-line logs to standard error (spdlog). Secrets and raw peer bytes never go in:
/// text from outside passes printable() first.

#include <string>
#include <string_view>

#include <spdlog/spdlog.h>

namespace ashlar
{

/// Sets the pattern and the level: "trace", "debug", "info", "warn", "error" or "off".
/// @param name  Shown on every line: the program or the node.
void configure_log(std::string_view name, std::string_view level);

/// `text` with control characters and broken UTF-8 as \xNN, cut at 256 bytes, so that hostile
/// names can neither forge lines nor move the cursor.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace ashlar
