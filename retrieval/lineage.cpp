#include "retrieval/lineage.hpp"

namespace ashlar
{

Result<Lineage> read_lineage(
    const Bytes32& object_root, CommitteeNodes nodes, std::size_t versions_max)
{
    Lineage lineage;
    ASHLAR_TRY(auto newest, find_header(object_root, nodes, lineage.false_answers));
    lineage.headers.push_back(std::move(newest));
    for (;;)
    {
        const auto parent = lineage.headers.back().fields().parent_root;
        if (is_zero(parent))
            return lineage;
        if (lineage.headers.size() == versions_max)
        {
            lineage.broken_by = Error{ErrorKind::insufficient,
                fmt::format("there are more than {} versions", versions_max)};
            return lineage;
        }
        auto header = find_header(parent, nodes, lineage.false_answers);
        if (!header)
        {
            lineage.broken_by = std::move(header).error();
            return lineage;
        }
        lineage.headers.push_back(std::move(*header));
    }
}

}  // namespace ashlar
