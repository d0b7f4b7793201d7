#pragma once

/// What the multi-scalar multiplications share: sums of buckets, each weighted with its number.

#include "algebra/g1.hpp"
#include "algebra/point_groups.hpp"

namespace ashlar
{

/// Where a group has no point.
inline constexpr PointRef NO_POINT = 0;

/// Buckets 0 … 2^bits − 1 as a grid: bucket m is in row ⌊m / columns⌋ and column m mod columns.
struct BucketGrid
{
    unsigned bits;

    [[nodiscard]] unsigned column_bits() const noexcept { return bits / 2; }
    [[nodiscard]] std::size_t columns() const noexcept { return std::size_t{1} << column_bits(); }
    [[nodiscard]] std::size_t rows() const noexcept
    {
        return std::size_t{1} << (bits - column_bits());
    }
    [[nodiscard]] std::size_t lines() const noexcept { return rows() + columns(); }
    [[nodiscard]] std::size_t buckets() const noexcept { return std::size_t{1} << bits; }

    /// Additions at the most after the buckets': a bucket is in two lines, a line in every bit.
    [[nodiscard]] std::size_t additions_max() const noexcept
    {
        return 2 * buckets() + bits * lines();
    }
};

/// Adds up every group; for each its sum or NO_POINT.
[[nodiscard]] std::vector<PointRef> group_sums(GroupAdder& adder, PointGroups& groups);

/// Σ m·bucketₘ of every grid, as Σ 2^bit·(the sum of the buckets whose number has the bit). A
/// bucket is a point where the adder put it, or NO_POINT; those of one grid follow one another.
///
/// As many additions as the usual running sum, but in trees instead of one long chain.
/// @pre the adder was started with grid.additions_max() additions a grid to spare
[[nodiscard]] std::vector<G1> weighted_sums(
    GroupAdder& adder, const BucketGrid& grid, std::span<const PointRef> buckets);

}  // namespace ashlar
