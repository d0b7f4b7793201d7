#include "base/merkle.hpp"

#include <bit>

#include "base/hash.hpp"

namespace ashlar
{
namespace
{

std::vector<Bytes32> parents(const std::vector<Bytes32>& level)
{
    std::vector<Bytes32> out(level.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = hash_pair(level[2 * i], level[2 * i + 1]);
    return out;
}

std::vector<Bytes32> padded(std::vector<Bytes32> leaves)
{
    leaves.resize(std::bit_ceil(std::max<std::size_t>(leaves.size(), 1)));
    return leaves;
}

}  // namespace

Bytes32 hash_pair(const Bytes32& left, const Bytes32& right)
{
    Bytes64 both;
    std::ranges::copy(left, both.begin());
    std::ranges::copy(right, both.begin() + 32);
    return sha256(both);
}

MerkleTree MerkleTree::make(std::vector<Bytes32> leaves)
{
    std::vector<std::vector<Bytes32>> levels;
    levels.push_back(padded(std::move(leaves)));
    while (levels.back().size() > 1)
        levels.push_back(parents(levels.back()));
    return MerkleTree{std::move(levels)};
}

std::vector<Bytes32> MerkleTree::path(std::size_t index) const
{
    return subtree_path(index, 0);
}

std::vector<Bytes32> MerkleTree::subtree_path(std::size_t index, std::size_t height) const
{
    ASHLAR_ASSERT(height <= depth() && index < levels_[height].size());
    std::vector<Bytes32> out;
    out.reserve(depth() - height);
    for (std::size_t level = height; level < depth(); ++level, index >>= 1)
        out.push_back(levels_[level][index ^ 1]);
    return out;
}

Bytes32 merkle_root(std::vector<Bytes32> leaves)
{
    auto level = padded(std::move(leaves));
    while (level.size() > 1)
        level = parents(level);
    return level.front();
}

std::optional<Bytes32> root_from_path(
    const Bytes32& leaf, std::uint64_t index, std::span<const Bytes32> path)
{
    Bytes32 node = leaf;
    for (const auto& sibling : path)
    {
        node = (index & 1) != 0 ? hash_pair(sibling, node) : hash_pair(node, sibling);
        index >>= 1;
    }
    if (index != 0)
        return std::nullopt;
    return node;
}

Result<void> verify_merkle_path(const Bytes32& root, const Bytes32& leaf, std::uint64_t index,
    std::size_t depth, std::span<const Bytes32> path)
{
    if (path.size() != depth)
        return fail(ErrorKind::proof_invalid, "Merkle path has {} siblings instead of {}",
            path.size(), depth);
    const auto found = root_from_path(leaf, index, path);
    if (!found || *found != root)
        return fail(
            ErrorKind::proof_invalid, "Merkle path of leaf {} does not lead to the root", index);
    return {};
}

}  // namespace ashlar
