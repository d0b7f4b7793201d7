#include <gtest/gtest.h>

#include <filesystem>

#include <sys/stat.h>

#include "tests/system/programs.hpp"

namespace ashlar::test
{
namespace
{

/// A single node, so that only the input can be what is wrong.
class BadInput : public testing::Test
{
protected:
    static void SetUpTestSuite() { devnet_ = std::make_unique<RunningDevnet>(1); }
    static void TearDownTestSuite() { devnet_.reset(); }

    /// Publishing must end with status 2 and one line that names `named`, and leave no key.
    void expect_refused(const std::filesystem::path& folder, const std::string& named) const
    {
        const auto key = (scratch_.path() / "key").native();
        const auto refused = run_ashlar_program(
            {"publish", folder, "--committee", devnet_->committee(), "--key", key});
        EXPECT_EQ(refused.status, 2) << refused.err;
        EXPECT_TRUE(refused.has_one_error_line()) << refused.err;
        EXPECT_NE(refused.err.find(named), std::string::npos) << refused.err;
        EXPECT_EQ(refused.out, "");
        EXPECT_FALSE(std::filesystem::exists(key));
    }

    static inline std::unique_ptr<RunningDevnet> devnet_;
    TemporaryFolder folder_;
    TemporaryFolder scratch_;
};

TEST_F(BadInput, publish_refuses_missing_folder)
{
    expect_refused(folder_.path() / "missing", "missing");
}

TEST_F(BadInput, publish_refuses_file_instead_of_folder)
{
    expect_refused(folder_.write("file", "x"), "file");
}

TEST_F(BadInput, publish_refuses_symlink_loop)
{
    folder_.write("a", "x");
    folder_.link("loop", "loop");
    expect_refused(folder_.path(), "loop");
}

TEST_F(BadInput, publish_refuses_fifo_without_waiting)
{
    ASSERT_EQ(::mkfifo((folder_.path() / "pipe").c_str(), 0600), 0);
    expect_refused(folder_.path(), "pipe");
}

TEST_F(BadInput, publish_refuses_name_that_is_not_utf8)
{
    folder_.write("bad\xff", "x");
    expect_refused(folder_.path(), "bad\\xff");
}

TEST_F(BadInput, publish_refuses_safetensors_that_are_none_unless_opaque)
{
    folder_.write("model.safetensors", "not a header");
    expect_refused(folder_.path(), "model.safetensors");
    const auto published =
        run_ashlar_program({"publish", folder_.path(), "--committee", devnet_->committee(), "--key",
            scratch_.path() / "key", "--opaque", "model.safetensors", "--dry-run"});
    EXPECT_EQ(published.status, 0) << published.err;
}

TEST_F(BadInput, publish_refuses_key_that_others_may_read)
{
    folder_.write("a", "x");
    const auto key = scratch_.write("key", std::string(64, '1'));
    std::filesystem::permissions(key, std::filesystem::perms{0644});
    const auto refused = run_ashlar_program(
        {"publish", folder_.path(), "--committee", devnet_->committee(), "--key", key});
    EXPECT_EQ(refused.status, 2);
    EXPECT_TRUE(refused.has_one_error_line()) << refused.err;
}

TEST_F(BadInput, publish_refuses_impossible_options)
{
    folder_.write("a", "x");
    for (const std::vector<std::string>& options :
        {std::vector<std::string>{"--memory", "-1"}, {"--memory", "lots"}, {"--copies", "256"},
            {"--copies", "0"}, {"--scratch", "/nowhere"}, {"--opaque", "missing.gguf"}})
    {
        std::vector<std::string> words{"publish", folder_.path(), "--committee",
            devnet_->committee(), "--key", scratch_.path() / "key"};
        words.insert(words.end(), options.begin(), options.end());
        const auto refused = run_ashlar_program(words);
        EXPECT_EQ(refused.status, 2) << options.front() << ' ' << options.back() << refused.err;
        EXPECT_TRUE(refused.has_one_error_line()) << refused.err;
    }
}

TEST_F(BadInput, every_command_refuses_a_committee_that_is_none)
{
    const auto committee = scratch_.write("committee.json", R"({"format":"other"})").native();
    const auto root = std::string(64, '1');
    for (const auto& words : {std::vector<std::string>{"publish", folder_.path()},
             {"fetch", root, folder_.path() / "out"}, {"verify", root, folder_.path()},
             {"ls", root}, {"inspect", root}, {"sample", root}})
    {
        auto with_committee = words;
        with_committee.insert(with_committee.end(), {"--committee", committee});
        const auto refused = run_ashlar_program(with_committee);
        EXPECT_EQ(refused.status, 2) << words.front() << refused.err;
        EXPECT_TRUE(refused.has_one_error_line()) << refused.err;
        EXPECT_TRUE(tree_of(folder_.path()).empty());
    }
}

TEST_F(BadInput, no_node_there_is_told_in_one_line)
{
    ASSERT_EQ(devnet_->command("down").status, 0);
    folder_.write("a", "x");
    const auto published = run_ashlar_program({"publish", folder_.path(), "--committee",
        devnet_->committee(), "--key", scratch_.path() / "key"});
    EXPECT_EQ(published.status, 4);
    EXPECT_TRUE(published.has_one_error_line()) << published.err;
    const auto fetched = run_ashlar_program({"fetch", std::string(64, '1'), scratch_.path() / "out",
        "--committee", devnet_->committee()});
    EXPECT_EQ(fetched.status, 4);
    EXPECT_FALSE(std::filesystem::exists(scratch_.path() / "out"));
    ASSERT_EQ(devnet_->command("up").status, 0);
}

}  // namespace
}  // namespace ashlar::test
