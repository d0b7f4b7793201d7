#pragma once

/// The fold: FRI on group elements, by which a light client checks that commitments are a
/// codeword without reading them all. DESIGN §4, docs/formats/fold.md.

#include "commitments/codeword.hpp"

namespace ashlar
{

inline constexpr std::size_t FOLD_FIBER = 8;              ///< Points folded into one.
inline constexpr std::size_t FOLD_FINAL_POINTS_MAX = 64;  ///< Greatest final layer.

/// The layers' sizes: everything about a fold that follows from K.
struct FoldGeometry
{
    std::uint64_t position_count;  ///< 2D
    std::size_t final_layer;       ///< J

    [[nodiscard]] static FoldGeometry of(const ObjectShape& shape) noexcept;

    /// 2D/8^layer.
    [[nodiscard]] std::uint64_t points(std::size_t layer) const noexcept
    {
        return position_count >> (3 * layer);
    }

    /// Fibers of a layer below the final one: leaves of its tree.
    [[nodiscard]] std::uint64_t fibers(std::size_t layer) const noexcept
    {
        return points(layer) / FOLD_FIBER;
    }

    /// Fiber of a layer on the walk from a position: ⌊n/8^(layer+1)⌋.
    [[nodiscard]] static std::uint64_t fiber_of(std::uint64_t position, std::size_t layer) noexcept
    {
        return position >> (3 * (layer + 1));
    }

    /// Siblings of a fiber's path: log₂(2D/8^layer) − 3.
    [[nodiscard]] std::size_t path_length(std::size_t layer) const noexcept;

    /// 32·max(J − 1, 0) + 48·(points of the final layer).
    [[nodiscard]] std::size_t record_bytes() const noexcept;

    /// Fibers of 384 bytes and their paths; none if J = 0.
    [[nodiscard]] std::size_t walk_bytes() const noexcept;
};

/// Positions of a layer whose points must be infinity: ⌈K/8^layer⌉ ≤ q < D/8^layer.
struct EmptyPositions
{
    std::uint64_t begin;
    std::uint64_t end;

    [[nodiscard]] static EmptyPositions of(const ObjectShape& shape, std::size_t layer) noexcept;
    [[nodiscard]] bool contains(std::uint64_t position) const noexcept
    {
        return position >= begin && position < end;
    }
};

/// What the publisher publishes of the fold: roots 1 … J−1, then the final layer.
struct FoldRecord
{
    std::vector<Bytes32> roots;
    std::vector<Bytes48> final_points;

    /// SHA256("ashlar/fold-record/v1" ‖ roots ‖ final points): the header's fold_root.
    [[nodiscard]] Bytes32 root() const;

    /// Roots, then final points: as it travels.
    [[nodiscard]] Bytes encode() const;

    /// The record whose hash the header has. The final points are not looked at yet.
    ///
    /// @return  proof_invalid for a wrong length or hash: whoever sent it is to blame.
    [[nodiscard]] static Result<FoldRecord> parse_for(
        const ObjectShape& shape, const Bytes32& fold_root, ByteView bytes);

    friend bool operator==(const FoldRecord&, const FoldRecord&) = default;
};

/// α_layer, bound to K, P, the commitments and the roots of layers 1 … layer.
/// @pre roots.size() >= layer
[[nodiscard]] Fr fold_challenge(const ObjectShape& shape, const Bytes32& commitments_root,
    std::span<const Bytes32> roots, std::size_t layer);

/// Weights λ₀ … λ₇ by which fiber `fiber` of a layer of `points` points folds at α: the value at
/// α of the interpolant of degree < 8 through the fiber. Defined for every α.
[[nodiscard]] std::array<Fr, FOLD_FIBER> fold_weights(
    std::uint64_t points, std::uint64_t fiber, const Fr& alpha);

/// Folds all layers of a codeword.
/// @pre codeword.size() == 2D and commitments_root is its tree's root
[[nodiscard]] FoldRecord make_fold_record(const ObjectShape& shape, const Bytes32& commitments_root,
    std::span<const Commitment> codeword);

/// A fold with everything that walks are made of: 8/7 of a quarter of the codeword's trees, and
/// the points of layers 1 … J−1.
struct Fold
{
    FoldRecord record;
    std::vector<MerkleTree> trees;             ///< Layer j = 0 … J−1, over its fibers.
    std::vector<std::vector<Bytes48>> layers;  ///< Layer j + 1 = 1 … J−1.

    /// As make_fold_record(), keeping the layers.
    [[nodiscard]] static Fold make(const ObjectShape& shape, const Bytes32& commitments_root,
        std::span<const Commitment> codeword);

    /// The walk from a position, as it travels.
    /// @param first_fiber  The 8 commitments of fiber ⌊position/8⌋.
    [[nodiscard]] Bytes walk(
        std::uint64_t position, std::span<const Bytes48, FOLD_FIBER> first_fiber) const;
};

/// Leaf of a layer's tree: SHA256(the fiber's 8 compressed points), in layer 0 the root of the
/// subtree over 8 leaves of the commitment tree.
[[nodiscard]] Bytes32 fiber_leaf(std::size_t layer, std::span<const Bytes48, FOLD_FIBER> fiber);

/// The exact degree test of the final layer: degree < D/8^J in the exponent, and infinity at
/// every empty position (⌈K/8^J⌉ ≤ q < D/8^J).
/// @return  proof_invalid if it fails.
[[nodiscard]] Result<void> check_final_layer(
    const ObjectShape& shape, std::span<const G1Affine> final_points);

}  // namespace ashlar
