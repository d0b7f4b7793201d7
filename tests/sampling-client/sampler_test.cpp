#include "sampling-client/sampler.hpp"

#include <limits>

#include <gmock/gmock.h>

#include "sampling-client/report_format.hpp"
#include "tests/sampling-client/sampling_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{
namespace
{

using testing::HasSubstr;

std::uint64_t first_look(const SparseObject& object, SampleMode mode)
{
    return AcceptSchedule{hidden_share(object.header().shape(), mode), 1e-9}.draws_for(0).value();
}

/// One of eight down is an eighth of all samples. Looks that allow for so many are passed only if
/// much more would be lost with the object.
constexpr SparseObjectCounts MUCH_PARITY{.data_blobs = 8, .parity_blobs = 16};

TEST(sampler, sample_all_up_is_available_after_the_first_look)
{
    const SamplingNetwork network;
    const auto report = network.sample();
    EXPECT_EQ(report.verdict, Verdict::available) << report.reason;
    EXPECT_EQ(report.samples, first_look(network.object(), SampleMode::cell));
    EXPECT_EQ(report.failures, 0);
    EXPECT_GE(report.walks, 75u);
    EXPECT_EQ(report.walk_failures, 0);
    EXPECT_LE(report.error_achieved.value(), 1e-9);
    EXPECT_EQ(network.asked().size(), report.samples);

    std::uint64_t asked = 0;
    for (const auto& member : report.members)
    {
        EXPECT_EQ(member.asked, member.answered);
        asked += member.asked;
    }
    // Besides the samples, header and record: of so small an object that is all commitments.
    EXPECT_EQ(asked, report.samples + 2);
    EXPECT_EQ(
        report.bytes_received, BYTES_PER_HEADER + 32 * 48 + report.samples * (BYTES_PER_CELL + 48));
}

TEST(sampler, sample_whole_blobs_all_up_is_available)
{
    const SamplingNetwork network;
    const auto report = network.sample({.mode = SampleMode::blob});
    EXPECT_EQ(report.verdict, Verdict::available) << report.reason;
    EXPECT_EQ(report.samples, first_look(network.object(), SampleMode::blob));
    EXPECT_GT(report.bytes_received, report.samples * BYTES_PER_BLOB);
}

TEST(sampler, sample_one_down_is_available_with_more_samples)
{
    SamplingNetwork network{MUCH_PARITY};
    network.stop(1);
    const auto report = network.sample();
    EXPECT_EQ(report.verdict, Verdict::available) << report.reason;
    EXPECT_GT(report.samples, first_look(network.object(), SampleMode::cell));
    EXPECT_GT(report.failures, 0);
    EXPECT_LE(report.error_achieved.value(), 1e-9);
    EXPECT_EQ(report.members[0].answered, 0);
}

TEST(sampler, sample_half_down_with_copies_is_available)
{
    SamplingNetwork network{{.data_blobs = 8, .parity_blobs = 8, .copies = 5}};
    network.stop(4);
    const auto report = network.sample();
    EXPECT_EQ(report.verdict, Verdict::available) << report.reason;
    EXPECT_EQ(report.failures, 0);
}

TEST(sampler, sample_exactly_half_down_is_unconfirmed_and_says_why)
{
    SamplingNetwork network;
    network.stop(4);
    const auto report = network.sample();
    EXPECT_EQ(report.verdict, Verdict::unconfirmed);
    EXPECT_EQ(report.samples, SAMPLES_MAX);
    EXPECT_NEAR(static_cast<double>(report.failures), SAMPLES_MAX / 2.0, 5 * 32);
    EXPECT_THAT(report.reason, HasSubstr("no verdict after 4096 samples"));
    EXPECT_THAT(report.reason, HasSubstr("exactly 8 of 16 stored blobs"));
    EXPECT_THAT(report.reason, HasSubstr("nodes that failed: 0, 1, 2, 3"));
}

TEST(sampler, sample_five_of_eight_down_is_unavailable)
{
    SamplingNetwork network;
    network.stop(5);
    const auto report = network.sample();
    EXPECT_EQ(report.verdict, Verdict::unavailable) << report.reason;
    EXPECT_LE(report.error_achieved.value(), 1e-9);
    EXPECT_THAT(report.reason, HasSubstr("nodes that failed: 0, 1, 2, 3, 4"));
}

TEST(sampler, sample_of_object_off_the_codeword_is_invalid_with_evidence)
{
    const SamplingNetwork network{{8, 8}, false};
    const TemporaryFolder folder;
    const auto report =
        network.sample({.full_commitments = true, .evidence_folder = folder.path()});
    EXPECT_EQ(report.verdict, Verdict::invalid);
    EXPECT_EQ(report.samples, 0);
    ASSERT_EQ(report.evidence.size(), 2);
    EXPECT_EQ(contents_of(report.evidence[0]), as_text(network.object().metadata().commitments));
    EXPECT_THAT(contents_of(report.evidence[1]), HasSubstr("invalid_object"));
}

TEST(sampler, sample_of_word_that_is_no_codeword_is_invalid_by_its_record)
{
    for (const std::uint64_t data : {8U, 40U, 300U})
    {
        const SamplingNetwork network{{data, std::min<std::uint64_t>(data, 100)}, false};
        const TemporaryFolder folder;
        const auto report = network.sample({.evidence_folder = folder.path()});
        EXPECT_EQ(report.verdict, Verdict::invalid) << data;
        EXPECT_EQ(report.samples, 0);
        ASSERT_EQ(report.evidence.size(), 1);
        EXPECT_THAT(contents_of(report.evidence[0]), HasSubstr("invalid_record"));
    }
}

TEST(sampler, sample_by_walks_asks_for_each_position_and_the_boundary)
{
    const SamplingNetwork network{{.data_blobs = 300, .parity_blobs = 300}};
    const auto report = network.sample();
    EXPECT_EQ(report.verdict, Verdict::available) << report.reason;
    EXPECT_GE(report.samples, first_look(network.object(), SampleMode::cell));
    EXPECT_GT(report.walks, report.samples);
    const auto walks = network.asked_walks();
    EXPECT_EQ(walks.size(), report.walks + 1);
    EXPECT_EQ(walks.front(), 300);
    const auto record = network.object().fold().record.encode().size();
    const auto walk_bytes = FoldGeometry::of(*report.shape).walk_bytes();
    EXPECT_EQ(report.bytes_received, BYTES_PER_HEADER + record + walks.size() * walk_bytes +
                                         report.samples * (BYTES_PER_CELL + 48));
}

TEST(sampler, sample_by_walks_and_by_all_commitments_agree)
{
    for (const std::size_t down : {0U, 1U, 6U})
    {
        SamplingNetwork network{{.data_blobs = 40, .parity_blobs = 40}};
        network.stop(down);
        const auto walks = network.sample();
        const auto full = network.sample({.full_commitments = true});
        EXPECT_EQ(walks.verdict, full.verdict) << walks.reason << full.reason;
        EXPECT_EQ(full.walks, 0);
    }
}

TEST(sampler, sample_walks_go_to_others_than_those_that_are_down)
{
    SamplingNetwork network{{.data_blobs = 300, .parity_blobs = 300}};
    network.stop(3);
    const auto report = network.sample();
    EXPECT_EQ(report.walk_failures, 0);
    EXPECT_GT(report.failures, 0);
}

TEST(sampler, sample_makes_the_same_draws_whoever_is_up)
{
    const SampleOptions one_by_one{.parallel = 1};
    const SamplingNetwork all_up{MUCH_PARITY};
    SamplingNetwork one_down{MUCH_PARITY};
    one_down.stop(1);
    ASSERT_EQ(all_up.sample(one_by_one).verdict, Verdict::available);
    ASSERT_EQ(one_down.sample(one_by_one).verdict, Verdict::available);

    // What the seven others are asked, in an order of its own: the shorter run's is all there.
    const Placement placement{all_up.object().header(), all_up.committee()};
    const auto of_others = [&](std::vector<AskedCell> cells) {
        std::erase_if(
            cells, [&](const AskedCell& cell) { return placement.holders(cell.stored)[0] == 0; });
        return cells;
    };
    auto with_all = of_others(all_up.asked());
    auto with_one_down = of_others(one_down.asked());
    ASSERT_LT(with_all.size(), with_one_down.size());
    std::ranges::sort(with_all);
    std::ranges::sort(with_one_down);
    EXPECT_TRUE(std::ranges::includes(with_one_down, with_all));
}

TEST(sampler, sample_gives_the_same_verdict_however_many_questions_are_on_their_way)
{
    for (const std::size_t parallel : {1U, 3U, 64U})
    {
        SamplingNetwork network{MUCH_PARITY};
        network.stop(1);
        const auto report = network.sample({.parallel = parallel});
        EXPECT_EQ(report.verdict, Verdict::available);
        static const auto samples = report.samples;
        EXPECT_EQ(report.samples, samples);
    }
}

TEST(sampler, sample_with_too_little_parity_is_unconfirmed_and_says_so)
{
    const SamplingNetwork network{{.data_blobs = 200, .parity_blobs = 1}};
    const auto report = network.sample();
    EXPECT_EQ(report.verdict, Verdict::unconfirmed);
    EXPECT_EQ(report.failures, 0);
    EXPECT_THAT(report.reason, HasSubstr("with 1 parity blobs among 201"));
}

TEST(sampler, sample_of_unknown_root_is_not_found_if_all_say_so)
{
    const SamplingNetwork network;
    SeededRandom random{1};
    const auto report =
        sample(Bytes32{}, network.committee(), network.nodes(), random, {}, no_progress());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, ErrorKind::not_found);
}

