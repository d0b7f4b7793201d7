// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title The scalar field of BLS12-381, its roots of unity and bit reversal
/// @dev See "Field", "Roots of unity" and "Bit reversal" in docs/formats/README.md.
library Fr {
    uint256 internal constant R =
        0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001;
    /// 2^256 mod r.
    uint256 internal constant TWO_256 =
        0x1824b159acc5056f998c4fefecbc4ff55884b7fa0003480200000001fffffffe;
    /// 1/8 and 1/64.
    uint256 internal constant INVERSE_8 =
        0x656ff268c469cd9f2cd29d07086d9d04a945ef829ffe907f1fffffff20000001;
    uint256 internal constant INVERSE_64 =
        0x721df0b5dcf70753126cf0a7e97b50a53e6ead72f3fe628f03ffffff04000001;
    /// ω_N for N = 2^32, 4096 and 64.
    uint256 internal constant ROOT_2_32 =
        0x16a2a19edfe81f20d09b681922c813b4b63683508c2280b93829971f439f0d2b;
    uint256 internal constant ROOT_4096 =
        0x564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306;
    uint256 internal constant ROOT_64 =
        0x45af6345ec055e4d14a1e27164d8fdbd2d967f4be2f951558140d032f0a9ee53;

    /// @return ω_N for N = 2^bits, bits ≤ 32.
    function root(uint256 bits) internal pure returns (uint256) {
        uint256 value = ROOT_2_32;
        for (uint256 i = bits; i < 32; ++i) value = mulmod(value, value, R);
        return value;
    }

    function pow(uint256 base, uint256 exponent) internal pure returns (uint256 result) {
        result = 1;
        for (; exponent != 0; exponent >>= 1) {
            if (exponent & 1 == 1) result = mulmod(result, base, R);
            base = mulmod(base, base, R);
        }
    }

    function negate(uint256 a) internal pure returns (uint256) {
        return a == 0 ? 0 : R - a;
    }

    /// @return out The `bits` low bits of `value`, reversed.
    function reverseBits(uint256 value, uint256 bits) internal pure returns (uint256 out) {
        for (uint256 i = 0; i < bits; ++i) {
            out = (out << 1) | (value & 1);
            value >>= 1;
        }
    }

    /// @return The point at which a blob's polynomial has element `element` as its value.
    function elementPoint(uint256 element) internal pure returns (uint256) {
        return pow(ROOT_4096, reverseBits(element, 12));
    }
}
