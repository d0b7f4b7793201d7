#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "provenance/statement.hpp"
#include "publisher/publish.hpp"
#include "tests/support/local_network.hpp"

namespace ashlar
{
namespace
{

using test::LocalNetwork;

constexpr std::size_t WEIGHTS_BYTES = 24 * PAYLOAD_BYTES_PER_BLOB;

std::uint64_t stored_bytes(LocalNetwork& network)
{
    std::uint64_t total = 0;
    for (auto* const node : network.nodes())
        total += node->status().value().stored_bytes;
    return total;
}

struct PieceCounts
{
    std::uint64_t placed = 0;
    std::uint64_t sent = 0;
};

PieceCounts counts_of(const test::PublishedFolder& version)
{
    PieceCounts counts;
    for (const auto& member : version.published.members)
    {
        counts.placed += member.pieces;
        counts.sent += member.pieces_sent;
    }
    return counts;
}

/// What all nodes together say that they keep of an object.
std::uint64_t bytes_held(LocalNetwork& network, const Bytes32& root)
{
    std::uint64_t total = 0;
    for (auto* const node : network.nodes())
        total += node->holdings(root).value().stored_bytes;
    return total;
}

/// A model on eight nodes, and its second version in which one blob and the directory changed.
class versions : public ::testing::Test
{
protected:
    void SetUp() override
    {
        auto weights = test::pattern(WEIGHTS_BYTES, 1);
        folder_.write("weights.bin", weights);
        first_ = publish({});
        weights[5 * PAYLOAD_BYTES_PER_BLOB] ^= 1;
        folder_.write("weights.bin", weights);
    }

    std::unique_ptr<test::PublishedFolder> publish(const EncodeOptions& options)
    {
        auto done = test::publish_folder(network_, folder_.path(), options);
        EXPECT_TRUE(done) << done.error().message;
        return done ? std::move(*done) : nullptr;
    }

    std::unique_ptr<test::PublishedFolder> publish_second()
    {
        EncodeOptions options;
        options.parent = first_->object.header();
        return publish(options);
    }

    /// Whether it is a data blob with the same commitment in both versions.
    bool is_shared(const test::PublishedFolder& second, std::uint64_t piece) const
    {
        const auto commitment = [piece](const test::PublishedFolder& version) {
            return ByteView{version.object.metadata().commitments}.subspan(
                piece * BYTES_PER_G1, BYTES_PER_G1);
        };
        return piece < second.object.header().shape().data_blobs() &&
               equal(commitment(*first_), commitment(second));
    }

    void expect_fetch_equals(const Bytes32& root)
    {
        const test::TemporaryFolder destination;
        const auto fetched = test::fetch_all(network_, root, destination.path() / "out");
        ASSERT_TRUE(fetched) << fetched.error().message;
        EXPECT_EQ(test::tree_of(destination.path() / "out"), test::tree_of(folder_.path()));
    }

