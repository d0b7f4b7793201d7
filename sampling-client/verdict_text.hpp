#pragma once

/// A verdict's reason, in one sentence for people.

#include "sampling-client/sampler.hpp"

namespace ashlar
{

/// @pre the report's shape, counts and error_achieved are set
[[nodiscard]] std::string reason_available(const SampleReport& report);
[[nodiscard]] std::string reason_unavailable(const SampleReport& report);

/// @param why_stopped  For example "the deadline of 60 s passed".
/// @pre   the report's members are set
[[nodiscard]] std::string reason_unconfirmed(
    const SampleReport& report, std::string_view why_stopped);

}  // namespace ashlar
