#pragma once

/// Commitments as a codeword: tree, extension to parity, and the full check. DESIGN §4.

#include "base/merkle.hpp"
#include "commitments/commitment.hpp"

namespace ashlar
{

/// The commitment tree over all 2D positions: leaf n = SHA256(c_n ‖ 0¹⁶).
[[nodiscard]] MerkleTree commitment_tree(std::span<const Commitment> codeword);

/// Leaf of the commitment tree.
[[nodiscard]] Bytes32 commitment_leaf(const Bytes48& commitment);

/// All 2D commitments from those of the K data blobs, by a group FFT: the commitments of a
/// codeword of blobs are a codeword of commitments.
/// @pre data.size() == shape.data_blobs()
[[nodiscard]] std::vector<Commitment> extend_commitments(
    const ObjectShape& shape, std::span<const Commitment> data);

/// The full check: infinity at positions K … D−1, and the top D coefficients of the codeword's
/// inverse FFT vanish, tested by one MSM with local random coefficients (a false codeword passes
/// with probability 1/r). SCRAPE's dual-code test; Hall-Andersen, Simkin, Wagner,
/// ePrint 2023/1079.
///
/// @return  invalid_input unless there are 2D commitments, proof_invalid if the check fails.
[[nodiscard]] Result<void> full_check(
    const ObjectShape& shape, std::span<const Commitment> codeword);

}  // namespace ashlar
