#pragma once

/// The cosets that cells lie on. Internal to the library.
///
/// The 64 points of cell i are the coset h·⟨ω₆₄⟩, h = ω₈₁₉₂^rev₇(i), in bit-reversed order: the
/// roots of X⁶⁴ − h⁶⁴, and h⁶⁴ = ω₁₂₈^rev₇(i).

#include "commitments/cells.hpp"

namespace ashlar
{

/// ⟨ω₆₄⟩
[[nodiscard]] const FftDomain& cell_domain();

/// ⟨ω₁₂₈⟩: in bit-reversed order, what the cells' points to the power 64 are.
[[nodiscard]] const FftDomain& cell_power_domain();

/// h of a cell.
[[nodiscard]] Fr coset_shift(std::uint64_t cell_index);

/// h⁶⁴
[[nodiscard]] Fr coset_power(std::uint64_t cell_index);

/// 1/h
[[nodiscard]] Fr inverse_coset_shift(std::uint64_t cell_index);

/// Multiplies coefficient j by first·factorʲ.
void scale_by_powers(std::span<Fr> coefficients, const Fr& factor, const Fr& first = Fr::one());

/// @return  invalid_input naming the first element that is not below r.
[[nodiscard]] Result<void> decode_cell(CellView cell, std::span<Fr, ELEMENTS_PER_CELL> out);

[[nodiscard]] Cell encode_cell(std::span<const Fr, ELEMENTS_PER_CELL> values);

}  // namespace ashlar
