#pragma once

/// Fourier transforms of points of G1 by batched affine additions, as algebra/fft.hpp has them for
/// any module: the butterflies of a layer at once, their factors known beforehand.

#include "algebra/fft.hpp"
#include "algebra/g1.hpp"
#include "algebra/point_multiplier.hpp"

namespace ashlar
{

/// Transforms of one size. Immutable; threads may share it.
class LaneFft
{
public:
    explicit LaneFft(const FftDomain& domain, const LaneKernels& kernels = lane_kernels());

    /// Several transforms, one after another, in place: coefficients in natural order to
    /// evaluations in bit-reversed order. More at a time cost less each: they share inversions.
    /// @pre points.size() is a multiple of the domain's size; all points are in G1
    void forward(std::span<G1Affine> points) const;

    /// Evaluations in bit-reversed order to size·coefficients in natural order.
    /// @pre as forward()
    void inverse_unscaled(std::span<G1Affine> points) const;

private:
    class Work;

    std::size_t size_;
    const LaneKernels* kernels_;
    std::vector<PointScalar> roots_;          ///< ω⁰ … ω^(size/2 − 1)
    std::vector<PointScalar> inverse_roots_;  ///< And their inverses.
};

}  // namespace ashlar
