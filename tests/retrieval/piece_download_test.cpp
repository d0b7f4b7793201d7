#include "retrieval/piece_download.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "base/mutex.hpp"
#include "checkpoint/blob_packing.hpp"
#include "object/placement.hpp"
#include "retrieval/piece_check.hpp"
#include "tests/support/local_network.hpp"
#include "tests/support/lying_node.hpp"

namespace ashlar::test
{
namespace
{

constexpr std::size_t NODES = 8;
constexpr std::size_t LIAR = 3;

/// Keeps what comes in memory, and what is said of it.
class MemoryTarget : public ArrivalTarget
{
public:
    Result<void> arrive(const PieceContents& piece) override
    {
        Bytes elements(BYTES_PER_BLOB);
        if (piece.bytes.is_payload())
            pack_elements(piece.bytes.payload(), elements);
        else
            std::ranges::copy(piece.bytes.elements(), elements.begin());
        const MutexLock lock{mutex_};
        arrived[piece.piece] = std::move(elements);
        return {};
    }
    Result<void> confirm(std::span<const std::uint64_t> pieces) override
    {
        const MutexLock lock{mutex_};
        for (const auto piece : pieces)
        {
            EXPECT_TRUE(arrived.contains(piece)) << piece;
            EXPECT_TRUE(confirmed.insert(piece).second) << piece << " counts twice";
        }
        return {};
    }
    Result<void> revoke(std::uint64_t piece) override
    {
        const MutexLock lock{mutex_};
        EXPECT_TRUE(revoked.insert(piece).second) << piece;
        return {};
    }
    Result<BlobContents> read_arrived(std::uint64_t piece, BlobBuffer room) const override
    {
        const MutexLock lock{mutex_};
        std::ranges::copy(arrived.at(piece), room.begin());
        return BlobView{room};
    }

    std::map<std::uint64_t, Bytes> arrived;
    std::set<std::uint64_t> confirmed;
    std::set<std::uint64_t> revoked;

private:
    mutable Mutex mutex_;
};

/// Some sixty pieces, each asked of its first holder.
class piece_download : public ::testing::Test
{
protected:
    void SetUp() override
    {
        source_.write("weights.bin", pattern(18 * PAYLOAD_BYTES_PER_BLOB, 7));
        auto object = publish_folder(network_, source_.path());
        ASSERT_TRUE(object) << object.error().message;
        auto view = open_object((*object)->root(), network_.committee(), network_.nodes());
        ASSERT_TRUE(view) << view.error().message;
        view_ = std::make_unique<ObjectView>(std::move(*view));
        const Placement placement{view_->header, network_.committee()};
        for (std::uint64_t piece = 0; piece < piece_count(view_->header.shape()); ++piece)
        {
            requests_[placement.holders(piece).front()].push_back(piece);
            all_.insert(piece);
        }
    }

    Result<DownloadReport> download(std::size_t pieces_per_check)
    {
        return download_pieces(*view_, network_.nodes(), requests_,
            {.memory_bytes = memory_bytes_, .pieces_per_check = pieces_per_check}, target_, [] {});
    }

    /// The pieces that are confirmed are the right ones.
    void expect_right_bytes() const
    {
        for (const auto piece : target_.confirmed)
        {
            const PieceContents view{piece, BlobView{target_.arrived.at(piece)}};
            EXPECT_TRUE(find_false_pieces(*view_, {&view, 1}).empty()) << piece;
        }
    }

    TemporaryFolder source_;
    LocalNetwork network_{NODES};
    std::unique_ptr<ObjectView> view_;
    PieceRequests requests_;
    std::set<std::uint64_t> all_;
    std::uint64_t memory_bytes_ = 1ULL << 30;
    MemoryTarget target_;
};

// A check ends amid the pieces of several members, again and again, or never before the end.
TEST_F(piece_download, every_piece_counts_once_whatever_a_check_holds)
{
    for (const std::size_t pieces_per_check : {1u, 3u, 16u, 17u, 4096u})
    {
        SCOPED_TRACE(pieces_per_check);
        target_.confirmed.clear();
        const auto report = download(pieces_per_check);
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_EQ(report->pieces_received, all_.size());
        EXPECT_TRUE(report->false_answers.empty());
        EXPECT_EQ(target_.confirmed, all_);
        EXPECT_TRUE(target_.revoked.empty());
    }
    expect_right_bytes();
}

// As little memory as there is asks one member after another.
TEST_F(piece_download, no_memory_is_enough_for_all_pieces)
{
    memory_bytes_ = 0;
    ASSERT_TRUE(download(4096));
    EXPECT_EQ(target_.confirmed, all_);
}

TEST_F(piece_download, false_pieces_are_revoked_and_named_and_the_others_count)
{
    // The first and the last of the liar's stored blobs, and all its local parities.
    const auto stored_count = view_->header.shape().stored_count();
    const auto& held = requests_.at(LIAR);
    const auto parities = std::ranges::lower_bound(held, stored_count);
    ASSERT_NE(parities, held.begin());
    std::set<std::uint64_t> lies{parities, held.end()};
    lies.insert(held.front());
    lies.insert(*std::prev(parities));
    LyingNode liar{
        *network_.nodes()[LIAR], [&](std::uint64_t piece) { return lies.contains(piece); }};
    network_.replace(LIAR, liar);
    auto good = all_;
    for (const auto piece : lies)
        good.erase(piece);

    for (const std::size_t pieces_per_check : {1u, 3u, 4096u})
    {
        SCOPED_TRACE(pieces_per_check);
        target_.confirmed.clear();
        target_.revoked.clear();
        const auto report = download(pieces_per_check);
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_EQ(target_.confirmed, good);
        EXPECT_EQ(report->false_answers.size(), lies.size());
        for (const auto& answer : report->false_answers)
            EXPECT_EQ(answer.member, LIAR) << answer.what;
        // A false parity has a hash that says so before it is written.
        for (const auto piece : lies)
            EXPECT_EQ(target_.revoked.contains(piece), piece < stored_count) << piece;
    }
    expect_right_bytes();
}

TEST_F(piece_download, what_an_earlier_run_left_is_confirmed_or_revoked)
{
    ASSERT_TRUE(download(4096));
    target_.confirmed.clear();
    target_.arrived.at(5)[99] ^= std::byte{1};
    const std::uint64_t left[] = {2, 5, 6, 7};
    ASSERT_TRUE(verify_arrived(*view_, left, target_));
    EXPECT_EQ(target_.confirmed, (std::set<std::uint64_t>{2, 6, 7}));
    EXPECT_EQ(target_.revoked, std::set<std::uint64_t>{5});
}

/// Has no room after some pieces.
class FullTarget final : public MemoryTarget
{
public:
    Result<void> arrive(const PieceContents& piece) override
    {
        if (room_.fetch_sub(1) <= 0)
            return fail(ErrorKind::unavailable, "the disk is full");
        return MemoryTarget::arrive(piece);
    }

private:
    std::atomic<int> room_{10};
};

TEST_F(piece_download, the_targets_error_ends_it_and_blames_nobody)
{
    FullTarget full;
    const auto report = download_pieces(
        *view_, network_.nodes(), requests_, {.memory_bytes = memory_bytes_}, full, [] {});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().message, "the disk is full");
    EXPECT_LE(full.arrived.size(), 10u);
}

}  // namespace
}  // namespace ashlar::test
