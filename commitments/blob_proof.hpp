#pragma once

/// Blob proofs (EIP-4844): a blob's opening at a point that is hashed from it and its commitment.
///
/// Ashlar itself verifies blobs by verify_blobs(), which is far cheaper and needs no proofs.

#include "commitments/opening.hpp"

namespace ashlar
{

/// The specification's compute_challenge.
[[nodiscard]] Fr compute_challenge(BlobView blob, std::span<const std::byte, 48> commitment);

/// The specification's compute_blob_kzg_proof. Whether the commitment is the blob's is not
/// checked: a proof for another one does not verify.
/// @return  invalid_input for a malformed blob or commitment.
[[nodiscard]] Result<Proof> compute_blob_kzg_proof(
    BlobView blob, std::span<const std::byte, 48> commitment);

/// The specification's verify_blob_kzg_proof.
/// @return  invalid_input for malformed bytes, proof_invalid for a false proof.
[[nodiscard]] Result<void> verify_blob_kzg_proof(
    BlobView blob, std::span<const std::byte, 48> commitment, std::span<const std::byte, 48> proof);

/// The specification's verify_blob_kzg_proof_batch: two pairings for all. Evaluates the blobs on
/// all cores. Holds for empty lists: callers check their counts first.
///
/// @param blobs  Whole blobs, one after another.
/// @return  invalid_input for malformed bytes and lists of different lengths, proof_invalid if any
///          proof is false.
[[nodiscard]] Result<void> verify_blob_kzg_proof_batch(
    ByteView blobs, std::span<const Bytes48> commitments, std::span<const Bytes48> proofs);

}  // namespace ashlar
