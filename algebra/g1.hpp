#pragma once

/// The prime-order group G1 of BLS12-381.
///
/// Untrusted bytes become points only through decompress(), which checks the encoding, the curve
/// and the subgroup, or many at a time through decompress_all(), whose subgroup check is sound for
/// errors of any order (g1_subgroup.hpp). Additions are complete: equal, opposite and infinite
/// inputs are right.

#include "algebra/fr.hpp"

namespace ashlar
{

inline constexpr std::size_t BYTES_PER_G1 = 48;

class G1;

/// A point of G1 in affine coordinates: 96 bytes. Infinity is (0, 0).
class G1Affine
{
public:
    /// Infinity.
    constexpr G1Affine() noexcept : value_{} {}

    /// @pre the point is in G1.
    explicit G1Affine(const blst_p1_affine& value) noexcept : value_{value} {}

    /// Canonical compressed bytes → point (ZCash encoding, as EIP-4844 uses it).
    /// @return  invalid_input unless canonical, on the curve and in the subgroup of order r.
    [[nodiscard]] static Result<G1Affine> decompress(std::span<const std::byte, 48> bytes);

    /// As decompress(), without the subgroup check.
    /// @pre the bytes come from a source already checked by hash (the trusted setup).
    [[nodiscard]] static Result<G1Affine> decompress_trusted(std::span<const std::byte, 48> bytes);

    [[nodiscard]] Bytes48 compress() const noexcept;
    [[nodiscard]] bool is_infinity() const noexcept;
    [[nodiscard]] const blst_p1_affine& raw() const noexcept { return value_; }

    friend bool operator==(const G1Affine& a, const G1Affine& b) noexcept
    {
        return blst_p1_affine_is_equal(&a.value_, &b.value_);
    }

private:
    blst_p1_affine value_;
};

/// A point of G1 in Jacobian coordinates: what sums are made of.
class G1
{
public:
    /// Infinity.
    constexpr G1() noexcept : value_{} {}

    /// @pre the point is in G1.
    explicit G1(const blst_p1& value) noexcept : value_{value} {}

    explicit G1(const G1Affine& point) noexcept { blst_p1_from_affine(&value_, &point.raw()); }

    [[nodiscard]] static G1 generator() noexcept { return G1{*blst_p1_generator()}; }

    [[nodiscard]] G1Affine to_affine() const noexcept;
    [[nodiscard]] Bytes48 compress() const noexcept;
    [[nodiscard]] bool is_infinity() const noexcept { return blst_p1_is_inf(&value_); }
    [[nodiscard]] const blst_p1& raw() const noexcept { return value_; }

    friend G1 operator+(const G1& a, const G1& b) noexcept
    {
        G1 out;
        blst_p1_add_or_double(&out.value_, &a.value_, &b.value_);
        return out;
    }
    friend G1 operator+(const G1& a, const G1Affine& b) noexcept
    {
        G1 out;
        blst_p1_add_or_double_affine(&out.value_, &a.value_, &b.raw());
        return out;
    }
    friend G1 operator-(const G1& a, const G1& b) noexcept { return a + (-b); }
    friend G1 operator*(const G1& point, const Fr& scalar) noexcept;

    G1& operator+=(const G1& b) noexcept { return *this = *this + b; }
    G1& operator+=(const G1Affine& b) noexcept { return *this = *this + b; }
    G1& operator-=(const G1& b) noexcept { return *this = *this - b; }
    G1& operator*=(const Fr& s) noexcept { return *this = *this * s; }

    G1 operator-() const noexcept
    {
        G1 out = *this;
        blst_p1_cneg(&out.value_, true);
        return out;
    }

    friend bool operator==(const G1& a, const G1& b) noexcept
    {
        return blst_p1_is_equal(&a.value_, &b.value_);
    }

private:
    blst_p1 value_;
};

/// Converts with one shared inversion; infinities stay infinities.
[[nodiscard]] std::vector<G1Affine> to_affine(std::span<const G1> points);

/// decompress() of concatenated 48-byte points on all cores, with one subgroup check for
/// thousands: a point outside passes with a probability of at most 2⁻¹²⁸.
/// @return  invalid_input naming the first bad index, or if the length is no multiple of 48.
[[nodiscard]] Result<std::vector<G1Affine>> decompress_all(ByteView bytes);

}  // namespace ashlar
