#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "base/random.hpp"
#include "bench/made_checkpoint.hpp"
#include "tests/system/programs.hpp"

namespace ashlar::test
{
namespace
{

constexpr std::size_t KILLS = 6;

/// A run lives 0.9 s of two cores on average, a fifth of the whole: without a journal all of that
/// would be repeated.
constexpr double REPEATED_PERCENT_MAX = 15;

/// A publish of a small model over a devnet, that may be killed.
class Kills : public testing::Test
{
protected:
    void SetUp() override { ASSERT_TRUE(make_checkpoint(model(), {.bytes = 16 << 20})); }

    [[nodiscard]] std::filesystem::path model() const { return folder_.path() / "model"; }

    [[nodiscard]] ProgramRun publish(
        const std::string& journal, std::optional<std::uint64_t> kill_after_ms = std::nullopt)
    {
        return run_ashlar_program(
            {"publish", model(), "--committee", devnet_.committee(), "--key",
                folder_.path() / "key", "--journal", folder_.path() / journal, "--json"},
            kill_after_ms);
    }

    TemporaryFolder folder_;
    RunningDevnet devnet_{8};
};

TEST_F(Kills, publish_resumes_after_sigkill_to_the_same_root_and_bytes)
{
    SeededRandom random{1};
    double killed_seconds = 0;
    std::size_t killed = 0;
    auto run = publish("journals", 100);
    for (; killed < KILLS && run.status == 128 + SIGKILL; ++killed)
    {
        killed_seconds += run.cpu_seconds;
        run = publish("journals", 100 + random.below(1500));
    }
    if (run.status == 128 + SIGKILL)
    {
        killed_seconds += run.cpu_seconds;
        ++killed;
        run = publish("journals");
    }
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_GE(killed, 1u);
    const auto root = run.summary().at("root").get<std::string>();
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "journals"));

    const auto fetched = run_ashlar_program(
        {"fetch", root, folder_.path() / "fetched", "--committee", devnet_.committee()});
    ASSERT_EQ(fetched.status, 0) << fetched.err;
    EXPECT_EQ(tree_of(folder_.path() / "fetched"), tree_of(model()));

    // Everything once more in one piece, but for the upload: the nodes have it all.
    const auto whole = publish("others");
    ASSERT_EQ(whole.status, 0) << whole.err;
    EXPECT_EQ(whole.summary().at("root"), root);
    const auto repeated = killed_seconds + run.cpu_seconds - whole.cpu_seconds;
    const auto percent = 100 * repeated / whole.cpu_seconds / static_cast<double>(killed);
    std::cout << killed << " kills; core time " << killed_seconds + run.cpu_seconds
              << " s, in one piece " << whole.cpu_seconds
              << " s without sending; repeated by a kill " << percent
              << " % at most, the start of a program included\n";
    EXPECT_LT(percent, REPEATED_PERCENT_MAX);
}

TEST_F(Kills, changed_file_is_named_by_the_next_run_and_restart_begins_anew)
{
    // With a member missing, the publish is left unfinished and its journal stays.
    ASSERT_EQ(devnet_.command("kill", {"0"}).status, 0);
    const auto first = publish("journals");
    ASSERT_EQ(first.status, 3) << first.err;
    const auto name = "model-00001-of-00004.safetensors";
    auto contents = contents_of(model() / name);
    contents.back() = static_cast<char>(contents.back() ^ 1);
    folder_.write(std::string{"model/"} + name, contents);

    const auto resumed = publish("journals");
    EXPECT_EQ(resumed.status, 2);
    EXPECT_NE(resumed.err.find(name), std::string::npos) << resumed.err;

    const auto restarted = run_ashlar_program(
        {"publish", model(), "--committee", devnet_.committee(), "--key", folder_.path() / "key",
            "--journal", folder_.path() / "journals", "--restart", "--json"});
    EXPECT_EQ(restarted.status, 3) << restarted.err;
    EXPECT_NE(restarted.summary().at("root"), first.summary().at("root"));
}

}  // namespace
}  // namespace ashlar::test
