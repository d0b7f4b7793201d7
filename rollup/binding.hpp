#pragma once

/// Walks that came in a proof. DESIGN §5, docs/formats/opening.md.

#include "retrieval/bound_commitment.hpp"

namespace ashlar
{

/// That every walk passes and starts at its commitment. It binds the commitments to one codeword
/// only together with sampling by whoever relies on it (docs/guarantees.md).
///
/// @return  proof_invalid if the record, a walk or a commitment does not hold.
[[nodiscard]] Result<void> check_walks(
    const ObjectHeader& header, ByteView fold_record, std::span<const BoundCommitment> bound);

}  // namespace ashlar
