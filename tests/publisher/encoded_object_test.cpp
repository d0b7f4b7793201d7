#include "publisher/encoded_object.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "checkpoint/blob_packing.hpp"
#include "commitments/fold.hpp"
#include "tests/support/local_network.hpp"

namespace ashlar
{
namespace
{

struct Encoded
{
    std::unique_ptr<Payload> payload;
    EncodedObject object;
};

Encoded encode(const std::filesystem::path& folder, const EncodeOptions& options = {})
{
    auto payload = std::make_unique<Payload>(Payload::from_folder(folder).value());
    const auto committee = test::make_committee(8);
    auto object = EncodedObject::make(*payload, committee, options, no_progress()).value();
    return {std::move(payload), std::move(object)};
}

Bytes piece_of(const EncodedObject& object, std::uint64_t piece)
{
    Bytes out(BYTES_PER_BLOB);
    EXPECT_TRUE(object.read_piece(piece, BlobBuffer{out}));
    return out;
}

Commitment commitment_at(const EncodedObject& object, std::uint64_t stored)
{
    // Metadata leaves out the virtual positions, so parity p stands at K + p.
    const auto at = ByteView{object.metadata().commitments}.subspan(stored * 48).first<48>();
    return Commitment::parse(at).value();
}

/// Every stored piece matches its commitment, every local parity its hash.
void expect_consistent(const EncodedObject& object)
{
    const auto& shape = object.header().shape();
    for (std::uint64_t t = 0; t < shape.stored_count(); ++t)
        ASSERT_EQ(
            blob_to_kzg_commitment(BlobView{piece_of(object, t)}).value(), commitment_at(object, t))
            << "stored " << t;
    for (std::uint64_t g = 0; g < shape.local_parity_count(); ++g)
        ASSERT_TRUE(equal(sha256(piece_of(object, shape.stored_count() + g)),
            ByteView{object.metadata().group_parity_hashes}.subspan(32 * g, 32)))
            << "local parity " << g;
}

}  // namespace

TEST(encoded_object, make_of_an_empty_folder_is_the_directory_alone)
{
    const test::TemporaryFolder folder;
    const auto encoded = encode(folder.path());

    EXPECT_EQ(encoded.object.header().shape().data_blobs(), 1u);
    EXPECT_EQ(encoded.object.header().fields().directory_offset, 0u);
    expect_consistent(encoded.object);
}

// Sizes around a blob's end: the file's blobs, then one for the directory.
TEST(encoded_object, make_counts_blobs_at_the_boundary)
{
    const auto blobs_of = [](std::size_t file_bytes) {
        const test::TemporaryFolder folder;
        folder.write("weights.bin", std::string(file_bytes, '\0'));
        return encode(folder.path()).object.header().shape().data_blobs();
    };
    EXPECT_EQ(blobs_of(0), 1u);
    EXPECT_EQ(blobs_of(1), 2u);
    EXPECT_EQ(blobs_of(PAYLOAD_BYTES_PER_BLOB - 1), 2u);
    EXPECT_EQ(blobs_of(PAYLOAD_BYTES_PER_BLOB), 2u);
    EXPECT_EQ(blobs_of(PAYLOAD_BYTES_PER_BLOB + 1), 3u);
}

TEST(encoded_object, make_is_consistent_for_every_kind_of_shape)
{
    // Zeros with a few bytes between: many blobs that are cheap to commit to.
    for (const std::size_t blobs : {14u, 15u, 16u, 63u, 64u})
    {
        std::string contents(blobs * PAYLOAD_BYTES_PER_BLOB, '\0');
        for (std::size_t i = 0; i < contents.size(); i += 70'001)
            contents[i] = static_cast<char>(i);
        const test::TemporaryFolder folder;
        folder.write("weights.bin", contents);

        const auto encoded = encode(folder.path());

        ASSERT_EQ(encoded.object.header().shape().data_blobs(), blobs + 1);
        const auto data = piece_of(encoded.object, 3);
        Bytes packed(BYTES_PER_BLOB);
        pack_elements(
            as_byte_view(contents).subspan(3 * PAYLOAD_BYTES_PER_BLOB, PAYLOAD_BYTES_PER_BLOB),
            packed);
        EXPECT_EQ(data, packed);
        if (blobs <= 16)
            expect_consistent(encoded.object);
    }
}

TEST(encoded_object, header_binds_commitments_fold_and_directory)
{
    const test::TemporaryFolder folder;
    folder.write("config.json", "{}");
    const auto encoded = encode(folder.path());
    const auto& header = encoded.object.header();
    std::vector<Commitment> data;
    for (std::uint64_t t = 0; t < header.shape().data_blobs(); ++t)
        data.push_back(commitment_at(encoded.object, t));
    const auto codeword = extend_commitments(header.shape(), data);

    EXPECT_EQ(header.fields().commitments_root, commitment_tree(codeword).root());
    EXPECT_EQ(header.fields().fold_root,
        make_fold_record(header.shape(), header.fields().commitments_root, codeword).root());
    EXPECT_EQ(header.fields().directory_root, encoded.payload->directory().root());
    EXPECT_EQ(ObjectHeader::parse_for(header.root(), header.bytes()).value().root(), header.root());
}

TEST(encoded_object, make_takes_options_and_refuses_impossible_ones)
{
    const test::TemporaryFolder folder;
    folder.write("config.json", "{}");
    const auto none = encode(folder.path(), {.group_parities = 0, .parity_blobs = 3, .copies = 2});
    EXPECT_EQ(none.object.header().fields().group_parity_root, Bytes32{});
    EXPECT_EQ(none.object.header().fields().copies, 2u);
    EXPECT_EQ(none.object.header().shape().parity_blobs(), 3u);

    const auto payload = Payload::from_folder(folder.path()).value();
    const auto committee = test::make_committee(1);
    for (const auto& options : {EncodeOptions{.parity_blobs = 0, .copies = {}},
             EncodeOptions{.parity_blobs = 17, .copies = {}},
             EncodeOptions{.group_parities = 5, .parity_blobs = {}, .copies = {}}})
    {
        const auto made = EncodedObject::make(payload, committee, options, no_progress());
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().kind, ErrorKind::invalid_input);
    }
}

TEST(encoded_object, make_notices_a_file_that_changed_since_it_was_hashed)
{
    const test::TemporaryFolder folder;
    const auto path = folder.write("weights.bin", test::pattern(5'000, 1));
    const auto payload = Payload::from_folder(folder.path()).value();
    folder.write("weights.bin", test::pattern(5'001, 2));

    const auto made = EncodedObject::make(payload, test::make_committee(1), {}, no_progress());

    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::invalid_input);
    EXPECT_NE(made.error().message.find("weights.bin"), std::string::npos);
}

}  // namespace ashlar
