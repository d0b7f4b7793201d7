#pragma once

/// Fourier transforms of points of G1 by batched affine additions, as algebra/fft.hpp has them for
/// any module: many butterflies at once, each of whose factors is known beforehand.
///
/// A factor k < r is a + b·z², z the curve's parameter, with a and b below 2¹²⁸; and z²·(x, y) is
/// (β·x, −y), β a cube root of unity (Gallant, Lambert and Vanstone, CRYPTO 2001). So a
/// product takes 128 doublings, shared by both halves, and 66 additions at the most.

#include "algebra/fft.hpp"
#include "algebra/g1.hpp"
#include "algebra/lane_array.hpp"

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
    /// Signed digits of 4 bits of a factor's halves, least significant first.
    struct Factor
    {
        static constexpr std::size_t DIGITS = 33;
        std::array<std::array<int, DIGITS>, 2> halves{};
        bool is_one = false;
    };

    class Work;

    static Factor recode(const Fr& factor);

    std::size_t size_;
    const LaneKernels* kernels_;
    std::vector<Factor> roots_;          ///< ω⁰ … ω^(size/2 − 1)
    std::vector<Factor> inverse_roots_;  ///< And their inverses.
};

}  // namespace ashlar
