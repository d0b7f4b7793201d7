#include "commitments/recovery.hpp"

#include <gtest/gtest.h>
#include <numeric>

#include "tests/commitments/test_blobs.hpp"
#include "tests/oracle/oracle.hpp"

namespace ashlar
{
namespace
{

struct Known
{
    std::vector<std::uint64_t> indices;
    std::vector<Cell> cells;
};

template <typename Keep>
Known choose(std::span<const Cell> cells, const Keep& keep)
{
    Known out;
    for (std::size_t i = 0; i < cells.size(); ++i)
    {
        if (keep(i))
        {
            out.indices.push_back(i);
            out.cells.push_back(cells[i]);
        }
    }
    return out;
}

/// `count` of 128 indices at random.
std::vector<bool> random_choice(std::size_t count, std::uint64_t seed)
{
    SeededRandom random{seed};
    std::vector<bool> out(CELLS_PER_EXT_BLOB);
    while (count > 0)
    {
        const auto i = random.below(CELLS_PER_EXT_BLOB);
        count -= out[i] ? 0 : 1;
        out[i] = true;
    }
    return out;
}

TEST(recovery, gives_all_cells_of_every_kind_of_blob_whichever_half_is_known)
{
    for (const auto& blob : test::kinds_of_blobs())
    {
        const auto cells = compute_cells(test::view(blob)).value();
        for (const auto& known : {choose(cells, [](auto i) { return i < 64; }),
                 choose(cells, [](auto i) { return i >= 64; }),
                 choose(cells, [](auto i) { return i % 2 == 0; }),
                 choose(cells, [](auto i) { return i % 2 == 1; })})
            ASSERT_EQ(recover_cells(known.indices, known.cells).value(), cells);
    }
}

TEST(recovery, equals_ckzg_for_any_number_of_known_cells)
{
    const auto cells = compute_cells(test::view(test::random_blob(9))).value();
    for (const std::size_t count : {64U, 65U, 80U, 100U, 127U, 128U})
    {
        const auto kept = random_choice(count, count);
        const auto known = choose(cells, [&](auto i) { return kept[i]; });
        const auto recovered = recover_cells(known.indices, known.cells).value();
        ASSERT_EQ(recovered, cells) << count;
        EXPECT_EQ(oracle::recover_cells(known.indices, known.cells), recovered) << count;
    }
}

TEST(recovery, with_proofs_equals_computing_them)
{
    const auto blob = test::random_blob(10);
    const auto all = compute_cells_and_kzg_proofs(test::view(blob)).value();
    const auto kept = random_choice(64, 3);
    const auto known = choose(all.cells, [&](auto i) { return kept[i]; });
    const auto recovered = recover_cells_and_kzg_proofs(known.indices, known.cells).value();
    EXPECT_EQ(recovered.cells, all.cells);
    EXPECT_EQ(recovered.proofs, all.proofs);
}

// Up to the boundary and one past it.
TEST(recovery, fails_one_cell_short)
{
    const auto cells = compute_cells(test::view(test::random_blob(11))).value();
    for (const std::size_t count : {0U, 1U, 63U})
    {
        const auto known = choose(cells, [&](auto i) { return i < count; });
        EXPECT_EQ(recover_cells(known.indices, known.cells).error().kind, ErrorKind::insufficient);
    }
}

TEST(recovery, refuses_lists_that_are_no_choice_of_cells)
{
    const auto cells = compute_cells(test::view(test::random_blob(12))).value();
    const auto known = choose(cells, [](auto i) { return i < 70; });
    const auto refused = [&](const std::vector<std::uint64_t>& indices) {
        const auto result = recover_cells(indices, known.cells);
        return !result && result.error().kind == ErrorKind::invalid_input;
    };
    ASSERT_TRUE(recover_cells(known.indices, known.cells));

    auto indices = known.indices;
    indices.pop_back();
    EXPECT_TRUE(refused(indices));
    indices.push_back(128);
    EXPECT_TRUE(refused(indices));
    indices.back() = 68;
    EXPECT_TRUE(refused(indices));
    indices = known.indices;
    std::swap(indices[3], indices[4]);
    EXPECT_TRUE(refused(indices));
}

TEST(recovery, refuses_elements_from_the_modulus_on)
{
    const auto cells = compute_cells(test::view(test::random_blob(13))).value();
    for (const std::size_t element : {0U, 63U})
    {
        auto known = choose(cells, [](auto i) { return i >= 64; });
        std::ranges::copy(test::modulus(),
            known.cells[40].begin() + static_cast<std::ptrdiff_t>(element * BYTES_PER_ELEMENT));
        EXPECT_EQ(recover_cells(known.indices, known.cells).error().kind, ErrorKind::invalid_input);
    }
}

// With 64 cells any values are some blob's; from 65 on a wrong one shows.
TEST(recovery, refuses_cells_that_are_not_all_of_one_blob)
{
    const auto cells = compute_cells(test::view(test::random_blob(14))).value();
    for (const std::size_t count : {64U, 65U, 100U, 128U})
    {
        auto known = choose(cells, [&](auto i) { return i < count; });
        known.cells[7][5] ^= std::byte{1};
        const auto result = recover_cells(known.indices, known.cells);
        ASSERT_EQ(result.has_value(), count == 64) << count;
        if (!result)
        {
            EXPECT_EQ(result.error().kind, ErrorKind::invalid_input);
        }
    }
}

}  // namespace
}  // namespace ashlar
