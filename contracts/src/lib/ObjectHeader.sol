// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Merkle} from "./Merkle.sol";
import {Sha256} from "./Sha256.sol";

/// @title An object's header (docs/formats/object-root.md) and the counts that follow from it
struct Header {
    bytes32 objectRoot;
    uint64 payloadBytes;
    uint64 directoryOffset;
    uint64 dataBlobs;
    uint64 parityBlobs;
    uint64 groupParities;
    uint64 copies;
    /// log₂ of D, the number of positions before the parity.
    uint256 domainBits;
    bytes32 commitmentsRoot;
    bytes32 foldRoot;
    bytes32 directoryRoot;
    bytes32 placementSeed;
    bytes32 parentRoot;
}

library ObjectHeader {
    error AnotherRoot(bytes32 computed);
    error HeaderRefused(string what);

    uint256 internal constant BLOB_PAYLOAD = 126976;
    uint256 internal constant ELEMENT_BYTES = 31;

    /// @notice Checks 1 to 7 of the page; reverts where one fails.
    /// @param leaves The header as it travels: 16 leaves of 32 bytes.
    function parse(bytes32 objectRoot, bytes32[16] calldata leaves)
        internal
        view
        returns (Header memory h)
    {
        bytes32 computed = root(leaves);
        if (computed != objectRoot) revert AnotherRoot(computed);
        h.objectRoot = objectRoot;
        check(integer(leaves[0]) == 1, "version");
        h.payloadBytes = integer(leaves[1]);
        h.directoryOffset = integer(leaves[2]);
        h.dataBlobs = integer(leaves[3]);
        h.parityBlobs = integer(leaves[4]);
        h.groupParities = integer(leaves[5]);
        h.copies = integer(leaves[6]);
        h.commitmentsRoot = leaves[8];
        h.foldRoot = leaves[9];
        h.directoryRoot = leaves[10];
        h.placementSeed = leaves[12];
        h.parentRoot = leaves[13];

        check(h.dataBlobs >= 1 && h.dataBlobs <= 2 ** 27, "data blobs");
        uint256 blobs = (uint256(h.payloadBytes) + BLOB_PAYLOAD - 1) / BLOB_PAYLOAD;
        check(h.dataBlobs == blobs, "data blobs");
        h.domainBits = 4;
        while (1 << h.domainBits < h.dataBlobs) ++h.domainBits;
        check(h.parityBlobs >= 1 && h.parityBlobs <= 1 << h.domainBits, "parity blobs");
        check(h.directoryOffset % BLOB_PAYLOAD == 0, "directory offset");
        check(h.directoryOffset < h.payloadBytes, "directory offset");
        check(h.groupParities <= 4, "group parities");
        check(h.groupParities != 0 || leaves[11] == 0, "group parity root");
        check(h.copies >= 1 && h.copies <= 255, "copies");
        check(leaves[7] == 0 && leaves[15] == 0, "reserved leaves");
        bytes32 seed = sha256(abi.encodePacked("ashlar/seed/v1", h.commitmentsRoot));
        check(h.parentRoot != 0 || h.placementSeed == seed, "placement seed");
    }

    /// @return The Merkle root over the 16 leaves, whatever they say.
    function root(bytes32[16] calldata leaves) internal view returns (bytes32) {
        bytes32[] memory nodes = new bytes32[](16);
        for (uint256 i = 0; i < 16; ++i) nodes[i] = leaves[i];
        return Merkle.root(nodes);
    }

    /// @notice Reverts unless `commitment`, 48 bytes, stands at `position` of the codeword.
    function requireCommitment(
        Header memory h,
        uint256 position,
        bytes calldata commitment,
        bytes32[] calldata path
    ) internal view {
        check(commitment.length == 48, "commitment length");
        bytes32 tail = bytes32(bytes16(commitment[32:48]));
        requireCommitment(h, position, bytes32(commitment[0:32]), tail, path);
    }

    /// @param head The commitment's first 32 bytes. @param tail The other 16, then zeros.
    function requireCommitment(
        Header memory h,
        uint256 position,
        bytes32 head,
        bytes32 tail,
        bytes32[] calldata path
    ) internal view {
        bytes32 leaf = Sha256.pair(head, tail);
        bytes32 computed = Merkle.follow(leaf, position, path, h.domainBits + 1);
        if (computed != h.commitmentsRoot) revert AnotherRoot(computed);
    }

    /// SSZ uint64: 8 bytes little-endian, then 24 zeros.
    function integer(bytes32 leaf) private pure returns (uint64 value) {
        check(uint256(leaf) << 64 == 0, "integer beyond 64 bits");
        for (uint256 i = 0; i < 8; ++i) value |= uint64(uint8(leaf[i])) << uint64(8 * i);
    }

    function check(bool holds, string memory what) private pure {
        if (!holds) revert HeaderRefused(what);
    }
}
