// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title BLS12-381 through the precompiles of EIP-2537
/// @notice A call to an address without code succeeds and returns nothing, so every call checks the
///         length of what came back: on a chain without the precompiles all of this reverts.
/// @dev Structs have the layout of EIP-2537: a coordinate is 64 bytes, big-endian, the first 16
///      zero. The precompiles refuse coordinates ≥ p and points off the curve. Multi-scalar
///      multiplication and pairing also refuse points outside the subgroup; addition does not.
library Bls {
    struct G1Point {
        uint256 xHigh;
        uint256 xLow;
        uint256 yHigh;
        uint256 yLow;
    }

    struct G2Point {
        uint256[8] words;
    }

    /// No such precompile on this chain.
    error PrecompileMissing(uint256 precompile);
    /// The precompile refused its input.
    error PrecompileRefused(uint256 precompile);

    uint256 internal constant MODEXP = 0x05;
    uint256 internal constant G1_ADD = 0x0b;
    uint256 internal constant G1_MSM = 0x0c;
    uint256 internal constant G2_ADD = 0x0d;
    uint256 internal constant PAIRING = 0x0f;
    uint256 internal constant MAP_FP2_TO_G2 = 0x11;

    /// Tags of the proof-of-possession scheme (docs/formats/committee.md), 43 bytes each.
    bytes internal constant SIGNATURE_TAG = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
    bytes internal constant POSSESSION_TAG = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

    /// The field modulus, and (p − 1)/2, above which a y is "the larger one".
    uint256 internal constant P_HIGH = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 internal constant P_LOW =
        0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;
    uint256 private constant HALF_HIGH = 0x0d0088f51cbff34d258dd3db21a5d66b;
    uint256 private constant HALF_LOW =
        0xb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555;

    uint256 private constant COMPRESSED = 1 << 255;
    uint256 private constant INFINITY = 1 << 254;
    uint256 private constant LARGER_Y = 1 << 253;

    function negatedG1Generator() internal pure returns (G1Point memory) {
        return G1Point(
            0x17f1d3a73197d7942695638c4fa9ac0f,
            0xc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb,
            0x114d1d6855d545a8aa7d76c8cf2e21f2,
            0x67816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca
        );
    }

    function g2Generator() internal pure returns (G2Point memory point) {
        point.words = [
            0x024aa2b2f08f0a91260805272dc51051,
            0xc6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8,
            0x13e02b6052719f607dacd3a088274f65,
            0x596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e,
            0x0ce5d527727d6e118cc9cdc6da2e351a,
            0xadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801,
            0x0606c4a02ea734cc32acd2b02bc28b99,
            0xcb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be
        ];
    }

    function isInfinity(G1Point memory a) internal pure returns (bool) {
        return (a.xHigh | a.xLow | a.yHigh | a.yLow) == 0;
    }

    function isInfinity(G2Point memory a) internal pure returns (bool) {
        uint256 any = 0;
        for (uint256 i = 0; i < 8; ++i) any |= a.words[i];
        return any == 0;
    }

    /// @return −a. `a` is a point of the curve.
    function negate(G1Point memory a) internal pure returns (G1Point memory) {
        if (isInfinity(a)) return a;
        uint256 borrow = a.yLow > P_LOW ? 1 : 0;
        unchecked {
            return G1Point(a.xHigh, a.xLow, P_HIGH - a.yHigh - borrow, P_LOW - a.yLow);
        }
    }

    /// @notice Canonical compressed bytes. They identify `a` only once a precompile accepted it: a
    ///         y of the same half but off the curve compresses to the same bytes.
    /// @return head The first 32 of 48 bytes.
    /// @return tail The last 16, then zeros.
    function compress(G1Point memory a) internal pure returns (bytes32 head, bytes32 tail) {
        if (isInfinity(a)) return (bytes32(COMPRESSED | INFINITY), 0);
        // Wider coordinates would lose bits here. Precompiles refuse them too.
        require(a.xHigh >> 125 == 0 && a.yHigh >> 125 == 0, "coordinate");
        uint256 flags = COMPRESSED | (isLarger(a.yHigh, a.yLow) ? LARGER_Y : 0);
        head = bytes32(flags | (a.xHigh << 128) | (a.xLow >> 128));
        tail = bytes32(a.xLow << 128);
    }

    /// @return bytes48 The compressed bytes as one string.
    function compressed(G1Point memory a) internal pure returns (bytes memory bytes48) {
        (bytes32 head, bytes32 tail) = compress(a);
        return abi.encodePacked(head, bytes16(tail));
    }

    /// @return words The 96 compressed bytes of a point of G2 that a precompile accepted, not ∞.
    function compress(G2Point memory a) internal pure returns (bytes32[3] memory words) {
        uint256[8] memory w = a.words;
        bool larger = (w[6] | w[7]) == 0 ? isLarger(w[4], w[5]) : isLarger(w[6], w[7]);
        words[0] = bytes32(
            COMPRESSED | (larger ? LARGER_Y : 0) | (w[2] << 128) | (w[3] >> 128)
        );
        words[1] = bytes32((w[3] << 128) | w[0]);
        words[2] = bytes32(w[1]);
    }

    function isLarger(uint256 high, uint256 low) private pure returns (bool) {
        return high > HALF_HIGH || (high == HALF_HIGH && low > HALF_LOW);
    }

    /// @return sum a + b, complete: equal, opposite and infinite inputs are right. No subgroup
    ///         check.
    function add(G1Point memory a, G1Point memory b) internal view returns (G1Point memory sum) {
        bytes memory out = call(
            G1_ADD,
            abi.encode(a.xHigh, a.xLow, a.yHigh, a.yLow, b.xHigh, b.xLow, b.yHigh, b.yLow),
            128
        );
        return abi.decode(out, (G1Point));
    }

    /// @notice Σ scalars[i] · points[i]. Every point is checked to lie in the subgroup, by itself.
    function msm(G1Point[] calldata points, uint256[] memory scalars)
        internal
        view
        returns (G1Point memory)
    {
        require(points.length == scalars.length, "msm length");
        bytes memory input = new bytes(160 * points.length);
        for (uint256 i = 0; i < points.length; ++i) {
            G1Point calldata point = points[i];
            uint256 scalar = scalars[i];
            assembly ("memory-safe") {
                let to := add(add(input, 0x20), mul(i, 160))
                calldatacopy(to, point, 128)
                mstore(add(to, 128), scalar)
            }
        }
        return msm(input);
    }

    /// @param input For each term 128 bytes of point and 32 of scalar.
    function msm(bytes memory input) internal view returns (G1Point memory) {
        return abi.decode(call(G1_MSM, input, 128), (G1Point));
    }

    /// @return Whether e(a, b) · e(c, d) = 1. All four are checked to lie in their subgroups.
    function pairingIsOne(
        G1Point memory a,
        G2Point memory b,
        G1Point memory c,
        G2Point memory d
    ) internal view returns (bool) {
        bytes memory left = abi.encode(a.xHigh, a.xLow, a.yHigh, a.yLow, b.words);
        bytes memory right = abi.encode(c.xHigh, c.xLow, c.yHigh, c.yLow, d.words);
        return abi.decode(call(PAIRING, bytes.concat(left, right), 32), (uint256)) == 1;
    }

    /// @notice e(key, H(message)) = e(G1, signature). Neither key nor signature may be ∞: with both
    ///         infinite the equation holds for every message.
    /// @param hashed H(message), from hashToG2().
    function verify(G1Point memory key, G2Point memory hashed, G2Point memory signature)
        internal
        view
        returns (bool)
    {
        if (isInfinity(key) || isInfinity(signature)) return false;
        return pairingIsOne(key, hashed, negatedG1Generator(), signature);
    }

    /// @notice RFC 9380, suite BLS12381G2_XMD:SHA-256_SSWU_RO_.
    /// @param tag 43 bytes here; any up to 255 would do.
    function hashToG2(bytes memory message, bytes memory tag)
        internal
        view
        returns (G2Point memory point)
    {
        bytes memory uniform = expandMessage(message, tag);
        bytes memory first = call(MAP_FP2_TO_G2, fieldElements(uniform, 0), 256);
        bytes memory second = call(MAP_FP2_TO_G2, fieldElements(uniform, 128), 256);
        // Both have left the mapping with the cofactor cleared, which commutes with their sum.
        return abi.decode(call(G2_ADD, bytes.concat(first, second), 256), (G2Point));
    }

    /// expand_message_xmd with SHA-256 to 256 bytes.
    function expandMessage(bytes memory message, bytes memory tag)
        private
        pure
        returns (bytes memory uniform)
    {
        bytes memory suffix = abi.encodePacked(tag, uint8(tag.length));
        bytes32 zero = sha256(
            abi.encodePacked(new bytes(64), message, uint16(256), uint8(0), suffix)
        );
        bytes32 block_ = 0;
        for (uint8 i = 1; i <= 8; ++i) {
            block_ = sha256(abi.encodePacked(zero ^ block_, i, suffix));
            uniform = bytes.concat(uniform, block_);
        }
    }

    /// Two field elements of 64 bytes from 128 uniform bytes at `from`, each reduced mod p.
    function fieldElements(bytes memory uniform, uint256 from) private view returns (bytes memory) {
        bytes memory a = new bytes(64);
        bytes memory b = new bytes(64);
        assembly ("memory-safe") {
            let at := add(add(uniform, 0x20), from)
            mcopy(add(a, 0x20), at, 64)
            mcopy(add(b, 0x20), add(at, 64), 64)
        }
        return bytes.concat(bytes16(0), powModP(a, hex"01"), bytes16(0), powModP(b, hex"01"));
    }

    /// @return 48 bytes: base^exponent mod p, all big-endian.
    function powModP(bytes memory base, bytes memory exponent)
        internal
        view
        returns (bytes memory)
    {
        return call(
            MODEXP,
            bytes.concat(
                abi.encode(base.length, exponent.length, 48),
                base,
                exponent,
                bytes16(uint128(P_HIGH)),
                bytes32(P_LOW)
            ),
            48
        );
    }

    /// Calls a precompile, which must exist and accept.
    function call(uint256 precompile, bytes memory input, uint256 outSize)
        internal
        view
        returns (bytes memory out)
    {
        out = new bytes(outSize);
        bool ok;
        uint256 size;
        assembly ("memory-safe") {
            ok := staticcall(
                gas(), precompile, add(input, 0x20), mload(input), add(out, 0x20), outSize
            )
            size := returndatasize()
        }
        if (!ok) revert PrecompileRefused(precompile);
        if (size != outSize) revert PrecompileMissing(precompile);
    }
}
