#include "retrieval/lineage.hpp"

namespace ashlar
{
namespace
{

Result<ObjectHeader> find_header(
    const Bytes32& root, CommitteeNodes nodes, std::vector<FalseAnswer>& false_answers)
{
    bool all_answered = true;
    for (std::size_t m = 0; m < nodes.size(); ++m)
    {
        const auto info = nodes[m] == nullptr
                              ? Result<ObjectInfo>{fail(ErrorKind::unavailable, "no address")}
                              : nodes[m]->object(root);
        if (!info)
        {
            all_answered &= info.error().kind == ErrorKind::not_found;
            continue;
        }
        auto header = ObjectHeader::parse_for(root, info->header);
        if (header)
            return header;
        false_answers.push_back({m, "header: " + header.error().message});
    }
    return fail(all_answered ? ErrorKind::not_found : ErrorKind::unavailable,
        "no node that answered knows object {}", to_hex(root));
}

}  // namespace

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
