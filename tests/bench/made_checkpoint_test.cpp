#include "bench/made_checkpoint.hpp"

#include <gtest/gtest.h>

#include "checkpoint/payload.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

using test::TemporaryFolder;
using test::tree_of;

TEST(made_checkpoint, make_same_settings_give_same_bytes)
{
    const TemporaryFolder folder;
    const MadeCheckpoint settings{.bytes = MADE_BYTES_MIN, .seed = 7};

    ASSERT_TRUE(make_checkpoint(folder.path() / "a", settings));
    ASSERT_TRUE(make_checkpoint(folder.path() / "b", settings));
    ASSERT_TRUE(make_checkpoint(folder.path() / "c", {.bytes = MADE_BYTES_MIN, .seed = 8}));

    EXPECT_EQ(tree_of(folder.path() / "a"), tree_of(folder.path() / "b"));
    EXPECT_NE(tree_of(folder.path() / "a"), tree_of(folder.path() / "c"));
}

TEST(made_checkpoint, make_gives_a_checkpoint_that_publish_accepts)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(make_checkpoint(folder.path() / "model", {.bytes = 4 << 20, .shards = 4}));

    const auto payload = Payload::from_folder(folder.path() / "model");

    ASSERT_TRUE(payload) << payload.error().message;
    const auto& directory = payload->directory();
    EXPECT_EQ(directory.files().size(), 8u);
    EXPECT_NE(directory.find_file("model-00004-of-00004.safetensors"), nullptr);
    ASSERT_EQ(directory.find_tensors("lm_head.weight").size(), 1u);
    std::uint64_t weight_bytes = 0;
    for (const auto& tensor : directory.tensors())
        weight_bytes += tensor.size;
    EXPECT_NEAR(static_cast<double>(weight_bytes), 4 << 20, 4096);
}

TEST(made_checkpoint, make_refuses_sizes_out_of_range)
{
    const TemporaryFolder folder;
    const auto make = [&](MadeCheckpoint settings) {
        return make_checkpoint(folder.path() / "model", settings);
    };
    EXPECT_FALSE(make({.bytes = MADE_BYTES_MIN - 1}));
    EXPECT_FALSE(make({.bytes = MADE_BYTES_MAX + 1}));
    EXPECT_FALSE(make({.bytes = MADE_BYTES_MIN, .shards = 0}));
    EXPECT_TRUE(make({.bytes = MADE_BYTES_MIN}));
}

TEST(made_checkpoint, make_refuses_folder_with_contents)
{
    const TemporaryFolder folder;
    folder.write("kept", "x");
    EXPECT_FALSE(make_checkpoint(folder.path(), {.bytes = MADE_BYTES_MIN}));
    EXPECT_EQ(tree_of(folder.path()).size(), 1u);
}

}  // namespace
}  // namespace ashlar
