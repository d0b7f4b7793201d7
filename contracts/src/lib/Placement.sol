// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Header} from "./ObjectHeader.sol";

/// @title Runs, stripes and shards (docs/formats/placement.md), and a bound on what shards hold
library Placement {
    uint256 internal constant SHARDS = 4096;

    /// @return K + P.
    function storedBlobs(Header memory h) internal pure returns (uint256) {
        return uint256(h.dataBlobs) + h.parityBlobs;
    }

    /// @return R, blobs in a run.
    function runLength(Header memory h) internal pure returns (uint256) {
        return h.domainBits >= 16 ? 64 : 1;
    }

    /// @return The position in the codeword of stored index t.
    function positionOf(Header memory h, uint256 t) internal pure returns (uint256) {
        return t < h.dataBlobs ? t : (1 << h.domainBits) + t - h.dataBlobs;
    }

    /// @return The shard of the run of stored index t.
    function shardOf(Header memory h, uint256 t) internal pure returns (uint256) {
        uint256 run = t / runLength(h);
        uint256 stripe = run / 8;
        bytes32 digest = sha256(abi.encodePacked("ashlar/placement/v1", h.placementSeed));
        uint256 base = uint256(digest) >> 240;
        base += (8 + uint256(h.groupParities)) * stripe + (stripe * 40503) / 65536;
        return (base + run % 8) % SHARDS;
    }

    /// @notice How many stored blobs one shard holds at most, whatever the offset.
    /// @dev Base shards advance as ⌊βσ⌋, β = 8 + L + 40503/65536, in windows of 8 that never
    ///      overlap, so a shard is hit once a lap at most. Over many laps it is hit n/512 times and
    ///      a little more: the excess over all shards and all n ≤ 2^19 stripes is below 5, 7, 5,
    ///      135, 8 for L = 0 … 4 (β is close to a divisor of 4096 where L = 3).
    function blobsPerShardMax(Header memory h) internal pure returns (uint256) {
        uint256 length = runLength(h);
        uint256 runs = (storedBlobs(h) + length - 1) / length;
        uint256 stripes = (runs + 7) / 8;
        uint256 laps = ((9 + uint256(h.groupParities)) * stripes + SHARDS - 1) / SHARDS;
        uint256 excess = uint8(bytes5(hex"0507058708")[h.groupParities]);
        uint256 even = stripes / 512 + excess;
        return length * (laps < even ? laps : even);
    }
}
