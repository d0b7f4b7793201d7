#pragma once

/// The group code: L local parities over the 8 blobs of a group, so that a lost blob is repaired
/// from 8 others instead of from half the object. Reed-Solomon over GF(2⁸) with polynomial 0x11d,
/// Cauchy rows 1/((8 + l) ⊕ i), by ISA-L. DESIGN §3.
///
/// It carries no security: whoever repairs checks the result against the commitment.

#include <optional>

#include "base/shape.hpp"

namespace ashlar
{

using BlobBuffer = std::span<std::byte, BYTES_PER_BLOB>;
using ConstBlobBuffer = std::span<const std::byte, BYTES_PER_BLOB>;

/// Members 0 … 7 of a group; a missing one (short last stripe) is the zero blob.
using GroupMembers = std::array<std::optional<ConstBlobBuffer>, RUNS_PER_STRIPE>;

/// Writes the group's local parities, parities.size() = L of 131,072 bytes each.
/// @pre parities.size() ≤ GROUP_PARITIES_MAX
void encode_group(const GroupMembers& members, std::span<const BlobBuffer> parities);

/// What repair_group() is given and gives back: 8 members, then L parities.
struct GroupSlot
{
    enum class State : std::uint8_t
    {
        zero,     ///< Not part of the object: the zero blob. Its buffer is not used.
        present,  ///< Buffer holds the blob.
        absent,   ///< Unknown; buffer is left alone.
        wanted,   ///< Unknown; buffer receives it.
    };
    State state = State::zero;
    std::span<std::byte> buffer;  ///< 131,072 bytes unless state is zero or absent.
};

/// Rebuilds the wanted slots in place.
/// @param slots  8 + L entries; unknown ones (absent or wanted) may be up to L.
/// @return  insufficient if more than L slots are unknown; buffers are then unchanged.
[[nodiscard]] Result<void> repair_group(std::span<const GroupSlot> slots);

}  // namespace ashlar
