#include "sampling-client/watcher.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "tests/chain/made_chain.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{
namespace
{

Address watched_registry()
{
    Address address;
    address.fill(std::byte{0xaa});
    return address;
}

Bytes32 watched_word(std::uint8_t value)
{
    Bytes32 word;
    word.fill(std::byte{value});
    return word;
}

/// A watcher over a chain that is made up, with verdicts that the test chooses.
class Watching : public testing::Test
{
protected:
    static constexpr std::uint64_t START = 1'800'000'000;

    Watching() { publisher_.fill(std::byte{0xbb}); }

    Watcher make(WatchOptions options = {.confirmations = 2})
    {
        auto state = load_watch_state(file(), 1, watched_registry(), 0);
        return {{.node = chain_.client(),
                    .sample = [this](const Bytes32& root) -> Result<SampleReport> {
                        sampled_.push_back(root);
                        if (!verdict_)
                            return fail(ErrorKind::not_found, "nobody knows it");
                        SampleReport report;
                        report.verdict = *verdict_;
                        report.reason = "because";
                        return report;
                    },
                    .alarm = [this](const WatchedVersion& version) -> Result<void> {
                        if (alarm_fails_)
                            return fail(ErrorKind::unavailable, "no answer");
                        told_.push_back(*version.verdict);
                        return {};
                    },
                    .save = [this](const WatchState& saved) -> Result<void> {
                        return write_file_atomically(file(), as_byte_view(to_json(saved)));
                    },
                    .clock = clock_},
            options, std::move(*state)};
    }

    [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "state.json"; }

    void anchor(std::uint8_t model, std::uint8_t root)
    {
        chain_.emit_anchored(publisher_, watched_word(model), watched_word(root));
        chain_.add_block();
    }

    static void follow_all(Watcher& watcher)
    {
        while (watcher.follow().value() != 0)
            continue;
    }

    /// Roots of the newest versions.
    static std::vector<Bytes32> roots(const Watcher& watcher)
    {
        std::vector<Bytes32> found;
        for (const auto i : watcher.state().current())
            found.push_back(watcher.state().versions[i].event.object_root);
        return found;
    }

