#include "commitments/opening.hpp"

#include "commitments/setup_msm.hpp"

namespace ashlar
{
namespace
{

/// 1/(z − ωᵢ) for the blob's points ωᵢ, in element order; zero where z = ωᵢ.
std::vector<Fr> inverse_differences(const Fr& z)
{
    std::vector<Fr> out(ELEMENTS_PER_BLOB);
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = z - blob_domain().point(i);
    batch_invert(out);
    return out;
}

/// p(z) = (z⁴⁰⁹⁶ − 1)/4096 · Σ pᵢ·ωᵢ/(z − ωᵢ), and pᵢ itself where z = ωᵢ.
Fr barycentric(
    std::span<const Fr, ELEMENTS_PER_BLOB> elements, const Fr& z, std::span<const Fr> inverses)
{
    Fr sum;
    for (std::size_t i = 0; i < elements.size(); ++i)
    {
        if (inverses[i].is_zero())
            return elements[i];
        sum += elements[i] * blob_domain().point(i) * inverses[i];
    }
    const Fr vanishing = z.pow(ELEMENTS_PER_BLOB) - Fr::one();
    return sum * vanishing * blob_domain().size_inverse();
}

}  // namespace

Fr evaluate(std::span<const Fr, ELEMENTS_PER_BLOB> elements, const Fr& z)
{
    return barycentric(elements, z, inverse_differences(z));
}

Opening open_at(std::span<const Fr, ELEMENTS_PER_BLOB> elements, const Fr& z)
{
    auto inverses = inverse_differences(z);
    const Fr y = barycentric(elements, z, inverses);

    // The quotient's values qᵢ = (pᵢ − y)/(ωᵢ − z), over the inverses.
    auto& quotient = inverses;
    std::size_t on_domain = ELEMENTS_PER_BLOB;
    Fr weighted_sum;
    for (std::size_t i = 0; i < quotient.size(); ++i)
    {
        if (quotient[i].is_zero())
            on_domain = i;
        quotient[i] *= y - elements[i];
        weighted_sum += quotient[i] * blob_domain().point(i);
    }
    // Where z = ωₘ the formula gives 0/0. The quotient's degree is under 4095, so Σ qᵢ·ωᵢ is
    // zero over the whole domain, and that fixes qₘ.
    if (on_domain < ELEMENTS_PER_BLOB)
        quotient[on_domain] = -(weighted_sum * z.inverse());

    const auto proof = lagrange_msm().sum(quotient);
    return {.proof = Proof::from_point(proof.to_affine()), .value = y};
}

Result<Opening> compute_kzg_proof(BlobView blob, std::span<const std::byte, 32> z)
{
    ASHLAR_TRY(const auto elements, BlobElements::parse(blob));
    ASHLAR_TRY(const auto point, Fr::parse(z));
    return open_at(elements.values(), point);
}

Result<void> verify_opening(
    const Commitment& commitment, const Fr& z, const Fr& y, const Proof& proof)
{
    // e(C − y·G, H) = e(π, τ·H − z·H), with z moved to the cheaper group:
    // e(C − y·G + z·π, H) = e(π, τ·H).
    const G1 left = G1{commitment.point()} - G1::generator() * y + G1{proof.point()} * z;
    const auto& tau_g2 = TrustedSetup::ethereum().monomial_g2()[1];
    if (!pairings_equal(left.to_affine(), G2Affine::generator(), proof.point(), tau_g2))
        return fail(ErrorKind::proof_invalid, "KZG proof does not hold");
    return {};
}

Result<void> verify_kzg_proof(std::span<const std::byte, 48> commitment,
    std::span<const std::byte, 32> z, std::span<const std::byte, 32> y,
    std::span<const std::byte, 48> proof)
{
    ASHLAR_TRY(const auto parsed_commitment, Commitment::parse(commitment));
    ASHLAR_TRY(const auto point, Fr::parse(z));
    ASHLAR_TRY(const auto value, Fr::parse(y));
    ASHLAR_TRY(const auto parsed_proof, Proof::parse(proof));
    return verify_opening(parsed_commitment, point, value, parsed_proof);
}

}  // namespace ashlar