TEST(sampler, sample_of_unknown_root_is_unconfirmed_if_one_does_not_answer)
{
    SamplingNetwork network;
    network.stop(1);
    SeededRandom random{1};
    const auto report =
        sample(Bytes32{}, network.committee(), network.nodes(), random, {}, no_progress());
    ASSERT_TRUE(report);
    EXPECT_EQ(report->verdict, Verdict::unconfirmed);
    EXPECT_THAT(report->reason, HasSubstr("7 of 8 answered that they do not know it"));
}

TEST(sampler, sample_with_nobody_connected_is_unconfirmed)
{
    const SamplingNetwork network;
    const std::vector<LightNodeApi*> nobody(MEMBERS, nullptr);
    SeededRandom random{1};
    const auto report = sample(network.object().root(), network.committee(),
        std::span<LightNodeApi* const>{nobody}, random, {}, no_progress());
    ASSERT_TRUE(report);
    EXPECT_EQ(report->verdict, Verdict::unconfirmed);
    EXPECT_THAT(report->reason, HasSubstr("nodes that failed: 0, 1,"));
    EXPECT_FALSE(report->shape);
}

TEST(sampler, sample_refuses_options_out_of_range)
{
    const SamplingNetwork network;
    SeededRandom random{1};
    const TemporaryFolder folder;
    const auto file = folder.write("file", "x");
    for (const SampleOptions& options : {SampleOptions{.error = 0}, SampleOptions{.error = 1},
             SampleOptions{.error = std::numeric_limits<double>::quiet_NaN()},
             SampleOptions{.deadline = std::chrono::milliseconds{0}}, SampleOptions{.parallel = 0},
             SampleOptions{.parallel = PARALLEL_QUESTIONS_MAX + 1},
             SampleOptions{.evidence_folder = file}})
    {
        const auto report = sample(network.object().root(), network.committee(), network.nodes(),
            random, options, no_progress());
        EXPECT_FALSE(report);
    }
}

