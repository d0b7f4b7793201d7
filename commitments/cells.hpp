#pragma once

/// Cells of an extended blob and their proofs (EIP-7594).

#include "commitments/opening.hpp"

namespace ashlar
{

inline constexpr std::size_t CELLS_PER_EXT_BLOB = 128;
inline constexpr std::size_t ELEMENTS_PER_CELL = 64;
inline constexpr std::size_t BYTES_PER_CELL = ELEMENTS_PER_CELL * BYTES_PER_ELEMENT;

using Cell = ByteArray<BYTES_PER_CELL>;
using CellView = std::span<const std::byte, BYTES_PER_CELL>;

struct CellProof
{
    Cell cell;
    Proof proof;
};

struct CellsAndProofs
{
    std::vector<Cell> cells;    ///< 128
    std::vector<Proof> proofs;  ///< 128
};

/// One untrusted cell with all that its check takes.
struct CellClaim
{
    Commitment commitment;
    std::uint64_t cell_index;
    CellView cell;
    Proof proof;
};

/// The specification's compute_cells: the blob's 64 cells and 64 of its extension.
[[nodiscard]] Result<std::vector<Cell>> compute_cells(BlobView blob);

/// The specification's compute_cells_and_kzg_proofs, by FK20 on all cores. The first call in a
/// process also builds tables: over a second of one core.
[[nodiscard]] Result<CellsAndProofs> compute_cells_and_kzg_proofs(BlobView blob);

/// The same of many blobs, in order: faster than one by one, and spread over cores by blobs.
/// @return  invalid_input if any blob is malformed.
[[nodiscard]] Result<std::vector<CellsAndProofs>> compute_cells_and_kzg_proofs(
    std::span<const BlobView> blobs);

/// One cell with its proof, on demand: one division and one MSM, no FK20.
/// @return  invalid_input if cell_index ≥ 128 or the blob is malformed.
[[nodiscard]] Result<CellProof> compute_cell_and_proof(BlobView blob, std::uint64_t cell_index);

/// The same of some cells of a blob, in the order asked for, on all cores. From about five on,
/// compute_cells_and_kzg_proofs() is faster.
/// @return  invalid_input if any index is ≥ 128 or the blob is malformed.
[[nodiscard]] Result<std::vector<CellProof>> compute_some_cells_and_proofs(
    BlobView blob, std::span<const std::uint64_t> cell_indices);

/// Verifies cells of any commitments with two pairings by the universal equation of EIP-7594.
/// True for no claims at all, as the specification wants: callers check their counts first.
/// @return  invalid_input for a cell index ≥ 128 or an element ≥ r, proof_invalid if any claim
///          is false.
[[nodiscard]] Result<void> verify_cells(std::span<const CellClaim> claims);

/// The specification's verify_cell_kzg_proof_batch on raw bytes; lists of equal length. Holds for
/// empty lists.
[[nodiscard]] Result<void> verify_cell_kzg_proof_batch(std::span<const Bytes48> commitments,
    std::span<const std::uint64_t> cell_indices, std::span<const Cell> cells,
    std::span<const Bytes48> proofs);

/// The specification's compute_verify_cell_kzg_proof_batch_challenge: what a verifier without
/// randomness of its own weighs the claims with. verify_cells() draws its weights instead.
///
/// @param commitments  Each different one once, in the order of first use.
/// @param commitment_indices  For each cell, the index of its commitment in that list.
/// @pre the other lists have the length of `cells`
[[nodiscard]] Fr compute_verify_cell_kzg_proof_batch_challenge(std::span<const Bytes48> commitments,
    std::span<const std::uint64_t> commitment_indices, std::span<const std::uint64_t> cell_indices,
    std::span<const Cell> cells, std::span<const Bytes48> proofs);

}  // namespace ashlar
