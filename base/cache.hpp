#pragma once

/// Bytes that take long to make and are the same each time, kept in files for the next process.
///
/// They lie in the folder $ASHLAR_CACHE_DIR, or else in ashlar/ of $XDG_CACHE_HOME or of ~/.cache;
/// an empty ASHLAR_CACHE_DIR turns this off. A file counts only if no other user could have written
/// it and its CRC-64 agrees, which finds accidents: whoever can write as this user can change the
/// program, too. Nothing here fails: what cannot be read is made again, and what cannot be
/// written is not kept. Thread-safe.

#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace ashlar
{

/// Fills `out` from the file of this name.
/// @return  whether there was one of just this size that counts; if not, `out` means nothing.
[[nodiscard]] bool read_cache(std::string_view name, std::span<std::byte> out);

/// The bytes of a file of the cache, in pages that processes share. They stay when the file is
/// replaced or removed.
class MappedCache
{
public:
    MappedCache(MappedCache&& other) noexcept;
    MappedCache& operator=(MappedCache&&) = delete;
    ~MappedCache();

    /// From the start of a page on.
    [[nodiscard]] ByteView bytes() const noexcept { return {begin_, size_}; }

private:
    friend std::optional<MappedCache> map_cache(std::string_view name, std::size_t size);
    MappedCache(std::byte* begin, std::size_t size) noexcept : begin_{begin}, size_{size} {}

    std::byte* begin_;  ///< Of the mapping, which has the checksum behind the bytes; null for none.
    std::size_t size_;  ///< Of the bytes.
};

/// The file of this name without reading it into memory of one's own.
/// @return  nothing unless there is one of just this size, greater than 0, that counts.
[[nodiscard]] std::optional<MappedCache> map_cache(std::string_view name, std::size_t size);

/// Keeps the bytes under this name, in place of what was there.
void write_cache(std::string_view name, ByteView bytes);

/// Removes those of the files whose names begin so that were written first, until there are no
/// more than `files_max`.
void trim_cache(std::string_view prefix, std::size_t files_max);

}  // namespace ashlar
