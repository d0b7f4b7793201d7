#pragma once

/// Rebuilding all cells of a blob from half of them (EIP-7594).

#include "commitments/cells.hpp"

namespace ashlar
{

/// The blob's cells from at least 64 of the 128, without proofs. Runs on the caller's thread.
///
/// Stricter than the specification, which leaves open what happens then: cells that are not all
/// of one blob are refused where their number lets one tell, that is from 65 cells on.
///
/// @param cell_indices  Strictly increasing.
/// @param cells         One for each index.
/// @return  insufficient under 64 cells; invalid_input for lists of different lengths, indices
///          that do not increase or are not below 128, elements not below r, and cells that are
///          not all of one blob.
[[nodiscard]] Result<std::vector<Cell>> recover_cells(
    std::span<const std::uint64_t> cell_indices, std::span<const Cell> cells);

/// The specification's recover_cells_and_kzg_proofs: as recover_cells(), with all proofs, on all
/// cores.
[[nodiscard]] Result<CellsAndProofs> recover_cells_and_kzg_proofs(
    std::span<const std::uint64_t> cell_indices, std::span<const Cell> cells);

}  // namespace ashlar
