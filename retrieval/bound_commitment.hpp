#pragma once

/// What binds single commitments to an object root: the header, paths in the commitment tree, walks
/// over the fold, a certificate. DESIGN §5, docs/formats/opening.md.

#include "transport/node_api.hpp"

namespace ashlar
{

/// What every proof about an object begins with. Untrusted until checked.
struct ObjectBinding
{
    HeaderBytes header{};
    Bytes fold_record;                       ///< As it travels; of the header's fold_root.
    std::optional<Certificate> certificate;  ///< Where one was found.
};

/// A commitment with its place in an object's codeword.
struct BoundCommitment
{
    std::uint64_t position;  ///< Below 2D.
    Bytes48 commitment;
    std::vector<Bytes32> path;  ///< log₂ 2D siblings, leaf upwards.
    Bytes walk;                 ///< From that position, as it travels; no bytes if J = 0.
};

/// That the path leads from the commitment to the header's commitments_root.
///
/// @return  the point; proof_invalid for a position beyond the codeword, a path of another length
///          or to another root, or bytes that are no point of G1.
[[nodiscard]] Result<Commitment> check_path(
    const ObjectHeader& header, const BoundCommitment& bound);

}  // namespace ashlar
