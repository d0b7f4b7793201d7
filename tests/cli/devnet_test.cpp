#include "cli/devnet.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

using test::TemporaryFolder;

// Real nodes are started by the system tests; here no program may ever run.
const std::filesystem::path NO_PROGRAM = "/nowhere/da-node";

TEST(devnet, open_refuses_folder_without_devnet)
{
    const TemporaryFolder folder;
    const auto devnet = Devnet::open(folder.path(), NO_PROGRAM);
    ASSERT_FALSE(devnet);
    EXPECT_EQ(devnet.error().kind, ErrorKind::invalid_input);
}

TEST(devnet, create_refuses_folder_with_other_contents_and_leaves_it)
{
    const TemporaryFolder folder;
    folder.write("thesis.tex", "years of work");
    EXPECT_EQ(Devnet::create(folder.path(), NO_PROGRAM, {}).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(test::tree_of(folder.path()).size(), 1u);
}

TEST(devnet, create_refuses_node_counts_out_of_range)
{
    const TemporaryFolder folder;
    for (const std::size_t nodes : {std::size_t{0}, DEVNET_NODES_MAX + 1})
        EXPECT_EQ(Devnet::create(folder.path() / "new", NO_PROGRAM, {.nodes = nodes}).error().kind,
            ErrorKind::invalid_input);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
}

TEST(devnet, create_that_failed_may_be_repeated)
{
    const TemporaryFolder folder;
    for (int attempt = 0; attempt < 2; ++attempt)
    {
        const auto devnet = Devnet::create(folder.path(), NO_PROGRAM, {.nodes = 1});
        ASSERT_FALSE(devnet);
        EXPECT_EQ(devnet.error().kind, ErrorKind::unavailable) << devnet.error().message;
    }
    EXPECT_FALSE(Devnet::exists(folder.path()));
}

TEST(devnet, open_reports_damaged_committee_file)
{
    const TemporaryFolder folder;
    folder.write("devnet.lock", "");
    folder.write("committee.json", "{}");
    EXPECT_EQ(Devnet::open(folder.path(), NO_PROGRAM).error().kind, ErrorKind::invalid_input);
}

}  // namespace
}  // namespace ashlar