    TemporaryFolder folder_;
    Address publisher_{};
    MadeChain chain_{watched_registry()};
    ManualClock clock_{START};
    std::optional<Verdict> verdict_ = Verdict::available;
    bool alarm_fails_ = false;
    std::vector<Bytes32> sampled_;
    std::vector<Verdict> told_;
};

TEST_F(Watching, an_anchoring_counts_when_it_is_deep_enough)
{
    auto watcher = make();
    anchor(1, 11);
    follow_all(watcher);
    EXPECT_TRUE(roots(watcher).empty());
    chain_.add_blocks(1);
    follow_all(watcher);
    EXPECT_TRUE(roots(watcher).empty());
    chain_.add_blocks(1);
    follow_all(watcher);
    EXPECT_EQ(roots(watcher), std::vector{watched_word(11)});
    follow_all(watcher);
    EXPECT_EQ(watcher.state().versions.size(), 1u);
}

TEST_F(Watching, long_chains_are_taken_in_piece_by_piece)
{
    for (std::uint8_t i = 1; i <= 20; ++i)
        anchor(i, i);
    chain_.add_blocks(2);
    auto watcher = make({.confirmations = 2, .blocks_per_query = 3});
    EXPECT_EQ(watcher.follow().value(), 1u);
    EXPECT_EQ(watcher.state().next_block, 3u);
    follow_all(watcher);
    EXPECT_EQ(roots(watcher).size(), 20u);
}

TEST_F(Watching, a_model_is_sampled_on_arrival_again_on_schedule_and_in_its_newest_version)
{
    auto watcher = make({.confirmations = 0, .sample_every = std::chrono::seconds{100}});
    anchor(1, 11);
    anchor(2, 22);
    follow_all(watcher);
    EXPECT_EQ(watcher.sample_one().value(), 1u);
    EXPECT_EQ(watcher.sample_one().value(), 1u);
    EXPECT_EQ(watcher.sample_one().value(), 0u);
    EXPECT_EQ(sampled_, (std::vector{watched_word(11), watched_word(22)}));
    anchor(1, 12);
    follow_all(watcher);
    EXPECT_EQ(watcher.sample_one().value(), 1u);
    EXPECT_EQ(sampled_.back(), watched_word(12));
    clock_.advance(99);
    EXPECT_EQ(watcher.sample_one().value(), 0u);
    clock_.advance(1);
    EXPECT_EQ(watcher.sample_one().value(), 1u);
    EXPECT_EQ(watcher.sample_one().value(), 1u);
    EXPECT_EQ(watcher.sample_one().value(), 0u);
    EXPECT_EQ(sampled_.size(), 5u);
    EXPECT_TRUE(told_.empty());
}

TEST_F(Watching, a_reorganisation_takes_back_what_its_blocks_said)
{
    auto watcher = make({.confirmations = 0});
    anchor(1, 11);
    follow_all(watcher);
    anchor(1, 12);
    anchor(2, 22);
    follow_all(watcher);
    EXPECT_EQ(roots(watcher).size(), 2u);
    chain_.drop_blocks(2);
    chain_.add_block();
    anchor(3, 33);
    chain_.add_blocks(3);
    follow_all(watcher);
    EXPECT_EQ(roots(watcher), (std::vector{watched_word(11), watched_word(33)}));
    EXPECT_EQ(watcher.state().reorganisations, 1u);
    // A chain that is shorter than what was taken in, and another one altogether.
    chain_.drop_blocks(chain_.height() - 1);
    anchor(4, 44);
    follow_all(watcher);
    EXPECT_EQ(roots(watcher), std::vector{watched_word(44)});
    EXPECT_EQ(watcher.state().reorganisations, 2u);
}

TEST_F(Watching, a_chain_that_changes_between_two_answers_is_asked_again)
{
    auto watcher = make({.confirmations = 0});
    anchor(1, 11);
    chain_.tamper = [&](const std::string& method, MadeChain::Json&) {
        if (method != "eth_getLogs")
            return;
        chain_.drop_blocks(1);
        anchor(1, 12);
    };
    EXPECT_FALSE(watcher.follow());
    EXPECT_TRUE(watcher.state().versions.empty());
    chain_.tamper = nullptr;
    follow_all(watcher);
    EXPECT_EQ(roots(watcher), std::vector{watched_word(12)});
}

TEST_F(Watching, an_error_of_the_node_changes_nothing)
{
    anchor(1, 11);
    for (const auto* method : {"eth_blockNumber", "eth_getBlockByNumber", "eth_getLogs"})
    {
        auto watcher = make({.confirmations = 0});
        chain_.tamper = [&](const std::string& asked, MadeChain::Json& result) {
            if (asked == method)
                result = 7;
        };
        EXPECT_FALSE(watcher.follow()) << method;
        EXPECT_EQ(watcher.state().next_block, 0u);
        EXPECT_TRUE(watcher.state().versions.empty());
    }
}

TEST_F(Watching, an_alarm_is_raised_once_for_each_change_for_the_worse)
{
    auto watcher = make({.confirmations = 0, .sample_every = std::chrono::seconds{10}});
    anchor(1, 11);
    follow_all(watcher);
    const auto sample_as = [&](std::optional<Verdict> verdict) {
        verdict_ = verdict;
        EXPECT_EQ(watcher.sample_one().value(), 1u);
        clock_.advance(10);
    };
    sample_as(Verdict::available);
    sample_as(Verdict::unavailable);
    sample_as(Verdict::unavailable);
    sample_as(std::nullopt);
    EXPECT_EQ(told_, std::vector{Verdict::unavailable});
    sample_as(Verdict::unconfirmed);
    sample_as(Verdict::available);
    sample_as(Verdict::invalid);
    EXPECT_EQ(told_, (std::vector{Verdict::unavailable, Verdict::unconfirmed, Verdict::invalid}));
}

TEST_F(Watching, an_alarm_that_reached_nobody_is_raised_again_after_a_restart)
{
    alarm_fails_ = true;
    verdict_ = Verdict::unavailable;
    anchor(1, 11);
    {
        auto watcher = make({.confirmations = 0});
        follow_all(watcher);
        EXPECT_EQ(watcher.sample_one().value(), 1u);
        EXPECT_TRUE(told_.empty());
    }
    alarm_fails_ = false;
    auto watcher = make({.confirmations = 0});
    EXPECT_EQ(roots(watcher), std::vector{watched_word(11)});
    EXPECT_EQ(watcher.sample_one().value(), 0u);
    EXPECT_EQ(told_, std::vector{Verdict::unavailable});
    EXPECT_EQ(sampled_.size(), 1u);
}

TEST_F(Watching, the_file_gives_back_what_was_written_or_is_refused)
{
    auto watcher = make({.confirmations = 0});
    anchor(1, 11);
    follow_all(watcher);
    EXPECT_EQ(watcher.sample_one().value(), 1u);
    const auto text = to_json(watcher.state());
    EXPECT_EQ(to_json(parse_watch_state(text).value()), text);
    EXPECT_EQ(
        load_watch_state(file(), 2, watched_registry(), 0).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(load_watch_state(file(), 1, {}, 0).error().kind, ErrorKind::invalid_input);
    for (std::size_t cut = 0; cut < text.size(); cut += 7)
        EXPECT_EQ(parse_watch_state(text.substr(0, cut)).error().kind, ErrorKind::corrupted);
    for (const auto* bad : {"{}", "[]", "7", R"({"format":"ashlar/watch/v2"})"})
        EXPECT_EQ(parse_watch_state(bad).error().kind, ErrorKind::corrupted) << bad;
    folder_.write("state.json", "{");
    EXPECT_EQ(
        load_watch_state(file(), 1, watched_registry(), 0).error().kind, ErrorKind::corrupted);
}

TEST_F(Watching, status_and_metrics_show_each_model)
{
    auto watcher = make({.confirmations = 0});
    anchor(1, 11);
    follow_all(watcher);
    verdict_ = Verdict::unavailable;
    EXPECT_EQ(watcher.sample_one().value(), 1u);
    const auto status = nlohmann::json::parse(status_json(watcher.state(), "no\nanswer"));
    EXPECT_EQ(status.at("models")[0].at("verdict"), "UNAVAILABLE");
    EXPECT_EQ(status.at("chain_answers"), false);
    EXPECT_EQ(status.at("next_block"), 2);
    const auto metrics = metrics_text(watcher.state(), true);
    const auto has = [&](std::string_view text) { return metrics.find(text) != std::string::npos; };
    EXPECT_TRUE(has("ashlar_watch_chain_up 1\n"));
    EXPECT_TRUE(has("ashlar_watch_models 1\n"));
    EXPECT_TRUE(has("root=\"0x" + to_hex(watched_word(11)) + "\"} 0\n"));
    EXPECT_TRUE(has("# TYPE ashlar_watch_refused gauge\nashlar_watch_refused{publisher=\"0xbb"));
}

}  // namespace
}  // namespace ashlar::test
