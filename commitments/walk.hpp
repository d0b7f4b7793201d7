#pragma once

/// Walks: by which a client that knows only the header comes to trust single commitments.
/// DESIGN §4, docs/formats/fold.md.
///
/// Two steps, as for an object's metadata: parse_walk() says whether these are the bytes that the
/// header binds, and blames whoever sent them; WalkChecker says whether they are those of a
/// codeword, and blames the publisher: what fails there under good paths makes the object INVALID
/// and can be shown to anybody.

#include "commitments/fold.hpp"

namespace ashlar
{

inline constexpr std::size_t FIBER_BYTES = FOLD_FIBER * BYTES_PER_G1;

/// Of the largest object (D = 2²⁷): bounds a message. J = 8, paths of 25, 22, … 4 siblings.
inline constexpr std::size_t WALK_BYTES_MAX =
    8 * FIBER_BYTES + 32 * (25 + 22 + 19 + 16 + 13 + 10 + 7 + 4);

/// As WALK_BYTES_MAX: 7 roots and 16 points, or up to 5 roots and 64 points.
inline constexpr std::size_t FOLD_RECORD_BYTES_MAX = 32 * 7 + BYTES_PER_G1 * FOLD_FINAL_POINTS_MAX;

/// What of a header the fold is about.
struct FoldBinding
{
    ObjectShape shape;
    Bytes32 commitments_root;
    Bytes32 fold_root;
};

/// A walk whose paths lead to the roots. Its points are not looked at yet.
struct Walk
{
    std::uint64_t start;                                    ///< n
    std::vector<std::array<Bytes48, FOLD_FIBER>> fibers{};  ///< Layers 0 … J−1; none if J = 0.
};

/// First step. Indices and lengths come from `start` and K alone.
///
/// @param record  That of the binding's fold_root.
/// @pre start < 2D
/// @return  proof_invalid for a wrong length or a path that leads elsewhere: the sender's fault.
[[nodiscard]] Result<Walk> parse_walk(
    const FoldBinding& binding, const FoldRecord& record, std::uint64_t start, ByteView bytes);

/// Siblings of position walk.start in the commitment tree, from the bytes of a parsed walk.
/// @pre parse_walk() took them and J > 0
[[nodiscard]] std::vector<Bytes32> commitment_path(
    const FoldBinding& binding, const Walk& walk, ByteView bytes);

/// Second step, with a record that has passed its own checks. Immutable; threads may share it.
class WalkChecker
{
public:
    /// Checks the final layer: every point, the degree, the empty positions; if J = 0 that it is
    /// the commitments. Some 20 ms.
    ///
    /// @pre record.root() == binding.fold_root
    /// @return  proof_invalid if the record fails: the object is INVALID.
    [[nodiscard]] static Result<WalkChecker> make(
        const FoldBinding& binding, const FoldRecord& record);

    /// Checks walks together: every distinct fiber once, all points in one batch, all folds in one
    /// random combination with 128-bit coefficients; where that fails, each alone.
    ///
    /// @return  per walk the commitment at its start, or proof_invalid: the object is INVALID.
    [[nodiscard]] std::vector<Result<Commitment>> check(std::span<const Walk> walks) const;

private:
    struct Batch;

    WalkChecker(
        const FoldBinding& binding, std::vector<Fr> challenges, std::vector<G1Affine> final_points);

    /// Parses the batch's points and checks the empty positions, fiber by fiber.
    void check_points(Batch& batch) const;
    [[nodiscard]] bool folds_hold_together(const Batch& batch) const;
    [[nodiscard]] Result<void> check_alone(const Batch& batch, const Walk& walk) const;

    FoldBinding binding_;
    FoldGeometry geometry_;
    std::vector<Fr> challenges_;  ///< α_0 … α_{J−1}
    std::vector<G1Affine> final_points_;
};

}  // namespace ashlar
