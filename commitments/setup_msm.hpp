#pragma once

/// Sums over the trusted setup's points. Internal to the library. Tables are kept in the user's
/// cache (base/cache.hpp), so only the first process of all builds them.

#include "algebra/fixed_base_msm.hpp"

namespace ashlar
{

/// Of lagrange_msm().
[[nodiscard]] FixedBaseMsm::Options lagrange_options();

/// Over TrustedSetup::lagrange(): commitments and openings. The first call maps a table of
/// 64 MiB, or builds it in about 0.4 s.
[[nodiscard]] const FixedBaseMsm& lagrange_msm();

/// Over TrustedSetup::monomial(): single cell proofs. The first call maps or
/// builds 19 MiB.
[[nodiscard]] const FixedBaseMsm& monomial_msm();

}  // namespace ashlar
