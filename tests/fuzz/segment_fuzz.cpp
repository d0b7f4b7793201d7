// A segment file of true, torn and damaged slots, raw pieces and stored forms: what the scanner
// finds are true slots in their order, none twice, and the true ones in front of the first damage
// are all found.

#include <sys/mman.h>

#include "da-node/store/segment.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t SEGMENT_BYTES_MAX = 6 * SLOT_BYTES;
constexpr Bytes32 OBJECT_ROOT{std::byte{1}};

/// A raw piece, or so many bytes of a stored form.
Bytes true_slot(std::uint64_t piece, std::size_t form_bytes)
{
    const Bytes bytes(form_bytes == 0 ? BYTES_PER_BLOB : form_bytes, static_cast<std::byte>(piece));
    Bytes slot;
    append_slot(slot, OBJECT_ROOT,
        {.piece = piece,
            .form = form_bytes == 0 ? PieceForm::raw : PieceForm::stored,
            .bytes = bytes});
    return slot;
}

struct Built
{
    Bytes bytes;
    std::vector<FoundPiece> whole;  ///< In front of the first damage.
    bool damaged = false;

    void add(std::uint64_t piece, std::size_t form_bytes)
    {
        const auto slot = true_slot(piece, form_bytes);
        if (!damaged)
            whole.push_back({.piece = piece,
                .offset = bytes.size(),
                .bytes =
                    static_cast<std::uint32_t>(form_bytes == 0 ? BYTES_PER_BLOB : form_bytes)});
        append(bytes, slot);
    }

    void damage_from(std::size_t offset)
    {
        damaged = true;
        std::erase_if(whole, [&](const FoundPiece& slot) {
            return slot.offset + SLOT_HEADER_BYTES + slot.bytes > offset;
        });
    }
};

/// Steps of four bytes: what to do, and three bytes of argument.
Built build_segment(ByteView steps)
{
    Built built;
    auto& bytes = built.bytes;
    for (; steps.size() >= 4 && bytes.size() < SEGMENT_BYTES_MAX; steps = steps.subspan(4))
    {
        const auto argument =
            load_big_endian<std::uint32_t>(steps.first<4>()) & std::uint32_t{0xffffff};
        switch (std::to_integer<unsigned>(steps[0]) % 5)
        {
            case 0:
                built.add(argument % 256, 0);
                break;
            case 1:
                built.damage_from(bytes.size());
                bytes.resize(bytes.size() + argument % (2 * SLOT_BYTES));
                break;
            case 2:
                bytes.resize(bytes.size() - std::min<std::size_t>(bytes.size(), argument));
                built.damage_from(bytes.size());
                break;
            case 3:
                built.add(argument % 256, 1 + argument % CARRIED_BYTES_MAX);
                break;
            default:
                if (argument >= bytes.size())
                    break;
                bytes[argument] ^= std::byte{0x10};
                built.damage_from(argument);
        }
    }
    return built;
}

void run(ByteView steps)
{
    const auto built = build_segment(steps);
    const auto& segment = built.bytes;
    const auto file = File::adopt(::memfd_create("segment", MFD_CLOEXEC), "segment");
    ASHLAR_ASSERT(file.write_at(0, segment));

    const auto found = scan_segment(file, OBJECT_ROOT, 0).value();
    std::uint64_t end = 0;
    for (const auto& slot : found)
    {
        ASHLAR_ASSERT(slot.offset >= end && slot.offset % SLOT_ALIGNMENT == 0);
        const auto piece = parse_slot(OBJECT_ROOT, ByteView{segment}.subspan(slot.offset));
        ASHLAR_ASSERT(piece && piece->piece == slot.piece && piece->bytes.size() == slot.bytes);
        end = slot.offset + slot_bytes(slot.bytes);
    }
    ASHLAR_ASSERT(found.size() >= built.whole.size() &&
                  std::equal(built.whole.begin(), built.whole.end(), found.begin()));
    constexpr Bytes32 OTHER_ROOT{};
    ASHLAR_ASSERT(scan_segment(file, OTHER_ROOT, 0)->empty());
}

}  // namespace
}  // namespace ashlar

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ashlar::run(std::as_bytes(std::span{data, size}));
    return 0;
}
