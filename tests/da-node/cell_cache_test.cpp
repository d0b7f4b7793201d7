#include "da-node/cell_cache.hpp"

#include <gtest/gtest.h>

#include "tests/da-node/test_node.hpp"

namespace ashlar::test
{
namespace
{

/// Reads the object's first blob and counts how often.
struct CountingReader
{
    int reads = 0;

    Result<Bytes> operator()()
    {
        ++reads;
        return small_object().pieces[0];
    }
};

}  // namespace

TEST(cell_cache, a_blob_often_asked_for_gets_its_set_and_is_read_no_more)
{
    CellCache cache{1, 0};
    CountingReader reader;
    const CellCache::BlobId id{.object_root = {}, .stored = 0};
    const auto first = cache.cell(id, 7, std::ref(reader)).value();
    for (unsigned request = 1; request < CellCache::REQUESTS_BEFORE_SET + 2; ++request)
    {
        const auto again = cache.cell(id, 7, std::ref(reader)).value();
        EXPECT_EQ(again.cell, first.cell);
        EXPECT_EQ(again.proof, first.proof);
    }
    EXPECT_EQ(reader.reads, static_cast<int>(CellCache::REQUESTS_BEFORE_SET));
}

TEST(cell_cache, no_set_is_made_before_its_tables_pay)
{
    constexpr unsigned REQUESTS = CellCache::REQUESTS_BEFORE_SET + 2;
    CellCache cache{1, REQUESTS};
    CountingReader reader;
    for (unsigned request = 0; request < REQUESTS; ++request)
        EXPECT_TRUE(cache.cell({.object_root = {}, .stored = 0}, 7, std::ref(reader)));
    EXPECT_EQ(reader.reads, static_cast<int>(REQUESTS));
}

TEST(cell_cache, readers_error_is_passed_on)
{
    CellCache cache{1};
    const auto answer = cache.cell({.object_root = {}, .stored = 0}, 0,
        []() -> Result<Bytes> { return fail(ErrorKind::corrupted, "rotten"); });
    EXPECT_EQ(kind_of(answer), ErrorKind::corrupted);
}

TEST(lru_map, forgets_what_was_used_longest_ago)
{
    LruMap<int, int> map{2};
    map.find_or_insert(1) = 10;
    map.find_or_insert(2) = 20;
    EXPECT_EQ(*map.find(1), 10);
    map.find_or_insert(3) = 30;
    EXPECT_EQ(map.find(2), nullptr);
    EXPECT_EQ(*map.find(1), 10);
    EXPECT_EQ(*map.find(3), 30);
    EXPECT_EQ(map.size(), 2u);
}

}  // namespace ashlar::test
