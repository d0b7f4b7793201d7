#include "base/pool.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

constexpr std::size_t MOST = 3;

TEST(pool, lends_each_thing_to_one_thread_at_a_time_and_makes_no_more_than_it_may)
{
    struct Thing
    {
        std::atomic<int> users = 0;
        std::uint64_t uses = 0;
    };
    constexpr std::uint64_t USES = 2000;
    Pool<Thing> pool{MOST};
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < 2 * MOST; ++t)
            threads.emplace_back([&] {
                for (std::uint64_t i = 0; i < USES; ++i)
                {
                    const auto thing = pool.borrow();
                    EXPECT_EQ(thing->users.fetch_add(1), 0);
                    ++thing->uses;
                    thing->users.fetch_sub(1);
                }
            });
    }
    std::uint64_t uses = 0;
    const auto all = pool.take_all();
    for (const auto& thing : all)
        uses += thing->uses;
    EXPECT_LE(all.size(), MOST);
    EXPECT_EQ(uses, 2 * MOST * USES);
}

TEST(pool, what_was_made_is_lent_again_before_more_is_made)
{
    Pool<int> pool{MOST};
    *pool.borrow() = 7;
    EXPECT_EQ(*pool.borrow(), 7);
    {
        const auto first = pool.borrow();
        const auto second = pool.borrow();
        EXPECT_EQ(*first + *second, 7);
    }
    EXPECT_EQ(pool.take_all().size(), 2u);
}

}  // namespace
}  // namespace ashlar
