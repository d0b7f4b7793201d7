#include "commitments/fold.hpp"

#include <bit>

#include "algebra/fft.hpp"
#include "algebra/msm.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view CHALLENGE_TAG = "ashlar/fold/v1";
constexpr std::string_view RECORD_TAG = "ashlar/fold-record/v1";

unsigned log2_of(std::uint64_t power) noexcept
{
    return static_cast<unsigned>(std::countr_zero(power));
}

/// Layer j + 1 from layer j: one 8-point sum a fiber.
std::vector<G1Affine> fold_layer(std::span<const G1Affine> layer, const Fr& alpha)
{
    std::vector<G1> folded(layer.size() / FOLD_FIBER);
    parallel_for(folded.size(), [&](std::size_t m) {
        const auto weights = fold_weights(layer.size(), m, alpha);
        folded[m] = msm(layer.subspan(m * FOLD_FIBER, FOLD_FIBER), weights);
    });
    return to_affine(folded);
}

/// Root of a layer's tree: leaf m = SHA256(the fiber's 8 compressed points).
Bytes32 layer_root(std::span<const G1Affine> layer)
{
    std::vector<Bytes32> leaves(layer.size() / FOLD_FIBER);
    parallel_for(leaves.size(), [&](std::size_t m) {
        Bytes fiber;
        fiber.reserve(FOLD_FIBER * BYTES_PER_G1);
        for (std::size_t i = 0; i < FOLD_FIBER; ++i)
            append(fiber, layer[m * FOLD_FIBER + i].compress());
        leaves[m] = sha256(fiber);
    });
    return merkle_root(std::move(leaves));
}

}  // namespace

FoldGeometry FoldGeometry::of(const ObjectShape& shape) noexcept
{
    FoldGeometry geometry{.position_count = shape.position_count(), .final_layer = 0};
    while (geometry.points(geometry.final_layer) > FOLD_FINAL_POINTS_MAX)
        ++geometry.final_layer;
    return geometry;
}

Bytes32 FoldRecord::root() const
{
    Hasher hasher{DigestKind::sha256};
    hasher.update(as_byte_view(RECORD_TAG));
    for (const auto& layer : roots)
        hasher.update(layer);
    for (const auto& point : final_points)
        hasher.update(point);
    return hasher.finish<32>();
}

Fr fold_challenge(const ObjectShape& shape, const Bytes32& commitments_root,
    std::span<const Bytes32> roots, std::size_t layer)
{
    ASHLAR_ASSERT(roots.size() >= layer);
    Hasher hasher{DigestKind::sha512};
    hasher.update(as_byte_view(CHALLENGE_TAG));
    hasher.update(big_endian(shape.data_blobs()));
    hasher.update(big_endian(shape.parity_blobs()));
    hasher.update(commitments_root);
    for (const auto& root : roots.first(layer))
        hasher.update(root);
    return Fr::reduce(std::span<const std::byte, 64>{hasher.finish<64>()});
}

std::array<Fr, FOLD_FIBER> fold_weights(std::uint64_t points, std::uint64_t fiber, const Fr& alpha)
{
    ASHLAR_ASSERT(std::has_single_bit(points) && fiber < points / FOLD_FIBER);
    const auto bits = log2_of(points);
    constexpr unsigned FIBER_BITS = 3;
    // The fiber is x₀·⟨ζ⟩ with x₀ = w^rev(m), so the interpolant at α is that of the values on
    // ⟨ζ⟩ at α/x₀: λᵢ = (1/8)·Σₖ (α·x₀⁻¹·ζ^−rev(i))ᵏ, which divides by nothing.
    const auto exponent = reverse_bits(fiber, bits - FIBER_BITS);
    const Fr scaled_alpha = alpha * root_of_unity(bits).pow(points - exponent);
    const Fr zeta_inverse = root_of_unity(FIBER_BITS).pow(FOLD_FIBER - 1);
    static const Fr eighth = Fr::from_u64(FOLD_FIBER).inverse();

    std::array<Fr, FOLD_FIBER> weights;
    for (std::size_t i = 0; i < FOLD_FIBER; ++i)
    {
        const Fr ratio = scaled_alpha * zeta_inverse.pow(reverse_bits(i, FIBER_BITS));
        Fr sum = Fr::one();
        for (std::size_t k = 1; k < FOLD_FIBER; ++k)
            sum = sum * ratio + Fr::one();
        weights[i] = sum * eighth;
    }
    return weights;
}

FoldRecord make_fold_record(
    const ObjectShape& shape, const Bytes32& commitments_root, std::span<const Commitment> codeword)
{
    ASHLAR_ASSERT(codeword.size() == shape.position_count());
    std::vector<G1Affine> layer;
    layer.reserve(codeword.size());
    for (const auto& commitment : codeword)
        layer.push_back(commitment.point());

    FoldRecord record;
    const auto final_layer = FoldGeometry::of(shape).final_layer;
    for (std::size_t j = 0; j < final_layer; ++j)
    {
        if (j > 0)
            record.roots.push_back(layer_root(layer));
        layer = fold_layer(layer, fold_challenge(shape, commitments_root, record.roots, j));
    }
    for (const auto& point : layer)
        record.final_points.push_back(point.compress());
    return record;
}

Result<void> check_final_layer(const ObjectShape& shape, std::span<const G1Affine> final_points)
{
    const auto geometry = FoldGeometry::of(shape);
    const auto count = static_cast<std::size_t>(geometry.points(geometry.final_layer));
    if (final_points.size() != count)
        return fail(ErrorKind::proof_invalid, "final layer has {} points instead of {}",
            final_points.size(), count);

    const auto shift = 3 * geometry.final_layer;
    const auto used = (shape.data_blobs() + (1ULL << shift) - 1) >> shift;
    for (auto q = used; q < count / 2; ++q)
    {
        if (!final_points[q].is_infinity())
            return fail(ErrorKind::proof_invalid,
                "empty position {} of the final layer is not "
                "the point at infinity",
                q);
    }
    std::vector<G1> coefficients;
    for (const auto& point : final_points)
        coefficients.emplace_back(point);
    inverse_fft_unscaled(Elements<G1>{coefficients}, FftDomain{count});
    for (std::size_t k = count / 2; k < count; ++k)
    {
        if (!coefficients[k].is_infinity())
            return fail(ErrorKind::proof_invalid, "the final layer is not a codeword");
    }
    return {};
}

}  // namespace ashlar
