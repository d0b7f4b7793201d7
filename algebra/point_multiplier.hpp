#pragma once

/// Many points, each times a scalar of its own, in batches of affine additions.
///
/// Scalars are split by the endomorphism φ(x, y) = (β·x, y) = λ·(x, y), λ = z² − 1: k = k₁ + λ·k₂
/// with both parts below 2¹²⁸, so that half of the doublings go (Gallant, Lambert, Vanstone,
/// CRYPTO 2001). Both parts become signed windows over a table of odd multiples; all points of a
/// batch take each step together and share its field inversion.

#include <vector>

#include "algebra/fr.hpp"
#include "algebra/lane_array.hpp"

namespace ashlar
{

/// A scalar as a chain of doublings and additions: made once for all points that it multiplies.
class PointScalar
{
public:
    explicit PointScalar(const Fr& scalar);

    /// Steps, one doubling each.
    [[nodiscard]] std::size_t length() const noexcept { return length_; }

    /// Odd digit of part 0 or 1 at a step counted from the last; 0 where nothing is added.
    [[nodiscard]] int digit(std::size_t part, std::size_t step) const noexcept
    {
        return digits_[part][step];
    }

private:
    static constexpr std::size_t DIGITS_MAX = 129;

    std::array<std::array<std::int8_t, DIGITS_MAX>, 2> digits_{};
    std::size_t length_ = 0;
};

/// Working memory for batches. One thread at a time.
class PointMultiplier
{
public:
    /// Points of a batch: enough to make inversions cheap, few enough for their tables to stay in
    /// the caches.
    static constexpr std::size_t BATCH = 512;

    explicit PointMultiplier(const LaneKernels& kernels);

    /// A point times a scalar.
    struct Product
    {
        PointRef point;
        const PointScalar* scalar;
    };

    /// Complete: any points of G1, and any scalars, are right.
    /// @return  One point a product, valid until the next call.
    /// @pre products.size() ≤ BATCH, and their points have no sign
    [[nodiscard]] std::span<const PointRef> multiply(std::span<const Product> products);

private:
    void make_tables(std::span<const Product> products);
    void add_digits(std::span<const Product> products, std::size_t part, std::size_t step);

    /// Odd multiples 1, 3, 5 … of the points, or of their images.
    [[nodiscard]] LanePoint* multiples(std::size_t part, std::size_t index) const;

    const LaneKernels* kernels_;
    std::unique_ptr<LaneScratch> scratch_;
    LaneArray tables_;                  ///< By part, multiple, product.
    LaneArray running_;                 ///< A sum for each product.
    LaneArray results_;                 ///< Of additions.
    std::vector<LaneFp> endomorphism_;  ///< β, 1, β, 1…
    std::vector<PointRef> pairs_;       ///< Operands of the additions of a step …
    std::vector<std::size_t> targets_;  ///< … and whose sums they are.
    std::vector<PointRef> sums_;        ///< What multiply() gives out.
};

}  // namespace ashlar
