#pragma once

/// Very many multiples of one point: a table of 12-bit digits and batched affine additions, some
/// microseconds each.

#include "algebra/g1.hpp"
#include "algebra/lane_array.hpp"

namespace ashlar
{

/// Immutable; threads may share it.
class FixedBase
{
public:
    /// Builds the table, 11 MB: a tenth of a second.
    explicit FixedBase(const G1Affine& base);

    /// Scalars that one call of multiply() takes at most.
    static constexpr std::size_t BATCH_MAX = 1024;

    /// out[i] = scalars[i]·base. Runs on the caller's thread.
    /// @pre out.size() == scalars.size() ≤ BATCH_MAX
    void multiply(std::span<const Fr> scalars, std::span<G1Affine> out) const;

    /// The same for any number, compressed, on all cores.
    [[nodiscard]] std::vector<Bytes48> compressed_multiples(std::span<const Fr> scalars) const;

private:
    LaneArray table_;  ///< Row w: 0, 1, … 4095 times 2^(12w)·base.
};

}  // namespace ashlar
