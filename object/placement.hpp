#pragma once

/// Which members hold which pieces of an object. DESIGN §6, docs/formats/placement.md.

#include "object/committee.hpp"
#include "object/header.hpp"

namespace ashlar
{

/// A piece is a stored blob (piece t < S) or a local parity (piece S + g, g < G): one index space
/// for all that nodes keep.
[[nodiscard]] std::uint64_t piece_count(const ObjectShape& shape) noexcept;

/// Public, computed, never stored. Immutable; threads may share it.
class Placement
{
public:
    /// Finds the holders of all 4,096 shards: milliseconds.
    Placement(const ObjectHeader& header, const Committee& committee);

    /// Members that hold the piece, copy 0 first; at most C, fewer in small committees. Valid as
    /// long as the placement.
    /// @pre piece < piece_count(shape)
    [[nodiscard]] std::span<const std::uint16_t> holders(std::uint64_t piece) const;

    /// Pieces that a member holds, ascending.
    [[nodiscard]] std::vector<std::uint64_t> pieces_of(std::size_t member) const;

    /// Members that hold the runs of a shard, copy 0 first, as holders().
    /// @pre shard < SHARD_COUNT
    [[nodiscard]] std::span<const std::uint16_t> holders_of_shard(std::size_t shard) const;

    /// Stored blobs, without local parities, in the runs of each shard: 4,096 counts.
    [[nodiscard]] std::vector<std::uint64_t> stored_per_shard() const;

private:
    /// @pre place < 8 + L: a stored run of the stripe, then a parity run.
    [[nodiscard]] std::size_t shard_of(std::uint64_t stripe, std::uint64_t place) const noexcept;

    ObjectShape shape_;
    std::uint64_t first_shard_;
    std::vector<std::vector<std::uint16_t>> holders_;  ///< One list per shard.
};

}  // namespace ashlar
