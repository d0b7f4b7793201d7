#include "transport/object_metadata.hpp"

#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

/// Zero without local parities.
Bytes32 group_parity_root(ByteView hashes)
{
    if (hashes.empty())
        return {};
    std::vector<Bytes32> leaves;
    for (std::size_t at = 0; at < hashes.size(); at += sizeof(Bytes32))
        leaves.push_back(to_array(hashes.subspan(at).first<sizeof(Bytes32)>()));
    return merkle_root(std::move(leaves));
}

}  // namespace

Bytes32 commitments_root(const ObjectShape& shape, ByteView commitments)
{
    static const Bytes32 virtual_leaf = commitment_leaf(Commitment{}.bytes());
    std::vector<Bytes32> leaves(static_cast<std::size_t>(shape.position_count()), virtual_leaf);
    const auto data_blobs = static_cast<std::size_t>(shape.data_blobs());
    const auto domain = static_cast<std::size_t>(shape.domain());
    parallel_for(data_blobs + domain, [&](std::size_t i) {
        const auto position = i < data_blobs ? i : domain + i - data_blobs;
        const auto point = commitments.subspan(i * BYTES_PER_G1).first<BYTES_PER_G1>();
        leaves[position] = commitment_leaf(to_array(point));
    });
    return merkle_root(std::move(leaves));
}

ObjectMetadata make_metadata(const ObjectShape& shape, std::span<const Commitment> codeword,
    std::span<const Bytes32> group_parity_hashes)
{
    ASHLAR_ASSERT(codeword.size() == shape.position_count());
    ASHLAR_ASSERT(group_parity_hashes.size() == shape.local_parity_count());
    ObjectMetadata metadata;
    for (std::uint64_t n = 0; n < shape.position_count(); ++n)
    {
        if (!shape.is_virtual(n))
            append(metadata.commitments, codeword[n].bytes());
    }
    for (const auto& hash : group_parity_hashes)
        append(metadata.group_parity_hashes, hash);
    return metadata;
}

Result<void> check_metadata_roots(const ObjectHeader& header, const ObjectMetadata& metadata)
{
    const auto sizes = MetadataSizes::of(header.shape());
    if (metadata.commitments.size() != sizes.commitments)
        return fail(ErrorKind::invalid_input, "the commitments have {} bytes instead of {}",
            metadata.commitments.size(), sizes.commitments);
    if (metadata.group_parity_hashes.size() != sizes.group_parity_hashes)
        return fail(ErrorKind::invalid_input, "the parity hashes have {} bytes instead of {}",
            metadata.group_parity_hashes.size(), sizes.group_parity_hashes);
    const auto& fields = header.fields();
    if (commitments_root(header.shape(), metadata.commitments) != fields.commitments_root)
        return fail(ErrorKind::proof_invalid, "the commitments are not those of the header");
    if (group_parity_root(metadata.group_parity_hashes) != fields.group_parity_root)
        return fail(ErrorKind::proof_invalid, "the parity hashes are not those of the header");
    return {};
}

Result<std::vector<Commitment>> parse_codeword(
    const ObjectShape& shape, const ObjectMetadata& metadata)
{
    ASHLAR_TRY(auto codeword, parse_commitments(metadata.commitments));
    // Virtual positions do not travel: they are infinity by the header.
    const auto first_virtual = codeword.begin() + static_cast<std::ptrdiff_t>(shape.data_blobs());
    codeword.insert(
        first_virtual, static_cast<std::size_t>(shape.domain() - shape.data_blobs()), Commitment{});
    return codeword;
}

Result<std::vector<Commitment>> check_codeword(
    const ObjectShape& shape, const ObjectMetadata& metadata)
{
    ASHLAR_TRY(auto codeword, parse_codeword(shape, metadata));
    ASHLAR_CHECK(full_check(shape, codeword));
    return codeword;
}

FoldBinding fold_binding(const ObjectHeader& header)
{
    return {.shape = header.shape(),
        .commitments_root = header.fields().commitments_root,
        .fold_root = header.fields().fold_root};
}

}  // namespace ashlar
