#pragma once

/// Segment files: pieces one after another in slots, only ever appended to. A slot says whose it is
/// and carries its own checksum, so a lost index can be rebuilt from the files.
///
/// Slot: "ashpiece" ‖ u64be piece ‖ u64be length ‖ u64be form ‖ 24 zeros ‖ u64be checksum ‖ bytes ‖
/// zeros up to a multiple of 64, where the next slot begins.
/// checksum = CRC-64/XZ("ashlar/segment/v3" ‖ object_root ‖ what is before the checksum ‖ bytes): a
/// slot of another object or another piece, put here by a misdirected write, does not pass. It
/// guards against disks: every piece was verified before it was written, and readers verify it
/// again.

#include "base/file.hpp"
#include "transport/node_api.hpp"

namespace ashlar
{

inline constexpr std::size_t SLOT_HEADER_BYTES = 64;
inline constexpr std::size_t SLOT_ALIGNMENT = 64;

/// Of a raw piece, and so the longest.
inline constexpr std::size_t SLOT_BYTES = SLOT_HEADER_BYTES + BYTES_PER_BLOB;
static_assert(SLOT_BYTES % SLOT_ALIGNMENT == 0);

/// Of a piece of so many bytes, with the zeros behind it.
[[nodiscard]] constexpr std::uint64_t slot_bytes(std::uint64_t piece_bytes) noexcept
{
    return SLOT_HEADER_BYTES + (piece_bytes + SLOT_ALIGNMENT - 1) / SLOT_ALIGNMENT * SLOT_ALIGNMENT;
}

/// Where a piece lies on disk.
struct PieceLocation
{
    std::uint32_t segment;  ///< Number in the file's name, from 1.
    std::uint32_t bytes;    ///< Of the piece, as it lies there.
    std::uint64_t offset;   ///< Of its slot; a multiple of SLOT_ALIGNMENT.

    friend bool operator==(const PieceLocation&, const PieceLocation&) = default;
};

/// Appends the piece's slot to `out`.
/// @pre has_carried_length()
void append_slot(Bytes& out, const Bytes32& object_root, const CarriedPiece& piece);

/// The piece in a slot, a view of `slot`, which may be followed by anything.
/// @return  corrupted unless the slot is whole and of this object.
[[nodiscard]] Result<CarriedPiece> parse_slot(const Bytes32& object_root, ByteView slot);

/// A whole slot found in a segment.
struct FoundPiece
{
    std::uint64_t piece;
    std::uint64_t offset;  ///< Of the slot.
    std::uint32_t bytes;   ///< Of the piece.

    friend bool operator==(const FoundPiece&, const FoundPiece&) = default;
};

/// Reads the slots from `first_offset` to the end of the file. Torn and false ones are passed over,
/// and where no slot begins, the next one is looked for.
///
/// @pre first_offset is a multiple of SLOT_ALIGNMENT
/// @return  an error only if the file cannot be read.
[[nodiscard]] Result<std::vector<FoundPiece>> scan_segment(
    const File& file, const Bytes32& object_root, std::uint64_t first_offset);

}  // namespace ashlar
