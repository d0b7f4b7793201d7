#pragma once

/// All functions of EIP-4844 and EIP-7594 under the specifications' names, over the Ethereum
/// ceremony's setup: what a user of c-kzg-4844 looks for.
///
/// | specification | declared in |
/// | --- | --- |
/// | blob_to_kzg_commitment | commitment.hpp |
/// | compute_kzg_proof, verify_kzg_proof | opening.hpp |
/// | compute_challenge, compute_blob_kzg_proof, verify_blob_kzg_proof(_batch) | blob_proof.hpp |
/// | compute_cells, compute_cells_and_kzg_proofs | cells.hpp |
/// | verify_cell_kzg_proof_batch and its challenge | cells.hpp |
/// | recover_cells_and_kzg_proofs, recover_cells | recovery.hpp |
///
/// Beyond them: compute_cell_and_proof() for cells on demand (cells.hpp), open_at() for elements
/// already parsed (opening.hpp), open_many_at() for many blobs at one point (aggregate.hpp), and
/// verify_blobs() for many blobs against their commitments without proofs (blob_batch.hpp).
///
/// Conventions, here and there:
/// - Bytes are untrusted and parsed first: 48-byte points must be canonical, on the curve and in
///   G1, 32-byte elements below r; else invalid_input, the specifications' exception.
/// - A proof that is well-formed and does not hold is proof_invalid, the specifications' False.
/// - Batches may be empty, and an empty one holds, as the specifications want it. A caller for whom
///   nothing proven is not enough checks its counts first.
/// - Functions are thread-safe. The first call in a process reads the setup and builds tables.

#include "commitments/aggregate.hpp"
#include "commitments/blob_batch.hpp"
#include "commitments/blob_proof.hpp"
#include "commitments/cells.hpp"
#include "commitments/commitment.hpp"
#include "commitments/opening.hpp"
#include "commitments/recovery.hpp"
