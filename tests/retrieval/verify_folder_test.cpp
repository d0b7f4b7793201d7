#include "retrieval/verify_folder.hpp"

#include <gtest/gtest.h>

#include "tests/support/local_network.hpp"

namespace ashlar
{
namespace
{

class verify_folder_test : public ::testing::Test
{
protected:
    void SetUp() override
    {
        source_.write("config.json", "{}");
        source_.write("weights.bin", test::pattern(200'000, 1));
        object_ = test::publish_folder(network_, source_.path()).value();
    }

    std::vector<Mismatch> verify()
    {
        const auto nodes = network_.nodes();
        const auto view = open_object(object_->root(), network_.committee(), nodes).value();
        auto blobs = BlobFetcher::make(view, network_.committee(), nodes, {}).value();
        const auto directory = fetch_directory(view, blobs, no_progress()).value();
        return verify_folder(view, directory, source_.path(), no_progress()).value();
    }

    test::TemporaryFolder source_;
    test::LocalNetwork network_{4};
    std::unique_ptr<test::PublishedFolder> object_;
};

}  // namespace

TEST_F(verify_folder_test, verify_the_published_folder_finds_no_difference)
{
    EXPECT_TRUE(verify().empty());
}

TEST_F(verify_folder_test, verify_names_changed_missing_and_extra_files)
{
    source_.write("weights.bin", test::pattern(200'000, 2));
    source_.write("zzz.txt", "new");
    std::filesystem::remove(source_.path() / "config.json");

    const auto mismatches = verify();

    ASSERT_EQ(mismatches.size(), 3u);
    EXPECT_EQ(mismatches[0].path, "config.json");
    EXPECT_EQ(mismatches[1].path, "weights.bin");
    EXPECT_EQ(mismatches[2].path, "zzz.txt");
}

// An empty batch of blobs verifies, as the specifications want it; an empty folder does not.
TEST_F(verify_folder_test, verify_of_an_empty_folder_misses_every_file)
{
    std::filesystem::remove(source_.path() / "config.json");
    std::filesystem::remove(source_.path() / "weights.bin");

    const auto mismatches = verify();

    ASSERT_EQ(mismatches.size(), 2u);
    EXPECT_EQ(mismatches[0].what, "is missing from the folder");
    EXPECT_EQ(mismatches[1].what, "is missing from the folder");
}

TEST_F(verify_folder_test, verify_finds_one_flipped_bit)
{
    auto contents = test::contents_of(source_.path() / "weights.bin");
    contents[123'456] = static_cast<char>(contents[123'456] ^ 1);
    source_.write("weights.bin", contents);

    const auto mismatches = verify();

    ASSERT_EQ(mismatches.size(), 1u);
    EXPECT_EQ(mismatches[0].path, "weights.bin");
}

// The SHA-256s are the publisher's claim; the commitments bind the bytes themselves.
TEST_F(verify_folder_test, verify_compares_bytes_with_commitments_too)
{
    const auto nodes = network_.nodes();
    auto view = open_object(object_->root(), network_.committee(), nodes).value();
    auto blobs = BlobFetcher::make(view, network_.committee(), nodes, {}).value();
    const auto directory = fetch_directory(view, blobs, no_progress()).value();
    const auto honest = view.commitments->codeword();
    std::vector<Commitment> swapped{honest.begin(), honest.end()};
    std::swap(swapped[1], swapped[2]);
    view.commitments =
        std::make_unique<ObjectCommitments>(std::move(swapped), std::vector<Bytes32>{});

    const auto mismatches = verify_folder(view, directory, source_.path(), no_progress()).value();

    ASSERT_EQ(mismatches.size(), 1u);
    EXPECT_EQ(mismatches[0].path, "");
}

}  // namespace ashlar
