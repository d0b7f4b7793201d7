#pragma once

/// Binary SHA-256 Merkle trees over a power of two of 32-byte leaves.
///
/// node = SHA256(left ‖ right); a single leaf is its own root. Paths list siblings from the leaf
/// upwards. Callers fix the depth from trusted numbers, so a node can never pass as a leaf.

#include <optional>

#include "base/bytes.hpp"

namespace ashlar
{

/// SHA256(left ‖ right).
[[nodiscard]] Bytes32 hash_pair(const Bytes32& left, const Bytes32& right);

/// A whole tree in memory: 64 bytes a leaf. Immutable after make(), so threads may share it.
class MerkleTree
{
public:
    /// Pads the leaves with zeros to the next power of two (at least one leaf).
    [[nodiscard]] static MerkleTree make(std::vector<Bytes32> leaves);

    [[nodiscard]] const Bytes32& root() const noexcept { return levels_.back().front(); }
    [[nodiscard]] std::size_t depth() const noexcept { return levels_.size() - 1; }
    [[nodiscard]] std::size_t leaf_count() const noexcept { return levels_.front().size(); }

    /// Siblings from the leaf upwards.
    /// @pre index < leaf_count()
    [[nodiscard]] std::vector<Bytes32> path(std::size_t index) const;

    /// The path of the subtree of 2^height leaves that starts at leaf index·2^height.
    /// @pre height <= depth() and index < leaf_count() >> height
    [[nodiscard]] std::vector<Bytes32> subtree_path(std::size_t index, std::size_t height) const;

private:
    explicit MerkleTree(std::vector<std::vector<Bytes32>> levels) : levels_{std::move(levels)} {}

    std::vector<std::vector<Bytes32>> levels_;  ///< levels_[0] the leaves, back() the root.
};

/// Root of the tree with these leaves, zero-padded to a power of two.
[[nodiscard]] Bytes32 merkle_root(std::vector<Bytes32> leaves);

/// The root a path leads to. `index` must have no bits beyond the path's length, else nothing.
[[nodiscard]] std::optional<Bytes32> root_from_path(
    const Bytes32& leaf, std::uint64_t index, std::span<const Bytes32> path);

/// @return  proof_invalid unless the path has exactly `depth` siblings and leads to `root`.
[[nodiscard]] Result<void> verify_merkle_path(const Bytes32& root, const Bytes32& leaf,
    std::uint64_t index, std::size_t depth, std::span<const Bytes32> path);

}  // namespace ashlar
