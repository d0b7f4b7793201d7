#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/da-node/test_node.hpp"

namespace ashlar::test
{
namespace
{

/// A piece that is placed here, or one that is not.
std::uint64_t some_piece(const TestNode& node, const SmallObject& object, bool placed_here)
{
    const auto placed = node.placed(object);
    std::uint64_t piece = 0;
    while (std::ranges::binary_search(placed, piece) != placed_here)
        ++piece;
    return piece;
}

void expect_signature(TestNode& node, const BlsSignature& signature, const Bytes32& root,
    std::uint64_t expiry, std::size_t member = 0)
{
    const auto& key = node.committee().members()[member].key;
    EXPECT_TRUE(
        verify_signature(key, certificate_digest(node.committee(), root, expiry), signature));
}

}  // namespace

TEST(service, sign_whole_upload_gives_a_signature_that_holds)
{
    TestNode node;
    node.upload(small_object());
    const auto signature = node->sign(small_object().root(), EXPIRY).value();
    expect_signature(node, signature, small_object().root(), EXPIRY);
    EXPECT_TRUE(node->holdings(small_object().root()).value().is_signed);
    EXPECT_EQ(node->status().value().objects, 1u);
}

TEST(service, sign_is_insufficient_until_the_last_piece)
{
    TestNode node;
    const auto& object = small_object();
    node.announce(object);
    EXPECT_EQ(kind_of(node->sign(object.root(), EXPIRY)), ErrorKind::insufficient);
    for (const auto piece : node.placed(object))
    {
        EXPECT_EQ(kind_of(node->sign(object.root(), EXPIRY)), ErrorKind::insufficient);
        must(node.put(object, piece));
    }
    EXPECT_FALSE(node->status().value().degraded);
    EXPECT_TRUE(node->sign(object.root(), EXPIRY));
}

TEST(service, sign_takes_only_the_reserved_expiry)
{
    TestNode node;
    node.upload(small_object());
    const auto root = small_object().root();
    EXPECT_EQ(kind_of(node->sign(root, EXPIRY - 1)), ErrorKind::invalid_input);
    EXPECT_EQ(kind_of(node->sign(root, EXPIRY + 1)), ErrorKind::invalid_input);
    EXPECT_TRUE(node->sign(root, EXPIRY));
}

TEST(service, sign_after_renewal_goes_up_and_never_down)
{
    TestNode node;
    const auto& object = small_object();
    node.upload_and_sign(object);
    must(node->reserve(node.reservation(object, EXPIRY + 10)));
    const auto signature = node->sign(object.root(), EXPIRY + 10).value();
    expect_signature(node, signature, object.root(), EXPIRY + 10);
    EXPECT_EQ(kind_of(node->sign(object.root(), EXPIRY)), ErrorKind::invalid_input);
    EXPECT_EQ(
        kind_of(node->reserve(node.reservation(object, EXPIRY, 2))), ErrorKind::invalid_input);
}

TEST(service, sign_again_gives_the_same_signature)
{
    TestNode node;
    node.upload(small_object());
    const auto first = node->sign(small_object().root(), EXPIRY).value().bytes();
    EXPECT_EQ(node->sign(small_object().root(), EXPIRY).value().bytes(), first);
}

TEST(service, sign_after_expiry_is_refused)
{
    TestNode node;
    node.upload(small_object());
    node.clock().advance(EXPIRY - NOW);
    EXPECT_EQ(kind_of(node->sign(small_object().root(), EXPIRY)), ErrorKind::invalid_input);
}

TEST(service, calls_for_unknown_object_are_not_found)
{
    TestNode node;
    const auto& object = small_object();
    EXPECT_EQ(kind_of(node->put_metadata(object.root(), object.metadata)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(node.put(object, 0)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(node->holdings(object.root())), ErrorKind::not_found);
    EXPECT_EQ(kind_of(node->sign(object.root(), EXPIRY)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(node->object(object.root())), ErrorKind::not_found);
    EXPECT_EQ(kind_of(node->metadata(object.root())), ErrorKind::not_found);
    EXPECT_EQ(kind_of(node->get_cell(object.root(), 0, 0)), ErrorKind::not_found);
}

TEST(service, put_pieces_foreign_piece_is_refused)
{
    TestNode node;
    node.announce(small_object());
    const auto foreign = some_piece(node, small_object(), false);
    EXPECT_EQ(kind_of(node.put(small_object(), foreign)), ErrorKind::invalid_input);
    EXPECT_TRUE(node->holdings(small_object().root()).value().pieces.empty());
}

// A batch of no blobs verifies, as the specifications want it: it must not count as any.
TEST(service, put_pieces_of_nothing_is_no_piece_and_lets_nobody_sign)
{
    TestNode node;
    const auto& object = small_object();
    node.announce(object);
    EXPECT_TRUE(node->put_pieces(object.root(), {}));
    EXPECT_TRUE(node->holdings(object.root()).value().pieces.empty());
    EXPECT_EQ(kind_of(node->sign(object.root(), EXPIRY)), ErrorKind::insufficient);
}

TEST(service, put_pieces_beyond_the_object_is_refused)
{
    TestNode node;
    const auto& object = small_object();
    node.announce(object);
    auto piece = object.carried(0);
    piece.piece = piece_count(object.shape());
    const std::array beyond{piece};
    EXPECT_EQ(kind_of(node->put_pieces(object.root(), beyond)), ErrorKind::invalid_input);
}

TEST(service, put_pieces_before_metadata_is_insufficient)
{
    TestNode node;
    must(node->reserve(node.reservation(small_object())));
    const auto piece = some_piece(node, small_object(), true);
    EXPECT_EQ(kind_of(node.put(small_object(), piece)), ErrorKind::insufficient);
}

TEST(service, put_pieces_false_blob_is_named_and_nothing_is_kept)
{
    TestNode node;
    auto object = small_object();
    node.announce(object);
    const auto placed = node.placed(object);
    ASSERT_LT(placed[1], object.shape().stored_count());
    object.pieces[placed[1]][31] ^= std::byte{1};
    const std::array pieces{object.carried(placed[0]), object.carried(placed[1])};
    const auto put = node->put_pieces(object.root(), pieces);
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().kind, ErrorKind::proof_invalid);
    EXPECT_THAT(put.error().message, testing::HasSubstr(std::to_string(placed[1])));
    EXPECT_TRUE(node->holdings(object.root()).value().pieces.empty());
}

TEST(service, put_pieces_element_not_below_the_modulus_is_refused)
{
    TestNode node;
    auto object = small_object();
    node.announce(object);
    // A parity blob: data blobs are refused for a non-zero first byte already.
    auto piece = object.fields.data_blobs;
    while (!std::ranges::binary_search(node.placed(object), piece))
        ++piece;
    std::fill_n(object.pieces[piece].begin(), 32, std::byte{0xff});
    EXPECT_EQ(kind_of(node.put(object, piece)), ErrorKind::invalid_input);
}

TEST(service, put_pieces_wrong_local_parity_is_refused)
{
    TestNode node;
    auto object = small_object();
    node.announce(object);
    const auto parity = node.placed(object).back();
    ASSERT_GE(parity, object.shape().stored_count());
    object.pieces[parity][0] ^= std::byte{1};
    EXPECT_EQ(kind_of(node.put(object, parity)), ErrorKind::proof_invalid);
    object.pieces[parity][0] ^= std::byte{1};
    EXPECT_TRUE(node.put(object, parity));
}

TEST(service, put_pieces_data_element_over_31_bytes_is_refused)
{
    TestNode node{{.members = 1}};
    auto object = small_object();
    object.pieces[0][0] = std::byte{1};
    std::vector<Commitment> data;
    for (std::size_t i = 0; i < object.fields.data_blobs; ++i)
        data.push_back(blob_to_kzg_commitment(object.piece(i).bytes).value());
    object.bind(extend_commitments(object.shape(), data));
    node.announce(object);
    EXPECT_EQ(kind_of(node.put(object, 0)), ErrorKind::proof_invalid);
    EXPECT_TRUE(node.put(object, 1));
}

TEST(service, put_pieces_twice_keeps_one_copy)
{
    TestNode node;
    const auto piece = some_piece(node, small_object(), true);
    node.announce(small_object());
    const std::array twice{small_object().carried(piece), small_object().carried(piece)};
    must(node->put_pieces(small_object().root(), twice));
    must(node.put(small_object(), piece));
    EXPECT_EQ(std::filesystem::file_size(node.segment(small_object().root())), SLOT_BYTES);
    EXPECT_EQ(node->status().value().stored_bytes, BYTES_PER_BLOB);
}

TEST(service, holdings_after_partial_upload_lists_what_is_there)
{
    TestNode node;
    const auto& object = small_object();
    must(node->reserve(node.reservation(object)));
    EXPECT_FALSE(node->holdings(object.root()).value().metadata);
    must(node->put_metadata(object.root(), object.metadata));
    const auto placed = node.placed(object);
    const std::vector<std::uint64_t> some{placed[0], placed[2]};
    must(node.put(object, some[1]));
    must(node.put(object, some[0]));
    const auto holdings = node->holdings(object.root()).value();
    EXPECT_TRUE(holdings.metadata);
    EXPECT_FALSE(holdings.is_signed);
    EXPECT_EQ(holdings.pieces, some);
}

TEST(service, metadata_comes_back_as_it_was_put)
{
    TestNode node;
    node.announce(small_object());
    EXPECT_EQ(node->metadata(small_object().root()).value(), small_object().metadata);
    EXPECT_TRUE(node->put_metadata(small_object().root(), small_object().metadata));
}

TEST(service, get_pieces_gives_what_is_there_and_leaves_out_the_rest)
{
    TestNode node;
    const auto& object = small_object();
    node.upload(object);
    std::vector<std::uint64_t> all(piece_count(object.shape()) + 1);
    std::iota(all.begin(), all.end(), std::uint64_t{0});
    std::vector<std::uint64_t> received;
    const auto collect = [&](const PieceView& piece) -> Result<void> {
        EXPECT_TRUE(equal(piece.bytes, object.pieces[piece.piece]));
        received.push_back(piece.piece);
        return {};
    };
    must(node->get_pieces(object.root(), all, collect));
    EXPECT_EQ(received, node.placed(object));
}

TEST(service, get_pieces_ends_with_the_sinks_error)
{
    TestNode node;
    node.upload(small_object());
    const auto placed = node.placed(small_object());
    int calls = 0;
    const auto result =
        node->get_pieces(small_object().root(), placed, [&](const PieceView&) -> Result<void> {
            ++calls;
            return fail(ErrorKind::insufficient, "enough");
        });
    EXPECT_EQ(kind_of(result), ErrorKind::insufficient);
    EXPECT_EQ(calls, 1);
}

TEST(service, get_cell_verifies_on_demand_and_from_the_set)
{
    TestNode node;
    const auto& object = small_object();
    node.upload(object);
    const auto stored = some_piece(node, object, true);
    const auto commitment = object.codeword()[object.shape().position_of(stored)];
    for (const std::uint64_t cell : {0u, 127u, 64u, 5u, 5u})
    {
        const auto answer = node->get_cell(object.root(), stored, cell).value();
        const std::array claims{CellClaim{.commitment = commitment,
            .cell_index = cell,
            .cell = answer.cell,
            .proof = Proof::parse(answer.proof).value()}};
        EXPECT_TRUE(verify_cells(claims)) << cell;
    }
}

TEST(service, get_cell_out_of_range_is_invalid)
{
    TestNode node{{.members = 1}};
    const auto& object = small_object();
    node.upload(object);
    const auto stored_count = object.shape().stored_count();
    EXPECT_TRUE(node->get_cell(object.root(), stored_count - 1, 127));
    EXPECT_EQ(kind_of(node->get_cell(object.root(), stored_count, 0)), ErrorKind::invalid_input);
    EXPECT_EQ(kind_of(node->get_cell(object.root(), 0, 128)), ErrorKind::invalid_input);
}

TEST(service, put_certificate_keeps_the_better_one)
{
    TestNode node;
    const auto& object = small_object();
    node.upload(object);
    const auto certificate_of = [&](std::size_t signers, std::uint64_t expiry) {
        const auto digest = certificate_digest(node.committee(), object.root(), expiry);
        std::vector<MemberSignature> signatures;
        for (std::size_t i = 0; i < signers; ++i)
            signatures.push_back({.member = i, .signature = test_member_key(i).sign(digest)});
        return make_certificate(node.committee(), object.root(), expiry, signatures).value();
    };
    const auto two = certificate_of(2, EXPIRY);
    EXPECT_FALSE(node->object(object.root()).value().certificate);
    must(node->put_certificate(object.root(), two));
    must(node->put_certificate(object.root(), certificate_of(1, EXPIRY)));
    EXPECT_EQ(node->object(object.root()).value().certificate, two);
    const auto later = certificate_of(1, EXPIRY + 1);
    must(node->put_certificate(object.root(), later));
    EXPECT_EQ(node->object(object.root()).value().certificate, later);

    auto forged = later;
    forged.expiry_unix_seconds += 1;
    EXPECT_EQ(kind_of(node->put_certificate(object.root(), forged)), ErrorKind::proof_invalid);
}

TEST(service, full_disk_refuses_writes_and_goes_on_reading)
{
    TestNode node;
    const auto& object = small_object();
    node.announce(object);
    const auto placed = node.placed(object);
    must(node.put(object, placed[0]));
    EXPECT_FALSE(node->status().value().degraded);

    node.store_options().free_bytes_min = ~0ULL;
    node.restart();
    EXPECT_EQ(kind_of(node.put(object, placed[1])), ErrorKind::insufficient);
    EXPECT_TRUE(node->status().value().degraded);
    EXPECT_EQ(kind_of(node->sign(object.root(), EXPIRY)), ErrorKind::insufficient);
    EXPECT_EQ(node->holdings(object.root()).value().pieces, std::vector{placed[0]});
    EXPECT_TRUE(node.store().find(object.root())->read_piece(placed[0]));
}

TEST(service, sweep_drops_unsigned_uploads_a_second_after_a_day)
{
    TestNode node;
    node.upload(small_object());
    node.clock().advance(UPLOAD_SECONDS_MAX);
    node->sweep();
    EXPECT_TRUE(node->holdings(small_object().root()));
    node.clock().advance(1);
    node->sweep();
    EXPECT_EQ(kind_of(node->holdings(small_object().root())), ErrorKind::not_found);
    EXPECT_FALSE(std::filesystem::exists(node.object_folder(small_object().root())));
    node.restart();
    EXPECT_EQ(kind_of(node->holdings(small_object().root())), ErrorKind::not_found);
}

TEST(service, sweep_drops_signed_objects_a_second_after_grace)
{
    TestNode node;
    node.upload_and_sign(small_object());
    node.clock().advance(EXPIRY - NOW + GRACE_SECONDS);
    node->sweep();
    EXPECT_TRUE(node->holdings(small_object().root()));
    node.clock().advance(1);
    node->sweep();
    EXPECT_EQ(kind_of(node->holdings(small_object().root())), ErrorKind::not_found);
}

TEST(service, dropped_object_can_come_again)
{
    TestNode node;
    node.upload(small_object());
    node.clock().advance(UPLOAD_SECONDS_MAX + 1);
    node->sweep();
    node.upload(small_object());
    EXPECT_TRUE(node->sign(small_object().root(), EXPIRY));
}

}  // namespace ashlar::test
