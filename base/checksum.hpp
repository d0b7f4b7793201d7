#pragma once

/// CRC-64 over ISA-L, at memory speed: for what a disk or a crash may do to bytes. Whoever means
/// harm can make any checksum agree; where that matters, hash.hpp has the hashes.

#include <initializer_list>

#include "base/bytes.hpp"

namespace ashlar
{

/// CRC-64/XZ (ECMA-182, reflected) of what `sum` is of, 0 of nothing, followed by these bytes.
[[nodiscard]] std::uint64_t crc64(std::uint64_t sum, ByteView bytes) noexcept;

/// CRC-64 of the concatenation of the parts.
[[nodiscard]] std::uint64_t crc64(std::initializer_list<ByteView> parts) noexcept;

}  // namespace ashlar
