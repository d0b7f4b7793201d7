#pragma once

/// Whether many points of the curve are all in G1, much faster than one after another.
///
/// Let h be the cofactor, which is odd. A trial sums the points with independent secret
/// coefficients of −1, 0 or 1 and tests the sum. If some point is outside G1, its image in the
/// curve modulo G1 has an odd order of 3 or more, so its three multiples differ and, whatever the
/// other points add, at most one of them lets the sum into G1: a trial misses it with probability
/// 1/3 at most, be the order 3 or not. SUBGROUP_TRIALS independent trials miss it with 2⁻¹²⁸.
///
/// Single random combinations with wide coefficients, as batch signature checks use them, would
/// not do: they too miss an error of order 3 one time in three.
///
/// Trials are taken a few at a time: a point falls into the bucket of its coefficients in all of
/// them, and the buckets are summed once a trial. Source of the test of many points by few sums:
/// Bellare, Garay, Rabin, "Fast Batch Verification for Modular Exponentiation and Digital
/// Signatures" (EUROCRYPT 1998), the random subset and bucket tests, there with coefficients 0, 1.

#include <span>

#include "algebra/fp_lanes.hpp"

namespace ashlar
{

/// The least number of trials with 3^−trials ≤ 2⁻¹²⁸.
inline constexpr unsigned SUBGROUP_TRIALS = 81;

/// Under this, one after another is faster, and that is what all_in_g1() does.
inline constexpr std::size_t SUBGROUP_BATCH_MIN = 192;

/// True if all are in G1, infinity included. If some are not, true with a probability of at most
/// 2⁻¹²⁸ over the system's randomness, drawn anew in every call. Runs on the caller's thread and
/// takes some 150 bytes of memory a point.
/// @pre the points are on the curve
[[nodiscard]] bool all_in_g1(
    std::span<const blst_p1_affine> points, const LaneKernels& kernels = lane_kernels());

}  // namespace ashlar
