// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Merkle} from "./Merkle.sol";
import {Sha256} from "./Sha256.sol";

/// A tensor's entry as the publisher declares it (docs/formats/directory.md).
struct Tensor {
    /// Its place in the directory's list of tensors.
    uint256 index;
    bytes name;
    uint32 fileIndex;
    uint8 dtype;
    uint64[] shape;
    /// In bytes, counted from the payload's start.
    uint64 offset;
    uint64 size;
    /// 22 siblings in the list, then the list's length, then the root of the files.
    bytes32[] path;
}

/// @title hash_tree_root of what contracts prove or build
library Ssz {
    error TensorRefused(string what);

    /// @return 32 bytes: `value` little-endian, then zeros.
    function integer(uint256 value) internal pure returns (bytes32) {
        uint256 out = 0;
        for (uint256 i = 0; i < 8; ++i) out |= ((value >> (8 * i)) & 0xff) << (8 * (31 - i));
        return bytes32(out);
    }

    /// @notice Reverts unless the tensor's entry is in the directory under `directoryRoot`.
    function requireTensor(Tensor calldata t, bytes32 directoryRoot) internal view {
        if (t.path.length != 24) revert Merkle.PathLength(t.path.length, 24);
        // Sibling 22 is the list's length, little-endian: entries beyond it do not exist.
        uint256 length = littleEndian(t.path[22]);
        if (length > 1 << 22 || t.index >= length) revert TensorRefused("index");
        // In the list, then left of its length, then right of the files.
        bytes32 computed = Merkle.follow(tensorRoot(t), t.index | (1 << 23), t.path, 24);
        if (computed != directoryRoot) revert TensorRefused("directory root");
    }

    /// @return hash_tree_root(Tensor).
    function tensorRoot(Tensor calldata t) internal view returns (bytes32) {
        if (t.name.length > 1024) revert TensorRefused("name");
        if (t.shape.length > 8) revert TensorRefused("shape");
        bytes32[] memory leaves = new bytes32[](8);
        leaves[0] = byteListRoot(t.name);
        leaves[1] = integer(t.fileIndex);
        leaves[2] = integer(t.dtype);
        leaves[3] = shapeRoot(t.shape);
        leaves[4] = integer(t.offset);
        leaves[5] = integer(t.size);
        return Merkle.root(leaves);
    }

    /// List[byte, 1024]: 32 chunks and the length.
    function byteListRoot(bytes calldata text) private view returns (bytes32) {
        bytes32[] memory chunks = new bytes32[](32);
        for (uint256 i = 0; 32 * i < text.length; ++i) {
            uint256 end = 32 * i + 32 < text.length ? 32 * i + 32 : text.length;
            // Bytes beyond the end read as zeros.
            chunks[i] = bytes32(text[32 * i:end]);
        }
        return Sha256.pair(Merkle.root(chunks), integer(text.length));
    }

    /// List[uint64, 8]: 2 chunks and the length.
    function shapeRoot(uint64[] calldata shape) private view returns (bytes32) {
        bytes32[2] memory chunks;
        for (uint256 i = 0; i < shape.length; ++i) {
            chunks[i / 4] |= integer(shape[i]) >> (64 * (i % 4));
        }
        return Sha256.pair(Sha256.pair(chunks[0], chunks[1]), integer(shape.length));
    }

    /// The whole chunk as one little-endian integer.
    function littleEndian(bytes32 chunk) private pure returns (uint256 value) {
        for (uint256 i = 0; i < 32; ++i) value |= uint256(uint8(chunk[i])) << (8 * i);
    }
}
