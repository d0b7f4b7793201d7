#include "retrieval/object_view.hpp"

namespace ashlar
{
namespace
{

Result<ObjectMetadata> fetch_metadata(
    const ObjectHeader& header, CommitteeNodes nodes, std::vector<FalseAnswer>& false_answers)
{
    for (std::size_t m = 0; m < nodes.size(); ++m)
    {
        if (nodes[m] == nullptr)
            continue;
        auto offered = nodes[m]->metadata(header.root());
        if (!offered)
            continue;
        const auto bound = check_metadata_roots(header, *offered);
        if (bound)
            return offered;
        false_answers.push_back({m, "metadata: " + bound.error().message});
    }
    return fail(ErrorKind::unavailable, "no node that answers has the commitments of object {}",
        to_hex(header.root()));
}

std::vector<Bytes32> split_hashes(ByteView hashes)
{
    std::vector<Bytes32> out;
    for (std::size_t at = 0; at < hashes.size(); at += sizeof(Bytes32))
        out.push_back(to_array(hashes.subspan(at).first<sizeof(Bytes32)>()));
    return out;
}

}  // namespace

Result<ObjectView> open_object(
    const Bytes32& object_root, const Committee& committee, CommitteeNodes nodes)
{
    std::vector<FalseAnswer> false_answers;
    ASHLAR_TRY(auto found,
        find_certified_header(object_root, committee, nodes, nodes.size(), false_answers));
    ASHLAR_TRY(const auto metadata, fetch_metadata(found.header, nodes, false_answers));
    auto codeword = check_codeword(found.header.shape(), metadata);
    if (!codeword)
        return fail(ErrorKind::proof_invalid, "object {} is INVALID by its publisher's fault: {}",
            to_hex(object_root), codeword.error().message);
    return ObjectView{.header = std::move(found.header),
        .codeword = std::move(*codeword),
        .group_parity_hashes = split_hashes(metadata.group_parity_hashes),
        .certificate = std::move(found.certificate),
        .signers = std::move(found.signers),
        .false_answers = std::move(false_answers)};
}

}  // namespace ashlar
