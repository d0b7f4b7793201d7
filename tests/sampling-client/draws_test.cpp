#include "sampling-client/draws.hpp"

#include <set>

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
    DrawSource a{object.header(), committee, DrawSpace::all_positions, first};
    DrawSource b{object.header(), committee, DrawSpace::all_positions, second};
    DrawSource c{object.header(), committee, DrawSpace::all_positions, other};
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
    DrawSource source{object.header(), committee, DrawSpace::stored_blobs, random};
    std::array<int, 16> blobs{};
    std::array<int, CELLS_PER_EXT_BLOB> cells{};
    for (std::size_t i = 0; i < DRAWS; ++i)
    {
        const auto draw = source.next();
        ++blobs.at(draw.stored.value());
        ++cells.at(draw.cell_index);
    }
    // Means 1000 and 125; five standard deviations.
    for (const auto count : blobs)
        EXPECT_NEAR(count, 1000, 155);
    for (const auto count : cells)
        EXPECT_NEAR(count, 125, 56);
}

TEST(draws, of_all_positions_are_uniform_and_samples_where_stored)
{
    constexpr std::size_t DRAWS = 32'000;
    const SparseObject object{{.data_blobs = 17, .parity_blobs = 20}};
    const auto& shape = object.header().shape();
    const auto committee = make_committee(8);
    SeededRandom random{1};
    DrawSource source{object.header(), committee, DrawSpace::all_positions, random};
    std::vector<int> positions(shape.position_count());
    for (std::size_t i = 0; i < DRAWS; ++i)
    {
        const auto draw = source.next();
        ++positions.at(draw.position);
        ASSERT_EQ(draw.stored, shape.stored_index_of(draw.position));
        ASSERT_EQ(draw.holders.empty(), !draw.stored);
    }
    // Mean 500; five standard deviations.
    for (const auto count : positions)
        EXPECT_NEAR(count, 500, 112);
}

TEST(draws, walk_servers_are_all_members_once_with_holders_last)
{
    const SparseObject object{{.data_blobs = 8, .parity_blobs = 8, .copies = 2}};
    for (const std::size_t members : {1U, 8U, 40U})
    {
        const auto committee = make_committee(members);
        SeededRandom random{1};
        DrawSource source{object.header(), committee, DrawSpace::all_positions, random};
        std::vector<int> firsts(members);
        for (int i = 0; i < 400; ++i)
        {
            const auto draw = source.next();
            const auto count = std::min(WALK_SERVERS_MAX, members);
            ASSERT_EQ(draw.walk_servers.size(), count);
            const std::set<std::uint16_t> distinct(
                draw.walk_servers.begin(), draw.walk_servers.end());
            EXPECT_EQ(distinct.size(), count);
            ++firsts[draw.walk_servers.front()];
            const auto holds = [&](std::uint16_t m) {
                return std::ranges::find(draw.holders, m) != draw.holders.end();
            };
            EXPECT_TRUE(std::ranges::is_partitioned(
                draw.walk_servers, [&](std::uint16_t m) { return !holds(m); }));
        }
        for (const auto count : firsts)
            EXPECT_GT(count, 0);
    }
}

TEST(draws, ask_all_copies_in_either_order)
{
    const SparseObject object{{.data_blobs = 8, .parity_blobs = 8, .copies = 2}};
    const auto committee = make_committee(8);
    const Placement placement{object.header(), committee};
    SeededRandom random{1};
    DrawSource source{object.header(), committee, DrawSpace::stored_blobs, random};
    int first_copy_first = 0;
    for (int i = 0; i < 1000; ++i)
    {
        const auto draw = source.next();
        const auto placed = placement.holders(draw.stored.value());
        ASSERT_EQ(draw.holders.size(), 2);
        EXPECT_TRUE(std::ranges::is_permutation(draw.holders, placed));
        first_copy_first += draw.holders.front() == placed.front() ? 1 : 0;
    }
    EXPECT_NEAR(first_copy_first, 500, 80);
}

}  // namespace
}  // namespace ashlar::test
