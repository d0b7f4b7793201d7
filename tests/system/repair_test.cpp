#include <gtest/gtest.h>

#include <filesystem>

#include "bench/made_checkpoint.hpp"
#include "tests/system/programs.hpp"

namespace ashlar::test
{
namespace
{

TEST(repair, wiped_node_gets_its_share_back_and_the_object_outlasts_others)
{
    const TemporaryFolder folder;
    const RunningDevnet devnet{8};
    ASSERT_TRUE(make_checkpoint(folder.path() / "model", {.bytes = 2 << 20}));
    const auto run = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--committee", devnet.committee(), "--json"});
        return run_ashlar_program(words);
    };
    const auto published =
        run({"publish", folder.path() / "model", "--copies", "1", "--key", folder.path() / "key"});
    ASSERT_EQ(published.status, 0) << published.err;
    const auto root = published.summary().at("root").get<std::string>();
    const std::vector<std::string> repair{
        "repair", root, "--key", folder.path() / "other-key", "--work", folder.path() / "work"};

    ASSERT_EQ(devnet.command("kill", {"3"}).status, 0);
    EXPECT_EQ(run(repair).status, 3);
    const auto disk = std::filesystem::path{devnet.folder()} / "node-3/data";
    std::filesystem::remove_all(disk / "index");
    std::filesystem::remove_all(disk / "objects");
    ASSERT_EQ(devnet.command("restart", {"3"}).status, 0);

    const auto repaired = run(repair);
    ASSERT_EQ(repaired.status, 0) << repaired.err;
    EXPECT_GT(repaired.summary().at("missing"), 0);
    EXPECT_GT(repaired.summary().at("blobs_group_repaired"), 0);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "work"));
    const auto again = run(repair);
    ASSERT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(again.summary().at("missing"), 0);

    // What came back serves readers when others are gone.
    ASSERT_EQ(devnet.command("kill", {"0", "1", "2"}).status, 0);
    ASSERT_EQ(run({"fetch", root, folder.path() / "fetched"}).status, 0);
    EXPECT_EQ(tree_of(folder.path() / "fetched"), tree_of(folder.path() / "model"));
}

}  // namespace
}  // namespace ashlar::test
