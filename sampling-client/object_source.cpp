#include "sampling-client/object_source.hpp"

namespace ashlar
{
namespace
{

std::uint64_t size_on_wire(const ObjectInfo& info)
{
    const auto certificate = info.certificate ? info.certificate->encode().size() : 0;
    return info.header.size() + certificate;
}

Result<ObjectHeader> ask_header(
    const Search& search, std::size_t member, std::uint64_t& bytes_received)
{
    return search.book.ask<ObjectHeader>(member, [&](NodeApi& node) -> Result<ObjectHeader> {
        ASHLAR_TRY(const auto info, node.object(search.object_root));
        bytes_received += size_on_wire(info);
        auto header = ObjectHeader::parse_for(search.object_root, info.header);
        if (!header)
            return fail(ErrorKind::proof_invalid, "header: {}", header.error().message);
        return header;
    });
}

Result<ObjectMetadata> ask_metadata(const Search& search, const ObjectHeader& header,
    std::size_t member, std::uint64_t& bytes_received)
{
    return search.book.ask<ObjectMetadata>(member, [&](NodeApi& node) -> Result<ObjectMetadata> {
        ASHLAR_TRY(auto metadata, node.metadata(search.object_root));
        bytes_received += metadata.commitments.size() + metadata.group_parity_hashes.size();
        if (const auto bound = check_metadata_roots(header, metadata); !bound)
            return fail(ErrorKind::proof_invalid, "{}", bound.error().message);
        return metadata;
    });
}

bool is_over(const Search& search)
{
    return search.clock.monotonic() >= search.deadline;
}

}  // namespace

Result<ObjectHeader> search_header(const Search& search, std::uint64_t& bytes_received)
{
    std::size_t ignorant = 0;
    for (const auto member : search.order)
    {
        if (is_over(search))
            break;
        auto header = ask_header(search, member, bytes_received);
        if (header)
            return header;
        ignorant += header.error().kind == ErrorKind::not_found ? 1 : 0;
    }
    if (ignorant == search.order.size())
        return fail(ErrorKind::not_found, "no node of the committee knows object {}",
            to_hex(search.object_root));
    return fail(ErrorKind::unavailable,
        "no node gave the object's header ({} of {} answered that they do not know it)", ignorant,
        search.order.size());
}

Result<std::vector<Commitment>> search_commitments(const Search& search, const ObjectHeader& header,
    EvidenceFolder& evidence, std::uint64_t& bytes_received)
{
    for (const auto member : search.order)
    {
        if (is_over(search))
            break;
        const auto metadata = ask_metadata(search, header, member, bytes_received);
        if (!metadata)
            continue;
        auto codeword = check_codeword(header.shape(), *metadata);
        if (codeword)
            return codeword;
        evidence.keep_invalid_object(header, metadata->commitments, codeword.error().message);
        return fail(ErrorKind::proof_invalid,
            "the publisher's commitments have the object's root but are no codeword: {}",
            codeword.error().message);
    }
    return fail(ErrorKind::unavailable, "no node gave commitments with the header's root");
}

}  // namespace ashlar
