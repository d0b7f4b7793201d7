#pragma once

/// Stored forms of blobs of field elements, as nodes keep them and readers get them.

#include "checkpoint/stored_form.hpp"

namespace ashlar
{

/// Decodes a form into the blob's payload bytes. Thread-safe; working memory is a blob a thread
/// that ever calls it.
///
/// Nothing says yet that this is the blob that was meant: verify it against its commitment.
/// @param[out] payload  Without meaning on failure.
/// @return invalid_input if the form breaks a rule of the format; insufficient if it is a
///         difference: those are never kept nor given to readers.
[[nodiscard]] Result<void> decode_stored_payload(
    ByteView form, std::span<std::byte, PAYLOAD_BYTES_PER_BLOB> payload);

/// The same into the blob's elements.
[[nodiscard]] Result<void> decode_stored_blob(
    ByteView form, std::span<std::byte, BYTES_PER_BLOB> blob);

/// A difference turned into a form that stands alone, by whoever has the parent's blob. Runs are
/// kept as they are.
///
/// @param parent  The parent's blob of the same number, verified.
/// @return  invalid_input if the form breaks a rule of the format, or is no difference.
[[nodiscard]] Result<Bytes> without_parent(
    ByteView form, std::span<const std::byte, BYTES_PER_BLOB> parent);

}  // namespace ashlar
