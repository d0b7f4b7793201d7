#include "commitments/codeword.hpp"

#include "algebra/fft.hpp"
#include "algebra/msm.hpp"
#include "algebra/point_transform.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

std::vector<G1Affine> points_of(std::span<const Commitment> commitments)
{
    std::vector<G1Affine> points;
    points.reserve(commitments.size());
    for (const auto& commitment : commitments)
        points.push_back(commitment.point());
    return points;
}

/// Weights wₙ = Σ_{k ≥ D} βₖ·ω^(−k·rev(n)) of a random combination of the top D coefficients:
/// Σ wₙ·cₙ = 2D·Σ βₖ·ĉₖ. They are the values of Σ βₖXᵏ at the inverse points.
std::vector<Fr> dual_weights(std::uint64_t position_count)
{
    const auto size = static_cast<std::size_t>(position_count);
    const FftDomain domain{size};
    std::vector<Fr> weights(size);
    // X ↦ 1/X turns coefficient k into −k ≡ 2D − k, so k = D … 2D−1 becomes D … 1.
    for (std::size_t k = 1; k <= size / 2; ++k)
        weights[k] = random_fr();
    fft(Elements<Fr>{weights}, domain);
    return weights;
}

}  // namespace

Bytes32 commitment_leaf(const Bytes48& commitment)
{
    Bytes64 padded{};
    std::ranges::copy(commitment, padded.begin());
    return sha256(padded);
}

MerkleTree commitment_tree(std::span<const Commitment> codeword)
{
    std::vector<Bytes32> leaves(codeword.size());
    for (std::size_t n = 0; n < codeword.size(); ++n)
        leaves[n] = commitment_leaf(codeword[n].bytes());
    return MerkleTree::make(std::move(leaves));
}

std::vector<Commitment> extend_commitments(
    const ObjectShape& shape, std::span<const Commitment> data)
{
    ASHLAR_ASSERT(data.size() == shape.data_blobs());
    const auto domain_size = static_cast<std::size_t>(shape.domain());
    const auto parity = extend_points_to_coset(points_of(data), FftDomain{domain_size});

    std::vector<Commitment> codeword(2 * domain_size);
    std::ranges::copy(data, codeword.begin());
    parallel_for(domain_size,
        [&](std::size_t n) { codeword[domain_size + n] = Commitment::from_point(parity[n]); });
    return codeword;
}

Result<void> full_check(const ObjectShape& shape, std::span<const Commitment> codeword)
{
    if (codeword.size() != shape.position_count())
        return fail(ErrorKind::invalid_input, "{} commitments instead of {}", codeword.size(),
            shape.position_count());
    for (auto n = shape.data_blobs(); n < shape.domain(); ++n)
    {
        if (!codeword[n].is_infinity())
            return fail(ErrorKind::proof_invalid,
                "commitment at virtual position {} is not the point at infinity", n);
    }
    const auto sum = parallel_msm(points_of(codeword), dual_weights(shape.position_count()));
    if (!sum.is_infinity())
        return fail(ErrorKind::proof_invalid, "the commitments are not a codeword");
    return {};
}

}  // namespace ashlar
