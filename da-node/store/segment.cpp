#include "da-node/store/segment.hpp"

#include <optional>

#include "base/hash.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view SLOT_MAGIC = "ashpiece";
constexpr std::size_t DIGEST_OFFSET = 32;
static_assert(DIGEST_OFFSET + sizeof(Bytes32) == SLOT_HEADER_BYTES);

/// What a slot says of itself before its digest.
struct SlotHead
{
    std::uint64_t piece;
    std::uint64_t length;
    std::uint64_t form;
};

Bytes32 slot_digest(const Bytes32& object_root, const SlotHead& head, ByteView bytes)
{
    return sha256({as_byte_view("ashlar/segment/v2"), object_root, big_endian(head.piece),
        big_endian(head.length), big_endian(head.form), bytes});
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
    const SlotHead head{.piece = piece.piece,
        .length = piece.bytes.size(),
        .form = static_cast<std::uint64_t>(piece.form)};
    append(out, as_byte_view(SLOT_MAGIC));
    append(out, big_endian(head.piece));
    append(out, big_endian(head.length));
    append(out, big_endian(head.form));
    append(out, slot_digest(object_root, head, piece.bytes));
    append(out, piece.bytes);
    const auto padding = slot_bytes(head.length) - SLOT_HEADER_BYTES - head.length;
    out.resize(out.size() + padding);
}

Result<CarriedPiece> parse_slot(const Bytes32& object_root, ByteView slot)
{
    const auto head = parse_head(slot);
    if (!head || slot.size() < SLOT_HEADER_BYTES + head->length)
        return fail(ErrorKind::corrupted, "the slot has no valid header, or is cut short");
    const auto digest = slot.subspan<DIGEST_OFFSET, sizeof(Bytes32)>();
    const auto bytes = slot.subspan(SLOT_HEADER_BYTES, head->length);
    if (!equal(digest, slot_digest(object_root, *head, bytes)))
        return fail(
            ErrorKind::corrupted, "the slot of piece {} does not match its digest", head->piece);
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
