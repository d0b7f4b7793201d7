#pragma once

/// Transforms over points, for the commitments of parity: extend_to_coset() of fft.hpp over G1,
/// which is its slow twin, by batches of affine additions on all cores.

#include "algebra/fft.hpp"
#include "algebra/g1.hpp"
#include "algebra/lane_array.hpp"

namespace ashlar
{

/// The other half of a codeword of points: from values at positions 0 … D−1 to those at
/// D … 2D−1, both bit-reversed. D·log₂ D − D multiplications, fewer with zeros.
///
/// Complete: any points of G1 are right, equal, opposite and infinite ones too.
///
/// @param data  The first values; the rest up to D are infinity.
/// @pre data.size() ≤ domain.size() == D
[[nodiscard]] std::vector<G1Affine> extend_points_to_coset(std::span<const G1Affine> data,
    const FftDomain& domain, const LaneKernels& kernels = lane_kernels());

}  // namespace ashlar
