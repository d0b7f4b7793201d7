#pragma once

/// Bytes that take long to make and are the same each time, kept in files for the next process.
///
/// They lie in the folder $ASHLAR_CACHE_DIR, or else in ashlar/ of $XDG_CACHE_HOME or of ~/.cache;
/// an empty ASHLAR_CACHE_DIR turns this off. A file counts only if no other user could have written
/// it and its CRC-64 agrees, which finds accidents: whoever can write as this user can change the
/// program, too. Nothing here fails: what cannot be read is made again, and what cannot be
/// written is not kept. Thread-safe.

#include <string_view>

#include "base/bytes.hpp"

namespace ashlar
{

/// Fills `out` from the file of this name.
/// @return  whether there was one of just this size that counts; if not, `out` means nothing.
[[nodiscard]] bool read_cache(std::string_view name, std::span<std::byte> out);

/// Keeps the bytes under this name, in place of what was there.
void write_cache(std::string_view name, ByteView bytes);

}  // namespace ashlar
