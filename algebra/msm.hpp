#pragma once

/// Multi-scalar multiplication Σ scalarᵢ·pointᵢ in G1.

#include "algebra/g1.hpp"

namespace ashlar
{

/// Any points, any scalars: infinities, equal and opposite points and zero scalars are right.
/// Runs on the caller's thread.
/// @pre points.size() == scalars.size()
[[nodiscard]] G1 msm(std::span<const G1Affine> points, std::span<const Fr> scalars);

/// As msm(), split over all cores: for sums of thousands of points.
[[nodiscard]] G1 parallel_msm(std::span<const G1Affine> points, std::span<const Fr> scalars);

}  // namespace ashlar
