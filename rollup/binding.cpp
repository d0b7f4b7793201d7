#include "rollup/binding.hpp"

namespace ashlar
{

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
