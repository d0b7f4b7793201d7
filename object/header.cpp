#include "object/header.hpp"

#include "base/hash.hpp"
#include "base/merkle.hpp"
#include "base/ssz.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t INTEGER_LEAVES = 7;  ///< format_version … copies.

using Leaves = std::array<Bytes32, HEADER_LEAVES>;

Leaves leaves_of(const HeaderFields& fields)
{
    return {
        ssz::chunk_of(FORMAT_VERSION),
        ssz::chunk_of(fields.payload_bytes),
        ssz::chunk_of(fields.directory_offset),
        ssz::chunk_of(fields.data_blobs),
        ssz::chunk_of(fields.parity_blobs),
        ssz::chunk_of(fields.group_parities),
        ssz::chunk_of(fields.copies),
        Bytes32{},
        fields.commitments_root,
        fields.fold_root,
        fields.directory_root,
        fields.group_parity_root,
        fields.placement_seed,
        fields.parent_root,
        fields.provenance_root,
        Bytes32{},
    };
}

HeaderBytes concatenate(const Leaves& leaves)
{
    HeaderBytes out;
    for (std::size_t i = 0; i < HEADER_LEAVES; ++i)
        std::ranges::copy(leaves[i], out.begin() + static_cast<std::ptrdiff_t>(32 * i));
    return out;
}

Leaves split(std::span<const std::byte, BYTES_PER_HEADER> bytes)
{
    Leaves out;
    for (std::size_t i = 0; i < HEADER_LEAVES; ++i)
        std::ranges::copy(bytes.subspan(32 * i, 32), out[i].begin());
    return out;
}

Bytes32 root_of(const Leaves& leaves)
{
    return merkle_root({leaves.begin(), leaves.end()});
}

std::uint64_t integer_of(const Bytes32& leaf)
{
    return load_little_endian<std::uint64_t>(ByteView{leaf}.first<8>());
}

Result<void> check_payload(const HeaderFields& fields)
{
    if (fields.payload_bytes == 0)
        return fail(ErrorKind::invalid_input, "header of an empty payload");
    const auto data_blobs = ObjectShape::data_blobs_for(fields.payload_bytes);
    if (fields.data_blobs != data_blobs)
        return fail(ErrorKind::invalid_input, "header says {} data blobs, but {} bytes take {}",
            fields.data_blobs, fields.payload_bytes, data_blobs);
    if (fields.directory_offset % PAYLOAD_BYTES_PER_BLOB != 0 ||
        fields.directory_offset >= fields.payload_bytes)
        return fail(ErrorKind::invalid_input,
            "directory offset {} is no blob boundary within a payload of {} bytes",
            fields.directory_offset, fields.payload_bytes);
    return {};
}

Result<void> check_leaves(const Leaves& leaves)
{
    for (std::size_t i = 0; i < INTEGER_LEAVES; ++i)
    {
        if (!is_zero(ByteView{leaves[i]}.subspan<8>()))
            return fail(ErrorKind::invalid_input, "header leaf {} is no 64-bit integer", i);
    }
    const auto version = integer_of(leaves[0]);
    if (version != FORMAT_VERSION)
        return fail(ErrorKind::invalid_input, "header has format version {}; {} is known", version,
            FORMAT_VERSION);
    for (const std::size_t unused : {std::size_t{7}, HEADER_LEAVES - 1})
    {
        if (!is_zero(leaves[unused]))
            return fail(ErrorKind::invalid_input, "header leaf {} is not zero", unused);
    }
    return {};
}

}  // namespace

Bytes32 default_placement_seed(const Bytes32& commitments_root)
{
    return sha256({as_byte_view("ashlar/seed/v1"), commitments_root});
}

Result<ObjectHeader> ObjectHeader::make(const HeaderFields& fields)
{
    ASHLAR_CHECK(check_payload(fields));
    ASHLAR_TRY(const auto shape, ObjectShape::make({.data_blobs = fields.data_blobs,
                                     .parity_blobs = fields.parity_blobs,
                                     .group_parities = fields.group_parities}));
    if (fields.copies < 1 || fields.copies > COPIES_MAX)
        return fail(ErrorKind::invalid_input, "header wants {} copies; 1 to {} are possible",
            fields.copies, COPIES_MAX);
    if (fields.group_parities == 0 && !is_zero(fields.group_parity_root))
        return fail(
            ErrorKind::invalid_input, "header has a group parity root, but no group parities");
    if (is_zero(fields.parent_root) &&
        fields.placement_seed != default_placement_seed(fields.commitments_root))
        return fail(ErrorKind::invalid_input,
            "header names no parent, but its placement seed is not derived from its commitments");
    return ObjectHeader{fields, shape};
}

Result<ObjectHeader> ObjectHeader::parse(std::span<const std::byte, BYTES_PER_HEADER> bytes)
{
    const auto leaves = split(bytes);
    ASHLAR_CHECK(check_leaves(leaves));
    return make({
        .payload_bytes = integer_of(leaves[1]),
        .directory_offset = integer_of(leaves[2]),
        .data_blobs = integer_of(leaves[3]),
        .parity_blobs = integer_of(leaves[4]),
        .group_parities = integer_of(leaves[5]),
        .copies = integer_of(leaves[6]),
        .commitments_root = leaves[8],
        .fold_root = leaves[9],
        .directory_root = leaves[10],
        .group_parity_root = leaves[11],
        .placement_seed = leaves[12],
        .parent_root = leaves[13],
        .provenance_root = leaves[14],
    });
}

Result<ObjectHeader> ObjectHeader::parse_for(
    const Bytes32& expected, std::span<const std::byte, BYTES_PER_HEADER> bytes)
{
    // The root first: bytes that are not under it are the sender's fault, whatever they say;
    // bytes that are under it and break a rule are the publisher's.
    const auto root = root_of(split(bytes));
    if (root != expected)
        return fail(
            ErrorKind::proof_invalid, "header has root {}, not {}", to_hex(root), to_hex(expected));
    return parse(bytes);
}

ObjectHeader::ObjectHeader(const HeaderFields& fields, const ObjectShape& shape)
  : fields_{fields},
    shape_{shape},
    bytes_{concatenate(leaves_of(fields))},
    root_{root_of(leaves_of(fields))}
{}

}  // namespace ashlar
