#pragma once

/// Sums over the trusted setup's points. Internal to the library.

#include "algebra/fixed_base_msm.hpp"

namespace ashlar
{

/// Of lagrange_msm().
[[nodiscard]] FixedBaseMsm::Options lagrange_options() noexcept;

/// Over TrustedSetup::lagrange(): commitments and openings. The first call in a process builds a
/// table of 64 MiB in about 0.1 s.
[[nodiscard]] const FixedBaseMsm& lagrange_msm();

/// Over TrustedSetup::monomial(): single cell proofs. The first call builds 19 MiB.
[[nodiscard]] const FixedBaseMsm& monomial_msm();

}  // namespace ashlar
