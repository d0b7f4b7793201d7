#pragma once

/// From pieces as they travel to pieces that hold what the object root binds.

#include "retrieval/object_view.hpp"

namespace ashlar
{

/// Decodes a piece. Thread-safe.
/// @param[out] room  Where its bytes are if they had to be decoded.
/// @return  proof_invalid if it is no data blob and comes in stored form, or if its form breaks the
///          format.
[[nodiscard]] Result<PieceContents> decode_piece(const ObjectShape& shape,
    const CarriedPiece& piece, std::span<std::byte, PAYLOAD_BYTES_PER_BLOB> room);

/// What a stored blob is checked against.
[[nodiscard]] const Commitment& commitment_of(const ObjectView& view, std::uint64_t stored);

/// Indices, ascending, of the pieces that do not: stored blobs against their commitments by one
/// random linear combination and, only if that fails, by bisection; local parities against the
/// publisher's hashes, and unseen while the view's commitments are not whole: what is rebuilt from
/// them counts only if it matches. Uses all cores; batches of some hundred blobs are cheapest.
/// @pre every piece is one of the object's; the commitments of the stored ones are known
[[nodiscard]] std::vector<std::size_t> find_false_pieces(
    const ObjectView& view, std::span<const PieceContents> pieces);

}  // namespace ashlar
