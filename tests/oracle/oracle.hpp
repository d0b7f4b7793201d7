#pragma once

/// c-kzg, Ethereum's reference implementation in C, as the oracle of tests and fuzzers.

#include <optional>

#include "base/bytes.hpp"

namespace ashlar::oracle
{

inline constexpr std::size_t BLOB_BYTES = 131'072;
inline constexpr std::size_t CELL_BYTES = 2'048;

using BlobBytes = std::span<const std::byte, BLOB_BYTES>;
using CellBytes = ByteArray<CELL_BYTES>;

enum class Verdict : std::uint8_t
{
    holds,
    false_claim,  ///< Well-formed, but not true.
    malformed,    ///< The call itself fails.
};

struct KzgOpening
{
    Bytes48 proof;
    Bytes32 value;
};

struct CellsWithProofs
{
    std::vector<CellBytes> cells;
    std::vector<Bytes48> proofs;
};

/// Nothing if the call fails, here and below.
[[nodiscard]] std::optional<Bytes48> blob_to_kzg_commitment(BlobBytes blob);

[[nodiscard]] std::optional<KzgOpening> compute_kzg_proof(BlobBytes blob, const Bytes32& z);

[[nodiscard]] Verdict verify_kzg_proof(
    const Bytes48& commitment, const Bytes32& z, const Bytes32& y, const Bytes48& proof);

[[nodiscard]] std::optional<CellsWithProofs> compute_cells_and_kzg_proofs(BlobBytes blob);

/// @pre the lists have one length
[[nodiscard]] Verdict verify_cell_kzg_proof_batch(std::span<const Bytes48> commitments,
    std::span<const std::uint64_t> cell_indices, std::span<const CellBytes> cells,
    std::span<const Bytes48> proofs);

/// @pre the lists have one length
[[nodiscard]] std::optional<std::vector<CellBytes>> recover_cells(
    std::span<const std::uint64_t> cell_indices, std::span<const CellBytes> cells);

[[nodiscard]] std::optional<Bytes48> compute_blob_kzg_proof(
    BlobBytes blob, const Bytes48& commitment);

/// @pre one commitment and one proof a blob; blobs follow one another
[[nodiscard]] Verdict verify_blob_kzg_proof_batch(
    ByteView blobs, std::span<const Bytes48> commitments, std::span<const Bytes48> proofs);

/// True if the bytes decompress to a point of G1.
[[nodiscard]] bool is_g1_point(const Bytes48& bytes);

}  // namespace ashlar::oracle
