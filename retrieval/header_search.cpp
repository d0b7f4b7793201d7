#include "retrieval/header_search.hpp"

namespace ashlar
{
namespace
{

/// What the members said about an object, in the worst case for the reader.
struct HeaderSearch
{
    const Bytes32& object_root;
    CommitteeNodes nodes;
    std::vector<FalseAnswer>& false_answers;
    std::size_t next_member = 0;
    std::size_t unanswered = 0;
    std::string last_error = {};
};

struct MemberAnswer
{
    std::size_t member;
    ObjectHeader header;
    std::optional<Certificate> certificate;  ///< Not verified.
};

/// The next member's answer with the right header; nothing if no member is left.
std::optional<MemberAnswer> next_answer(HeaderSearch& search)
{
    while (search.next_member < search.nodes.size())
    {
        const auto member = search.next_member++;
        auto* const node = search.nodes[member];
        const auto info =
            node != nullptr ? node->object(search.object_root)
                            : Result<ObjectInfo>{fail(ErrorKind::unavailable, "no address known")};
        if (!info)
        {
            if (info.error().kind == ErrorKind::not_found)
                continue;
            ++search.unanswered;
            search.last_error = info.error().message;
            continue;
        }
        auto header = ObjectHeader::parse_for(search.object_root, info->header);
        if (header)
            return MemberAnswer{member, std::move(*header), info->certificate};
        search.false_answers.push_back({member, "header: " + header.error().message});
    }
    return std::nullopt;
}

tl::unexpected<Error> nobody_knows(const HeaderSearch& search)
{
    if (search.unanswered == 0)
        return fail(ErrorKind::not_found, "no node of the committee knows object {}",
            to_hex(search.object_root));
    return fail(ErrorKind::unavailable,
        "no node that answered knows object {}, and {} did not answer ({})",
        to_hex(search.object_root), search.unanswered, search.last_error);
}

}  // namespace

Result<ObjectHeader> find_header(
    const Bytes32& object_root, CommitteeNodes nodes, std::vector<FalseAnswer>& false_answers)
{
    HeaderSearch search{object_root, nodes, false_answers};
    auto answer = next_answer(search);
    if (!answer)
        return nobody_knows(search);
    return std::move(answer->header);
}

Result<FoundHeader> find_certified_header(const Bytes32& object_root, const Committee& committee,
    CommitteeNodes nodes, std::size_t answers_max, std::vector<FalseAnswer>& false_answers)
{
    HeaderSearch search{object_root, nodes, false_answers};
    std::optional<FoundHeader> found;
    for (std::size_t answers = 0; answers < answers_max; ++answers)
    {
        auto answer = next_answer(search);
        if (!answer)
            break;
        if (!found)
            found = FoundHeader{std::move(answer->header), {}, {}};
        if (!answer->certificate)
            continue;
        auto signers = verify_certificate(committee, object_root, *answer->certificate);
        if (signers)
            return FoundHeader{
                std::move(found->header), std::move(answer->certificate), std::move(*signers)};
        false_answers.push_back({answer->member, "certificate: " + signers.error().message});
    }
    if (!found)
        return nobody_knows(search);
    return std::move(*found);
}

}  // namespace ashlar
