#pragma once

/// The scalar field Fr of BLS12-381, of order
/// r = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001.
///
/// Elements are in blst's Montgomery form and always reduced. Bytes are 32, big-endian.

#include <blst.h>

#include "base/bytes.hpp"

namespace ashlar
{

/// A field element. Value type; operations take constant time as far as blst's do.
class Fr
{
public:
    /// Zero.
    constexpr Fr() noexcept : value_{} {}

    explicit Fr(const blst_fr& value) noexcept : value_{value} {}

    [[nodiscard]] static Fr from_u64(std::uint64_t value) noexcept;

    /// One: 2²⁵⁶ mod r in Montgomery form. A constant, since transforms compare with it per step.
    [[nodiscard]] static Fr one() noexcept
    {
        return Fr{blst_fr{
            {0x00000001fffffffe, 0x5884b7fa00034802, 0x998c4fefecbc4ff5, 0x1824b159acc5056f}}};
    }

    /// @return  invalid_input if the bytes are not below r.
    [[nodiscard]] static Result<Fr> parse(std::span<const std::byte, 32> bytes);

    /// As parse(), without building an error text: for loops over untrusted elements.
    [[nodiscard]] static bool parse_into(std::span<const std::byte, 32> bytes, Fr& out) noexcept;

    /// As parse_into(), for callers that need the integer: below r, little-endian.
    [[nodiscard]] static bool parse_scalar(
        std::span<const std::byte, 32> bytes, blst_scalar& out) noexcept;

    /// The integer modulo r: how 64-byte digests become challenges.
    [[nodiscard]] static Fr reduce(std::span<const std::byte, 64> bytes) noexcept;
    [[nodiscard]] static Fr reduce(std::span<const std::byte, 32> bytes) noexcept;

    [[nodiscard]] Bytes32 to_bytes() const noexcept;

    /// The canonical integer, little-endian: the form that blst's multiplications take.
    [[nodiscard]] blst_scalar to_scalar() const noexcept;

    [[nodiscard]] bool is_zero() const noexcept;
    [[nodiscard]] bool is_one() const noexcept { return *this == one(); }

    [[nodiscard]] Fr pow(std::uint64_t exponent) const noexcept;

    /// 1/x; zero for zero.
    [[nodiscard]] Fr inverse() const noexcept;

    friend Fr operator+(const Fr& a, const Fr& b) noexcept
    {
        Fr out;
        blst_fr_add(&out.value_, &a.value_, &b.value_);
        return out;
    }
    friend Fr operator-(const Fr& a, const Fr& b) noexcept
    {
        Fr out;
        blst_fr_sub(&out.value_, &a.value_, &b.value_);
        return out;
    }
    friend Fr operator*(const Fr& a, const Fr& b) noexcept
    {
        Fr out;
        blst_fr_mul(&out.value_, &a.value_, &b.value_);
        return out;
    }
    Fr& operator+=(const Fr& b) noexcept { return *this = *this + b; }
    Fr& operator-=(const Fr& b) noexcept { return *this = *this - b; }
    Fr& operator*=(const Fr& b) noexcept { return *this = *this * b; }
    Fr operator-() const noexcept { return Fr{} - *this; }

    friend bool operator==(const Fr& a, const Fr& b) noexcept
    {
        return std::equal(std::begin(a.value_.l), std::end(a.value_.l), std::begin(b.value_.l));
    }

private:
    blst_fr value_;
};
static_assert(sizeof(Fr) == 32);

/// Replaces every element by its inverse with one field inversion (Montgomery's trick).
/// Zeros stay zero.
void batch_invert(std::span<Fr> values);

/// 1, x, x², … x^(count−1).
[[nodiscard]] std::vector<Fr> powers(const Fr& x, std::size_t count);

/// The primitive root of unity of order 2^log_size: 7^((r−1)/2^log_size).
/// @pre log_size ≤ 32
[[nodiscard]] Fr root_of_unity(unsigned log_size) noexcept;

/// A coefficient of 128 random bits from the system: for random linear combinations.
[[nodiscard]] Fr random_coefficient_128();

/// A uniform element from the system's randomness.
[[nodiscard]] Fr random_fr();

}  // namespace ashlar
