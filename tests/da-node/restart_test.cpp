/// What a node claims after it was closed, killed or its files were damaged: never more than it
/// holds, never less than it acknowledged.

#include <fstream>

#include <gtest/gtest.h>

#include "tests/da-node/test_node.hpp"

namespace ashlar::test
{
namespace
{

void flip_byte(const std::filesystem::path& path, std::uint64_t offset)
{
    const auto file = File::open_or_create(path).value();
    std::array<std::byte, 1> byte{};
    must(file.read_at(offset, byte));
    byte[0] ^= std::byte{1};
    must(file.write_at(offset, byte));
}

void copy_folder(const std::filesystem::path& from, const std::filesystem::path& to)
{
    std::filesystem::remove_all(to);
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

/// The file of the index whose name has this part.
std::filesystem::path index_file(const TestNode& node, std::string_view part)
{
    for (const auto& entry : std::filesystem::directory_iterator{node.folder() / "index"})
    {
        if (entry.path().filename().native().find(part) != std::string::npos)
            return entry.path();
    }
    ADD_FAILURE() << "no " << part;
    return {};
}

/// Goes through a whole upload and calls `interrupt` after each step, then looks at what the node
/// says it has.
template <typename Interrupt>
void expect_upload_survives(TestNode& node, Interrupt&& interrupt)
{
    const auto& object = small_object();
    const auto root = object.root();
    std::vector<std::uint64_t> acknowledged;
    const auto interrupted = [&](bool metadata, bool is_signed) {
        interrupt();
        const auto holdings = node->holdings(root).value();
        EXPECT_EQ(holdings.metadata, metadata);
        EXPECT_EQ(holdings.pieces, acknowledged);
        EXPECT_EQ(holdings.is_signed, is_signed);
        for (const auto piece : acknowledged)
        {
            const auto bytes = node.store().find(root)->read_piece(piece).value();
            EXPECT_EQ(bytes, object.pieces[piece]);
        }
    };
    interrupt();
    EXPECT_FALSE(node->holdings(root));
    must(node->reserve(node.reservation(object)));
    interrupted(false, false);
    must(node->put_metadata(root, object.metadata));
    interrupted(true, false);
    for (const auto piece : node.placed(object))
    {
        must(node.put(object, piece));
        acknowledged.push_back(piece);
        interrupted(true, false);
    }
    const auto signature = node->sign(root, EXPIRY).value().bytes();
    interrupted(true, true);
    EXPECT_EQ(node->sign(root, EXPIRY).value().bytes(), signature);
}

}  // namespace

TEST(restart, between_any_two_steps_keeps_what_was_acknowledged)
{
    TestNode node;
    expect_upload_survives(node, [&] { node.restart(); });
}

TEST(restart, killed_between_any_two_steps_keeps_what_was_acknowledged)
{
    TestNode node;
    expect_upload_survives(node, [&] { node.kill_and_restart(); });
}

TEST(restart, small_segments_roll_over)
{
    TestNode node{{.store = {.segment_bytes_max = 2 * SLOT_BYTES, .free_bytes_min = 0}}};
    expect_upload_survives(node, [&] { node.restart(); });
    EXPECT_TRUE(
        std::filesystem::exists(node.object_folder(small_object().root()) / "segment-000002.seg"));
}

// A call keeps the segment open that it read last.
TEST(restart, one_call_reads_pieces_of_several_segments)
{
    TestNode node{{.store = {.segment_bytes_max = 2 * SLOT_BYTES, .free_bytes_min = 0}}};
    const auto& object = small_object();
    node.announce(object);
    for (const auto piece : node.placed(object))
        must(node.put(object, piece));
    // There and back, so that segments are left and come again.
    const auto placed = node.placed(object);
    auto asked = placed;
    asked.insert(asked.end(), placed.rbegin(), placed.rend());
    std::vector<std::uint64_t> got;
    must(node->get_carried_pieces(object.root(), asked, [&](const CarriedPiece& piece) {
        EXPECT_TRUE(equal(piece.bytes, object.pieces[piece.piece])) << piece.piece;
        got.push_back(piece.piece);
        return Result<void>{};
    }));
    EXPECT_EQ(got, asked);
    EXPECT_TRUE(std::filesystem::exists(node.object_folder(object.root()) / "segment-000002.seg"));
}

TEST(restart, torn_tail_is_cut_off)
{
    TestNode node;
    const auto& object = small_object();
    node.announce(object);
    const auto placed = node.placed(object);
    must(node.put(object, placed[0]));
    for (const std::uint64_t torn : {std::uint64_t{1}, std::uint64_t{SLOT_HEADER_BYTES},
             std::uint64_t{SLOT_BYTES - 1}, std::uint64_t{SLOT_BYTES}})
    {
        node.close();
        std::filesystem::resize_file(node.segment(object.root()), SLOT_BYTES + torn);
        node.open();
        EXPECT_EQ(node->holdings(object.root()).value().pieces, std::vector{placed[0]});
        EXPECT_EQ(std::filesystem::file_size(node.segment(object.root())), SLOT_BYTES);
    }
    must(node.put(object, placed[1]));
    EXPECT_TRUE(node.store().find(object.root())->read_piece(placed[1]));
}

TEST(restart, slot_written_before_its_row_is_taken_up)
{
    TestNode node;
    const auto& object = small_object();
    const auto placed = node.placed(object);
    node.announce(object);
    must(node.put(object, placed[0]));
    node.close();
    Bytes slot;
    append_slot(slot, object.root(), object.carried(placed[1]));
    must(File::open_or_create(node.segment(object.root())).value().write_at(SLOT_BYTES, slot));
    node.open();
    const std::vector<std::uint64_t> expected{placed[0], placed[1]};
    EXPECT_EQ(node->holdings(object.root()).value().pieces, expected);
}

TEST(restart, shortened_segment_is_no_longer_claimed_and_can_be_repaired)
{
    TestNode node;
    const auto& object = small_object();
    node.upload_and_sign(object);
    node.close();
    const auto size = std::filesystem::file_size(node.segment(object.root()));
    std::filesystem::resize_file(node.segment(object.root()), size - 1);
    node.open();
    auto expected = node.placed(object);
    const auto lost = expected.back();
    expected.pop_back();
    const auto holdings = node->holdings(object.root()).value();
    EXPECT_FALSE(holdings.is_signed);
    EXPECT_EQ(holdings.pieces, expected);
    EXPECT_EQ(kind_of(node->sign(object.root(), EXPIRY)), ErrorKind::insufficient);
    EXPECT_EQ(node->status().value().objects, 0u);

    must(node.put(object, lost));
    EXPECT_TRUE(node->holdings(object.root()).value().is_signed);
    EXPECT_TRUE(node->sign(object.root(), EXPIRY));
}

TEST(restart, flipped_bit_is_never_served)
{
    TestNode node;
    const auto& object = small_object();
    node.upload_and_sign(object);
    const auto placed = node.placed(object);
    const auto stored = node.store().find(object.root());
    for (std::size_t slot = 0; slot < placed.size(); ++slot)
    {
        // Header, digest, first and last byte of the blob in turn.
        constexpr std::array PLACES{
            std::size_t{9}, std::size_t{40}, SLOT_HEADER_BYTES, SLOT_BYTES - 1};
        flip_byte(node.segment(object.root()), slot * SLOT_BYTES + PLACES[slot % PLACES.size()]);
        EXPECT_EQ(kind_of(stored->read_piece(placed[slot])), ErrorKind::corrupted);
        EXPECT_EQ(kind_of(stored->read_piece(placed[slot])), ErrorKind::not_found);
    }
    EXPECT_TRUE(node->holdings(object.root()).value().pieces.empty());
    EXPECT_FALSE(node->holdings(object.root()).value().is_signed);
    EXPECT_EQ(kind_of(node->sign(object.root(), EXPIRY)), ErrorKind::insufficient);
    EXPECT_EQ(node->status().value().stored_bytes, 0u);

    node.upload(object);
    EXPECT_TRUE(node->holdings(object.root()).value().is_signed);
    node.restart();
    EXPECT_TRUE(node->holdings(object.root()).value().is_signed);
}

TEST(restart, damaged_or_missing_ledger_is_not_claimed_until_signed_again)
{
    const auto& object = small_object();
    for (const bool remove : {false, true})
    {
        TestNode node;
        node.upload_and_sign(object);
        node.close();
        const auto ledger = node.object_folder(object.root()) / "signed.ledger";
        if (remove)
            std::filesystem::remove(ledger);
        else
            flip_byte(ledger, 50);
        node.open();
        EXPECT_FALSE(node->holdings(object.root()).value().is_signed);
        EXPECT_TRUE(node->sign(object.root(), EXPIRY));
        node.restart();
        EXPECT_TRUE(node->holdings(object.root()).value().is_signed);
    }
}

TEST(restart, killed_between_ledger_and_record_stands_by_the_ledger)
{
    TestNode node;
    const auto& object = small_object();
    node.upload(object);
    node.close();
    const auto before = node.folder().parent_path() / "index-before";
    copy_folder(node.folder() / "index", before);
    node.open();
    node->sign(object.root(), EXPIRY).value();
    node.close();
    copy_folder(before, node.folder() / "index");
    node.open();
    EXPECT_TRUE(node->holdings(object.root()).value().is_signed);
    EXPECT_EQ(
        kind_of(node->reserve(node.reservation(object, EXPIRY - 1, 2))), ErrorKind::invalid_input);
}

TEST(restart, ledger_ahead_of_the_index_is_not_signed_below)
{
    TestNode node;
    const auto& object = small_object();
    node.upload_and_sign(object);
    node.close();
    const auto before = node.folder().parent_path() / "index-before";
    copy_folder(node.folder() / "index", before);
    node.open();
    must(node->reserve(node.reservation(object, EXPIRY + 10)));
    EXPECT_TRUE(node->sign(object.root(), EXPIRY + 10));
    node.close();
    copy_folder(before, node.folder() / "index");
    node.open();
    EXPECT_EQ(kind_of(node->sign(object.root(), EXPIRY)), ErrorKind::invalid_input);
    EXPECT_TRUE(node->sign(object.root(), EXPIRY + 10));
}

TEST(restart, ledger_of_other_pieces_is_not_claimed)
{
    TestNode node;
    const auto& object = small_object();
    node.upload_and_sign(object);
    node.close();
    const auto folder = node.object_folder(object.root());
    auto ledger = read_ledger(folder, object.root()).value().value();
    ledger.pieces_digest = pieces_digest({});
    must(write_ledger(folder, object.root(), ledger));
    node.open();
    EXPECT_FALSE(node->holdings(object.root()).value().is_signed);
}

TEST(restart, index_that_lost_its_tail_claims_only_what_the_files_prove)
{
    TestNode node;
    const auto& object = small_object();
    must(node->reserve(node.reservation(object)));
    node.close();
    const auto before = node.folder().parent_path() / "index-before";
    copy_folder(node.folder() / "index", before);
    node.open();
    node.upload_and_sign(object);
    node.close();
    copy_folder(before, node.folder() / "index");
    node.open();
    // The metadata is gone with the index, so nothing is claimed; the pieces prove themselves.
    const auto holdings = node->holdings(object.root()).value();
    EXPECT_FALSE(holdings.metadata);
    EXPECT_FALSE(holdings.is_signed);
    EXPECT_EQ(holdings.pieces, node.placed(object));
    must(node->put_metadata(object.root(), object.metadata));
    EXPECT_TRUE(node->sign(object.root(), EXPIRY));
    EXPECT_TRUE(node->holdings(object.root()).value().is_signed);
}

TEST(restart, lost_index_claims_nothing_and_keeps_signed_files)
{
    TestNode node;
    const auto& object = small_object();
    node.upload_and_sign(object);
    node.close();
    std::filesystem::remove_all(node.folder() / "index");
    node.open();
    EXPECT_EQ(kind_of(node->holdings(object.root())), ErrorKind::not_found);
    EXPECT_TRUE(std::filesystem::exists(node.segment(object.root())));
    node.announce(object);
    EXPECT_EQ(node->holdings(object.root()).value().pieces, node.placed(object));
    EXPECT_TRUE(node->sign(object.root(), EXPIRY));
}

TEST(restart, segment_of_another_object_is_not_taken_for_ones_own)
{
    TestNode node{{.members = 1}};
    const auto& object = small_object();
    const auto other = make_small_object({.seed = 2});
    node.upload_and_sign(object);
    node.upload_and_sign(other);
    node.close();
    std::filesystem::copy_file(node.segment(other.root()), node.segment(object.root()),
        std::filesystem::copy_options::overwrite_existing);
    node.open();
    EXPECT_EQ(kind_of(node.store().find(object.root())->read_piece(0)), ErrorKind::corrupted);
    EXPECT_FALSE(node->holdings(object.root()).value().is_signed);
    EXPECT_TRUE(node->holdings(other.root()).value().is_signed);
}

TEST(restart, index_log_that_ends_in_half_a_record_opens)
{
    TestNode node;
    const auto& object = small_object();
    node.upload(object);
    node.close();
    const auto log = index_file(node, ".log");
    std::filesystem::resize_file(log, std::filesystem::file_size(log) - 1);
    node.open();
    // The row that was cut off is found again in the segment.
    EXPECT_EQ(node->holdings(object.root()).value().pieces, node.placed(object));
    EXPECT_TRUE(node->sign(object.root(), EXPIRY));
}

TEST(restart, damaged_index_refuses_to_open)
{
    for (const auto* name : {"MANIFEST", ".log"})
    {
        TestNode node;
        node.upload_and_sign(small_object());
        node.close();
        flip_byte(index_file(node, name), 20);
        EXPECT_EQ(kind_of(NodeStore::open(node.folder())), ErrorKind::corrupted) << name;
    }
}

TEST(node_store, second_opening_is_refused)
{
    TestNode node;
    EXPECT_EQ(kind_of(NodeStore::open(node.folder())), ErrorKind::unavailable);
    node.close();
    EXPECT_TRUE(NodeStore::open(node.folder()));
}

TEST(node_store, interrupted_drop_is_finished)
{
    TestNode node;
    const auto& object = small_object();
    node.upload_and_sign(object);
    node.close();
    // Killed after the folder was moved and before the index forgot it.
    const auto grave = node.folder() / "dropped" / to_hex(object.root());
    std::filesystem::rename(node.object_folder(object.root()), grave);
    node.open();
    EXPECT_FALSE(std::filesystem::exists(grave));
    EXPECT_EQ(kind_of(node->holdings(object.root())), ErrorKind::not_found);
}

}  // namespace ashlar::test
