#include "sampling-client/draws.hpp"

#include <gtest/gtest.h>

#include "tests/sampling-client/sparse_object.hpp"

namespace ashlar::test
{
namespace
{

TEST(draws, same_seed_gives_same_draws)
{
    const SparseObject object{{.data_blobs = 8, .parity_blobs = 8, .copies = 2}};
    const auto committee = make_committee(8);
    SeededRandom first{1};
    SeededRandom second{1};
    SeededRandom other{2};
    DrawSource a{object.header(), committee, first};
    DrawSource b{object.header(), committee, second};
    DrawSource c{object.header(), committee, other};
    bool differs = false;
    for (int i = 0; i < 100; ++i)
    {
        const auto draw = a.next();
        EXPECT_EQ(draw, b.next());
        differs = differs || !(draw == c.next());
    }
    EXPECT_TRUE(differs);
}

TEST(draws, are_uniform_over_blobs_and_cells)
{
    constexpr std::size_t DRAWS = 16'000;
    const SparseObject object{{.data_blobs = 8, .parity_blobs = 8}};
    const auto committee = make_committee(8);
    SeededRandom random{1};
    DrawSource source{object.header(), committee, random};
    std::array<int, 16> blobs{};
    std::array<int, CELLS_PER_EXT_BLOB> cells{};
    for (std::size_t i = 0; i < DRAWS; ++i)
    {
        const auto draw = source.next();
        ++blobs.at(draw.stored);
        ++cells.at(draw.cell_index);
    }
    // Means 1000 and 125; five standard deviations.
    for (const auto count : blobs)
        EXPECT_NEAR(count, 1000, 155);
    for (const auto count : cells)
        EXPECT_NEAR(count, 125, 56);
}

TEST(draws, ask_all_copies_in_either_order)
{
    const SparseObject object{{.data_blobs = 8, .parity_blobs = 8, .copies = 2}};
    const auto committee = make_committee(8);
    const Placement placement{object.header(), committee};
    SeededRandom random{1};
    DrawSource source{object.header(), committee, random};
    int first_copy_first = 0;
    for (int i = 0; i < 1000; ++i)
    {
        const auto draw = source.next();
        const auto placed = placement.holders(draw.stored);
        ASSERT_EQ(draw.holders.size(), 2);
        EXPECT_TRUE(std::ranges::is_permutation(draw.holders, placed));
        first_copy_first += draw.holders.front() == placed.front() ? 1 : 0;
    }
    EXPECT_NEAR(first_copy_first, 500, 80);
}

}  // namespace
}  // namespace ashlar::test
