#pragma once

/// All 128 cell proofs of blobs at once. Internal to the library.
///
/// Source: Feist and Khovratovich, "Fast amortized KZG proofs" (ePrint 2023/033), with cosets of
/// 64 points as EIP-7594 uses them.

#include "algebra/fixed_base_msm.hpp"
#include "commitments/cells.hpp"

namespace ashlar
{

/// Sums over the transformed setup, the 64 points of one frequency side by side. The first call
/// reads 64 MiB from the user's cache, or builds them in about 2 s of a core.
[[nodiscard]] const FixedBaseMsm& fk20_msm();

/// Blobs whose proofs are made together, so that their transforms share inversions: more would
/// gain little.
inline constexpr std::size_t FK20_BLOBS = 4;

/// Proofs of cells 0 … 127 of each polynomial, given by its 4096 coefficients. Uses all cores,
/// unless the caller is one of them already.
[[nodiscard]] std::vector<std::vector<Proof>> fk20_proofs(
    std::span<const std::vector<Fr>> polynomials);

}  // namespace ashlar
