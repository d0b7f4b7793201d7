#pragma once

/// Sums Σ γᵢ·xᵢ of many integers below r with random coefficients, reduced only at the end.
///
/// Everything is in limbs of 32 bits, which is what vectors multiply, and a coefficient's limbs
/// hold 26 bits, so that sums of a dozen products fit 64 bits and carries are rare. That makes
/// reading memory the greater part of the work.

#include "algebra/fr.hpp"

namespace ashlar
{

/// A coefficient γ = Σ limbⱼ·2^(32j), one of 2¹³⁰ that are distinct modulo r: a random one makes
/// a given combination vanish with probability 2⁻¹³⁰ at most.
struct SpreadCoefficient
{
    static constexpr std::size_t LIMBS = 5;
    static constexpr unsigned BITS_PER_LIMB = 26;

    std::array<std::uint32_t, LIMBS> limbs;

    [[nodiscard]] blst_scalar to_scalar() const noexcept;
};

/// Independent uniform coefficients from the system's randomness.
[[nodiscard]] std::vector<SpreadCoefficient> random_spread_coefficients(std::size_t count);

/// Elements summed side by side.
inline constexpr std::size_t WIDE_SUM_ELEMENTS = 4;

/// Columns of a product: of limbs 0 … 7 of an integer and 0 … 4 of a coefficient.
inline constexpr std::size_t WIDE_SUM_COLUMNS = 12;

/// Sums of WIDE_SUM_ELEMENTS elements: Σ low[k]·2^(32k) + high[k]·2^(32(k+1)). Room for 2³²
/// additions of a dozen products.
struct alignas(64) WideSums
{
    std::uint64_t low[WIDE_SUM_COLUMNS][WIDE_SUM_ELEMENTS];
    std::uint64_t high[WIDE_SUM_COLUMNS][WIDE_SUM_ELEMENTS];
};

/// Integers one after another without gaps, big-endian.
struct PackedIntegers
{
    const std::byte* first;
    std::size_t width;  ///< Bytes of each: 32, or 31 for integers below 2²⁴⁸.
};

/// What is to be added, and where to.
struct WideSumTerms
{
    const PackedIntegers* integers;  ///< Of each of `count` terms.
    const SpreadCoefficient* gammas;
    std::size_t count;
    WideSums* sums;  ///< `blocks` of them, WIDE_SUM_ELEMENTS integers of each term each.
    std::size_t blocks;
    bool* not_below_r;  ///< Set for a term that has such an integer; the sums are then useless.
};

/// A way to calculate it.
using WideSumKernel = void (*)(const WideSumTerms& terms) noexcept;

/// In plain C++: every CPU.
void add_wide_sums_portably(const WideSumTerms& terms) noexcept;

/// By AVX2, or null if the CPU or the build has none.
[[nodiscard]] WideSumKernel avx2_wide_sum() noexcept;

/// The fastest of this CPU.
[[nodiscard]] WideSumKernel wide_sum_kernel() noexcept;

/// One of the sums modulo r.
[[nodiscard]] Fr reduce(const WideSums& sums, std::size_t element) noexcept;

}  // namespace ashlar
