#include "base/random.hpp"

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

/// Hands out the given 8-byte words.
class Scripted final : public RandomSource
{
public:
    explicit Scripted(std::vector<std::uint64_t> words) : words_{std::move(words)} {}
    void fill(std::span<std::byte> out) override
    {
        std::ranges::copy(little_endian(words_.at(next_++)), out.begin());
    }
    [[nodiscard]] std::size_t used() const { return next_; }

private:
    std::vector<std::uint64_t> words_;
    std::size_t next_ = 0;
};

TEST(random, below_stays_below_and_reaches_every_value)
{
    SeededRandom random{1};
    EXPECT_EQ(random.below(1), 0U);
    std::array<int, 7> seen{};
    for (int i = 0; i < 7000; ++i)
        ++seen.at(random.below(7));
    // 1000 expected each, standard deviation 29.
    for (const auto count : seen)
        EXPECT_NEAR(count, 1000, 200);
}

TEST(random, below_rejects_words_that_would_bias)
{
    // 2⁶⁴ mod 3 = 1: only the word 0 is thrown away.
    Scripted rejects_zero{{0, 1}};
    EXPECT_EQ(rejects_zero.below(3), 1U);
    EXPECT_EQ(rejects_zero.used(), 2U);

    // 2⁶³ divides 2⁶⁴: nothing is thrown away.
    Scripted takes_zero{{0}};
    EXPECT_EQ(takes_zero.below(std::uint64_t{1} << 63), 0U);

    // 2⁶⁴ mod (2⁶³ + 1) = 2⁶³ − 1: the words below that are thrown away.
    const std::uint64_t bound = (std::uint64_t{1} << 63) + 1;
    Scripted boundary{{bound - 3, bound - 2}};
    EXPECT_EQ(boundary.below(bound), bound - 2);
    EXPECT_EQ(boundary.used(), 2U);
}

TEST(random, seeded_streams_repeat_and_differ_by_seed)
{
    SeededRandom a{5};
    SeededRandom b{5};
    SeededRandom c{6};
    Bytes32 x;
    Bytes32 y;
    Bytes32 z;
    a.fill(x);
    b.fill(y);
    c.fill(z);
    EXPECT_EQ(x, y);
    EXPECT_NE(x, z);
    a.fill(y);
    EXPECT_NE(x, y);
}

TEST(random, filling_nothing_is_fine)
{
    system_random().fill({});
    SeededRandom{1}.fill({});
}

TEST(random, system_source_does_not_repeat)
{
    Bytes32 x;
    Bytes32 y;
    system_random().fill(x);
    system_random().fill(y);
    EXPECT_NE(x, y);
}

}  // namespace
}  // namespace ashlar
