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
};

/// What the publisher publishes of the fold: roots 1 … J−1, then the final layer.
struct FoldRecord
{
    std::vector<Bytes32> roots;
    std::vector<Bytes48> final_points;

    /// SHA256("ashlar/fold-record/v1" ‖ roots ‖ final points): the header's fold_root.
    [[nodiscard]] Bytes32 root() const;

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

/// The exact degree test of the final layer: degree < D/8^J in the exponent, and infinity at
/// every empty position (⌈K/8^J⌉ ≤ q < D/8^J).
/// @return  proof_invalid if it fails.
[[nodiscard]] Result<void> check_final_layer(
    const ObjectShape& shape, std::span<const G1Affine> final_points);

}  // namespace ashlar
