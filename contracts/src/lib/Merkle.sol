// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Sha256} from "./Sha256.sol";

/// @title SHA-256 Merkle paths (docs/formats/README.md, "Merkle tree")
/// @notice Depth and index are always the caller's own. A path of another length is refused, so an
///         inner node never passes as a leaf.
library Merkle {
    error PathLength(uint256 length, uint256 expected);
    error IndexBeyondTree(uint256 index);

    /// @return node The root that `leaf` at `index` of a tree of `depth` levels leads to.
    function follow(bytes32 leaf, uint256 index, bytes32[] calldata path, uint256 depth)
        internal
        view
        returns (bytes32 node)
    {
        if (path.length != depth) revert PathLength(path.length, depth);
        if (index >> depth != 0) revert IndexBeyondTree(index);
        node = leaf;
        for (uint256 i = 0; i < depth; ++i) {
            node = (index >> i) & 1 == 0
                ? Sha256.pair(node, path[i])
                : Sha256.pair(path[i], node);
        }
    }

    /// @notice The root over consecutive leaves [first, first + leaves.length), given the siblings
    ///         at both edges: level by level upwards, the left one before the right one.
    /// @param leaves At least one; overwritten.
    function followRange(
        bytes32[] memory leaves,
        uint256 first,
        bytes32[] calldata siblings,
        uint256 depth
    ) internal view returns (bytes32) {
        uint256 count = leaves.length;
        if (count == 0 || (first + count - 1) >> depth != 0) revert IndexBeyondTree(first + count);
        uint256 used = 0;
        for (uint256 level = 0; level < depth; ++level) {
            uint256 end = first + count;
            uint256 out = 0;
            // Node k of this level, k = first … end − 1, with a sibling before and after at need.
            for (uint256 k = first & ~uint256(1); k < end; k += 2) {
                if (used + (k < first ? 1 : 0) + (k + 1 == end ? 1 : 0) > siblings.length)
                    revert PathLength(siblings.length, used + 1);
                bytes32 left = k < first ? siblings[used++] : leaves[k - first];
                bytes32 right = k + 1 == end ? siblings[used++] : leaves[k + 1 - first];
                leaves[out++] = Sha256.pair(left, right);
            }
            first >>= 1;
            count = out;
        }
        if (used != siblings.length) revert PathLength(siblings.length, used);
        return leaves[0];
    }

    /// @return The root over `leaves`, a power of two of them; overwritten.
    function root(bytes32[] memory leaves) internal view returns (bytes32) {
        for (uint256 width = leaves.length; width > 1; width >>= 1) {
            for (uint256 i = 0; i < width; i += 2) {
                leaves[i >> 1] = Sha256.pair(leaves[i], leaves[i + 1]);
            }
        }
        return leaves[0];
    }
}
