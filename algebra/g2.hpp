#pragma once

/// The group G2 of BLS12-381 and the pairing check.

#include "algebra/g1.hpp"

namespace ashlar
{

inline constexpr std::size_t BYTES_PER_G2 = 96;

/// A point of G2 in affine coordinates. Infinity is (0, 0).
class G2Affine
{
public:
    constexpr G2Affine() noexcept : value_{} {}

    /// @pre the point is in G2.
    explicit G2Affine(const blst_p2_affine& value) noexcept : value_{value} {}

    [[nodiscard]] static G2Affine generator() noexcept
    {
        return G2Affine{*blst_p2_affine_generator()};
    }

    /// @return  invalid_input unless canonical, on the curve and in the subgroup of order r.
    [[nodiscard]] static Result<G2Affine> decompress(std::span<const std::byte, 96> bytes);

    [[nodiscard]] Bytes96 compress() const noexcept;
    [[nodiscard]] bool is_infinity() const noexcept { return blst_p2_affine_is_inf(&value_); }
    [[nodiscard]] const blst_p2_affine& raw() const noexcept { return value_; }

    friend G2Affine operator*(const G2Affine& point, const Fr& scalar) noexcept;
    friend G2Affine operator-(const G2Affine& a, const G2Affine& b) noexcept;

    friend bool operator==(const G2Affine& a, const G2Affine& b) noexcept
    {
        return blst_p2_affine_is_equal(&a.value_, &b.value_);
    }

private:
    blst_p2_affine value_;
};

/// True if e(a1, a2) = e(b1, b2). Infinity on either side pairs to one.
[[nodiscard]] bool pairings_equal(
    const G1Affine& a1, const G2Affine& a2, const G1Affine& b1, const G2Affine& b2);

}  // namespace ashlar
