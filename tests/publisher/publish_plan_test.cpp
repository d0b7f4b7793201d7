#include "publisher/publish_plan.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "tests/support/local_network.hpp"

namespace ashlar
{

// With a parent the placement is known beforehand: the plan is what the publish then does.
TEST(publish_plan, of_a_second_version_is_what_it_takes)
{
    test::TemporaryFolder folder;
    folder.write("weights.bin", test::pattern(300'000, 1));
    test::LocalNetwork network{8};
    const auto first = test::publish_folder(network, folder.path());
    ASSERT_TRUE(first) << first.error().message;
    folder.write("weights.bin", test::pattern(300'000, 2));
    EncodeOptions options;
    options.parent = (*first)->object.header();
    const auto second = test::publish_folder(network, folder.path(), options);
    ASSERT_TRUE(second) << second.error().message;

    const auto payload = Payload::from_folder(folder.path()).value();
    const auto plan = plan_publish(payload, network.committee(), options);
    ASSERT_TRUE(plan) << plan.error().message;

    const auto& header = (*second)->object.header();
    EXPECT_EQ(plan->header.fields().copies, header.fields().copies);
    EXPECT_EQ(plan->header.shape().stored_count(), header.shape().stored_count());
    EXPECT_EQ(plan->tolerated_percent, (*second)->published.tolerated_percent);
    std::uint64_t pieces = 0;
    for (std::size_t m = 0; m < 8; ++m)
    {
        EXPECT_EQ(plan->pieces_by_member[m], (*second)->published.members[m].pieces);
        pieces += plan->pieces_by_member[m];
    }
    EXPECT_EQ(plan->piece_bytes_up, pieces * BYTES_PER_BLOB);
    EXPECT_EQ(
        plan->data_bytes_up, header.shape().data_blobs() * header.fields().copies * BYTES_PER_BLOB);
    // All blobs are sampled, so the estimate is what lies there.
    std::uint64_t stored = 0;
    for (auto* const node : network.nodes())
        stored += node->holdings(header.root()).value().stored_bytes;
    EXPECT_NEAR(static_cast<double>(plan->stored_bytes_up()), static_cast<double>(stored), 1.0);
    EXPECT_EQ(plan->metadata_bytes_up, 8 * MetadataSizes::of(header.shape()).total());
    EXPECT_GT(plan->scratch_bytes, header.shape().parity_blobs() * BYTES_PER_BLOB);
}

TEST(publish_plan, core_time_grows_with_the_object)
{
    const auto shape = [](std::uint64_t blobs) {
        return ObjectShape::make({.data_blobs = blobs, .parity_blobs = blobs, .group_parities = 2})
            .value();
    };
    const auto small = estimate_core_time(shape(1 << 10)).value();
    const auto large = estimate_core_time(shape(1 << 20)).value();
    EXPECT_GT(small.commit, 0);
    EXPECT_GT(small.encode, 0);
    EXPECT_GT(large.total(), 100 * small.total());
}

}  // namespace ashlar
