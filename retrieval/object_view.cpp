#include "retrieval/object_view.hpp"

namespace ashlar
{

Result<ObjectView> open_object(
    const Bytes32& object_root, const Committee& committee, CommitteeNodes nodes)
{
    std::vector<FalseAnswer> false_answers;
    ASHLAR_TRY(auto found,
        find_certified_header(object_root, committee, nodes, nodes.size(), false_answers));
    ASHLAR_TRY(auto commitments, fetch_commitments(found.header, nodes, false_answers));
    return ObjectView{.header = std::move(found.header),
        .commitments = std::make_unique<ObjectCommitments>(std::move(commitments)),
        .certificate = std::move(found.certificate),
        .signers = std::move(found.signers),
        .false_answers = std::move(false_answers)};
}

ObjectView view_by_walks(LightObject& object)
{
    return {.header = object.header(),
        .commitments = std::make_unique<ObjectCommitments>(object),
        .certificate = object.binding().certificate,
        .signers = object.signers(),
        .false_answers = {}};
}

}  // namespace ashlar
