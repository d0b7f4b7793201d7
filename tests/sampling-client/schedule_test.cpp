#include "sampling-client/schedule.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace ashlar
{
namespace
{

__extension__ using Exact = unsigned __int128;

Exact binomial(std::uint64_t n, std::uint64_t k)
{
    Exact value = 1;
    for (std::uint64_t i = 0; i < k; ++i)
        value = value * (n - i) / (i + 1);
    return value;
}

Exact power(std::uint64_t base, std::uint64_t exponent)
{
    Exact value = 1;
    for (std::uint64_t i = 0; i < exponent; ++i)
        value *= base;
    return value;
}

/// P[Bin(n, p) ≤ k]·denominatorⁿ, an integer.
Exact exact_tail_at_most(std::uint64_t n, std::uint64_t k, Fraction p)
{
    Exact sum = 0;
    for (std::uint64_t i = 0; i <= std::min(n, k); ++i)
        sum += binomial(n, i) * power(p.numerator, i) * power(p.denominator - p.numerator, n - i);
    return sum;
}

double exact_log(Exact numerator, Exact denominator)
{
    return static_cast<double>(std::log(static_cast<long double>(numerator)) -
                               std::log(static_cast<long double>(denominator)));
}

ObjectShape shape_of(std::uint64_t data_blobs, std::uint64_t parity_blobs)
{
    return ObjectShape::make({data_blobs, parity_blobs, 0}).value();
}

TEST(schedule, tail_is_never_below_exact_integers_and_barely_above)
{
    constexpr double ABOVE_MAX = 2e-6;
    for (const Fraction p : {Fraction{1, 4}, {1, 2}, {65, 128}, {1, 63}, {9, 10}, {62, 63}})
    {
        for (const std::uint64_t n : {1U, 2U, 7U, 18U})
        {
            const auto whole = power(p.denominator, n);
            for (std::uint64_t k = 0; k <= n; ++k)
            {
                const auto at_most = exact_log(exact_tail_at_most(n, k, p), whole);
                EXPECT_GE(log_tail_at_most(n, k, p), at_most);
                EXPECT_LE(log_tail_at_most(n, k, p), at_most + ABOVE_MAX);

                const auto below = k == 0 ? Exact{0} : exact_tail_at_most(n, k - 1, p);
                const auto at_least = exact_log(whole - below, whole);
                EXPECT_GE(log_tail_at_least(n, k, p), at_least);
                EXPECT_LE(log_tail_at_least(n, k, p), at_least + ABOVE_MAX);
            }
        }
    }
}

TEST(schedule, tail_of_no_failures_is_a_power_even_at_the_ends)
{
    constexpr double TOLERANCE = 1e-5;
    // (1 − 2⁻²⁸)⁴⁰⁹⁶ and (2⁻²⁸)⁴⁰⁹⁶: where 1 − p cancels, and far below the least double.
    EXPECT_NEAR(log_tail_at_most(4096, 0, {1, 1ULL << 28}), 0.0, TOLERANCE + 4096.0 / (1 << 28));
    EXPECT_NEAR(log_tail_at_most(4096, 0, {(1ULL << 28) - 1, 1ULL << 28}),
        -4096.0 * 28 * std::log(2.0), TOLERANCE);
    EXPECT_EQ(log_tail_at_most(5, 4, {1, 1}), -std::numeric_limits<double>::infinity());
    EXPECT_EQ(log_tail_at_most(5, 5, {1, 1}), 0);
    EXPECT_EQ(log_tail_at_least(5, 6, {1, 2}), -std::numeric_limits<double>::infinity());
}

TEST(schedule, tail_agrees_with_simulation)
{
    constexpr int RUNS = 20'000;
    SeededRandom random{3};
    int few = 0;
    for (int run = 0; run < RUNS; ++run)
    {
        int failures = 0;
        for (int draw = 0; draw < 74; ++draw)
            failures += random.below(256) < 65 ? 1 : 0;
        few += failures <= 14 ? 1 : 0;
    }
    const auto expected = std::exp(log_tail_at_most(74, 14, {65, 256}));
    const auto sigma = std::sqrt(expected * (1 - expected) / RUNS);
    EXPECT_NEAR(static_cast<double>(few) / RUNS, expected, 5 * sigma);
}

TEST(schedule, shares_count_what_must_be_hidden)
{
    const auto shape = shape_of(100, 60);
    EXPECT_EQ(hidden_share(shape, SampleMode::cell), (Fraction{61 * 65, 128 * 160}));
    EXPECT_EQ(hidden_share(shape, SampleMode::blob), (Fraction{61, 160}));
    EXPECT_EQ(lost_share(shape), (Fraction{60, 160}));
}

TEST(schedule, first_look_comes_after_74_cells_and_75_walks)
{
    const auto shape = shape_of(1ULL << 23, 1ULL << 23);
    const AcceptSchedule cells{hidden_share(shape, SampleMode::cell), 1e-9};
    EXPECT_EQ(cells.draws_for(0), 74);
    const AcceptSchedule walks{{1, 4}, 1e-9};
    EXPECT_EQ(walks.draws_for(0), 75);
    const AcceptSchedule blobs{hidden_share(shape, SampleMode::blob), 1e-9};
    EXPECT_EQ(blobs.draws_for(0), 31);
}

TEST(schedule, looks_are_the_least_that_hold_and_ascend)
{
    const Fraction p{65, 256};
    const double error = 1e-6;
    const AcceptSchedule schedule{p, error};
    std::uint64_t before = 0;
    for (std::uint64_t t = 0; t < 40; ++t)
    {
        const auto threshold = std::log(error) - static_cast<double>(t + 1) * std::log(2.0);
        const auto draws = schedule.draws_for(t).value();
        EXPECT_LE(log_tail_at_most(draws, t, p), threshold);
        EXPECT_GT(log_tail_at_most(draws - 1, t, p), threshold);
        EXPECT_GT(draws, before);
        before = draws;
    }
}

TEST(schedule, all_looks_together_err_at_most_as_often_as_asked)
{
    // Hiding just enough, an object must hardly ever pass any of the looks.
    constexpr int RUNS = 4'000;
    const Fraction p{65, 256};
    const AcceptSchedule schedule{p, 0.05};
    std::vector<std::uint64_t> looks;
    for (std::uint64_t t = 0; t < 60; ++t)
        looks.push_back(schedule.draws_for(t).value());
    SeededRandom random{5};
    int accepted = 0;
    for (int run = 0; run < RUNS; ++run)
    {
        std::uint64_t draws = 0;
        std::uint64_t failures = 0;
        bool passed = false;
        for (std::uint64_t t = 0; t < looks.size() && !passed; ++t)
        {
            for (; draws < looks[t]; ++draws)
                failures += random.below(p.denominator) < p.numerator ? 1U : 0U;
            passed = failures <= t;
        }
        accepted += passed ? 1 : 0;
    }
    EXPECT_GT(accepted, 0);
    EXPECT_LE(accepted, RUNS * 5 / 100);
}

TEST(schedule, accepts_at_the_look_and_not_one_draw_before)
{
    const AcceptSchedule schedule{{65, 256}, 1e-9};
    EXPECT_FALSE(schedule.accepts(73, 0));
    EXPECT_TRUE(schedule.accepts(74, 0));
    EXPECT_FALSE(schedule.accepts(74, 1));
    EXPECT_TRUE(schedule.accepts(schedule.draws_for(1).value(), 1));
    EXPECT_LE(schedule.achieved_error(74, 0), 1e-9);
    EXPECT_GT(schedule.achieved_error(73, 0), 1e-9);
    EXPECT_EQ(schedule.achieved_error(74, 74), 1);
}

TEST(schedule, has_no_look_where_too_little_must_be_hidden)
{
    const AcceptSchedule schedule{hidden_share(shape_of(10'000, 1), SampleMode::cell), 1e-9};
    EXPECT_FALSE(schedule.draws_for(0));
    EXPECT_FALSE(schedule.accepts(SAMPLES_MAX, 0));
    const AcceptSchedule half{{1, 2}, 1e-9};
    EXPECT_FALSE(half.draws_for(SAMPLES_MAX));
}

TEST(schedule, one_whole_blob_settles_an_object_of_one_blob)
{
    const AcceptSchedule schedule{hidden_share(shape_of(1, 15), SampleMode::blob), 1e-9};
    EXPECT_EQ(schedule.draws_for(0), 1);
    EXPECT_EQ(schedule.achieved_error(1, 0), 0);
}

TEST(schedule, refuses_only_at_looks_and_only_beyond_chance)
{
    const RefuseSchedule schedule{{1, 2}, 1e-9};
    EXPECT_EQ(RefuseSchedule::next_look(0), 128);
    EXPECT_EQ(RefuseSchedule::next_look(127), 128);
    EXPECT_EQ(RefuseSchedule::next_look(128), 256);
    EXPECT_EQ(RefuseSchedule::next_look(4095), 4096);
    EXPECT_FALSE(RefuseSchedule::next_look(4096));
    std::uint64_t least = 0;
    while (!schedule.refuses(128, least))
        ++least;
    EXPECT_GT(least, 64 + 5 * 5);
    EXPECT_LT(least, 128);
    EXPECT_LE(schedule.achieved_error(128, least), 1e-9);
    EXPECT_GT(schedule.achieved_error(128, least - 1), 1e-9);
    EXPECT_FALSE(schedule.refuses(127, 127));
    EXPECT_EQ(schedule.achieved_error(127, 127), 1);
}

}  // namespace
}  // namespace ashlar
