// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Bls} from "./Bls.sol";
import {Fr} from "./Fr.sol";
import {Merkle} from "./Merkle.sol";
import {Header} from "./ObjectHeader.sol";
import {Sha256} from "./Sha256.sol";
import {Sha512} from "./Sha512.sol";

/// @title The fold (docs/formats/fold.md): records, fibers and steps of walks
/// @notice Points come as coordinates beside or instead of their compressed bytes. A contract
///         compresses them itself, so that only points that the object's own hashes bind count.
library Fold {
    error AnotherRecord(bytes32 computed);
    error AnotherFiber(bytes32 computed);
    error CountOf(string what, uint256 count);

    uint256 internal constant FIBER = 8;
    uint256 internal constant FIBER_BYTES = 8 * 48;
    uint256 private constant FINAL_BITS_MAX = 6;

    /// @return count J, the index of the final layer.
    function layers(Header memory h) internal pure returns (uint256 count) {
        uint256 bits = h.domainBits + 1;
        for (; bits > FINAL_BITS_MAX; bits -= 3) ++count;
    }

    /// @return log₂ of the number of points in layer `layer`.
    function layerBits(Header memory h, uint256 layer) internal pure returns (uint256) {
        return h.domainBits + 1 - 3 * layer;
    }

    /// @return The bytes that come before the final layer in the record.
    function rootBytes(Header memory h) internal pure returns (uint256) {
        uint256 count = layers(h);
        return count > 1 ? 32 * (count - 1) : 0;
    }

    /// @return The number of bytes that a record of this object has.
    function recordBytes(Header memory h) internal pure returns (uint256) {
        return rootBytes(h) + 48 * (1 << layerBits(h, layers(h)));
    }

    /// @notice Reverts unless these bytes, of whatever length, are what fold_root commits to.
    function requireRecord(Header memory h, bytes calldata record) internal pure {
        bytes32 computed = sha256(abi.encodePacked("ashlar/fold-record/v1", record));
        if (computed != h.foldRoot) revert AnotherRecord(computed);
    }

    /// @return α_layer, from a record of the right length.
    function challenge(Header memory h, bytes calldata record, uint256 layer)
        internal
        pure
        returns (uint256)
    {
        return Sha512.modR(
            abi.encodePacked(
                "ashlar/fold/v1",
                h.dataBlobs,
                h.parityBlobs,
                h.commitmentsRoot,
                record[0:32 * layer]
            )
        );
    }

    /// @return Whether a position of a layer must be the point at infinity.
    function isEmpty(Header memory h, uint256 layer, uint256 position)
        internal
        pure
        returns (bool)
    {
        uint256 size = 1 << (3 * layer);
        return position >= (h.dataBlobs + size - 1) / size && position < (1 << h.domainBits) / size;
    }

    /// @notice Reverts unless the fiber's compressed points stand at `fiber` of layer `layer` < J.
    /// @param points 384 bytes.
    function requireFiber(
        Header memory h,
        bytes calldata record,
        uint256 layer,
        uint256 fiber,
        bytes memory points,
        bytes32[] calldata path
    ) internal view {
        if (points.length != FIBER_BYTES) revert CountOf("fiber bytes", points.length);
        bytes32 node = layer == 0 ? subtree(points) : sha256(points);
        bytes32 computed = Merkle.follow(node, fiber, path, layerBits(h, layer) - 3);
        bytes32 expected =
            layer == 0 ? h.commitmentsRoot : bytes32(record[32 * layer - 32:32 * layer]);
        if (computed != expected) revert AnotherFiber(computed);
    }

    /// @return The root over the leaves of compressed points, a power of two of them.
    function subtree(bytes memory points) internal view returns (bytes32) {
        bytes32[] memory leaves = new bytes32[](points.length / 48);
        for (uint256 i = 0; i < leaves.length; ++i) {
            (bytes32 head, bytes32 tail) = pointAt(points, i);
            leaves[i] = Sha256.pair(head, tail);
        }
        return Merkle.root(leaves);
    }

    /// @return head The first 32 bytes of the point at `index` of a list of compressed points.
    /// @return tail The other 16, then zeros.
    function pointAt(bytes memory points, uint256 index)
        internal
        pure
        returns (bytes32 head, bytes32 tail)
    {
        assembly ("memory-safe") {
            let at := add(add(points, 0x20), mul(index, 48))
            head := mload(at)
            // Reads on past the point, and perhaps past the list: the mask drops what follows.
            tail := and(mload(add(at, 32)), shl(128, 0xffffffffffffffffffffffffffffffff))
        }
    }

    /// @return out The compressed points, one after the other.
    function compressAll(Bls.G1Point[] calldata points) internal pure returns (bytes memory out) {
        out = new bytes(48 * points.length);
        for (uint256 i = 0; i < points.length; ++i) {
            (bytes32 head, bytes32 tail) = Bls.compress(points[i]);
            assembly ("memory-safe") {
                let at := add(add(out, 0x20), mul(i, 48))
                mstore(at, head)
                // 16 bytes: the word's other half belongs to what comes next.
                let next := mload(add(at, 32))
                mstore(add(at, 32), or(tail, and(next, 0xffffffffffffffffffffffffffffffff)))
            }
        }
    }

    /// @notice λ_0 … λ_7 for a fiber of a layer of 2^bits points.
    function weights(uint256 bits, uint256 fiber, uint256 alpha)
        internal
        pure
        returns (uint256[] memory lambda)
    {
        lambda = new uint256[](FIBER);
        uint256 root = Fr.root(bits);
        // x₀⁻¹ and ζ⁻¹: exponents of ω_N count modulo N.
        uint256 inverse = Fr.pow(root, (1 << bits) - Fr.reverseBits(fiber, bits - 3));
        uint256 step = Fr.pow(Fr.root(3), 7);
        for (uint256 i = 0; i < FIBER; ++i) {
            uint256 base = mulmod(alpha, inverse, Fr.R);
            base = mulmod(base, Fr.pow(step, Fr.reverseBits(i, 3)), Fr.R);
            uint256 sum = 1;
            for (uint256 k = 0; k < 7; ++k) sum = addmod(mulmod(sum, base, Fr.R), 1, Fr.R);
            lambda[i] = mulmod(sum, Fr.INVERSE_8, Fr.R);
        }
    }

    /// @notice The folded value of a fiber of layer `layer`, as compressed bytes. Every point is
    ///         checked, by itself, to be a valid one.
    function folded(
        Header memory h,
        bytes calldata record,
        uint256 layer,
        uint256 fiber,
        Bls.G1Point[] calldata points
    ) internal view returns (bytes32 head, bytes32 tail) {
        if (points.length != FIBER) revert CountOf("fiber points", points.length);
        uint256[] memory lambda =
            weights(layerBits(h, layer), fiber, challenge(h, record, layer));
        return Bls.compress(Bls.msm(points, lambda));
    }

    /// @notice Coefficient k of the final layer, times its size: Σ_n w^(−k·rev(n)) · point n.
    function degreeScalars(uint256 bits, uint256 k) internal pure returns (uint256[] memory s) {
        s = new uint256[](1 << bits);
        uint256 inverse = Fr.pow(Fr.root(bits), (1 << bits) - 1);
        for (uint256 n = 0; n < s.length; ++n) {
            s[n] = Fr.pow(inverse, (k * Fr.reverseBits(n, bits)) % s.length);
        }
    }
}
