#include "transport/node_api.hpp"

#include "base/hash.hpp"

namespace ashlar
{

Bytes32 reservation_digest(
    const Bytes32& committee_root, const Bytes32& object_root, std::uint64_t expiry_unix_seconds)
{
    return sha256({as_byte_view("ashlar/reserve/v1"), committee_root, object_root,
        big_endian(expiry_unix_seconds)});
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
