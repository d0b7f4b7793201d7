#pragma once

/// Byte strings between our types and messages' string fields: measured before they are used.

#include <string>

#include "transport/node_api.hpp"

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

/// A piece's message: exactly one of the two has bytes, and as many as its form allows.
[[nodiscard]] inline Result<CarriedPiece> carried_fields(
    std::uint64_t piece, std::string_view data, std::string_view stored_form, ErrorKind blame)
{
    const auto form = stored_form.empty() ? PieceForm::raw : PieceForm::stored;
    const auto bytes = stored_form.empty() ? data : stored_form;
    const bool is_one = stored_form.empty() || data.empty();
    if (!is_one || !has_carried_length(form, bytes.size()))
        return fail(blame, "piece {} has {} bytes of data and {} of a stored form", piece,
            data.size(), stored_form.size());
    return CarriedPiece{.piece = piece, .form = form, .bytes = as_byte_view(bytes)};
}

}  // namespace ashlar
