#include "da-node/store/segment.hpp"

#include "base/hash.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view SLOT_MAGIC = "ashpiece";
constexpr std::size_t DIGEST_OFFSET = 32;
static_assert(DIGEST_OFFSET + sizeof(Bytes32) == SLOT_HEADER_BYTES);

Bytes32 slot_digest(const Bytes32& object_root, std::uint64_t piece, BlobView bytes)
{
    return sha256({as_byte_view("ashlar/segment/v1"), object_root, big_endian(piece),
        big_endian(std::uint64_t{BYTES_PER_BLOB}), bytes});
}

/// Everything in a slot's header but the digest.
ByteArray<DIGEST_OFFSET> slot_prefix(std::uint64_t piece)
{
    ByteArray<DIGEST_OFFSET> prefix{};
    std::ranges::copy(as_byte_view(SLOT_MAGIC), prefix.begin());
    std::ranges::copy(big_endian(piece), prefix.begin() + 8);
    std::ranges::copy(big_endian(std::uint64_t{BYTES_PER_BLOB}), prefix.begin() + 16);
    return prefix;
}

}  // namespace

void append_slot(Bytes& out, const Bytes32& object_root, const PieceView& piece)
{
    append(out, slot_prefix(piece.piece));
    append(out, slot_digest(object_root, piece.piece, piece.bytes));
    append(out, piece.bytes);
}

Result<PieceView> parse_slot(
    const Bytes32& object_root, std::span<const std::byte, SLOT_BYTES> slot)
{
    const auto piece = load_big_endian<std::uint64_t>(slot.subspan<8, 8>());
    const auto digest = slot.subspan<DIGEST_OFFSET, sizeof(Bytes32)>();
    const auto bytes = slot.subspan<SLOT_HEADER_BYTES>();
    if (!equal(slot.first<DIGEST_OFFSET>(), slot_prefix(piece)))
        return fail(ErrorKind::corrupted, "the slot has no valid header");
    if (!equal(digest, slot_digest(object_root, piece, bytes)))
        return fail(ErrorKind::corrupted, "the slot of piece {} does not match its digest", piece);
    return PieceView{.piece = piece, .bytes = bytes};
}

Result<std::vector<FoundPiece>> scan_segment(
    const File& file, const Bytes32& object_root, std::uint32_t first_slot)
{
    ASHLAR_TRY(const auto size, file.size_bytes());
    std::vector<FoundPiece> found;
    Bytes slot(SLOT_BYTES);
    for (std::uint64_t n = first_slot; (n + 1) * SLOT_BYTES <= size; ++n)
    {
        ASHLAR_CHECK(file.read_at(n * SLOT_BYTES, slot));
        const auto piece = parse_slot(object_root, std::span{slot}.first<SLOT_BYTES>());
        if (piece)
            found.push_back({.piece = piece->piece, .slot = static_cast<std::uint32_t>(n)});
    }
    return found;
}

}  // namespace ashlar
