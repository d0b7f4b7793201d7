#include "commitments/setup_msm.hpp"

#include "commitments/trusted_setup.hpp"

namespace ashlar
{

FixedBaseMsm::Options lagrange_options() noexcept
{
    return {.bases_per_sum = SETUP_G1_POINTS};
}

const FixedBaseMsm& lagrange_msm()
{
    static const FixedBaseMsm msm{TrustedSetup::ethereum().lagrange(), lagrange_options()};
    return msm;
}

const FixedBaseMsm& monomial_msm()
{
    // A wide step for a small table: sums are 6 % slower, and rarer.
    static const FixedBaseMsm msm{
        TrustedSetup::ethereum().monomial(), {.bases_per_sum = SETUP_G1_POINTS, .step_bits = 7}};
    return msm;
}

}  // namespace ashlar
