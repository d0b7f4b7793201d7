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
    return search.book.ask<ObjectHeader>(member, [&](LightNodeApi& node) -> Result<ObjectHeader> {
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
    return search.book.ask<ObjectMetadata>(
        member, [&](LightNodeApi& node) -> Result<ObjectMetadata> {
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

namespace
{

Result<FoldRecord> find_record(
    const Search& search, const FoldBinding& binding, std::uint64_t& bytes_received)
{
    for (const auto member : search.order)
    {
        if (is_over(search))
            break;
        auto record =
            search.book.ask<FoldRecord>(member, [&](LightNodeApi& node) -> Result<FoldRecord> {
                ASHLAR_TRY(const auto bytes, node.fold_record(search.object_root));
                bytes_received += bytes.size();
                return FoldRecord::parse_for(binding.shape, binding.fold_root, bytes);
            });
        if (record)
            return record;
    }
    return fail(ErrorKind::unavailable, "no node gave the fold record of the header");
}

/// A walk from K, as it came: parsed, not checked.
Result<std::pair<Walk, Bytes>> find_boundary_walk(const Search& search, const ObjectHeader& header,
    const FoldRecord& record, EvidenceFolder& evidence, std::uint64_t& bytes_received)
{
    const auto start = header.shape().data_blobs();
    for (const auto member : search.order)
    {
        if (is_over(search))
            break;
        auto bytes = search.book.ask<Bytes>(
            member, [&](LightNodeApi& node) { return node.get_walk(search.object_root, start); });
        if (!bytes)
            continue;
        bytes_received += bytes->size();
        auto walk = parse_walk(fold_binding(header), record, start, *bytes);
        if (walk)
            return std::pair{std::move(*walk), std::move(*bytes)};
        const auto& why = walk.error().message;
        search.book.retract(member, why);
        evidence.keep_false_walk(header, search.committee.members()[member],
            {.record = record, .position = start, .walk = *bytes, .why = why});
    }
    return fail(
        ErrorKind::unavailable, "no node gave the walk from the boundary position {}", start);
}

}  // namespace

Result<CheckedRecord> search_record(const Search& search, const ObjectHeader& header,
    EvidenceFolder& evidence, std::uint64_t& bytes_received)
{
    const auto binding = fold_binding(header);
    ASHLAR_TRY(auto record, find_record(search, binding, bytes_received));
    auto checker = WalkChecker::make(binding, record);
    if (!checker)
    {
        evidence.keep_invalid_record(header, record, checker.error().message);
        return fail(ErrorKind::proof_invalid, "the fold record has the object's root but fails: {}",
            checker.error().message);
    }
    const auto& shape = header.shape();
    const bool has_layers = FoldGeometry::of(shape).final_layer > 0;
    if (has_layers && shape.data_blobs() < shape.domain())
    {
        ASHLAR_TRY(
            const auto found, find_boundary_walk(search, header, record, evidence, bytes_received));
        if (const auto checked = checker->check({&found.first, 1}); !checked[0])
        {
            const auto& why = checked[0].error().message;
            evidence.keep_invalid_walk(header, {.record = record,
                                                   .position = found.first.start,
                                                   .walk = found.second,
                                                   .why = why});
            return fail(ErrorKind::proof_invalid,
                "the walk from the boundary leads to the object's roots but fails: {}", why);
        }
    }
    return CheckedRecord{std::move(record), std::move(*checker)};
}

}  // namespace ashlar
