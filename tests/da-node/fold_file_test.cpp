/// The fold on disk against the fold in memory, and what a node makes of a file that is damaged.

#include "da-node/store/fold_file.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "tests/da-node/test_node.hpp"

namespace ashlar::test
{
namespace
{

template <typename T>
std::vector<T> random_arrays(std::size_t count, RandomSource& random)
{
    std::vector<T> out(count);
    for (auto& array : out)
        random.fill(array);
    return out;
}

/// Layers and trees of the shape's sizes; the file never looks at what they say.
Fold random_fold(const ObjectShape& shape, RandomSource& random)
{
    const auto geometry = FoldGeometry::of(shape);
    Fold fold;
    for (std::size_t j = 0; j < geometry.final_layer; ++j)
    {
        fold.trees.push_back(MerkleTree::make(random_arrays<Bytes32>(geometry.fibers(j), random)));
        if (j == 0)
            continue;
        fold.record.roots.push_back(fold.trees.back().root());
        fold.layers.push_back(random_arrays<Bytes48>(geometry.points(j), random));
    }
    fold.record.final_points =
        random_arrays<Bytes48>(geometry.points(geometry.final_layer), random);
    return fold;
}

/// Walks from all over the object.
std::vector<Bytes> walks_of(NodeService& node, const SmallObject& object)
{
    std::vector<Bytes> out;
    for (std::uint64_t n = 0; n < object.shape().position_count(); n += 37)
        out.push_back(node.get_walk(object.root(), n).value());
    return out;
}

}  // namespace

TEST(fold_file, walks_are_those_of_the_fold_in_memory)
{
    // No tree at all, and paths in one page, in two and in three; some with empty positions.
    for (const std::uint64_t data : {16u, 33u, 64u, 512u, 4096u, 20'000u})
    {
        SeededRandom random{data};
        const auto shape = shape_of(data);
        const auto fold = random_fold(shape, random);
        const TemporaryFolder folder;
        const auto path = folder.path() / "fold";
        must(FoldFile::write(path, shape, fold));
        EXPECT_FALSE(std::filesystem::exists(folder.path() / "fold.new"));
        const auto file = FoldFile::open(path, shape).value();
        EXPECT_EQ(file.record().value(), fold.record.encode());

        const auto fiber = random_arrays<Bytes48>(FOLD_FIBER, random);
        const auto first_fiber = std::span{fiber}.first<FOLD_FIBER>();
        std::vector<std::uint64_t> positions{0, shape.position_count() - 1};
        for (std::size_t i = 0; i < 200; ++i)
            positions.push_back(random.below(shape.position_count()));
        for (const auto n : positions)
            EXPECT_EQ(file.walk(n, first_fiber).value(), fold.walk(n, first_fiber)) << n;
    }
}

TEST(fold_file, what_a_killed_write_left_is_written_over)
{
    SeededRandom random{1};
    const auto shape = shape_of(64);
    const auto old_fold = random_fold(shape, random);
    const auto fold = random_fold(shape, random);
    const TemporaryFolder folder;
    const auto path = folder.path() / "fold";
    must(FoldFile::write(path, shape, old_fold));
    folder.write("fold.new", std::string(1u << 20, 'x'));
    must(FoldFile::write(path, shape, fold));
    EXPECT_EQ(FoldFile::open(path, shape).value().record().value(), fold.record.encode());
}

TEST(fold_file, open_refuses_files_of_other_objects_and_sizes)
{
    SeededRandom random{1};
    const auto shape = shape_of(64);
    const TemporaryFolder folder;
    const auto path = folder.path() / "fold";
    EXPECT_FALSE(FoldFile::open(path, shape));
    must(FoldFile::write(path, shape, random_fold(shape, random)));
    EXPECT_TRUE(FoldFile::open(path, shape));
    // 63 data blobs have as many positions, so their file is as large.
    EXPECT_EQ(kind_of(FoldFile::open(path, shape_of(63))), ErrorKind::corrupted);

    const auto size = std::filesystem::file_size(path);
    for (const auto wrong : {size - 1, size + 1, std::uintmax_t{0}})
    {
        std::filesystem::resize_file(path, wrong);
        EXPECT_EQ(kind_of(FoldFile::open(path, shape)), ErrorKind::corrupted) << wrong;
    }
}

TEST(fold_file, node_serves_the_same_walks_after_restarts)
{
    TestNode node;
    const auto& object = folded_object();
    EXPECT_EQ(kind_of(node->get_walk(object.root(), 0)), ErrorKind::not_found);
    node.announce(object);
    const auto walks = walks_of(node.service(), object);
    const auto record = node->fold_record(object.root()).value();

    node.restart();
    EXPECT_EQ(walks_of(node.service(), object), walks);
    node.kill_and_restart();
    EXPECT_EQ(walks_of(node.service(), object), walks);
    EXPECT_EQ(node->fold_record(object.root()).value(), record);
}

TEST(fold_file, node_makes_a_lost_or_torn_file_again_when_it_starts)
{
    TestNode node;
    const auto& object = folded_object();
    node.announce(object);
    const auto walks = walks_of(node.service(), object);
    const auto path = node.object_folder(object.root()) / "fold";
    const auto size = std::filesystem::file_size(path);
    for (const bool remove : {true, false})
    {
        node.close();
        if (remove)
            std::filesystem::remove(path);
        else
            std::filesystem::resize_file(path, size / 2);
        node.open();
        EXPECT_EQ(walks_of(node.service(), object), walks);
        EXPECT_EQ(std::filesystem::file_size(path), size);
    }
}

TEST(fold_file, damaged_bytes_are_not_served_and_made_again_at_the_next_start)
{
    TestNode node;
    const auto& object = folded_object();
    node.announce(object);
    const auto walks = walks_of(node.service(), object);
    const auto path = node.object_folder(object.root()) / "fold";
    {
        const auto file = File::open_or_create(path).value();
        Bytes bytes(std::filesystem::file_size(path) - 4096);
        must(file.read_at(4096, bytes));
        for (auto& byte : bytes)
            byte ^= std::byte{1};
        must(file.write_at(4096, bytes));
    }
    EXPECT_EQ(kind_of(node->get_walk(object.root(), 700)), ErrorKind::corrupted);
    node.restart();
    EXPECT_EQ(walks_of(node.service(), object), walks);
}

}  // namespace ashlar::test
