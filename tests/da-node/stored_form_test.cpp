/// Data blobs in stored form at a node's border: kept and served as they travelled, and false ones
/// refused.

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/blob_packing.hpp"
#include "checkpoint/stored_form.hpp"
#include "tests/da-node/test_node.hpp"
#include "tests/support/vectors.hpp"

namespace ashlar::test
{
namespace
{

constexpr std::uint32_t PAYLOAD = PAYLOAD_BYTES_PER_BLOB;
const StoredRun WHOLE{.bytes = PAYLOAD, .width = 1, .texture = Texture::text};

Bytes payload_of(const Bytes& blob)
{
    Bytes payload(PAYLOAD);
    must(unpack_elements(blob, payload));
    return payload;
}

Bytes form_of(const Bytes& payload)
{
    return StoredFormEncoder{}.encode(ByteView{payload}.first<PAYLOAD>(), {&WHOLE, 1});
}

/// A form of one run and one plane, written by hand.
Bytes handmade_form(bool difference, std::uint8_t method, ByteView body)
{
    Bytes form{std::byte{1}, std::byte{difference}, std::byte{1}, std::byte{0}, std::byte{1}};
    append(form, little_endian(PAYLOAD));
    form.push_back(std::byte{method});
    append(form, little_endian(static_cast<std::uint32_t>(body.size())));
    append(form, body);
    return form;
}

/// A data blob half of which is zeros, so that its form is short, and what is derived from it.
SmallObject half_empty_object()
{
    auto object = make_small_object();
    auto& blob = object.pieces[0];
    std::fill(blob.begin() + BYTES_PER_BLOB / 2, blob.end(), std::byte{0});
    auto commitments = parse_commitments(object.metadata.commitments).value();
    std::vector<Commitment> data(commitments.begin(), commitments.begin() + 3);
    data[0] = blob_to_kzg_commitment(object.piece(0).bytes).value();
    const std::vector<Bytes> blobs{object.pieces.begin(), object.pieces.begin() + 3};
    object.bind(extend_commitments(object.shape(), data));
    auto pieces = stored_blobs(object.shape(), blobs);
    const auto parities = local_parities(object.shape(), pieces);
    object.metadata.group_parity_hashes.clear();
    std::vector<Bytes32> hashes;
    for (const auto& parity : parities)
        hashes.push_back(sha256(parity));
    for (const auto& hash : hashes)
        append(object.metadata.group_parity_hashes, hash);
    object.fields.group_parity_root = merkle_root(hashes);
    std::ranges::copy(parities, std::back_inserter(pieces));
    object.pieces = std::move(pieces);
    return object;
}

/// Making it takes a while.
const SmallObject& shared_object()
{
    static const auto object = half_empty_object();
    return object;
}

/// A node that holds everything of an object, its data blobs in stored form.
class stored_pieces : public testing::Test
{
protected:
    void SetUp() override
    {
        node.announce(object);
        for (std::size_t t = 0; t < 3; ++t)
            forms.push_back(form_of(payload_of(object.pieces[t])));
    }

    [[nodiscard]] CarriedPiece stored(std::uint64_t piece) const
    {
        return {.piece = piece, .form = PieceForm::stored, .bytes = forms[piece]};
    }

    /// Forms for data blobs, the others raw.
    void upload()
    {
        std::vector<CarriedPiece> pieces;
        for (std::uint64_t piece = 0; piece < object.pieces.size(); ++piece)
            pieces.push_back(piece < forms.size() ? stored(piece) : object.carried(piece));
        must(node->put_pieces(object.root(), pieces));
    }

    void expect_everything_comes_back()
    {
        std::vector<std::uint64_t> all(object.pieces.size());
        std::iota(all.begin(), all.end(), std::uint64_t{0});
        std::size_t raw = 0;
        must(node->get_pieces(object.root(), all, [&](const PieceView& piece) -> Result<void> {
            EXPECT_TRUE(equal(piece.bytes, object.pieces[piece.piece])) << piece.piece;
            ++raw;
            return {};
        }));
        std::size_t carried = 0;
        const auto collect = [&](const CarriedPiece& piece) -> Result<void> {
            const bool is_data = piece.piece < forms.size();
            EXPECT_EQ(piece.form, is_data ? PieceForm::stored : PieceForm::raw);
            EXPECT_TRUE(
                equal(piece.bytes, is_data ? forms[piece.piece] : object.pieces[piece.piece]));
            ++carried;
            return {};
        };
        must(node->get_carried_pieces(object.root(), all, collect));
        EXPECT_EQ(raw, all.size());
        EXPECT_EQ(carried, all.size());
    }

