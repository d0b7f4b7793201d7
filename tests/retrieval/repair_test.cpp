#include "retrieval/repair.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/local_network.hpp"

namespace ashlar
{
namespace
{

namespace fs = std::filesystem;
using test::LocalNetwork;

/// A small object on eight nodes without copies, some of which lose their disks.
class Repair : public testing::Test
{
protected:
    void SetUp() override
    {
        // Mostly zeros, so that committing is quick.
        std::string contents(20 * PAYLOAD_BYTES_PER_BLOB, '\0');
        for (std::size_t i = 0; i < contents.size(); i += 10'007)
            contents[i] = static_cast<char>(i + 1);
        source_.write("model.bin", contents);
        EncodeOptions options;
        options.copies = 1;
        published_ = test::publish_folder(network_, source_.path(), options).value();
        view_ = open_object(published_->root(), network_.committee(), network_.nodes()).value();
        ASSERT_TRUE(view_->certificate);
    }

    void wipe(std::initializer_list<std::size_t> members)
    {
        for (const auto member : members)
            network_.wipe(member);
    }

    [[nodiscard]] std::vector<MemberShare> shares()
    {
        return find_missing(view_->header, network_.committee(), network_.nodes());
    }

    [[nodiscard]] BlobFetcher fetcher(const fs::path& kept)
    {
        FetchOptions options;
        options.kept_folder = kept;
        return BlobFetcher::make(*view_, network_.committee(), network_.nodes(), options).value();
    }

    /// Every missing piece as the publisher made it, local parities included.
    void expect_rebuilt(BlobFetcher& blobs, std::span<const std::uint64_t> missing)
    {
        const auto required = blobs.require(missing, no_progress());
        ASSERT_TRUE(required) << required.error().message;
        Bytes expected(BYTES_PER_BLOB);
        Bytes found(BYTES_PER_BLOB);
        for (const auto piece : missing)
        {
            ASSERT_TRUE(published_->object.read_piece(piece, BlobBuffer{expected}));
            ASSERT_TRUE(blobs.read(piece, std::span{found}.first<BYTES_PER_BLOB>()));
            ASSERT_EQ(found, expected) << piece;
        }
    }

    [[nodiscard]] std::vector<GivenBack> give_back_all(
        const BlobFetcher& blobs, std::span<const MemberShare> shares)
    {
        const auto key = PublisherKey::generate();
        const auto& root = view_->header.root();
        const auto expiry = view_->certificate->expiry_unix_seconds;
        const ReserveRequest reservation{.header = view_->header.bytes(),
            .expiry_unix_seconds = expiry,
            .publisher_key = key.public_key(),
            .publisher_signature =
                key.sign(reservation_digest(network_.committee().root(), root, expiry))};
        return give_back(blobs, shares,
            {.view = *view_, .nodes = network_.nodes(), .reservation = reservation}, no_progress());
    }

    test::TemporaryFolder source_;
    test::TemporaryFolder work_;
    LocalNetwork network_{8};
    std::unique_ptr<test::PublishedFolder> published_;
    std::optional<ObjectView> view_;
};

TEST_F(Repair, nothing_is_missing_of_a_whole_object)
{
    for (const auto& share : shares())
    {
        EXPECT_GT(share.placed, 0u);
        EXPECT_FALSE(share.needs_repair());
    }
    EXPECT_TRUE(missing_of_all(shares()).empty());
}

TEST_F(Repair, one_wiped_member_is_filled_from_groups_and_signs_again)
{
    wipe({3});
    const auto lost = shares();
    EXPECT_FALSE(lost[3].knows_object);
    EXPECT_EQ(lost[3].missing.size(), lost[3].placed);
    auto blobs = fetcher(work_.path() / "kept");

    expect_rebuilt(blobs, missing_of_all(lost));
    EXPECT_EQ(blobs.counts().decoded, 0u);
    const auto given = give_back_all(blobs, lost);

    EXPECT_TRUE(given[3].is_whole) << given[3].error;
    EXPECT_EQ(given[3].pieces_sent, lost[3].placed);
    EXPECT_EQ(given[0].pieces_sent, 0u);
    EXPECT_FALSE(shares()[3].needs_repair());
    const auto info = network_.nodes()[3]->object(published_->root());
    EXPECT_TRUE(info && info->certificate);
}

TEST_F(Repair, members_beyond_their_groups_are_decoded_and_their_parities_made_again)
{
    wipe({1, 2, 3});
    const auto lost = shares();
    auto blobs = fetcher(work_.path() / "kept");
    expect_rebuilt(blobs, missing_of_all(lost));
    EXPECT_GT(blobs.counts().decoded, 0u);
    for (const auto& given : give_back_all(blobs, lost))
        EXPECT_TRUE(given.is_whole) << given.error;
    EXPECT_TRUE(missing_of_all(shares()).empty());
}

TEST_F(Repair, member_that_does_not_answer_is_named_and_left_alone)
{
    network_.stop(5);
    wipe({3});
    const auto lost = shares();
    EXPECT_TRUE(lost[5].error);
    auto blobs = fetcher(work_.path() / "kept");
    expect_rebuilt(blobs, missing_of_all(lost));
    const auto given = give_back_all(blobs, lost);
    EXPECT_TRUE(given[3].is_whole) << given[3].error;
    EXPECT_FALSE(given[5].is_whole);
    EXPECT_FALSE(given[5].error.empty());
}

TEST_F(Repair, too_many_wiped_members_are_insufficient)
{
    wipe({0, 1, 2, 3, 4, 5});
    auto blobs = fetcher(work_.path() / "kept");
    const auto required = blobs.require(missing_of_all(shares()), no_progress());
    ASSERT_FALSE(required);
    EXPECT_EQ(required.error().kind, ErrorKind::insufficient);
}

TEST_F(Repair, kept_pieces_outlive_the_fetcher_and_damaged_ones_are_dropped)
{
    wipe({3});
    const auto missing = missing_of_all(shares());
    const auto kept = work_.path() / "kept";
    {
        auto blobs = fetcher(kept);
        expect_rebuilt(blobs, missing);
    }
    {
        std::fstream pieces{kept / "pieces", std::ios::in | std::ios::out | std::ios::binary};
        pieces.seekp(static_cast<std::streamoff>(missing.front() * BYTES_PER_BLOB + 77));
        pieces.put('\x7f');
    }
    auto blobs = fetcher(kept);
    expect_rebuilt(blobs, missing);
    EXPECT_EQ(blobs.counts().group_repaired, 1u);
    EXPECT_EQ(blobs.counts().fetched, 0u);
}

TEST_F(Repair, machines_share_a_decode_by_cell_columns)
{
    wipe({1, 2, 3});
    const auto missing = missing_of_all(shares());
    const auto first = work_.path() / "first";
    const auto second = work_.path() / "second";
    EXPECT_EQ(
        fetcher(first).decode_columns(missing, {.begin = 0, .end = 23}, no_progress()).value(),
        23u);
    EXPECT_EQ(
        fetcher(second).decode_columns(missing, {.begin = 23, .end = 60}, no_progress()).value(),
        37u);
    for (std::size_t column = 23; column < 60; ++column)
    {
        const auto name = fmt::format("columns-{:02}", column);
        fs::copy_file(second / "columns" / name, first / "columns" / name);
    }
    auto blobs = fetcher(first);
    expect_rebuilt(blobs, missing);
    EXPECT_GT(blobs.counts().decoded, 0u);
    EXPECT_FALSE(fs::exists(first / "columns" / "columns-00"));
}

TEST_F(Repair, false_columns_are_found_and_the_next_run_makes_its_own)
{
    wipe({1, 2, 3});
    const auto missing = missing_of_all(shares());
    const auto kept = work_.path() / "kept";
    ASSERT_TRUE(fetcher(kept).decode_columns(missing, {.begin = 8, .end = 16}, no_progress()));
    {
        std::fstream column{
            kept / "columns" / "columns-09", std::ios::in | std::ios::out | std::ios::binary};
        column.seekp(1000);
        column.put('\x01');
        column.put('\x02');
    }
    const auto required = fetcher(kept).require(missing, no_progress());
    ASSERT_FALSE(required);
    EXPECT_EQ(required.error().kind, ErrorKind::corrupted);
    auto blobs = fetcher(kept);
    expect_rebuilt(blobs, missing);
}

TEST_F(Repair, columns_of_other_blobs_are_not_used)
{
    const auto folder = work_.path() / "columns";
    const auto& root = view_->header.root();
    auto ours = DecodedColumns::open(folder, root, std::vector<std::uint64_t>{1, 2}).value();
    const auto nothing = [](const ColumnRange&, SliceWriter&) { return Result<void>{}; };
    ASSERT_TRUE(ours.add({.begin = 4, .end = 6}, nothing));
    EXPECT_EQ(ours.count(), 2u);
    const auto missing = ours.missing({.begin = 0, .end = 16});
    ASSERT_EQ(missing.size(), 3u);  // 0 to 3, 6 to 13, 14 and 15
    EXPECT_EQ(missing[1].begin, 6u);
    EXPECT_EQ(missing[1].end, 14u);
    EXPECT_EQ(
        DecodedColumns::open(folder, root, std::vector<std::uint64_t>{1, 3}).value().count(), 0u);
    EXPECT_EQ(
        DecodedColumns::open(folder, Bytes32{}, std::vector<std::uint64_t>{1, 2}).value().count(),
        0u);
}

}  // namespace
}  // namespace ashlar
