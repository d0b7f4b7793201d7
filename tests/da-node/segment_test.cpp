#include "da-node/store/segment.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{
namespace
{

const Bytes32 ROOT{std::byte{7}};

Bytes random_blob(std::uint64_t seed)
{
    Bytes blob(BYTES_PER_BLOB);
    SeededRandom{seed}.fill(blob);
    return blob;
}

/// Slots of pieces 10, 11, ….
Bytes segment_of(std::size_t count)
{
    Bytes out;
    for (std::size_t i = 0; i < count; ++i)
    {
        const auto blob = random_blob(i);
        append_slot(out, ROOT, {.piece = 10 + i, .bytes = ByteView{blob}.first<BYTES_PER_BLOB>()});
    }
    return out;
}

std::vector<FoundPiece> scan(const Bytes& bytes, std::uint32_t first_slot = 0)
{
    const TemporaryFolder folder;
    const auto path = folder.write("segment", as_text(bytes));
    const auto file = File::open_read(path).value();
    return scan_segment(file, ROOT, first_slot).value();
}

}  // namespace

TEST(segment, parse_slot_gives_back_what_was_appended)
{
    const auto slot = segment_of(1);
    const auto piece = parse_slot(ROOT, std::span{slot}.first<SLOT_BYTES>()).value();
    EXPECT_EQ(piece.piece, 10u);
    EXPECT_TRUE(equal(piece.bytes, random_blob(0)));
}

TEST(segment, parse_slot_any_flipped_byte_is_corrupted)
{
    const auto good = segment_of(1);
    for (std::size_t at = 0; at < SLOT_BYTES; at += at < SLOT_HEADER_BYTES ? 1 : 8191)
    {
        auto slot = good;
        slot[at] ^= std::byte{1};
        const auto parsed = parse_slot(ROOT, std::span{slot}.first<SLOT_BYTES>());
        ASSERT_FALSE(parsed) << at;
        EXPECT_EQ(parsed.error().kind, ErrorKind::corrupted);
    }
}

TEST(segment, parse_slot_of_another_object_is_corrupted)
{
    const auto slot = segment_of(1);
    EXPECT_FALSE(parse_slot(Bytes32{}, std::span{slot}.first<SLOT_BYTES>()));
}

TEST(segment, scan_finds_every_whole_slot)
{
    const std::vector<FoundPiece> expected{{10, 0}, {11, 1}, {12, 2}};
    EXPECT_EQ(scan(segment_of(3)), expected);
    EXPECT_EQ(scan(segment_of(3), 2), std::vector<FoundPiece>({{12, 2}}));
    EXPECT_TRUE(scan(segment_of(3), 3).empty());
    EXPECT_TRUE(scan({}).empty());
}

TEST(segment, scan_passes_over_torn_and_false_slots)
{
    auto bytes = segment_of(3);
    bytes[SLOT_BYTES + SLOT_HEADER_BYTES + 5] ^= std::byte{1};
    bytes.pop_back();
    EXPECT_EQ(scan(bytes), std::vector<FoundPiece>({{10, 0}}));
}

}  // namespace ashlar::test
