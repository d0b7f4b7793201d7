#include "base/merkle.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"

namespace ashlar
{
namespace
{

std::vector<Bytes32> make_leaves(std::size_t count)
{
    std::vector<Bytes32> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(sha256(little_endian(static_cast<std::uint64_t>(i))));
    return out;
}

/// The definition, recursively: halves of a power of two of leaves.
Bytes32 naive_root(std::span<const Bytes32> leaves)
{
    if (leaves.size() == 1)
        return leaves[0];
    const auto half = leaves.size() / 2;
    return sha256({naive_root(leaves.first(half)), naive_root(leaves.subspan(half))});
}

TEST(merkle, root_equals_the_definition_with_zero_padding)
{
    for (std::size_t count = 1; count <= 17; ++count)
    {
        auto leaves = make_leaves(count);
        const auto tree = MerkleTree::make(leaves);
        const auto root = merkle_root(leaves);
        leaves.resize(std::bit_ceil(count));
        EXPECT_EQ(tree.root(), naive_root(leaves)) << count;
        EXPECT_EQ(root, tree.root()) << count;
        EXPECT_EQ(tree.leaf_count(), leaves.size());
        EXPECT_EQ(std::size_t{1} << tree.depth(), leaves.size());
    }
}

TEST(merkle, of_no_leaves_is_one_zero_leaf)
{
    EXPECT_EQ(merkle_root({}), Bytes32{});
    EXPECT_EQ(MerkleTree::make({}).leaf_count(), 1U);
    EXPECT_EQ(MerkleTree::make({}).root(), Bytes32{});
}

TEST(merkle, every_path_leads_to_the_root_and_no_other_does)
{
    for (const std::size_t count : {1U, 2U, 5U, 8U})
    {
        const auto leaves = make_leaves(count);
        const auto tree = MerkleTree::make(leaves);
        for (std::size_t i = 0; i < count; ++i)
        {
            const auto path = tree.path(i);
            EXPECT_TRUE(verify_merkle_path(tree.root(), leaves[i], i, tree.depth(), path));
            EXPECT_EQ(root_from_path(leaves[i], i, path), tree.root());

            auto other_leaf = leaves[i];
            other_leaf[0] ^= std::byte{1};
            EXPECT_FALSE(verify_merkle_path(tree.root(), other_leaf, i, tree.depth(), path));
            EXPECT_FALSE(verify_merkle_path(tree.root(), leaves[i], i ^ 1, tree.depth(), path));
        }
    }
}

TEST(merkle, path_with_an_index_beyond_its_depth_is_refused)
{
    const auto leaves = make_leaves(8);
    const auto tree = MerkleTree::make(leaves);
    const auto path = tree.path(3);

    EXPECT_TRUE(root_from_path(leaves[3], 3, path));
    EXPECT_FALSE(root_from_path(leaves[3], 3 + 8, path));
    const auto refused = verify_merkle_path(tree.root(), leaves[3], 3 + 8, tree.depth(), path);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::proof_invalid);
}

TEST(merkle, path_of_another_length_is_refused)
{
    const auto leaves = make_leaves(8);
    const auto tree = MerkleTree::make(leaves);
    const auto path = tree.path(5);
    auto longer = path;
    longer.push_back(Bytes32{});

    EXPECT_FALSE(verify_merkle_path(tree.root(), leaves[5], 5, 3, std::span{path}.first(2)));
    EXPECT_FALSE(verify_merkle_path(tree.root(), leaves[5], 5, 3, longer));

    // An inner node must not pass as a leaf: its path is right, but too short.
    const auto inner = hash_pair(leaves[4], leaves[5]);
    EXPECT_EQ(root_from_path(inner, 2, std::span{path}.subspan(1)), tree.root());
    EXPECT_FALSE(verify_merkle_path(tree.root(), inner, 2, 3, std::span{path}.subspan(1)));
}

TEST(merkle, subtree_path_proves_the_subtree_root)
{
    const auto leaves = make_leaves(16);
    const auto tree = MerkleTree::make(leaves);
    for (std::size_t height = 0; height <= 4; ++height)
    {
        const auto size = std::size_t{1} << height;
        for (std::size_t i = 0; i < 16 / size; ++i)
        {
            const auto subtree = naive_root(std::span{leaves}.subspan(i * size, size));
            const auto path = tree.subtree_path(i, height);
            EXPECT_EQ(path.size(), 4 - height);
            EXPECT_EQ(root_from_path(subtree, i, path), tree.root());
        }
    }
}

}  // namespace
}  // namespace ashlar
