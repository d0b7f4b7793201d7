#pragma once

/// What a file of a checkpoint may be called, so that every system can store it and no name leads
/// out of the destination folder.

#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace ashlar
{

inline constexpr std::size_t PATH_BYTES_MAX = 1024;

/// Checks one relative path with `/` between its components.
///
/// Refused: empty or longer than PATH_BYTES_MAX; not UTF-8; a component that is empty, ".", "..",
/// ends in a space or a dot, or is a Windows device name (con, prn, aux, nul, com1-9, lpt1-9, in
/// any case, with or without an extension); NUL, control characters, backslash, colon; look-alikes
/// of slash, backslash and dot (U+2215, U+2044, U+FF0F, U+FF3C, U+FF0E, U+2024).
///
/// @return  invalid_input naming the path and the rule.
[[nodiscard]] Result<void> check_path(std::string_view path);

/// Checks paths against each other, after check_path() of each: strictly increasing by bytes, no
/// path a folder of another, no two equal after Unicode normalisation (NFC).
[[nodiscard]] Result<void> check_path_set(std::span<const std::string_view> paths);

}  // namespace ashlar
