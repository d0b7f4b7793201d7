#include "base/parallel.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

/// Several threads, whatever the machine has; back to all cores afterwards.
class parallel : public testing::TestWithParam<std::size_t>
{
protected:
    void SetUp() override { set_thread_count(GetParam()); }
    void TearDown() override { set_thread_count(0); }
};
INSTANTIATE_TEST_SUITE_P(threads, parallel, testing::Values(1, 2, 4));

TEST_P(parallel, for_runs_every_index_once)
{
    for (const std::size_t count : {0U, 1U, 3U, 1000U})
    {
        std::vector<std::atomic<int>> runs(count);
        parallel_for(count, [&](std::size_t i) { ++runs[i]; });
        for (const auto& run : runs)
            EXPECT_EQ(run.load(), 1);
    }
}

TEST_P(parallel, inner_loop_runs_on_its_caller)
{
    std::atomic<std::size_t> calls{0};
    std::atomic<bool> elsewhere{false};
    parallel_for(8, [&](std::size_t) {
        const auto caller = std::this_thread::get_id();
        parallel_for(8, [&](std::size_t) {
            ++calls;
            if (std::this_thread::get_id() != caller)
                elsewhere = true;
        });
    });
    EXPECT_EQ(calls.load(), 64U);
    EXPECT_FALSE(elsewhere.load());
}

TEST_P(parallel, try_for_succeeds_when_all_do)
{
    std::atomic<std::size_t> calls{0};

    const auto done = try_parallel_for(100, [&](std::size_t) -> Result<void> {
        ++calls;
        return {};
    });

    EXPECT_TRUE(done);
    EXPECT_EQ(calls.load(), 100U);
    EXPECT_TRUE(try_parallel_for(
        0, [](std::size_t) -> Result<void> { return fail(ErrorKind::corrupted, "never called"); }));
}

TEST_P(parallel, try_for_returns_the_error_of_the_least_failing_index)
{
    for (int repeat = 0; repeat < 50; ++repeat)
    {
        const auto failed = try_parallel_for(64, [](std::size_t i) -> Result<void> {
            // The least failing index is the slowest to fail.
            if (i == 5)
                std::this_thread::yield();
            if (i % 5 == 0 && i > 0)
                return fail(ErrorKind::not_found, "index {}", i);
            return {};
        });
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().kind, ErrorKind::not_found);
        EXPECT_EQ(failed.error().message, "index 5");
    }
}

TEST(parallel_threads, count_is_at_least_one_and_as_configured)
{
    EXPECT_GE(thread_count(), 1U);
    set_thread_count(3);
    EXPECT_EQ(thread_count(), 3U);
    set_thread_count(0);
    EXPECT_GE(thread_count(), 1U);
}

}  // namespace
}  // namespace ashlar
