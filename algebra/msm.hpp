#pragma once

/// Multi-scalar multiplication Σ scalarᵢ·pointᵢ in G1 over points that are not known beforehand.
///
/// Pippenger's buckets with signed digits, filled and summed by batched affine additions on the
/// lanes (fp_lanes.hpp). The time follows the longest scalar, so coefficients of 128 bits cost
/// half. docs/performance.md has the measured choices.

#include "algebra/g1.hpp"

namespace ashlar
{

/// Any points, any scalars: infinities, equal and opposite points and zero scalars are right.
/// Runs on the caller's thread. Takes some 300 bytes of memory a point, and no more than 64 MiB.
/// @pre points.size() == scalars.size()
[[nodiscard]] G1 msm(std::span<const G1Affine> points, std::span<const Fr> scalars);

/// As msm() of integers.
/// @pre scalars are below 2²⁵⁵
[[nodiscard]] G1 integer_msm(
    std::span<const G1Affine> points, std::span<const blst_scalar> scalars);

/// As msm(), split over all cores.
[[nodiscard]] G1 parallel_msm(std::span<const G1Affine> points, std::span<const Fr> scalars);
[[nodiscard]] G1 parallel_integer_msm(
    std::span<const G1Affine> points, std::span<const blst_scalar> scalars);

}  // namespace ashlar
