// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {InvalidObject} from "./InvalidObject.sol";
import {Bls} from "./lib/Bls.sol";
import {Fold} from "./lib/Fold.sol";
import {Fr} from "./lib/Fr.sol";
import {Header, ObjectHeader} from "./lib/ObjectHeader.sol";

/// @title Walks accepted on chain: what stands in for a certificate, blob by blob
/// @notice A walk binds a blob to the one codeword that the sampling of others shows to be
///         recoverable. By itself it says nothing about who keeps the object: only together with
///         sampling (docs/guarantees.md), while a certificate carries the full check.
contract WalkVerifier {
    event RecordAccepted(bytes32 indexed objectRoot);
    event WalkAccepted(bytes32 indexed objectRoot, uint256 fiber);

    error WalkFails(string what);

    InvalidObject public immutable invalid;
    mapping(bytes32 objectRoot => bool) private recordAccepted;
    mapping(bytes32 objectRoot => mapping(uint256 fiber => bool)) private walkAccepted;

    constructor(InvalidObject invalid_) {
        invalid = invalid_;
    }

    /// @notice Checks the fold record, once for an object.
    /// @param points The final layer as coordinates.
    /// @dev All upper coefficients at once: a combination whose factors hang on the record's hash.
    function acceptRecord(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        bytes calldata record,
        Bls.G1Point[] calldata points
    ) external {
        Header memory h = ObjectHeader.parse(objectRoot, header);
        Fold.requireRecord(h, record);
        if (record.length != Fold.recordBytes(h)) revert WalkFails("record length");
        uint256 last = Fold.layers(h);
        bytes memory shown = Fold.compressAll(points);
        if (keccak256(shown) != keccak256(record[Fold.rootBytes(h):])) revert WalkFails("points");
        requireEmpty(h, last, 0, points);
        uint256[] memory scalars = combinedDegrees(Fold.layerBits(h, last), h.foldRoot);
        if (!Bls.isInfinity(Bls.msm(points, scalars))) revert WalkFails("degree");
        if (last == 0 && Fold.subtree(shown) != h.commitmentsRoot) revert WalkFails("commitments");
        recordAccepted[objectRoot] = true;
        emit RecordAccepted(objectRoot);
    }

    /// @notice Checks the walk from a fiber of layer 0, which holds for all its eight positions.
    /// @param fibers One for each layer below the final one, as coordinates.
    function acceptWalk(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        bytes calldata record,
        uint256 fiber,
        Bls.G1Point[][] calldata fibers,
        bytes32[][] calldata paths
    ) external {
        Header memory h = ObjectHeader.parse(objectRoot, header);
        if (!recordAccepted[objectRoot]) revert WalkFails("record not accepted");
        Fold.requireRecord(h, record);
        uint256 last = Fold.layers(h);
        if (fibers.length != last || paths.length != last) revert WalkFails("layers");

        uint256 m = fiber;
        bytes32 head;
        bytes32 tail;
        for (uint256 layer = 0; layer < last; ++layer) {
            bytes memory points = Fold.compressAll(fibers[layer]);
            Fold.requireFiber(h, record, layer, m, points, paths[layer]);
            requireEmpty(h, layer, Fold.FIBER * m, fibers[layer]);
            if (layer > 0) requireSlot(points, (fiber >> (3 * (layer - 1))) % 8, head, tail);
            (head, tail) = Fold.folded(h, record, layer, m, fibers[layer]);
            m >>= 3;
        }
        if (last > 0) {
            requireSlot(record[Fold.rootBytes(h):], fiber >> (3 * (last - 1)), head, tail);
        }
        walkAccepted[objectRoot][fiber] = true;
        emit WalkAccepted(objectRoot, fiber);
    }

    /// @return Whether the commitment at `position` has passed, and nothing was found wrong since.
    function isAccepted(Header calldata h, uint256 position) external view returns (bool) {
        if (!recordAccepted[h.objectRoot] || invalid.struck(h.objectRoot)) return false;
        // Without layers the record is the commitments.
        return h.domainBits + 1 <= 6 || walkAccepted[h.objectRoot][position / Fold.FIBER];
    }

    function requireSlot(bytes memory points, uint256 slot, bytes32 head, bytes32 tail)
        private
        pure
    {
        (bytes32 wantedHead, bytes32 wantedTail) = Fold.pointAt(points, slot);
        if (head != wantedHead || tail != wantedTail) revert WalkFails("folded value");
    }

    function requireEmpty(
        Header memory h,
        uint256 layer,
        uint256 first,
        Bls.G1Point[] calldata points
    ) private pure {
        for (uint256 i = 0; i < points.length; ++i) {
            if (Fold.isEmpty(h, layer, first + i) && !Bls.isInfinity(points[i]))
                revert WalkFails("an empty position is not infinity");
        }
    }

    /// Σ_k s_k · w^(−k·rev(n)) for the upper half of k, s_k = SHA-256(seed ‖ k) mod r.
    function combinedDegrees(uint256 bits, bytes32 seed)
        private
        pure
        returns (uint256[] memory out)
    {
        uint256 size = 1 << bits;
        out = new uint256[](size);
        uint256[] memory powers = new uint256[](size);
        uint256 inverse = Fr.pow(Fr.root(bits), size - 1);
        powers[0] = 1;
        for (uint256 i = 1; i < size; ++i) powers[i] = mulmod(powers[i - 1], inverse, Fr.R);
        for (uint256 k = size / 2; k < size; ++k) {
            uint256 factor = uint256(sha256(abi.encodePacked(seed, k))) % Fr.R;
            for (uint256 n = 0; n < size; ++n) {
                uint256 power = powers[(k * Fr.reverseBits(n, bits)) % size];
                out[n] = addmod(out[n], mulmod(factor, power, Fr.R), Fr.R);
            }
        }
    }
}
