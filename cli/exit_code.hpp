#pragma once

/// What the exit status of `ashlar` says to scripts.

#include "base/error.hpp"

namespace ashlar
{

enum class ExitCode : std::uint8_t
{
    done = 0,
    answer_is_no = 1,  ///< Unavailable, invalid, a mismatch, or nobody knows the object.
    unusable = 2,      ///< Usage, or local input that cannot be used.
    partial = 3,       ///< Done, but not everywhere: the same command again may complete it.
    unreachable = 4,   ///< Too few nodes answered to tell (UNCONFIRMED included).
};

/// The one place where error kinds become exit codes.
[[nodiscard]] ExitCode exit_code_for(ErrorKind kind) noexcept;

}  // namespace ashlar
