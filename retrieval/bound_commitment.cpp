#include "retrieval/bound_commitment.hpp"

#include <bit>

namespace ashlar
{

Result<Commitment> check_path(const ObjectHeader& header, const BoundCommitment& bound)
{
    const auto positions = header.shape().position_count();
    if (bound.position >= positions)
        return fail(ErrorKind::proof_invalid, "position {} of only {}", bound.position, positions);
    const auto depth = static_cast<std::size_t>(std::countr_zero(positions));
    const auto followed = verify_merkle_path(header.fields().commitments_root,
        commitment_leaf(bound.commitment), bound.position, depth, bound.path);
    if (!followed)
        return fail(ErrorKind::proof_invalid, "path of position {}: {}", bound.position,
            followed.error().message);
    auto commitment = Commitment::parse(bound.commitment);
    if (!commitment)
        return fail(ErrorKind::proof_invalid, "position {}: {}", bound.position,
            commitment.error().message);
    return commitment;
}

}  // namespace ashlar