    test::TemporaryFolder folder_;
    LocalNetwork network_{8};
    std::unique_ptr<test::PublishedFolder> first_;
};

}  // namespace

TEST_F(versions, header_names_the_parent_and_takes_its_placement)
{
    const auto second = publish_second();
    const auto& fields = second->object.header().fields();
    EXPECT_EQ(fields.parent_root, first_->root());
    EXPECT_EQ(fields.placement_seed, first_->object.header().fields().placement_seed);
}

// 23 of 25 data blobs did not change, nor did their local parities of whole groups.
TEST_F(versions, equal_blobs_are_neither_sent_nor_stored_again)
{
    const auto stored_before = stored_bytes(network_);
    const auto second = publish_second();
    const auto& shape = second->object.header().shape();
    const auto copies = second->object.header().fields().copies;

    const auto counts = counts_of(*second);
    EXPECT_GE(counts.placed - counts.sent, (shape.data_blobs() - 2) * copies);
    EXPECT_EQ(stored_bytes(network_), stored_before + second->published.bytes_sent);
    expect_fetch_equals(second->root());
}

TEST_F(versions, a_version_without_parent_is_sent_whole)
{
    const auto second = publish({});
    const auto counts = counts_of(*second);
    EXPECT_EQ(counts.sent, counts.placed);
    EXPECT_EQ(second->published.bytes_sent, bytes_held(network_, second->root()));
}

TEST_F(versions, inherited_pieces_survive_restarts_and_the_parents_end)
{
    // Only the second is renewed.
    const auto second = publish_second();
    network_.clock().advance(38 * SECONDS_PER_DAY);
    for (std::size_t m = 0; m < network_.nodes().size(); ++m)
    {
        const auto pieces = network_.nodes()[m]->holdings(second->root()).value().pieces;
        const auto expiry = LocalNetwork::EXPIRY + 30 * SECONDS_PER_DAY;
        const auto& header = second->object.header();
        const auto key = PublisherKey::generate();
        ASSERT_TRUE(network_.nodes()[m]->reserve({.header = header.bytes(),
            .expiry_unix_seconds = expiry,
            .publisher_key = key.public_key(),
            .publisher_signature =
                key.sign(reservation_digest(network_.committee().root(), header.root(), expiry))}));
        ASSERT_TRUE(network_.nodes()[m]->sign(second->root(), expiry));
        network_.service(m).sweep();
        network_.restart(m);
        EXPECT_FALSE(network_.nodes()[m]->object(first_->root()));
        EXPECT_EQ(network_.nodes()[m]->holdings(second->root()).value().pieces, pieces);
        EXPECT_TRUE(network_.nodes()[m]->holdings(second->root()).value().is_signed);
    }
    EXPECT_EQ(stored_bytes(network_), bytes_held(network_, second->root()));
    expect_fetch_equals(second->root());
}

TEST_F(versions, a_third_inherits_through_the_second)
{
    const auto second = publish_second();
    auto weights = test::contents_of(folder_.path() / "weights.bin");
    weights[20 * PAYLOAD_BYTES_PER_BLOB] ^= 1;
    folder_.write("weights.bin", weights);
    EncodeOptions options;
    options.parent = second->object.header();
    const auto third = publish(options);

    const auto& shape = third->object.header().shape();
    const auto counts = counts_of(*third);
    EXPECT_GE(counts.placed - counts.sent,
        (shape.data_blobs() - 2) * third->object.header().fields().copies);
    for (std::size_t m = 0; m < network_.nodes().size(); ++m)
        network_.restart(m);
    expect_fetch_equals(third->root());
}

// The damaged slot is both versions' own: neither serves it, and the second can have it again.
TEST_F(versions, a_damaged_inherited_piece_is_no_longer_held_and_comes_again)
{
    const auto second = publish_second();
    const auto held = network_.nodes()[0]->holdings(second->root()).value().pieces;
    const auto segment =
        network_.folder(0) / "objects" / to_hex(first_->root()) / "segment-000001.seg";
    const auto file = File::open_or_create(segment).value();
    const auto slots = scan_segment(file, first_->root(), 0).value();
    const auto found = std::ranges::find_if(
        slots, [&](const FoundPiece& slot) { return is_shared(*second, slot.piece); });
    ASSERT_NE(found, slots.end());
    const auto piece = found->piece;
    const auto last = found->offset + SLOT_HEADER_BYTES + found->bytes - 1;
    std::array<std::byte, 1> byte{};
    ASSERT_TRUE(file.read_at(last, byte));
    byte[0] ^= std::byte{1};
    ASSERT_TRUE(file.write_at(last, byte));
    ASSERT_TRUE(std::ranges::binary_search(held, piece));

    const auto ignore = [](const PieceView&) { return Result<void>{}; };
    ASSERT_TRUE(network_.nodes()[0]->get_pieces(second->root(), std::array{piece}, ignore));
    const auto after = network_.nodes()[0]->holdings(second->root()).value();
    EXPECT_FALSE(std::ranges::binary_search(after.pieces, piece));
    EXPECT_FALSE(after.is_signed);

    const auto again = publish_second();
    EXPECT_GE(counts_of(*again).sent, 1u);
    EXPECT_TRUE(network_.nodes()[0]->holdings(second->root()).value().is_signed);
}

TEST_F(versions, a_statement_travels_in_the_object_and_the_header_names_it)
{
    const auto payload = Payload::from_folder(folder_.path()).value();
    const auto key = PublisherKey::generate();
    const auto statement = make_statement(
        payload.directory(), {.license = "MIT", .parent_root = first_->root(), .datasets = {}});
    ASSERT_TRUE(statement);
    const auto contents = sign_statement(*statement,
        {.public_key = key.public_key(), .sign = [&](ByteView m) { return key.sign(m); }});
    const auto stated = payload.with_file(std::string{STATEMENT_FILE}, contents);
    ASSERT_TRUE(stated) << stated.error().message;
    EncodeOptions options;
    options.provenance_root = provenance_root_of(*statement);
    const auto object =
        EncodedObject::make(*stated, network_.committee(), options, no_progress()).value();

    EXPECT_EQ(object.header().fields().provenance_root, sha256(*statement));
    const auto* const file = stated->directory().find_file(STATEMENT_FILE);
    ASSERT_NE(file, nullptr);
    Bytes read(file->size);
    ASSERT_TRUE(stated->read(file->offset, read));
    const auto opened = open_statement(read, stated->directory());
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_TRUE(opened->mismatches.empty());
    EXPECT_EQ(opened->claims.license, "MIT");
    EXPECT_EQ(opened->provenance_root(), object.header().fields().provenance_root);
}

}  // namespace ashlar
