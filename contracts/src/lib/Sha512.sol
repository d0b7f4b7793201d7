// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Fr} from "./Fr.sol";

/// @title SHA-512 (FIPS 180-4), for which the EVM has no precompile
/// @notice Challenges of docs/formats are SHA-512 digests reduced mod r. About 60,000 gas a block.
library Sha512 {
    uint256 private constant MASK = 0xffffffffffffffff;

    /// The 80 round constants, 8 bytes each.
    bytes private constant K =
        hex"428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc"
        hex"3956c25bf348b53859f111f1b605d019923f82a4af194f9bab1c5ed5da6d8118"
        hex"d807aa98a303024212835b0145706fbe243185be4ee4b28c550c7dc3d5ffb4e2"
        hex"72be5d74f27b896f80deb1fe3b1696b19bdc06a725c71235c19bf174cf692694"
        hex"e49b69c19ef14ad2efbe4786384f25e30fc19dc68b8cd5b5240ca1cc77ac9c65"
        hex"2de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5"
        hex"983e5152ee66dfaba831c66d2db43210b00327c898fb213fbf597fc7beef0ee4"
        hex"c6e00bf33da88fc2d5a79147930aa72506ca6351e003826f142929670a0e6e70"
        hex"27b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed53380d139d95b3df"
        hex"650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353b"
        hex"a2bfe8a14cf10364a81a664bbc423001c24b8b70d0f89791c76c51a30654be30"
        hex"d192e819d6ef5218d69906245565a910f40e35855771202a106aa07032bbd1b8"
        hex"19a4c116b8d2d0c81e376c085141ab532748774cdf8eeb9934b0bcb5e19b48a8"
        hex"391c0cb3c5c95a634ed8aa4ae3418acb5b9cca4f7763e373682e6ff3d6b2b8a3"
        hex"748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec"
        hex"90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532b"
        hex"ca273eceea26619cd186b8c721c0c207eada7dd6cde0eb1ef57d4f7fee6ed178"
        hex"06f067aa72176fba0a637dc5a2c898a6113f9804bef90dae1b710b35131c471b"
        hex"28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc431d67c49c100d4c"
        hex"4cc5d4becb3e42b6597f299cfc657e2a5fcb6fab3ad6faec6c44198c4a475817";

    /// @return The digest of `message`, read as one big-endian integer, mod r.
    function modR(bytes memory message) internal pure returns (uint256) {
        (uint256 high, uint256 low) = digest(message);
        return addmod(mulmod(high, Fr.TWO_256, Fr.R), low, Fr.R);
    }

    /// @return high The digest's first 32 bytes.
    /// @return low  Its last 32 bytes.
    function digest(bytes memory message) internal pure returns (uint256 high, uint256 low) {
        uint256[8] memory state = [
            uint256(0x6a09e667f3bcc908),
            0xbb67ae8584caa73b,
            0x3c6ef372fe94f82b,
            0xa54ff53a5f1d36f1,
            0x510e527fade682d1,
            0x9b05688c2b3e6c1f,
            0x1f83d9abfb41bd6b,
            0x5be0cd19137e2179
        ];
        bytes memory padded = pad(message);
        bytes memory constants = K;
        uint256[80] memory schedule;
        for (uint256 at = 0; at < padded.length; at += 128) {
            expand(padded, at, schedule);
            compress(state, schedule, constants);
        }
        high = (state[0] << 192) | (state[1] << 128) | (state[2] << 64) | state[3];
        low = (state[4] << 192) | (state[5] << 128) | (state[6] << 64) | state[7];
    }

    /// 0x80, zeros, and the length in bits as 16 bytes, up to a multiple of 128 bytes.
    function pad(bytes memory message) private pure returns (bytes memory) {
        uint256 zeros = (239 - (message.length % 128)) % 128;
        return abi.encodePacked(
            message, bytes1(0x80), new bytes(zeros), uint128(message.length * 8)
        );
    }

    /// The 80 words of the block that begins at byte `at`.
    function expand(bytes memory padded, uint256 at, uint256[80] memory w) private pure {
        assembly ("memory-safe") {
            let from := add(add(padded, 0x20), at)
            for { let i := 0 } lt(i, 16) { i := add(i, 1) } {
                mstore(add(w, shl(5, i)), shr(192, mload(add(from, shl(3, i)))))
            }
            for { let to := add(w, 512) } lt(to, add(w, 2560)) { to := add(to, 0x20) } {
                // Two copies side by side: one shift then rotates.
                let a := mul(mload(sub(to, 480)), 0x10000000000000001)
                let b := mul(mload(sub(to, 64)), 0x10000000000000001)
                let low := xor(xor(shr(1, a), shr(8, a)), shr(7, and(a, MASK)))
                let high := xor(xor(shr(19, b), shr(61, b)), shr(6, and(b, MASK)))
                let sum := add(add(and(low, MASK), and(high, MASK)), mload(sub(to, 512)))
                mstore(to, and(add(sum, mload(sub(to, 224))), MASK))
            }
        }
    }

    /// The 80 rounds over one block.
    function compress(uint256[8] memory state, uint256[80] memory w, bytes memory constants)
        private
        pure
    {
        unchecked {
            (uint256 a, uint256 b, uint256 c, uint256 d) =
                (state[0], state[1], state[2], state[3]);
            (uint256 e, uint256 f, uint256 g, uint256 h) =
                (state[4], state[5], state[6], state[7]);
            for (uint256 i = 0; i < 80; ++i) {
                uint256 t = h + bigSigma1(e) + ((e & f) ^ ((e ^ MASK) & g));
                assembly ("memory-safe") {
                    t := add(t, shr(192, mload(add(add(constants, 0x20), shl(3, i)))))
                    t := add(t, mload(add(w, shl(5, i))))
                }
                (h, g, f, e) = (g, f, e, (d + t) & MASK);
                t += bigSigma0(a) + ((a & b) ^ (a & c) ^ (b & c));
                (d, c, b, a) = (c, b, a, t & MASK);
            }
            state[0] = (state[0] + a) & MASK;
            state[1] = (state[1] + b) & MASK;
            state[2] = (state[2] + c) & MASK;
            state[3] = (state[3] + d) & MASK;
            state[4] = (state[4] + e) & MASK;
            state[5] = (state[5] + f) & MASK;
            state[6] = (state[6] + g) & MASK;
            state[7] = (state[7] + h) & MASK;
        }
    }

    function bigSigma0(uint256 x) private pure returns (uint256) {
        x *= 0x10000000000000001;
        return ((x >> 28) ^ (x >> 34) ^ (x >> 39)) & MASK;
    }

    function bigSigma1(uint256 x) private pure returns (uint256) {
        x *= 0x10000000000000001;
        return ((x >> 14) ^ (x >> 18) ^ (x >> 41)) & MASK;
    }
}
