#pragma once

/// Numbers of bytes as people write and read them.

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace ashlar
{

/// Digits, then nothing or a unit in any case: B; KB, MB, GB, TB (powers of 1000); KiB, MiB, GiB,
/// TiB (powers of 1024).
///
/// @return  invalid_input for anything else, signs and fractions included, and from 2⁶⁴.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

/// "999 B", "1.00 KB", "64.1 MB", "812 GB": three digits and powers of 1000.
[[nodiscard]] std::string format_size(std::uint64_t bytes);

}  // namespace ashlar
