// A segment file of true, torn and damaged slots: the scanner finds exactly the true ones.

#include <sys/mman.h>

#include "da-node/store/segment.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t SLOTS_MAX = 6;
constexpr Bytes32 OBJECT_ROOT{std::byte{1}};

Bytes true_slot(std::uint64_t piece)
{
    const Bytes blob(BYTES_PER_BLOB, static_cast<std::byte>(piece));
    Bytes slot;
    append_slot(
        slot, OBJECT_ROOT, {.piece = piece, .bytes = ByteView{blob}.first<BYTES_PER_BLOB>()});
    return slot;
}

/// Steps of four bytes: what to do, and three bytes of argument.
Bytes build_segment(ByteView steps)
{
    Bytes segment;
    for (; steps.size() >= 4 && segment.size() < SLOTS_MAX * SLOT_BYTES; steps = steps.subspan(4))
    {
        const auto argument =
            load_big_endian<std::uint32_t>(steps.first<4>()) & std::uint32_t{0xffffff};
        switch (std::to_integer<unsigned>(steps[0]) % 4)
        {
            case 0:
                append(segment, true_slot(argument % 256));
                break;
            case 1:
                segment.resize(segment.size() + argument % (2 * SLOT_BYTES));
                break;
            case 2:
                segment.resize(segment.size() - std::min<std::size_t>(segment.size(), argument));
                break;
            default:
                if (argument < segment.size())
                    segment[argument] ^= std::byte{0x10};
        }
    }
    return segment;
}

void run(ByteView steps)
{
    const auto segment = build_segment(steps);
    const auto file = File::adopt(::memfd_create("segment", MFD_CLOEXEC), "segment");
    ASHLAR_ASSERT(file.write_at(0, segment));

    std::vector<FoundPiece> expected;
    for (std::uint32_t slot = 0; (slot + 1) * SLOT_BYTES <= segment.size(); ++slot)
    {
        const auto bytes = ByteView{segment}.subspan(slot * SLOT_BYTES).first<SLOT_BYTES>();
        const auto piece = std::to_integer<std::uint64_t>(bytes.back());
        if (equal(bytes, true_slot(piece)))
            expected.push_back({.piece = piece, .slot = slot});
    }
    ASHLAR_ASSERT(scan_segment(file, OBJECT_ROOT, 0) == expected);
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