    /// One piece alone, and nothing of it kept.
    void expect_refused(const CarriedPiece& piece, ErrorKind kind)
    {
        const auto put = node->put_pieces(object.root(), {&piece, 1});
        ASSERT_FALSE(put);
        EXPECT_EQ(put.error().kind, kind) << put.error().message;
        EXPECT_THAT(put.error().message, testing::HasSubstr(std::to_string(piece.piece)));
        EXPECT_TRUE(node->holdings(object.root()).value().pieces.empty());
    }

    void expect_refused_form(const Bytes& form, ErrorKind kind = ErrorKind::proof_invalid)
    {
        expect_refused({.piece = 0, .form = PieceForm::stored, .bytes = form}, kind);
    }

    SmallObject object = shared_object();
    TestNode node{{.members = 1}};
    std::vector<Bytes> forms;
};

}  // namespace

TEST_F(stored_pieces, are_kept_and_served_as_they_travelled)
{
    upload();
    ASSERT_LT(forms[0].size(), BYTES_PER_BLOB * 6 / 10);
    const auto raw = (object.pieces.size() - forms.size()) * BYTES_PER_BLOB;
    const auto total = raw + forms[0].size() + forms[1].size() + forms[2].size();
    EXPECT_EQ(node->status().value().stored_bytes, total);
    EXPECT_EQ(node->holdings(object.root()).value().stored_bytes, total);
    // On disk nothing but slots' headers and less than their alignment is added.
    const auto on_disk = std::filesystem::file_size(node.segment(object.root()));
    EXPECT_GE(on_disk, total);
    EXPECT_LE(on_disk, total + object.pieces.size() * (SLOT_HEADER_BYTES + SLOT_ALIGNMENT));
    expect_everything_comes_back();
    EXPECT_TRUE(node->sign(object.root(), EXPIRY));
    const auto commitment = object.codeword()[0];
    const auto answer = node->get_cell(object.root(), 0, 5).value();
    const std::array claims{CellClaim{.commitment = commitment,
        .cell_index = 5,
        .cell = answer.cell,
        .proof = Proof::parse(answer.proof).value()}};
    EXPECT_TRUE(verify_cells(claims));
}

TEST_F(stored_pieces, survive_a_kill_and_the_loss_of_their_rows)
{
    node.close();
    const auto before = node.folder().parent_path() / "index-before";
    std::filesystem::copy(
        node.folder() / "index", before, std::filesystem::copy_options::recursive);
    node.open();
    upload();
    const auto bytes = node->holdings(object.root()).value().stored_bytes;
    node->sign(object.root(), EXPIRY).value();
    node.close();
    std::filesystem::remove_all(node.folder() / "index");
    std::filesystem::copy(
        before, node.folder() / "index", std::filesystem::copy_options::recursive);
    node.open();
    expect_everything_comes_back();
    EXPECT_EQ(node->holdings(object.root()).value().stored_bytes, bytes);
    EXPECT_TRUE(node->holdings(object.root()).value().is_signed);
    node.kill_and_restart();
    expect_everything_comes_back();
    EXPECT_TRUE(node->holdings(object.root()).value().is_signed);
}

TEST_F(stored_pieces, torn_off_at_any_slot_come_again)
{
    upload();
    const auto segment = node.segment(object.root());
    for (std::size_t kept = object.pieces.size() - 1; kept > 0; --kept)
    {
        node.close();
        // One byte short of the end of what the last slot holds.
        std::uint64_t end = 0;
        for (std::size_t t = 0; t <= kept; ++t)
            end += t == kept ? SLOT_HEADER_BYTES
                             : slot_bytes(t < 3 ? forms[t].size() : BYTES_PER_BLOB);
        end += (kept < 3 ? forms[kept].size() : BYTES_PER_BLOB) - 1;
        std::filesystem::resize_file(segment, end);
        node.open();
        EXPECT_EQ(node->holdings(object.root()).value().pieces.size(), kept);
    }
    upload();
    expect_everything_comes_back();
}

TEST_F(stored_pieces, flipped_bit_is_never_served)
{
    upload();
    const auto file = File::open_or_create(node.segment(object.root())).value();
    std::array<std::byte, 1> byte{};
    const auto offset = SLOT_HEADER_BYTES + forms[0].size() / 2;
    must(file.read_at(offset, byte));
    byte[0] ^= std::byte{1};
    must(file.write_at(offset, byte));
    const auto stored_object = node.store().find(object.root());
    SlotReader reader;
    EXPECT_EQ(kind_of(stored_object->read_held(0, reader)), ErrorKind::corrupted);
    EXPECT_EQ(kind_of(stored_object->read_piece(0)), ErrorKind::not_found);
    must(node->put_pieces(object.root(), std::array{stored(0)}));
    expect_everything_comes_back();
}

TEST_F(stored_pieces, of_other_bytes_are_false_and_named)
{
    auto payload = payload_of(object.pieces[0]);
    payload[77] ^= std::byte{1};
    expect_refused_form(form_of(payload));
    // Among true ones in one unit, none of which is kept then.
    const auto other = form_of(payload);
    const std::array unit{
        stored(1), CarriedPiece{.piece = 0, .form = PieceForm::stored, .bytes = other}};
    EXPECT_EQ(kind_of(node->put_pieces(object.root(), unit)), ErrorKind::proof_invalid);
    EXPECT_TRUE(node->holdings(object.root()).value().pieces.empty());
}

TEST_F(stored_pieces, that_break_the_format_are_false_and_named)
{
    const auto& good = forms[0];
    for (const std::size_t bytes : {std::size_t{1}, std::size_t{13}, good.size() - 1})
        expect_refused_form({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(bytes)});
    auto bad = good;
    bad[0] = std::byte{2};
    expect_refused_form(bad);
    bad = good;
    bad.push_back(std::byte{0});
    expect_refused_form(bad);
    bad = good;
    bad[good.size() / 2] ^= std::byte{0x55};
    expect_refused_form(bad);
    // A length that no form has does not get as far.
    expect_refused_form(Bytes(STORED_FORM_BYTES_MAX + 1, std::byte{1}), ErrorKind::invalid_input);
    expect_refused_form({}, ErrorKind::invalid_input);
}

TEST_F(stored_pieces, that_are_no_data_blobs_are_refused)
{
    for (const auto piece : {std::uint64_t{3}, std::uint64_t{object.pieces.size() - 1}})
        expect_refused({.piece = piece, .form = PieceForm::stored, .bytes = forms[0]},
            ErrorKind::invalid_input);
    expect_refused({.piece = object.pieces.size(), .form = PieceForm::stored, .bytes = forms[0]},
        ErrorKind::invalid_input);
}

// Frames that claim much, give more than they claim, or want a large window: each as the one plane
// of a blob. What a decode may use is one blob, so it is refused and nothing is allocated for it.
TEST_F(stored_pieces, with_hostile_frames_are_false)
{
    const auto folder = vectors_folder("hostile/zstd");
    if (!folder)
        GTEST_SKIP();
    std::size_t tried = 0;
    for (const auto& path : sorted_entries(*folder))
    {
        if (path.filename() == "manifest.json")
            continue;
        const auto form = handmade_form(false, 1, as_byte_view(contents_of(path)));
        const bool has_length = form.size() <= STORED_FORM_BYTES_MAX;
        SCOPED_TRACE(path);
        expect_refused_form(form, has_length ? ErrorKind::proof_invalid : ErrorKind::invalid_input);
        ++tried;
    }
    EXPECT_GE(tried, 12);
}

TEST_F(stored_pieces, differences_need_the_parents_blob_and_are_kept_without_it)
{
    auto parent = make_small_object({.seed = 9});
    object.fields.parent_root = parent.root();
    node.announce(object);
    auto difference = payload_of(object.pieces[0]);
    const auto parents = payload_of(parent.pieces[0]);
    for (std::size_t i = 0; i < PAYLOAD; ++i)
        difference[i] ^= parents[i];
    const auto form = handmade_form(true, 0, difference);

    expect_refused_form(form, ErrorKind::not_found);
    node.announce(parent);
    expect_refused_form(form, ErrorKind::not_found);
    node.upload_and_sign(parent);
    auto bad = form;
    bad.back() ^= std::byte{1};
    expect_refused_form(bad);
    must(node->put_pieces(object.root(),
        std::array{CarriedPiece{.piece = 0, .form = PieceForm::stored, .bytes = form}}));

    must(node.store().drop(parent.root()));
    SlotReader reader;
    const auto held = node.store().find(object.root())->read_held(0, reader).value();
    EXPECT_EQ(held.form, PieceForm::stored);
    EXPECT_FALSE(summarize_stored_form(held.bytes).value().is_difference);
    EXPECT_EQ(node.store().find(object.root())->read_piece(0).value(), object.pieces[0]);
}

}  // namespace ashlar::test
