#pragma once

/// What the ways to calculate wide sums share. Internal.

#include <cstddef>
#include <cstdint>

namespace ashlar
{

/// Terms whose products a column of 64 bits holds: 12 · 5 · (2²⁶ − 1)·(2³² − 1) < 2⁶⁴.
inline constexpr std::size_t TERMS_PER_CARRY = 12;

/// Widths of integers. The short ones are all below r.
inline constexpr std::size_t BYTES_PER_INTEGER = 32;
inline constexpr std::size_t BYTES_PER_SHORT_INTEGER = 31;

/// The most significant 64 bits of r: an integer whose are fewer is below r.
inline constexpr std::uint64_t MODULUS_TOP = 0x73eda753299d7d48;

/// Are WIDE_SUM_ELEMENTS integers of 32 bytes below r?
[[nodiscard]] bool all_below_modulus(const std::byte* integers) noexcept;

}  // namespace ashlar
