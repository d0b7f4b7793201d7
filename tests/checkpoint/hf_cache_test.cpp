#include "checkpoint/hf_cache.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "checkpoint/payload.hpp"
#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

namespace fs = std::filesystem;
using test::TemporaryFolder;

constexpr auto WEIGHTS = "pickle, or not";
constexpr auto CONFIG = "{}";

class hf_cache : public ::testing::Test
{
protected:
    void SetUp() override
    {
        fetched_.write("config.json", CONFIG);
        fetched_.write("copy/of/config.json", CONFIG);
        fetched_.write("pytorch_model.bin", WEIGHTS);
        directory_ = Payload::from_folder(fetched_.path()).value().directory();
        target_ = {.cache = cache_.path() / "hub", .repo = "org/Name-1.0", .commit = {}};
        target_.commit.fill(std::byte{0xab});
    }

    Result<fs::path> move() { return move_into_hf_cache(fetched_.path(), directory_, target_); }

    TemporaryFolder fetched_;
    TemporaryFolder cache_;
    Directory directory_;
    HfCacheTarget target_;
};

TEST_F(hf_cache, move_makes_blobs_links_and_the_ref)
{
    const auto snapshot = move();
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    const auto repo = cache_.path() / "hub/models--org--Name-1.0";
    const std::string commit = "abababababababababababababababababababab";
    EXPECT_EQ(*snapshot, repo / "snapshots" / commit);
    EXPECT_EQ(test::contents_of(repo / "refs/main"), commit);

    // As git hash-object and sha256sum name them.
    const std::string config_etag = "9e26dfeeb6e641a33dae4961196235bdb965b21b";
    const auto weights_etag = to_hex(sha256(as_byte_view(WEIGHTS)));
    EXPECT_EQ(fs::read_symlink(*snapshot / "config.json"), "../../blobs/" + config_etag);
    EXPECT_EQ(
        fs::read_symlink(*snapshot / "copy/of/config.json"), "../../../../blobs/" + config_etag);
    EXPECT_EQ(fs::read_symlink(*snapshot / "pytorch_model.bin"), "../../blobs/" + weights_etag);
    for (const auto* path : {"config.json", "copy/of/config.json"})
        EXPECT_EQ(test::contents_of(*snapshot / path), CONFIG);
    EXPECT_EQ(test::contents_of(*snapshot / "pytorch_model.bin"), WEIGHTS);
    EXPECT_FALSE(fs::exists(fetched_.path() / "pytorch_model.bin"));
}

TEST_F(hf_cache, moved_snapshot_publishes_as_the_folder_did)
{
    const auto snapshot = move().value();
    EXPECT_EQ(Payload::from_folder(snapshot).value().directory(), directory_);
}

TEST_F(hf_cache, move_again_goes_on_where_the_first_ended)
{
    ASSERT_TRUE(move());
    ASSERT_TRUE(move()) << "all files are there already";

    target_.revision = "refs/pr/1";
    fetched_.write("config.json", CONFIG);
    ASSERT_TRUE(move());
    EXPECT_TRUE(fs::exists(cache_.path() / "hub/models--org--Name-1.0/refs/refs/pr/1"));
}

TEST_F(hf_cache, move_replaces_wrong_blobs_but_no_file_in_the_place_of_a_link)
{
    const auto repo = std::string{"hub/models--org--Name-1.0/"};
    cache_.write(repo + "blobs/9e26dfeeb6e641a33dae4961196235bdb965b21b", "[]");
    const auto in_the_way = cache_.write(
        repo + "snapshots/abababababababababababababababababababab/pytorch_model.bin", "mine");
    const auto refused = move();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(test::contents_of(in_the_way), "mine");
    EXPECT_FALSE(fs::exists(cache_.path() / repo / "refs/main"));

    fs::remove(in_the_way);
    const auto snapshot = move().value();
    EXPECT_EQ(test::contents_of(snapshot / "config.json"), CONFIG);
}

TEST_F(hf_cache, move_needs_the_files)
{
    fs::remove(fetched_.path() / "pytorch_model.bin");
    EXPECT_FALSE(move());
    EXPECT_FALSE(fs::exists(cache_.path() / "hub/models--org--Name-1.0/refs/main"));
}

TEST_F(hf_cache, move_refuses_revisions_that_lead_elsewhere)
{
    for (const auto* revision : {"", "../x", "/x", "a//b", "a\nb"})
    {
        target_.revision = revision;
        EXPECT_FALSE(move()) << revision;
    }
}

TEST(hf_repo_folder, names_as_the_hub_allows_them)
{
    EXPECT_EQ(hf_repo_folder("org/name").value(), "models--org--name");
    EXPECT_EQ(hf_repo_folder("gpt2").value(), "models--gpt2");
    EXPECT_EQ(hf_repo_folder("Qwen/Qwen2.5-0.5B_x").value(), "models--Qwen--Qwen2.5-0.5B_x");
    for (const auto* bad : {"", "/", "a/", "/a", "a/b/c", "..", "a/..", "a--b", "a/b--c", "-a",
             "a.", "a b", "a\\b", "../a/b"})
        EXPECT_FALSE(hf_repo_folder(bad)) << bad;
    EXPECT_TRUE(hf_repo_folder(std::string(96, 'a')));
    EXPECT_FALSE(hf_repo_folder(std::string(97, 'a')));
}

TEST(hf_etag, large_files_and_known_endings_are_lfs)
{
    FileEntry file{.path = "a.json", .offset = 0, .size = 9'999'999, .sha256 = {}, .git_sha1 = {}};
    EXPECT_EQ(hf_etag(file).size(), 40);
    file.size = 10'000'000;
    EXPECT_EQ(hf_etag(file).size(), 64);
    file.size = 1;
    file.path = "x/a.safetensors";
    EXPECT_EQ(hf_etag(file).size(), 64);
    file.path = "x.gguf/a";
    EXPECT_EQ(hf_etag(file).size(), 40);
}

}  // namespace
}  // namespace ashlar
