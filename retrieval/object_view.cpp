#include "retrieval/object_view.hpp"

namespace ashlar
{
namespace
{

/// What the members said about an object, in the worst case for the reader.
struct Search
{
    std::optional<ObjectHeader> header;
    std::optional<Certificate> certificate;
    std::vector<std::size_t> signers;
    std::size_t unanswered = 0;
    std::string last_error;
};

tl::unexpected<Error> nobody_knows(const Bytes32& object_root, const Search& search)
{
    if (search.unanswered == 0)
        return fail(
            ErrorKind::not_found, "no node of the committee knows object {}", to_hex(object_root));
    return fail(ErrorKind::unavailable,
        "no node that answered knows object {}, and {} did not answer ({})", to_hex(object_root),
        search.unanswered, search.last_error);
}

void note_failure(Search& search, const Error& error)
{
    if (error.kind == ErrorKind::not_found)
        return;
    ++search.unanswered;
    search.last_error = error.message;
}

void take_certificate(Search& search, const Committee& committee, const Bytes32& object_root,
    const Certificate& offered, std::size_t member, std::vector<FalseAnswer>& false_answers)
{
    auto signers = verify_certificate(committee, object_root, offered);
    if (!signers)
    {
        false_answers.push_back({member, "certificate: " + signers.error().message});
        return;
    }
    search.certificate = offered;
    search.signers = std::move(*signers);
}

/// Asks member after member until header and, if there is one, certificate are found.
Search search_members(const Bytes32& object_root, const Committee& committee, CommitteeNodes nodes,
    std::vector<FalseAnswer>& false_answers)
{
    Search search;
    for (std::size_t m = 0; m < nodes.size(); ++m)
    {
        if (nodes[m] == nullptr)
        {
            note_failure(search, {ErrorKind::unavailable, "no address known"});
            continue;
        }
        const auto info = nodes[m]->object(object_root);
        if (!info)
        {
            note_failure(search, info.error());
            continue;
        }
        auto header = ObjectHeader::parse_for(object_root, info->header);
        if (!header)
        {
            false_answers.push_back({m, "header: " + header.error().message});
            continue;
        }
        if (!search.header)
            search.header = std::move(*header);
        if (info->certificate)
            take_certificate(search, committee, object_root, *info->certificate, m, false_answers);
        if (search.certificate)
            break;
    }
    return search;
}

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
    auto search = search_members(object_root, committee, nodes, false_answers);
    if (!search.header)
        return nobody_knows(object_root, search);
    ASHLAR_TRY(const auto metadata, fetch_metadata(*search.header, nodes, false_answers));
    auto codeword = check_codeword(search.header->shape(), metadata);
    if (!codeword)
        return fail(ErrorKind::proof_invalid, "object {} is INVALID by its publisher's fault: {}",
            to_hex(object_root), codeword.error().message);
    return ObjectView{.header = std::move(*search.header),
        .codeword = std::move(*codeword),
        .group_parity_hashes = split_hashes(metadata.group_parity_hashes),
        .certificate = std::move(search.certificate),
        .signers = std::move(search.signers),
        .false_answers = std::move(false_answers)};
}

}  // namespace ashlar
