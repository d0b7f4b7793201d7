#include <gtest/gtest.h>

#include "sampling-client/sampler.hpp"
#include "tests/support/local_network.hpp"

namespace ashlar::test
{
namespace
{

// Publishing takes seconds, so one published checkpoint meets all verdicts.
TEST(real_nodes, sample_published_checkpoint_is_available_until_most_nodes_stop)
{
    LocalNetwork network{8};
    const TemporaryFolder source;
    source.write("weights.bin", pattern(6 * PAYLOAD_BYTES_PER_BLOB, 1));
    const auto published = publish_folder(network, source.path()).value();
    const auto sample_by = [&](SampleMode mode) {
        SeededRandom random{1};
        return sample(published->root(), network.committee(), network.nodes(), random,
            {.mode = mode}, no_progress())
            .value();
    };

    for (const auto mode : {SampleMode::cell, SampleMode::blob})
    {
        const auto report = sample_by(mode);
        EXPECT_EQ(report.verdict, Verdict::available) << report.reason;
        EXPECT_EQ(report.failures, 0);
    }

    for (std::size_t m = 0; m < 7; ++m)
        network.stop(m);
    const auto report = sample_by(SampleMode::cell);
    EXPECT_EQ(report.verdict, Verdict::unavailable) << report.reason;
    EXPECT_GT(report.members[7].answered, 0);
}

}  // namespace
}  // namespace ashlar::test
