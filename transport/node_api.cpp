#include "transport/node_api.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace ashlar
{

Bytes32 reservation_digest(
    const Bytes32& committee_root, const Bytes32& object_root, std::uint64_t expiry_unix_seconds)
{
    return sha256({as_byte_view("ashlar/reserve/v1"), committee_root, object_root,
        big_endian(expiry_unix_seconds)});
}

UploadPace UploadPace::make(std::size_t members, std::uint64_t memory_bytes) noexcept
{
    constexpr std::uint64_t PLACES = 3;  // Where a piece lies on its way.
    const auto bytes_per_piece = PLACES * BYTES_PER_BLOB * std::max<std::size_t>(members, 1);
    const auto pieces =
        std::clamp<std::uint64_t>(memory_bytes / 4 / bytes_per_piece, 1, BLOBS_PER_MESSAGE_MAX);
    return {.pieces_per_call = static_cast<std::size_t>(pieces), .bytes = pieces * bytes_per_piece};
}

bool has_carried_length(PieceForm form, std::size_t bytes) noexcept
{
    return form == PieceForm::raw ? bytes == BYTES_PER_BLOB
                                  : bytes > 0 && bytes <= CARRIED_BYTES_MAX;
}

Result<void> NodeApi::get_carried_pieces(
    const Bytes32& object_root, std::span<const std::uint64_t> pieces, const CarriedSink& sink)
{
    return get_pieces(
        object_root, pieces, [&](const PieceView& piece) { return sink(carried_raw(piece)); });
}

}  // namespace ashlar
