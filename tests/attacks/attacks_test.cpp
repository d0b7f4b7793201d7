#include "tests/attacks/attacks.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace ashlar::test
{
namespace
{

constexpr double EPSILON = 1e-9;

TEST(attacks, rates_are_those_of_theory_and_no_lost_object_is_available)
{
    constexpr std::size_t CLIENTS = 20;
    for (const auto& attack : all_attacks())
    {
        const auto result = play(attack, CLIENTS, EPSILON);
        EXPECT_NEAR(result.shown_rate, result.theory_rate, 0.08) << attack.name;
        if (!attack.may_be_available)
        {
            EXPECT_EQ(result.available, 0u) << attack.name;
        }
    }
}

TEST(attacks, false_available_over_all_looks_is_under_epsilon)
{
    constexpr double LOOSE = 1e-2;
    constexpr std::size_t CLIENTS = 4'000;
    // Five standard deviations above ε at most, and looks do err: the bound is not idle.
    const auto most = LOOSE + 5 * std::sqrt(LOOSE / CLIENTS);
    for (const auto& p : {Fraction{1, 4}, Fraction{65, 256}, Fraction{1, 2}})
    {
        const auto share = false_accept_share(p, LOOSE, CLIENTS);
        EXPECT_LE(share, most);
        EXPECT_GT(share, 0);
    }
}

}  // namespace
}  // namespace ashlar::test
