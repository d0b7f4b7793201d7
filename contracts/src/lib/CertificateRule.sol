// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Header} from "./ObjectHeader.sol";
import {Placement} from "./Placement.sol";

/// What the rule needs to know of a committee and of those of its members that did not sign.
struct SignerSummary {
    uint256 totalWeight;
    /// The least weight of a member.
    uint256 minWeight;
    /// Shards and weight of the member with the most shards for its weight.
    uint256 densestShards;
    uint256 densestWeight;
    /// Members that have a shard.
    uint256 placedMembers;
    /// How many did not sign, and how many shards they have together.
    uint256 missingMembers;
    uint256 missingShards;
}

/// @title When a certificate is enough (DESIGN §6), in closed form and on the safe side
library CertificateRule {
    /// @notice Whether the object can be had even if every member that did not sign, and any
    ///         members holding numerator/denominator of the weight, lose or hide everything.
    /// @dev Two arguments, each enough. (1) Copies of a run are on distinct members: if fewer
    ///      members than copies can fail, none of the runs is lost. (2) Members of weight W have at
    ///      most W · (densest ratio) shards, and each shard holds so many blobs at most; P blobs
    ///      may be lost. Neither counts more than the exact rule of docs/formats/certificate.md.
    function holds(
        Header memory h,
        SignerSummary memory s,
        uint256 numerator,
        uint256 denominator
    ) internal pure returns (bool) {
        uint256 weight = s.totalWeight * numerator / denominator;
        uint256 failing = s.missingMembers + weight / s.minWeight;
        if (failing < h.copies && h.copies <= s.placedMembers) return true;

        uint256 shards = s.missingShards + weight * s.densestShards / s.densestWeight;
        return shards * Placement.blobsPerShardMax(h) <= h.parityBlobs;
    }
}
