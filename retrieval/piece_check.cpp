#include "retrieval/piece_check.hpp"

#include "base/hash.hpp"
#include "checkpoint/stored_blob.hpp"
#include "commitments/blob_batch.hpp"

namespace ashlar
{

Result<PieceContents> decode_piece(const ObjectShape& shape, const CarriedPiece& piece,
    std::span<std::byte, PAYLOAD_BYTES_PER_BLOB> room)
{
    if (!has_carried_length(piece.form, piece.bytes.size()) ||
        (piece.form == PieceForm::stored && piece.piece >= shape.data_blobs()))
        return fail(
            ErrorKind::proof_invalid, "piece {} came in a form that it cannot have", piece.piece);
    if (piece.form == PieceForm::raw)
        return PieceContents{piece.piece, piece.bytes.first<BYTES_PER_BLOB>()};
    if (const auto decoded = decode_stored_payload(piece.bytes, room); !decoded)
        return fail(ErrorKind::proof_invalid, "piece {}: {}", piece.piece, decoded.error().message);
    return PieceContents{piece.piece, PayloadBlob{room}};
}

const Commitment& commitment_of(const ObjectView& view, std::uint64_t stored)
{
    return view.commitments->at(view.header.shape().position_of(stored));
}

std::vector<std::size_t> find_false_pieces(
    const ObjectView& view, std::span<const PieceContents> pieces)
{
    const auto& shape = view.header.shape();
    std::vector<std::size_t> out;
    std::vector<std::size_t> stored;  // Index of each claim.
    std::vector<BlobClaim> claims;
    for (std::size_t i = 0; i < pieces.size(); ++i)
    {
        const auto& [piece, bytes] = pieces[i];
        if (piece < shape.stored_count())
        {
            stored.push_back(i);
            claims.push_back({bytes, commitment_of(view, piece)});
        }
        else if (view.commitments->is_whole() &&
                 sha256(bytes.elements()) !=
                     view.commitments->group_parity_hashes()[piece - shape.stored_count()])
            out.push_back(i);
    }
    if (!claims.empty() && !verify_blobs(claims))
    {
        for (const auto claim : find_false_blobs(claims))
            out.push_back(stored[claim]);
        std::ranges::sort(out);
    }
    return out;
}

}  // namespace ashlar
