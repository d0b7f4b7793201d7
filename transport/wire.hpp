#pragma once

/// Byte strings between our types and messages' string fields: measured before they are used.

#include <string>

#include "base/bytes.hpp"

namespace ashlar
{

[[nodiscard]] inline std::string to_field(ByteView bytes)
{
    return std::string{as_text(bytes)};
}

/// Exactly N bytes.
/// @param blame  Kind of the error: invalid_input for a request, proof_invalid for a reply.
template <std::size_t N>
[[nodiscard]] Result<ByteArray<N>> array_field(
    std::string_view field, std::string_view name, ErrorKind blame)
{
    if (field.size() != N)
        return fail(blame, "{} has {} bytes instead of {}", name, field.size(), N);
    return to_array(as_byte_view(field).first<N>());
}

}  // namespace ashlar
