#include "rollup/binding.hpp"

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

Result<void> check_walks(
    const ObjectHeader& header, ByteView fold_record, std::span<const BoundCommitment> bound)
{
    const auto binding = fold_binding(header);
    ASHLAR_TRY(
        const auto record, FoldRecord::parse_for(binding.shape, binding.fold_root, fold_record));
    ASHLAR_TRY(const auto checker, WalkChecker::make(binding, record));
    std::vector<Walk> walks;
    for (const auto& one : bound)
    {
        if (one.position >= binding.shape.position_count())
            return fail(ErrorKind::proof_invalid, "a walk from position {}", one.position);
        ASHLAR_TRY(auto walk, parse_walk(binding, record, one.position, one.walk));
        walks.push_back(std::move(walk));
    }
    const auto checked = checker.check(walks);
    for (std::size_t i = 0; i < bound.size(); ++i)
    {
        if (!checked[i])
            return tl::unexpected{checked[i].error()};
        if (checked[i]->bytes() != bound[i].commitment)
            return fail(ErrorKind::proof_invalid,
                "the walk from position {} starts at another commitment", bound[i].position);
    }
    return {};
}

}  // namespace ashlar
