#include "commitments/setup_msm.hpp"

#include "commitments/trusted_setup.hpp"

namespace ashlar
{

FixedBaseMsm::Options lagrange_options()
{
    return {.bases_per_sum = SETUP_G1_POINTS, .cache_name = "lagrange"};
}

const FixedBaseMsm& lagrange_msm()
{
    static const FixedBaseMsm msm{TrustedSetup::ethereum().lagrange(), lagrange_options()};
    return msm;
}

const FixedBaseMsm& monomial_msm()
{
    // A wide step for a small table: sums are 6 % slower, and rarer.
    static const FixedBaseMsm msm{TrustedSetup::ethereum().monomial(),
        {.bases_per_sum = SETUP_G1_POINTS, .step_bits = 7, .cache_name = "monomial"}};
    return msm;
}

}  // namespace ashlar
