#include "retrieval/arrival_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace ashlar
{
namespace
{

using namespace std::chrono_literals;

constexpr auto LONG = 60s;  // Never reached by a test that passes.

bool push(ArrivalQueue& queue, std::uint64_t piece)
{
    const Bytes bytes(BYTES_PER_BLOB, static_cast<std::byte>(piece));
    return queue.push(piece, 0, BlobView{bytes});
}

}  // namespace

TEST(arrival_queue, take_gives_what_was_pushed_and_then_nothing)
{
    ArrivalQueue queue{4, 1};
    ASSERT_TRUE(push(queue, 7));
    ASSERT_TRUE(push(queue, 8));
    queue.producer_done();

    const auto arrivals = queue.take(4, LONG);

    ASSERT_EQ(arrivals.size(), 2u);
    EXPECT_EQ(arrivals[1].piece, 8u);
    EXPECT_EQ(arrivals[1].bytes, Bytes(BYTES_PER_BLOB, std::byte{8}));
    EXPECT_TRUE(queue.take(4, LONG).empty());
}

// A slow producer must not keep what has arrived from being verified.
TEST(arrival_queue, take_gives_a_part_after_its_patience)
{
    ArrivalQueue queue{4, 1};
    ASSERT_TRUE(push(queue, 1));

    EXPECT_EQ(queue.take(4, 1ms).size(), 1u);
}

TEST(arrival_queue, push_waits_for_room_until_arrivals_are_recycled)
{
    constexpr std::uint64_t PIECES = 100;
    constexpr std::size_t CAPACITY = 3;
    ArrivalQueue queue{CAPACITY, 1};
    std::atomic<std::uint64_t> pushed{0};
    const std::jthread producer{[&] {
        for (std::uint64_t i = 0; i < PIECES; ++i)
        {
            if (push(queue, i))
                ++pushed;
        }
        queue.producer_done();
    }};
    std::uint64_t taken = 0;
    for (auto arrivals = queue.take(2, LONG); !arrivals.empty(); arrivals = queue.take(2, LONG))
    {
        EXPECT_LE(pushed - taken, CAPACITY);
        for (const auto& arrival : arrivals)
            EXPECT_EQ(arrival.piece, taken++);
        queue.recycle(std::move(arrivals));
    }
    EXPECT_EQ(taken, PIECES);
}

TEST(arrival_queue, close_lets_waiting_producers_go)
{
    ArrivalQueue queue{1, 1};
    ASSERT_TRUE(push(queue, 0));
    std::atomic<bool> second{true};
    {
        const std::jthread producer{[&] { second = push(queue, 1); }};
        queue.close();
    }
    EXPECT_FALSE(second);
}

}  // namespace ashlar
