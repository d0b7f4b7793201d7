#pragma once

/// Segment files: pieces one after another in slots of equal size, only ever appended to. A slot
/// says whose it is and carries its own digest, so a lost index can be rebuilt from the files.
///
/// Slot: "ashpiece" ‖ u64be piece ‖ u64be length ‖ 8 zero bytes ‖ digest (32) ‖ 131,072 bytes.
/// digest = SHA256("ashlar/segment/v1" ‖ object_root ‖ u64be piece ‖ u64be length ‖ bytes):
/// a slot of another object or another piece, put here by a misdirected write, does not pass.

#include "base/file.hpp"
#include "transport/node_api.hpp"

namespace ashlar
{

inline constexpr std::size_t SLOT_HEADER_BYTES = 64;
inline constexpr std::size_t SLOT_BYTES = SLOT_HEADER_BYTES + BYTES_PER_BLOB;

/// Where a piece lies on disk.
struct PieceLocation
{
    std::uint32_t segment;  ///< Number in the file's name, from 1.
    std::uint32_t slot;

    friend bool operator==(const PieceLocation&, const PieceLocation&) = default;
};

/// Appends the piece's slot to `out`.
void append_slot(Bytes& out, const Bytes32& object_root, const PieceView& piece);

/// The piece in a slot, a view of `slot`.
/// @return  corrupted unless the slot is whole and of this object.
[[nodiscard]] Result<PieceView> parse_slot(
    const Bytes32& object_root, std::span<const std::byte, SLOT_BYTES> slot);

/// A whole slot found in a segment.
struct FoundPiece
{
    std::uint64_t piece;
    std::uint32_t slot;

    friend bool operator==(const FoundPiece&, const FoundPiece&) = default;
};

/// Reads the slots from `first_slot` to the end of the file. Torn and false ones are passed over.
/// @return  an error only if the file cannot be read.
[[nodiscard]] Result<std::vector<FoundPiece>> scan_segment(
    const File& file, const Bytes32& object_root, std::uint32_t first_slot);

}  // namespace ashlar
