// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Bls} from "./lib/Bls.sol";
import {Fold} from "./lib/Fold.sol";
import {Fr} from "./lib/Fr.sol";
import {Header, ObjectHeader} from "./lib/ObjectHeader.sol";
import {PointEvaluation} from "./lib/PointEvaluation.sol";

/// @title Proofs that an object is invalid
/// @notice Anyone who finds that a publisher's own hashes bind something that breaks the formats
///         shows it here, and the root is struck for good.
/// @dev Evidence is always positive: something computed differs. A precompile that fails reverts
///      and proves nothing, for its caller can make it fail by giving it too little gas.
contract InvalidObject {
    event Struck(bytes32 indexed objectRoot, string why);

    /// What was shown agrees with the formats.
    error NothingWrong();

    mapping(bytes32 objectRoot => bool) public struck;

    /// Where a fiber stands, and the path that shows it.
    struct FiberAt {
        uint256 layer;
        uint256 index;
        bytes32[] path;
    }

    /// @notice A fold record of the wrong length, or, for an object without layers, one whose
    ///         points are not the leaves of the commitment tree.
    function strikeRecord(bytes32 objectRoot, bytes32[16] calldata header, bytes calldata record)
        external
    {
        Header memory h = ObjectHeader.parse(objectRoot, header);
        Fold.requireRecord(h, record);
        bool wrong = record.length != Fold.recordBytes(h);
        if (!wrong && Fold.layers(h) == 0) wrong = Fold.subtree(record) != h.commitmentsRoot;
        strike(objectRoot, wrong, "record");
    }

    /// @notice A point of the final layer that is not valid, or stands where nothing may.
    /// @param hint Its coordinates, where it is on the curve but outside the subgroup.
    function strikeFinalPoint(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        bytes calldata record,
        uint256 position,
        Bls.G1Point calldata hint
    ) external {
        (Header memory h, uint256 last) = open(objectRoot, header, record);
        if (position >= 1 << Fold.layerBits(h, last)) revert NothingWrong();
        bytes memory points = record[Fold.rootBytes(h):];
        (bytes32 head, bytes32 tail) = Fold.pointAt(points, position);
        strike(objectRoot, isWrong(h, last, position, head, tail, hint), "final point");
    }

    /// @notice A final layer of too high a degree.
    /// @param points Its points as coordinates.
    /// @param k      The coefficient that does not vanish, in the upper half.
    function strikeDegree(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        bytes calldata record,
        Bls.G1Point[] calldata points,
        uint256 k
    ) external {
        (Header memory h, uint256 last) = open(objectRoot, header, record);
        uint256 bits = Fold.layerBits(h, last);
        bytes32 shown = keccak256(Fold.compressAll(points));
        if (shown != keccak256(record[Fold.rootBytes(h):])) revert Fold.AnotherFiber(shown);
        if (k < 1 << (bits - 1) || k >= 1 << bits) revert NothingWrong();
        Bls.G1Point memory sum = Bls.msm(points, Fold.degreeScalars(bits, k));
        strike(objectRoot, !Bls.isInfinity(sum), "degree");
    }

    /// @notice A point of a fiber that is not valid, or stands where nothing may.
    /// @param points The fiber as it was hashed: 8 compressed points.
    function strikeFiberPoint(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        bytes calldata record,
        FiberAt calldata at,
        bytes calldata points,
        uint256 slot,
        Bls.G1Point calldata hint
    ) external {
        (Header memory h, uint256 last) = open(objectRoot, header, record);
        if (at.layer >= last || slot >= Fold.FIBER) revert NothingWrong();
        Fold.requireFiber(h, record, at.layer, at.index, points, at.path);
        (bytes32 head, bytes32 tail) = Fold.pointAt(points, slot);
        uint256 position = Fold.FIBER * at.index + slot;
        strike(objectRoot, isWrong(h, at.layer, position, head, tail, hint), "fiber point");
    }

    /// @notice A failing walk: a fiber that does not fold to what the next layer says.
    /// @param points     The fiber's points as coordinates; all must be valid.
    /// @param next       The next layer's fiber, compressed. Empty if that layer is the final one.
    /// @param nextPath   Its path. Empty if that layer is the final one.
    function strikeFold(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        bytes calldata record,
        FiberAt calldata at,
        Bls.G1Point[] calldata points,
        bytes calldata next,
        bytes32[] calldata nextPath
    ) external {
        (Header memory h, uint256 last) = open(objectRoot, header, record);
        if (at.layer >= last) revert NothingWrong();
        Fold.requireFiber(h, record, at.layer, at.index, Fold.compressAll(points), at.path);
        (bytes32 head, bytes32 tail) = Fold.folded(h, record, at.layer, at.index, points);

        bytes32 wantedHead;
        bytes32 wantedTail;
        if (at.layer + 1 == last) {
            (wantedHead, wantedTail) = Fold.pointAt(record[Fold.rootBytes(h):], at.index);
        } else {
            uint256 fiber = at.index / Fold.FIBER;
            Fold.requireFiber(h, record, at.layer + 1, fiber, next, nextPath);
            (wantedHead, wantedTail) = Fold.pointAt(next, at.index % Fold.FIBER);
        }
        strike(objectRoot, head != wantedHead || tail != wantedTail, "walk");
    }

    /// @notice A data element that does not fit into 31 bytes.
    function strikeElement(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        uint256 blob,
        uint256 element,
        bytes calldata commitment,
        bytes32[] calldata path,
        uint256 y,
        bytes calldata proof
    ) external {
        Header memory h = ObjectHeader.parse(objectRoot, header);
        if (blob >= h.dataBlobs || element >= 4096 || y >> 248 == 0) revert NothingWrong();
        ObjectHeader.requireCommitment(h, blob, commitment, path);
        PointEvaluation.verify(commitment, Fr.elementPoint(element), y, proof);
        strike(objectRoot, true, "element");
    }

    /// The header, and J, of a record that fold_root commits to and that has its right length.
    function open(bytes32 objectRoot, bytes32[16] calldata header, bytes calldata record)
        private
        view
        returns (Header memory h, uint256 last)
    {
        h = ObjectHeader.parse(objectRoot, header);
        Fold.requireRecord(h, record);
        if (record.length != Fold.recordBytes(h)) revert Fold.CountOf("record", record.length);
        last = Fold.layers(h);
    }

    function strike(bytes32 objectRoot, bool wrong, string memory why) private {
        if (!wrong) revert NothingWrong();
        struck[objectRoot] = true;
        emit Struck(objectRoot, why);
    }

    /// Whether a point, by its compressed bytes, may not stand at this position.
    function isWrong(
        Header memory h,
        uint256 layer,
        uint256 position,
        bytes32 head,
        bytes32 tail,
        Bls.G1Point calldata hint
    ) private view returns (bool) {
        bool infinity = head == bytes32(uint256(0xc0) << 248) && tail == 0;
        if (Fold.isEmpty(h, layer, position)) return !infinity;
        return !infinity && (isMalformed(head, tail) || isOutsideSubgroup(head, tail, hint));
    }

    /// Not a canonical encoding of any point of the curve other than ∞.
    function isMalformed(bytes32 head, bytes32 tail) private view returns (bool) {
        uint256 flags = uint256(head) >> 253;
        if (flags != 4 && flags != 5) return true;
        uint256 high = (uint256(head) << 3) >> 131;
        uint256 low = (uint256(head) << 128) | (uint256(tail) >> 128);
        if (high > Bls.P_HIGH || (high == Bls.P_HIGH && low >= Bls.P_LOW)) return true;

        // Euler: x³ + 4 is no square if its power (p − 1)/2 is −1.
        bytes memory x = bytes.concat(bytes16(uint128(high)), bytes32(low));
        bytes memory cube = Bls.powModP(x, hex"03");
        bytes memory symbol = Bls.powModP(plusFour(cube), HALF);
        return keccak256(symbol) == keccak256(bytes.concat(
            bytes16(uint128(Bls.P_HIGH)), bytes32(Bls.P_LOW - 1)
        ));
    }

    /// (p − 1)/2.
    bytes private constant HALF =
        hex"0d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895fb39869507b587b12"
        hex"0f55ffff58a9ffffdcff7fffffffd555";

    /// 48 bytes plus four, below 2^384.
    function plusFour(bytes memory number) private pure returns (bytes memory) {
        (bytes32 head, bytes32 tail) = Fold.pointAt(number, 0);
        uint256 high = uint256(head) >> 128;
        uint256 low = (uint256(head) << 128) | (uint256(tail) >> 128);
        unchecked {
            if (low + 4 < low) ++high;
            return bytes.concat(bytes16(uint128(high)), bytes32(low + 4));
        }
    }

    /// r times the point is not ∞. By additions, which know no subgroup; about 300,000 gas.
    function isOutsideSubgroup(bytes32 head, bytes32 tail, Bls.G1Point calldata hint)
        private
        view
        returns (bool)
    {
        (bytes32 hintHead, bytes32 hintTail) = Bls.compress(hint);
        if (hintHead != head || hintTail != tail) revert NothingWrong();
        Bls.G1Point memory sum = hint;
        for (uint256 bit = 254; bit > 0; --bit) {
            sum = Bls.add(sum, sum);
            if ((Fr.R >> (bit - 1)) & 1 == 1) sum = Bls.add(sum, hint);
        }
        return !Bls.isInfinity(sum);
    }
}