/// Answers cells only after the clock has moved past every deadline.
class StallingNode final : public SparseNode
{
public:
    StallingNode(const SparseObject& object, ManualClock& clock) : SparseNode{object}, clock_{clock}
    {}
    Result<CellAnswer> get_cell(const Bytes32&, std::uint64_t, std::uint64_t) override
    {
        clock_.advance(100);
        return fail(ErrorKind::unavailable, "no answer in time");
    }

private:
    ManualClock& clock_;
};

TEST(sampler, sample_ends_at_the_deadline_when_a_node_stalls)
{
    SamplingNetwork network;
    ManualClock clock{1000};
    StallingNode stalling{network.object(), clock};
    network.replace(3, &stalling);
    const auto report =
        network.sample({.deadline = std::chrono::seconds{60}, .parallel = 1, .clock = &clock});
    EXPECT_EQ(report.verdict, Verdict::unconfirmed);
    EXPECT_THAT(report.reason, HasSubstr("the deadline of 60 s passed"));
    EXPECT_THAT(report.reason, HasSubstr("nodes that failed: 3"));
    EXPECT_LT(report.samples, first_look(network.object(), SampleMode::cell));
    EXPECT_LE(report.failures, 1);
    EXPECT_EQ(report.seconds, 100);
    EXPECT_GT(report.error_achieved.value(), 1e-9);
}

TEST(sampler, sample_asks_nothing_more_after_the_deadline)
{
    const SamplingNetwork network;
    /// Gives the header and lets the time run out.
    class SlowHeader final : public SparseNode
    {
    public:
        SlowHeader(const SparseObject& object, ManualClock& clock)
          : SparseNode{object}, clock_{clock}
        {}
        Result<ObjectInfo> object(const Bytes32& root) override
        {
            clock_.advance(61);
            return SparseNode::object(root);
        }

    private:
        ManualClock& clock_;
    };
    ManualClock clock{1000};
    SlowHeader slow{network.object(), clock};
    const std::vector<LightNodeApi*> nodes(MEMBERS, &slow);
    SeededRandom random{1};
    const auto report = sample(network.object().root(), network.committee(),
        std::span<LightNodeApi* const>{nodes}, random, {.clock = &clock}, no_progress());
    ASSERT_TRUE(report);
    EXPECT_EQ(report->verdict, Verdict::unconfirmed);
    EXPECT_EQ(report->samples, 0);
}

TEST(sampler, report_is_written_as_text_and_as_one_line_of_json)
{
    SamplingNetwork network;
    network.stop(5);
    auto report = network.sample();
    report.members[0].last_error = "forged\nline \x1b[31m";
    const auto text = to_text(report);
    EXPECT_THAT(text, HasSubstr("UNAVAILABLE  0x" + to_hex(report.object_root)));
    EXPECT_THAT(text, HasSubstr("any 8 of them recover the object"));
    EXPECT_THAT(text, testing::Not(HasSubstr("forged\n")));
    const auto json = to_json_line(report);
    EXPECT_EQ(std::ranges::count(json, '\n'), 1);
    EXPECT_THAT(json, HasSubstr(R"("message_type":"summary")"));
    EXPECT_THAT(json, HasSubstr(R"("verdict":"UNAVAILABLE")"));
    EXPECT_THAT(json, HasSubstr(R"("member":7)"));
}

}  // namespace
}  // namespace ashlar::test
