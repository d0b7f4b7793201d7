#pragma once

/// All 128 cell proofs of a blob at once. Internal to the library.
///
/// Source: Feist and Khovratovich, "Fast amortized KZG proofs" (ePrint 2023/033), with cosets of
/// 64 points as EIP-7594 uses them.

#include "algebra/fixed_base_msm.hpp"
#include "commitments/cells.hpp"

namespace ashlar
{

/// Sums over the transformed setup, the 64 points of one frequency side by side. The first call
/// builds 64 MiB.
[[nodiscard]] const FixedBaseMsm& fk20_msm();

/// Proofs of cells 0 … 127 of the polynomial with these coefficients.
[[nodiscard]] std::vector<Proof> fk20_proofs(std::span<const Fr, ELEMENTS_PER_BLOB> coefficients);

}  // namespace ashlar
