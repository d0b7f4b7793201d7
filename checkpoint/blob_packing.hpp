#pragma once

/// Payload bytes to field elements and back (DESIGN §2): element = 0x00 ‖ 31 payload bytes.

#include "base/bytes.hpp"
#include "base/shape.hpp"

namespace ashlar
{

/// Spreads 31-byte pieces over 32-byte elements.
/// @pre payload.size() == 31·n and elements.size() == 32·n; the two do not overlap.
void pack_elements(ByteView payload, std::span<std::byte> elements) noexcept;

/// The inverse of pack_elements().
///
/// @return  invalid_input if an element is ≥ 2²⁴⁸; `payload` then holds no meaning.
/// @pre as of pack_elements()
[[nodiscard]] Result<void> unpack_elements(ByteView elements, std::span<std::byte> payload);

}  // namespace ashlar
