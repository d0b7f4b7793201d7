// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {CommitteeRegistry} from "../../src/CommitteeRegistry.sol";
import {Bls} from "../../src/lib/Bls.sol";
import {CertificateRule, SignerSummary} from "../../src/lib/CertificateRule.sol";
import {Fold} from "../../src/lib/Fold.sol";
import {Header, ObjectHeader} from "../../src/lib/ObjectHeader.sol";
import {Merkle} from "../../src/lib/Merkle.sol";
import {Placement} from "../../src/lib/Placement.sol";
import {PointEvaluation} from "../../src/lib/PointEvaluation.sol";
import {Sha512} from "../../src/lib/Sha512.sol";

/// @title Opens internal functions to tests
contract Probe {
    function sha512Of(bytes calldata message) external pure returns (uint256, uint256) {
        return Sha512.digest(message);
    }

    function hashToG2(bytes calldata message, bytes calldata tag)
        external
        view
        returns (Bls.G2Point memory)
    {
        return Bls.hashToG2(message, tag);
    }

    function verify(
        Bls.G1Point calldata key,
        bytes calldata message,
        Bls.G2Point calldata signature
    ) external view returns (bool) {
        return Bls.verify(key, Bls.hashToG2(message, Bls.SIGNATURE_TAG), signature);
    }

    function addG1(Bls.G1Point calldata a, Bls.G1Point calldata b)
        external
        view
        returns (Bls.G1Point memory)
    {
        return Bls.add(a, b);
    }

    function negateG1(Bls.G1Point calldata a) external pure returns (Bls.G1Point memory) {
        return Bls.negate(a);
    }

    function msmG1(Bls.G1Point[] calldata points, uint256[] calldata scalars)
        external
        view
        returns (Bls.G1Point memory)
    {
        return Bls.msm(points, scalars);
    }

    function compressG1(Bls.G1Point calldata a) external pure returns (bytes memory) {
        return Bls.compressed(a);
    }

    function compressG2(Bls.G2Point calldata a) external pure returns (bytes memory) {
        bytes32[3] memory words = Bls.compress(a);
        return abi.encodePacked(words[0], words[1], words[2]);
    }

    function pointEvaluation(bytes calldata commitment, uint256 z, uint256 y, bytes calldata proof)
        external
        view
    {
        PointEvaluation.verify(commitment, z, y, proof);
    }

    function weights(uint256 bits, uint256 fiber, uint256 alpha)
        external
        pure
        returns (uint256[] memory)
    {
        return Fold.weights(bits, fiber, alpha);
    }

    function followRange(
        bytes32[] memory leaves,
        uint256 first,
        bytes32[] calldata siblings,
        uint256 depth
    )
        external
        view
        returns (bytes32)
    {
        return Merkle.followRange(leaves, first, siblings, depth);
    }

    function parse(bytes32 root, bytes32[16] calldata leaves)
        external
        view
        returns (Header memory)
    {
        return ObjectHeader.parse(root, leaves);
    }

    function rootOf(bytes32[16] calldata leaves) external view returns (bytes32) {
        return ObjectHeader.root(leaves);
    }

    function placementOf(Header memory h, uint256 storedIndex)
        external
        pure
        returns (uint256 shard, uint256 position, uint256 blobsPerShardMax)
    {
        shard = Placement.shardOf(h, storedIndex);
        position = Placement.positionOf(h, storedIndex);
        blobsPerShardMax = Placement.blobsPerShardMax(h);
    }

    function ruleHolds(Header memory h, SignerSummary memory s) external pure returns (bool) {
        return CertificateRule.holds(h, s, 1, 3);
    }

    /// Calls at an address where there is no precompile.
    function callNothing() external view returns (bytes memory) {
        return Bls.call(0x1234, hex"00", 128);
    }
}

/// @title A registry that takes keys unproven: a thousand proofs would take minutes to make
contract OpenRegistry is CommitteeRegistry {
    constructor(address steward_, uint256 minStake_, uint64 exitDelay_)
        CommitteeRegistry(steward_, minStake_, exitDelay_)
    {}

    function admitAll(Bls.G1Point[] calldata added, uint256 stake) external {
        for (uint256 i = 0; i < added.length; ++i) {
            admit(msg.sender, stake, added[i], Bls.compressed(added[i]), 0);
        }
    }
}

/// @title Takes its withdrawal and asks for it again
contract Reenterer {
    address private immutable target;
    bytes private again;
    uint256 public entries;
    bool public secondPaid;

    constructor(address target_) payable {
        target = target_;
    }

    function run(bytes calldata data, uint256 value) external {
        (bool ok, bytes memory out) = target.call{value: value}(data);
        if (!ok) {
            assembly {
                revert(add(out, 0x20), mload(out))
            }
        }
    }

    function arm(bytes calldata data) external {
        again = data;
    }

    receive() external payable {
        if (again.length == 0 || ++entries > 1) return;
        uint256 before = address(this).balance;
        (bool ok,) = target.call(again);
        secondPaid = ok && address(this).balance > before;
    }
}
