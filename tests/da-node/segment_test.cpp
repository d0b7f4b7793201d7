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

/// Piece 10 + i: a raw one, or some bytes as a stored form.
Bytes slot_of(std::size_t i, std::size_t form_bytes = 0)
{
    auto bytes = random_blob(i);
    if (form_bytes != 0)
        bytes.resize(form_bytes);
    Bytes out;
    append_slot(out, ROOT,
        {.piece = 10 + i,
            .form = form_bytes == 0 ? PieceForm::raw : PieceForm::stored,
            .bytes = bytes});
    return out;
}

/// Slots of pieces 10, 11, ….
Bytes segment_of(std::size_t count)
{
    Bytes out;
    for (std::size_t i = 0; i < count; ++i)
        append(out, slot_of(i));
    return out;
}

std::vector<FoundPiece> scan(const Bytes& bytes, std::uint64_t first_offset = 0)
{
    const TemporaryFolder folder;
    const auto path = folder.write("segment", as_text(bytes));
    const auto file = File::open_read(path).value();
    return scan_segment(file, ROOT, first_offset).value();
}

FoundPiece raw_at(std::uint64_t piece, std::uint64_t offset)
{
    return {.piece = piece, .offset = offset, .bytes = BYTES_PER_BLOB};
}

}  // namespace

TEST(segment, parse_slot_gives_back_what_was_appended)
{
    const auto slot = segment_of(1);
    EXPECT_EQ(slot.size(), SLOT_BYTES);
    const auto piece = parse_slot(ROOT, slot).value();
    EXPECT_EQ(piece.piece, 10u);
    EXPECT_EQ(piece.form, PieceForm::raw);
    EXPECT_TRUE(equal(piece.bytes, random_blob(0)));
}

TEST(segment, slots_of_stored_forms_are_as_long_as_they_and_aligned)
{
    for (const std::size_t size :
        {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65}, CARRIED_BYTES_MAX})
    {
        const auto slot = slot_of(0, size);
        EXPECT_EQ(slot.size(), slot_bytes(size));
        EXPECT_EQ(slot.size() % SLOT_ALIGNMENT, 0u);
        EXPECT_LT(slot.size(), SLOT_HEADER_BYTES + size + SLOT_ALIGNMENT);
        const auto piece = parse_slot(ROOT, slot).value();
        EXPECT_EQ(piece.form, PieceForm::stored);
        EXPECT_TRUE(equal(piece.bytes, ByteView{random_blob(0)}.first(size)));
        // Whole without the zeros behind it, and torn without its last byte.
        EXPECT_TRUE(parse_slot(ROOT, ByteView{slot}.first(SLOT_HEADER_BYTES + size)));
        EXPECT_FALSE(parse_slot(ROOT, ByteView{slot}.first(SLOT_HEADER_BYTES + size - 1)));
    }
}

TEST(segment, parse_slot_any_flipped_byte_is_corrupted)
{
    const auto good = segment_of(1);
    for (std::size_t at = 0; at < SLOT_BYTES; at += at < SLOT_HEADER_BYTES ? 1 : 8191)
    {
        auto slot = good;
        slot[at] ^= std::byte{1};
        const auto parsed = parse_slot(ROOT, slot);
        ASSERT_FALSE(parsed) << at;
        EXPECT_EQ(parsed.error().kind, ErrorKind::corrupted);
    }
}

TEST(segment, parse_slot_of_another_object_is_corrupted)
{
    EXPECT_FALSE(parse_slot(Bytes32{}, segment_of(1)));
}

TEST(segment, scan_finds_every_whole_slot)
{
    const std::vector<FoundPiece> expected{
        raw_at(10, 0), raw_at(11, SLOT_BYTES), raw_at(12, 2 * SLOT_BYTES)};
    EXPECT_EQ(scan(segment_of(3)), expected);
    EXPECT_EQ(scan(segment_of(3), 2 * SLOT_BYTES), std::vector{expected[2]});
    EXPECT_TRUE(scan(segment_of(3), 3 * SLOT_BYTES).empty());
    EXPECT_TRUE(scan({}).empty());
}

TEST(segment, scan_passes_over_torn_and_false_slots)
{
    auto bytes = segment_of(3);
    bytes[SLOT_BYTES + SLOT_HEADER_BYTES + 5] ^= std::byte{1};
    bytes.pop_back();
    EXPECT_EQ(scan(bytes), std::vector{raw_at(10, 0)});
}

// Where a header is damaged, nothing says how long the slot is.
TEST(segment, scan_finds_the_next_slot_behind_a_damaged_header)
{
    constexpr std::size_t SIZE = 70'000;
    auto bytes = slot_of(0);
    append(bytes, slot_of(1, SIZE));
    append(bytes, slot_of(2, SIZE));
    const auto second = SLOT_BYTES;
    const auto third = second + slot_bytes(SIZE);
    const FoundPiece last{.piece = 12, .offset = third, .bytes = SIZE};
    ASSERT_EQ(scan(bytes).size(), 3u);
    for (const std::size_t at : {std::size_t{0}, std::size_t{16}, std::size_t{24}})
    {
        auto damaged = bytes;
        damaged[second + at] ^= std::byte{0x40};
        EXPECT_EQ(scan(damaged), (std::vector{raw_at(10, 0), last})) << at;
    }
    // A checksum that is false, or zeros that are none, pass over their own slot alone.
    for (const std::size_t at : {std::size_t{40}, std::size_t{60}})
    {
        auto damaged = bytes;
        damaged[second + at] ^= std::byte{1};
        EXPECT_EQ(scan(damaged), (std::vector{raw_at(10, 0), last})) << at;
    }
}

// A publisher writes his blobs as he likes: even a slot inside one is none.
TEST(segment, scan_takes_no_slot_from_inside_a_piece)
{
    auto blob = random_blob(1);
    std::ranges::copy(slot_of(7, 1000), blob.begin());
    Bytes bytes;
    append_slot(bytes, ROOT, {.piece = 3, .form = PieceForm::raw, .bytes = blob});
    EXPECT_EQ(scan(bytes), std::vector{raw_at(3, 0)});
    bytes[SLOT_BYTES - 1] ^= std::byte{1};
    EXPECT_TRUE(scan(bytes).empty());
}

}  // namespace ashlar::test
