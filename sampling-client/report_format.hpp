#pragma once

/// A report as text for people and as one line of JSON for programs.

#include "sampling-client/sampler.hpp"

namespace ashlar
{

/// Verdict, reason, numbers and the table of members; ends with a newline.
[[nodiscard]] std::string to_text(const SampleReport& report);

/// One line, "message_type":"summary"; ends with a newline.
[[nodiscard]] std::string to_json_line(const SampleReport& report);

}  // namespace ashlar
