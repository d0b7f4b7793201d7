// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ModelRegistry} from "./ModelRegistry.sol";
import {WalkVerifier} from "./WalkVerifier.sol";
import {Header} from "./lib/ObjectHeader.sol";

/// @title What lets a commitment of an object count: a certificate, or its own accepted walk
abstract contract Binding {
    error NothingBehind(bytes32 objectRoot, uint256 position);

    ModelRegistry public immutable models;
    WalkVerifier public immutable walks;

    constructor(ModelRegistry models_, WalkVerifier walks_) {
        models = models_;
        walks = walks_;
    }

    /// @notice Reverts unless commitments [first, end) may count.
    function requireBound(Header memory h, uint256 first, uint256 end) internal view {
        if (models.isCertified(h.objectRoot)) return;
        for (uint256 n = first; n < end; n = (n | 7) + 1) {
            if (!walks.isAccepted(h, n)) revert NothingBehind(h.objectRoot, n);
        }
    }
}
