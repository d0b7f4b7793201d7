#include <gtest/gtest.h>

#include <filesystem>

#include "tests/system/programs.hpp"

namespace ashlar::test
{
namespace
{

/// States by node: "up", "down" or "silent".
std::vector<std::string> states(const RunningDevnet& devnet)
{
    std::vector<std::string> found;
    std::istringstream lines{devnet.command("status", {"--json"}).out};
    for (std::string line; std::getline(lines, line);)
        found.push_back(nlohmann::json::parse(line).at("state"));
    return found;
}

TEST(devnet_lifecycle, nodes_are_killed_restarted_stopped_and_started_again)
{
    const RunningDevnet devnet{3};
    EXPECT_EQ(states(devnet), (std::vector<std::string>{"up", "up", "up"}));

    EXPECT_EQ(devnet.command("kill", {"0", "2"}).status, 0);
    EXPECT_EQ(states(devnet), (std::vector<std::string>{"down", "up", "down"}));
    EXPECT_EQ(devnet.command("status").status, 3);

    EXPECT_EQ(devnet.command("restart", {"0", "1"}).status, 0);
    EXPECT_EQ(states(devnet), (std::vector<std::string>{"up", "up", "down"}));

    EXPECT_EQ(devnet.command("down").status, 0);
    EXPECT_EQ(states(devnet), (std::vector<std::string>{"down", "down", "down"}));
    EXPECT_EQ(devnet.command("down").status, 0);

    const auto committee = contents_of(devnet.committee());
    EXPECT_EQ(devnet.command("up").status, 0);
    EXPECT_EQ(states(devnet), (std::vector<std::string>{"up", "up", "up"}));
    EXPECT_EQ(contents_of(devnet.committee()), committee);
}

TEST(devnet_lifecycle, up_refuses_a_devnet_that_runs_or_has_other_nodes)
{
    const RunningDevnet devnet{2};
    const auto again = devnet.command("up");
    EXPECT_EQ(again.status, 2);
    EXPECT_TRUE(again.has_one_error_line()) << again.err;
    EXPECT_EQ(states(devnet), (std::vector<std::string>{"up", "up"}));

    EXPECT_EQ(devnet.command("down").status, 0);
    EXPECT_EQ(devnet.command("up", {"--nodes", "3"}).status, 2);
}

TEST(devnet_lifecycle, kill_refuses_nodes_that_do_not_run_or_exist)
{
    const RunningDevnet devnet{2};
    EXPECT_EQ(devnet.command("kill", {"2"}).status, 2);
    EXPECT_EQ(devnet.command("kill", {"1"}).status, 0);
    const auto again = devnet.command("kill", {"0", "1"});
    EXPECT_EQ(again.status, 2);
    EXPECT_TRUE(again.has_one_error_line()) << again.err;
    EXPECT_EQ(states(devnet), (std::vector<std::string>{"up", "down"}));
}

TEST(devnet_lifecycle, down_with_wipe_leaves_nothing_but_what_others_put_there)
{
    const RunningDevnet devnet{1};
    EXPECT_EQ(devnet.command("down", {"--wipe"}).status, 0);
    EXPECT_FALSE(std::filesystem::exists(devnet.folder()));
    // A devnet for the destructor to take down, in a folder that someone else uses too.
    EXPECT_EQ(devnet.command("up", {"--nodes", "1"}).status, 0);
    std::filesystem::copy_file(devnet.committee(), std::filesystem::path{devnet.folder()} / "kept");
    EXPECT_EQ(devnet.command("down", {"--wipe"}).status, 0);
    EXPECT_EQ(tree_of(devnet.folder()).size(), 1u);
    std::filesystem::remove(std::filesystem::path{devnet.folder()} / "kept");
    EXPECT_EQ(devnet.command("up", {"--nodes", "1"}).status, 0);
}

}  // namespace
}  // namespace ashlar::test
