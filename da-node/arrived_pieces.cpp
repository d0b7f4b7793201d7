#include "da-node/arrived_pieces.hpp"

#include "base/parallel.hpp"
#include "checkpoint/stored_blob.hpp"
#include "object/placement.hpp"

namespace ashlar
{
namespace
{

// node_api.hpp does not see the format.
static_assert(CARRIED_BYTES_MAX == STORED_FORM_BYTES_MAX);

/// A form that breaks its format is a false piece: whoever sent it is to blame.
Error blame_sender(std::uint64_t piece, const Error& error)
{
    return Error{ErrorKind::proof_invalid, fmt::format("piece {}: {}", piece, error.message)};
}

}  // namespace

ArrivedPieces::ArrivedPieces(std::span<const CarriedPiece> pieces)
  : payloads_(pieces.size()), forms_(pieces.size()), kept_{pieces.begin(), pieces.end()}
{
    decoded_.reserve(pieces.size());
    for (std::size_t i = 0; i < pieces.size(); ++i)
    {
        const auto& [piece, form, bytes] = pieces[i];
        if (form == PieceForm::raw)
        {
            decoded_.push_back({.piece = piece, .bytes = bytes.first<BYTES_PER_BLOB>()});
            continue;
        }
        payloads_[i].resize(PAYLOAD_BYTES_PER_BLOB);
        decoded_.push_back({.piece = piece, .bytes = PayloadBlob{payloads_[i]}});
    }
}

Result<void> ArrivedPieces::decode_one(std::size_t index, const ParentBlob& parent)
{
    auto& piece = kept_[index];
    if (piece.form == PieceForm::raw)
        return {};
    const auto summary = summarize_stored_form(piece.bytes);
    if (!summary)
        return tl::unexpected{blame_sender(piece.piece, summary.error())};
    if (summary->is_difference)
    {
        ASHLAR_TRY(const auto parents, parent(piece.piece));
        auto form = without_parent(piece.bytes, ByteView{parents}.first<BYTES_PER_BLOB>());
        if (!form)
            return tl::unexpected{blame_sender(piece.piece, form.error())};
        forms_[index] = std::move(*form);
        piece.bytes = forms_[index];
    }
    const auto payload = std::span{payloads_[index]}.first<PAYLOAD_BYTES_PER_BLOB>();
    if (const auto decoded = decode_stored_payload(piece.bytes, payload); !decoded)
        return tl::unexpected{blame_sender(piece.piece, decoded.error())};
    return {};
}

Result<ArrivedPieces> ArrivedPieces::decode(
    std::span<const CarriedPiece> pieces, const ObjectShape& shape, const ParentBlob& parent)
{
    for (const auto& piece : pieces)
    {
        if (piece.piece >= piece_count(shape))
            return fail(ErrorKind::invalid_input, "the object has no piece {}", piece.piece);
        if (!has_carried_length(piece.form, piece.bytes.size()))
            return fail(
                ErrorKind::invalid_input, "piece {} has {} bytes", piece.piece, piece.bytes.size());
        if (piece.form == PieceForm::stored && piece.piece >= shape.data_blobs())
            return fail(ErrorKind::invalid_input, "piece {} is no data blob and has no stored form",
                piece.piece);
    }
    ArrivedPieces arrived{pieces};
    ASHLAR_CHECK(try_parallel_for(
        pieces.size(), [&](std::size_t i) { return arrived.decode_one(i, parent); }));
    return arrived;
}

}  // namespace ashlar
