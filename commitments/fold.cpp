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

std::vector<Bytes48> compressed(std::span<const G1Affine> points)
{
    std::vector<Bytes48> out(points.size());
    parallel_for(points.size(), [&](std::size_t i) { out[i] = points[i].compress(); });
    return out;
}

MerkleTree fiber_tree(std::size_t layer, std::span<const Bytes48> points)
{
    std::vector<Bytes32> leaves(points.size() / FOLD_FIBER);
    parallel_for(leaves.size(), [&](std::size_t m) {
        leaves[m] = fiber_leaf(layer, points.subspan(m * FOLD_FIBER).first<FOLD_FIBER>());
    });
    return MerkleTree::make(std::move(leaves));
}

/// Folds everything; keeps what walks take only where there is somewhere to keep it.
FoldRecord fold_all(const ObjectShape& shape, const Bytes32& commitments_root,
    std::span<const Commitment> codeword, Fold* kept)
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
        {
            auto points = compressed(layer);
            auto tree = fiber_tree(j, points);
            record.roots.push_back(tree.root());
            if (kept != nullptr)
            {
                kept->trees.push_back(std::move(tree));
                kept->layers.push_back(std::move(points));
            }
        }
        layer = fold_layer(layer, fold_challenge(shape, commitments_root, record.roots, j));
    }
    record.final_points = compressed(layer);
    return record;
}

}  // namespace

FoldGeometry FoldGeometry::of(const ObjectShape& shape) noexcept
{
    FoldGeometry geometry{.position_count = shape.position_count(), .final_layer = 0};
    while (geometry.points(geometry.final_layer) > FOLD_FINAL_POINTS_MAX)
        ++geometry.final_layer;
    return geometry;
}

std::size_t FoldGeometry::path_length(std::size_t layer) const noexcept
{
    return log2_of(fibers(layer));
}

std::size_t FoldGeometry::record_bytes() const noexcept
{
    const auto roots = final_layer == 0 ? 0 : final_layer - 1;
    return sizeof(Bytes32) * roots + BYTES_PER_G1 * static_cast<std::size_t>(points(final_layer));
}

std::size_t FoldGeometry::walk_bytes() const noexcept
{
    std::size_t bytes = 0;
    for (std::size_t j = 0; j < final_layer; ++j)
        bytes += FOLD_FIBER * BYTES_PER_G1 + sizeof(Bytes32) * path_length(j);
    return bytes;
}

EmptyPositions EmptyPositions::of(const ObjectShape& shape, std::size_t layer) noexcept
{
    const auto shift = 3 * layer;
    return {.begin = (shape.data_blobs() + (1ULL << shift) - 1) >> shift,
        .end = shape.domain() >> shift};
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

Bytes FoldRecord::encode() const
{
    Bytes out;
    for (const auto& layer : roots)
        append(out, layer);
    for (const auto& point : final_points)
        append(out, point);
    return out;
}

Result<FoldRecord> FoldRecord::parse_for(
    const ObjectShape& shape, const Bytes32& fold_root, ByteView bytes)
{
    const auto geometry = FoldGeometry::of(shape);
    if (bytes.size() != geometry.record_bytes())
        return fail(ErrorKind::proof_invalid, "the fold record has {} bytes instead of {}",
            bytes.size(), geometry.record_bytes());
    FoldRecord record;
    for (std::size_t j = 1; j < geometry.final_layer; ++j, bytes = bytes.subspan(sizeof(Bytes32)))
        record.roots.push_back(to_array(bytes.first<sizeof(Bytes32)>()));
    for (; !bytes.empty(); bytes = bytes.subspan(BYTES_PER_G1))
        record.final_points.push_back(to_array(bytes.first<BYTES_PER_G1>()));
    if (record.root() != fold_root)
        return fail(ErrorKind::proof_invalid, "the fold record is not that of the header");
    return record;
}

Bytes32 fiber_leaf(std::size_t layer, std::span<const Bytes48, FOLD_FIBER> fiber)
{
    if (layer > 0)
        return sha256(std::as_bytes(fiber));
    std::array<Bytes32, FOLD_FIBER> nodes;
    std::ranges::transform(fiber, nodes.begin(), commitment_leaf);
    for (std::size_t count = FOLD_FIBER; count > 1; count /= 2)
    {
        for (std::size_t i = 0; i < count / 2; ++i)
            nodes[i] = hash_pair(nodes[2 * i], nodes[2 * i + 1]);
    }
    return nodes[0];
}

FoldRecord make_fold_record(
    const ObjectShape& shape, const Bytes32& commitments_root, std::span<const Commitment> codeword)
{
    return fold_all(shape, commitments_root, codeword, nullptr);
}

Fold Fold::make(
    const ObjectShape& shape, const Bytes32& commitments_root, std::span<const Commitment> codeword)
{
    Fold fold;
    if (FoldGeometry::of(shape).final_layer > 0)
    {
        std::vector<Bytes48> points(codeword.size());
        std::ranges::transform(codeword, points.begin(), &Commitment::bytes);
        fold.trees.push_back(fiber_tree(0, points));
        ASHLAR_ASSERT(fold.trees.front().root() == commitments_root);
    }
    fold.record = fold_all(shape, commitments_root, codeword, &fold);
    return fold;
}

Bytes Fold::walk(std::uint64_t position, std::span<const Bytes48, FOLD_FIBER> first_fiber) const
{
    Bytes out;
    for (std::size_t j = 0; j < trees.size(); ++j)
    {
        const auto fiber = static_cast<std::size_t>(FoldGeometry::fiber_of(position, j));
        const auto points = j == 0
                                ? std::span<const Bytes48>{first_fiber}
                                : std::span{layers[j - 1]}.subspan(FOLD_FIBER * fiber, FOLD_FIBER);
        append(out, std::as_bytes(points));
        for (const auto& sibling : trees[j].path(fiber))
            append(out, sibling);
    }
    return out;
}

Result<void> check_final_layer(const ObjectShape& shape, std::span<const G1Affine> final_points)
{
    const auto geometry = FoldGeometry::of(shape);
    const auto count = static_cast<std::size_t>(geometry.points(geometry.final_layer));
    if (final_points.size() != count)
        return fail(ErrorKind::proof_invalid, "final layer has {} points instead of {}",
            final_points.size(), count);

    const auto empty = EmptyPositions::of(shape, geometry.final_layer);
    for (auto q = empty.begin; q < empty.end; ++q)
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
