#include <gtest/gtest.h>

#include <filesystem>

#include "bench/made_checkpoint.hpp"
#include "tests/system/programs.hpp"

namespace ashlar::test
{
namespace
{

/// Eight nodes with a small model on them, shared by the tests: publishing takes seconds.
class Roundtrip : public testing::Test
{
protected:
    static void SetUpTestSuite()
    {
        folder_ = std::make_unique<TemporaryFolder>();
        devnet_ = std::make_unique<RunningDevnet>(8);
        ASSERT_TRUE(make_checkpoint(model(), {.bytes = 2 << 20}));
        const auto published = publish({});
        ASSERT_EQ(published.status, 0) << published.err;
        root_ = published.summary().at("root");
    }

    static void TearDownTestSuite()
    {
        devnet_.reset();
        folder_.reset();
    }

    static std::filesystem::path model() { return folder_->path() / "model"; }

    static ProgramRun publish(const std::vector<std::string>& more)
    {
        std::vector<std::string> words{"publish", model(), "--committee", devnet_->committee(),
            "--key", folder_->path() / "key", "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return run_ashlar_program(words);
    }

    static ProgramRun ask(const std::string& command, const std::vector<std::string>& more = {})
    {
        std::vector<std::string> words{command, root_};
        words.insert(words.end(), more.begin(), more.end());
        words.insert(words.end(), {"--committee", devnet_->committee()});
        return run_ashlar_program(words);
    }

    static inline std::unique_ptr<TemporaryFolder> folder_;
    static inline std::unique_ptr<RunningDevnet> devnet_;
    static inline std::string root_;
};

TEST_F(Roundtrip, publish_again_sends_nothing_and_gives_the_same_root)
{
    const auto again = publish({});
    ASSERT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(again.summary().at("root"), root_);
    EXPECT_EQ(again.summary().at("bytes_sent"), 0);
    EXPECT_EQ(again.summary().at("signer_count"), 8);
    EXPECT_GE(again.summary().at("tolerated_percent"), 33);
}

TEST_F(Roundtrip, publish_dry_run_tells_the_root_and_needs_no_key)
{
    const auto key = (folder_->path() / "other-key").native();
    const auto dry = run_ashlar_program({"publish", model(), "--committee", devnet_->committee(),
        "--key", key, "--dry-run", "--root", "--json"});
    ASSERT_EQ(dry.status, 0) << dry.err;
    EXPECT_EQ(dry.summary().at("root"), root_);
    EXPECT_GE(dry.summary().at("tolerated_percent"), 33);
    EXPECT_GT(dry.summary().at("core_seconds"), 0.0);
    EXPECT_FALSE(std::filesystem::exists(key));
}

TEST_F(Roundtrip, sample_finds_it_available)
{
    const auto sampled = ask("sample", {"--json"});
    EXPECT_EQ(sampled.status, 0) << sampled.err;
    EXPECT_EQ(sampled.summary().at("verdict"), "AVAILABLE");
}

TEST_F(Roundtrip, fetch_survives_any_four_of_eight_killed)
{
    // Neighbours, halves and odd ones: all seventy choices are a test of retrieval in one process.
    for (const std::vector<std::string>& killed :
        {std::vector<std::string>{"0", "1", "2", "3"}, {"1", "3", "5", "7"}, {"0", "2", "5", "6"}})
    {
        ASSERT_EQ(devnet_->command("kill", killed).status, 0);
        const TemporaryFolder destination;
        const auto fetched = ask("fetch", {destination.path() / "model", "--json"});
        EXPECT_EQ(fetched.status, 0) << fetched.err;
        EXPECT_EQ(tree_of(destination.path() / "model"), tree_of(model()));
        ASSERT_EQ(devnet_->command("restart", killed).status, 0);
    }
}

TEST_F(Roundtrip, fetch_fails_with_six_of_eight_killed_and_leaves_no_file)
{
    const std::vector<std::string> killed{"0", "1", "2", "4", "5", "7"};
    ASSERT_EQ(devnet_->command("kill", killed).status, 0);
    const TemporaryFolder destination;
    const auto fetched = ask("fetch", {destination.path() / "model"});
    EXPECT_EQ(fetched.status, 4);
    EXPECT_TRUE(fetched.has_one_error_line()) << fetched.err;
    for (const auto& [path, contents] : tree_of(destination.path()))
        EXPECT_TRUE(path.starts_with("model/.ashlar-partial/")) << path;
    ASSERT_EQ(devnet_->command("restart", killed).status, 0);

    // What had arrived waited there, and is gone once all is.
    EXPECT_EQ(ask("fetch", {destination.path() / "model"}).status, 0);
    EXPECT_EQ(tree_of(destination.path() / "model"), tree_of(model()));
}

TEST_F(Roundtrip, fetch_of_a_range_or_tensor_writes_its_bytes_alone)
{
    const TemporaryFolder destination;
    const auto out = (destination.path() / "bytes").native();
    ASSERT_EQ(ask("fetch", {out, "--file", "config.json", "--range", "3:11"}).status, 0);
    EXPECT_EQ(contents_of(out), contents_of(model() / "config.json").substr(3, 8));

    const auto listed = ask("ls", {"--tensors", "--json"});
    ASSERT_EQ(listed.status, 0) << listed.err;
    const auto tensor = listed.first("tensor");
    const auto name = tensor.at("name").get<std::string>();
    ASSERT_EQ(ask("fetch", {out, "--tensor", name, "--overwrite"}).status, 0);
    EXPECT_EQ(std::filesystem::file_size(out), tensor.at("size").get<std::uint64_t>());

    EXPECT_EQ(ask("fetch", {out, "--tensor", "no such tensor"}).status, 1);
    EXPECT_EQ(ask("fetch", {out, "--range", "9:3"}).status, 2);
    EXPECT_EQ(ask("fetch", {out, "--file", "config.json", "--range", "0:9999999"}).status, 2);
    EXPECT_EQ(ask("fetch", {out, "--tensor", name, "--range", "0:1"}).status, 2);
}

TEST_F(Roundtrip, fetch_of_one_file_writes_that_file_alone)
{
    const TemporaryFolder destination;
    const auto folder = (destination.path() / "one").native();
    ASSERT_EQ(ask("fetch", {folder, "--file", "config.json"}).status, 0);
    EXPECT_EQ(tree_of(folder).size(), 1u);
    EXPECT_EQ(contents_of(folder + "/config.json"), contents_of(model() / "config.json"));

    // The same file again is kept; another one is never replaced unless asked for.
    EXPECT_EQ(ask("fetch", {folder, "--file", "config.json"}).status, 0);
    destination.write("one/config.json", "mine");
    const auto again = ask("fetch", {folder, "--file", "config.json"});
    EXPECT_EQ(again.status, 2);
    EXPECT_TRUE(again.has_one_error_line()) << again.err;
    EXPECT_EQ(contents_of(folder + "/config.json"), "mine");
    EXPECT_EQ(ask("fetch", {folder, "--file", "config.json", "--overwrite"}).status, 0);
    EXPECT_EQ(ask("fetch", {folder, "--file", "missing"}).status, 1);
}

TEST_F(Roundtrip, verify_tells_the_model_from_one_with_another_byte)
{
    EXPECT_EQ(ask("verify", {model()}).status, 0);
    const TemporaryFolder copy;
    std::filesystem::copy(model(), copy.path() / "model");
    auto contents = contents_of(model() / "model-00002-of-00004.safetensors");
    contents.back() = static_cast<char>(contents.back() ^ 1);
    copy.write("model/model-00002-of-00004.safetensors", contents);

    const auto verified = ask("verify", {copy.path() / "model", "--json"});

    EXPECT_EQ(verified.status, 1);
    EXPECT_NE(verified.out.find("model-00002-of-00004.safetensors"), std::string::npos);
}

TEST_F(Roundtrip, ls_and_inspect_tell_what_was_published)
{
    const auto files = ask("ls");
    EXPECT_EQ(files.status, 0) << files.err;
    EXPECT_EQ(std::ranges::count(files.out, '\n'), 8);
    EXPECT_NE(ask("ls", {"--tensors"}).out.find("lm_head.weight"), std::string::npos);

    const auto inspected = ask("inspect", {"--json"}).summary();
    EXPECT_EQ(inspected.at("root"), root_);
    EXPECT_EQ(inspected.at("certificate").at("signers").size(), 8u);
    EXPECT_EQ(inspected.at("members").size(), 8u);
    EXPECT_EQ(inspected.at("members")[3].at("up"), true);
}

TEST_F(Roundtrip, proofs_move_little_and_hold_offline_against_their_root_alone)
{
    constexpr std::uint64_t PROOF_MOVES_MAX = 200'000;
    const TemporaryFolder work;
    const auto file = (work.path() / "proof.json").native();
    const auto other_root = std::string(64, '1');
    for (const std::vector<std::string>& wanted : {std::vector<std::string>{"--range", "3:11"},
             {"--blob", "0", "--element", "7"}, {"--blob", "1", "--cell", "63"}})
    {
        auto words = wanted;
        words.insert(words.end(), {"--out", file, "--json"});
        const auto proven = ask("prove", words);
        ASSERT_EQ(proven.status, 0) << proven.err;
        EXPECT_LE(proven.summary().at("socket_bytes"), PROOF_MOVES_MAX);
        const auto verified = run_ashlar_program({"verify-proof", root_, file, "--json"});
        EXPECT_EQ(verified.status, 0) << verified.err;
        EXPECT_EQ(verified.summary().at("bytes"), proven.summary().at("bytes"));
        EXPECT_EQ(run_ashlar_program({"verify-proof", other_root, file}).status, 1);
    }
    EXPECT_EQ(ask("prove", {"--range", "3:3"}).status, 2);
    EXPECT_EQ(ask("prove", {"--blob", "0"}).status, 2);
    EXPECT_EQ(ask("prove", {"--range", "0:1", "--tensor", "x"}).status, 2);
    EXPECT_EQ(run_ashlar_program({"verify-proof", root_, work.write("none", "{}")}).status, 2);
}

TEST_F(Roundtrip, tensor_is_proven_from_a_directory_that_is_kept)
{
    const TemporaryFolder work;
    const auto tensor = ask("ls", {"--tensors", "--json"}).first("tensor");
    const auto file = (work.path() / "proof.json").native();
    const std::vector<std::string> words{"--tensor", tensor.at("name"), "--index", "0", "--out",
        file, "--directory", work.path() / "directory", "--json"};
    const auto first = ask("prove", words);
    ASSERT_EQ(first.status, 0) << first.err;
    const auto second = ask("prove", words);
    ASSERT_EQ(second.status, 0) << second.err;
    EXPECT_EQ(first.summary().at("bytes"), second.summary().at("bytes"));
    EXPECT_LT(second.summary().at("socket_bytes"), first.summary().at("socket_bytes"));
    EXPECT_EQ(run_ashlar_program({"verify-proof", root_, file, "--committee", devnet_->committee()})
                  .status,
        0);
    EXPECT_EQ(ask("prove", {"--tensor", "no such tensor"}).status, 1);
}

TEST_F(Roundtrip, equivalence_and_custody_make_calldata)
{
    const TemporaryFolder work;
    const auto file = (work.path() / "proof.json").native();
    ASSERT_EQ(ask("equivalence", {"--blobs", "0:3", "--out", file}).status, 0);
    EXPECT_EQ(run_ashlar_program({"verify-proof", root_, file}).status, 0);
    const auto challenge = ask("challenge", {"--stored", "2", "--json"});
    EXPECT_EQ(challenge.status, 0) << challenge.err;
    EXPECT_TRUE(challenge.summary().at("calldata").get<std::string>().starts_with("0x"));
    EXPECT_EQ(ask("respond", {"--challenge", "0", "--position", "2", "--element", "9"}).status, 0);
    EXPECT_EQ(ask("respond", {"--challenge", "0"}).status, 2);
    // The devnet's committee belongs to no chain.
    EXPECT_EQ(ask("anchor", {"--model", "m", "--epoch", "1"}).status, 2);
}

TEST_F(Roundtrip, unknown_root_is_a_no_while_all_nodes_answer)
{
    const auto real_root = std::exchange(root_, std::string(64, '1'));
    for (const auto* command : {"ls", "inspect", "sample"})
    {
        const auto asked = ask(command);
        EXPECT_EQ(asked.status, 1) << command << asked.err;
        EXPECT_TRUE(asked.has_one_error_line()) << asked.err;
    }
    // With a node down nobody can say that the object is nowhere.
    ASSERT_EQ(devnet_->command("kill", {"5"}).status, 0);
    EXPECT_EQ(ask("ls").status, 4);
    ASSERT_EQ(devnet_->command("restart", {"5"}).status, 0);
    root_ = real_root;
}

}  // namespace
}  // namespace ashlar::test
