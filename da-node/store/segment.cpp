#include "da-node/store/segment.hpp"

#include <optional>

#include "base/checksum.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view SLOT_MAGIC = "ashpiece";
constexpr std::size_t CHECKSUM_BYTES = 8;
constexpr std::size_t CHECKSUM_OFFSET = SLOT_HEADER_BYTES - CHECKSUM_BYTES;

/// What a slot says of itself before its checksum.
struct SlotHead
{
    std::uint64_t piece;
    std::uint64_t length;
    std::uint64_t form;
};

/// @param header  Of a slot, up to its checksum at least.
ByteArray<CHECKSUM_BYTES> slot_checksum(
    const Bytes32& object_root, ByteView header, ByteView piece_bytes)
{
    return big_endian(crc64({as_byte_view("ashlar/segment/v3"), object_root,
        header.first(CHECKSUM_OFFSET), piece_bytes}));
}

/// Nothing if no slot begins here.
std::optional<SlotHead> parse_head(ByteView slot)
{
    if (slot.size() < SLOT_HEADER_BYTES || !equal(slot.first<8>(), as_byte_view(SLOT_MAGIC)))
        return std::nullopt;
    const SlotHead head{.piece = load_big_endian<std::uint64_t>(slot.subspan<8, 8>()),
        .length = load_big_endian<std::uint64_t>(slot.subspan<16, 8>()),
        .form = load_big_endian<std::uint64_t>(slot.subspan<24, 8>())};
    const bool known = head.form == static_cast<std::uint64_t>(PieceForm::raw) ||
                       head.form == static_cast<std::uint64_t>(PieceForm::stored);
    if (!known || !has_carried_length(static_cast<PieceForm>(head.form), head.length))
        return std::nullopt;
    return head;
}

/// Bytes up to the next place where a slot could begin; all of them if there is none.
std::size_t find_slot(ByteView window)
{
    std::size_t at = 0;
    while (at < window.size() && !parse_head(window.subspan(at)))
        at += std::min(SLOT_ALIGNMENT, window.size() - at);
    return at;
}

}  // namespace

void append_slot(Bytes& out, const Bytes32& object_root, const CarriedPiece& piece)
{
    ASHLAR_ASSERT(has_carried_length(piece.form, piece.bytes.size()));
    const auto begin = out.size();
    append(out, as_byte_view(SLOT_MAGIC));
    append(out, big_endian(piece.piece));
    append(out, big_endian(std::uint64_t{piece.bytes.size()}));
    append(out, big_endian(static_cast<std::uint64_t>(piece.form)));
    out.resize(begin + CHECKSUM_OFFSET);
    append(out, slot_checksum(object_root, ByteView{out}.subspan(begin), piece.bytes));
    append(out, piece.bytes);
    out.resize(begin + slot_bytes(piece.bytes.size()));
}

Result<CarriedPiece> parse_slot(const Bytes32& object_root, ByteView slot)
{
    const auto head = parse_head(slot);
    if (!head || slot.size() < SLOT_HEADER_BYTES + head->length)
        return fail(ErrorKind::corrupted, "the slot has no valid header, or is cut short");
    const auto checksum = slot.subspan<CHECKSUM_OFFSET, CHECKSUM_BYTES>();
    const auto bytes = slot.subspan(SLOT_HEADER_BYTES, head->length);
    if (!equal(checksum, slot_checksum(object_root, slot, bytes)))
        return fail(
            ErrorKind::corrupted, "the slot of piece {} does not match its checksum", head->piece);
    return CarriedPiece{
        .piece = head->piece, .form = static_cast<PieceForm>(head->form), .bytes = bytes};
}

Result<std::vector<FoundPiece>> scan_segment(
    const File& file, const Bytes32& object_root, std::uint64_t first_offset)
{
    ASHLAR_TRY(const auto size, file.size_bytes());
    std::vector<FoundPiece> found;
    Bytes window;
    for (auto offset = first_offset; offset < size;)
    {
        window.resize(static_cast<std::size_t>(std::min<std::uint64_t>(SLOT_BYTES, size - offset)));
        ASHLAR_CHECK(file.read_at(offset, window));
        const auto skipped = find_slot(window);
        offset += skipped;
        if (skipped > 0)
            continue;
        // A slot whose header is good is passed over whole, so that what a publisher wrote into his
        // blobs is taken for slots only where a header is damaged, and read but once.
        const auto head = *parse_head(window);
        if (const auto piece = parse_slot(object_root, window))
            found.push_back({.piece = piece->piece,
                .offset = offset,
                .bytes = static_cast<std::uint32_t>(head.length)});
        offset += slot_bytes(head.length);
    }
    return found;
}

}  // namespace ashlar
