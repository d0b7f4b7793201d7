#include "commitments/blob_proof.hpp"

#include "algebra/msm.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

/// The openings that blob proofs claim: commitment i opens at points[i] to values[i].
struct Claims
{
    std::vector<Commitment> commitments;
    std::vector<Proof> proofs;
    std::vector<Fr> points;
    std::vector<Fr> values;
};

/// With random weights ρ:
/// e(Σ ρᵢ·(Cᵢ − yᵢ·G + zᵢ·πᵢ), H) = e(Σ ρᵢ·πᵢ, τ·H).
Result<void> verify_openings(const Claims& claims)
{
    std::vector<G1Affine> proofs;
    std::vector<Fr> weights;
    std::vector<G1Affine> points;
    std::vector<Fr> factors;
    Fr value;
    for (std::size_t i = 0; i < claims.points.size(); ++i)
    {
        const Fr weight = random_coefficient_128();
        proofs.push_back(claims.proofs[i].point());
        weights.push_back(weight);
        points.push_back(claims.commitments[i].point());
        factors.push_back(weight);
        points.push_back(claims.proofs[i].point());
        factors.push_back(weight * claims.points[i]);
        value += weight * claims.values[i];
    }
    const auto left = parallel_msm(points, factors) - G1::generator() * value;
    const auto right = parallel_msm(proofs, weights);
    const auto& tau_g2 = TrustedSetup::ethereum().monomial_g2()[1];
    if (!pairings_equal(left.to_affine(), G2Affine::generator(), right.to_affine(), tau_g2))
        return fail(ErrorKind::proof_invalid, "a blob proof does not hold");
    return {};
}

}  // namespace

Fr compute_challenge(BlobView blob, std::span<const std::byte, 48> commitment)
{
    Hasher hasher{DigestKind::sha256};
    hasher.update(as_byte_view("FSBLOBVERIFY_V1_"));
    hasher.update(big_endian(std::uint64_t{0}));
    hasher.update(big_endian(std::uint64_t{ELEMENTS_PER_BLOB}));
    hasher.update(blob);
    hasher.update(commitment);
    return Fr::reduce(std::span<const std::byte, 32>{hasher.finish<32>()});
}

Result<Proof> compute_blob_kzg_proof(BlobView blob, std::span<const std::byte, 48> commitment)
{
    ASHLAR_TRY(const auto elements, BlobElements::parse(blob));
    ASHLAR_CHECK(Commitment::parse(commitment));
    return open_at(elements.values(), compute_challenge(blob, commitment)).proof;
}

Result<void> verify_blob_kzg_proof(
    BlobView blob, std::span<const std::byte, 48> commitment, std::span<const std::byte, 48> proof)
{
    ASHLAR_TRY(const auto elements, BlobElements::parse(blob));
    ASHLAR_TRY(const auto parsed_commitment, Commitment::parse(commitment));
    ASHLAR_TRY(const auto parsed_proof, Proof::parse(proof));
    const auto z = compute_challenge(blob, commitment);
    return verify_opening(parsed_commitment, z, evaluate(elements.values(), z), parsed_proof);
}

Result<void> verify_blob_kzg_proof_batch(
    ByteView blobs, std::span<const Bytes48> commitments, std::span<const Bytes48> proofs)
{
    const auto count = commitments.size();
    if (blobs.size() != count * BYTES_PER_BLOB || proofs.size() != count)
        return fail(ErrorKind::invalid_input,
            "{} bytes of blobs, {} commitments and {} proofs do not pair up", blobs.size(), count,
            proofs.size());
    Claims claims;
    ASHLAR_TRY(claims.commitments, parse_commitments(std::as_bytes(commitments)));
    ASHLAR_TRY(claims.proofs, parse_commitments(std::as_bytes(proofs)));
    claims.points.resize(count);
    claims.values.resize(count);
    ASHLAR_CHECK(try_parallel_for(count, [&](std::size_t i) -> Result<void> {
        const auto blob = blobs.subspan(i * BYTES_PER_BLOB).first<BYTES_PER_BLOB>();
        ASHLAR_TRY(const auto elements, BlobElements::parse(blob));
        claims.points[i] = compute_challenge(blob, commitments[i]);
        claims.values[i] = evaluate(elements.values(), claims.points[i]);
        return {};
    }));
    return verify_openings(claims);
}

}  // namespace ashlar
