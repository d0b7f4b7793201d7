// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title SHA-256 of two words, the node of every Merkle tree here
library Sha256 {
    /// @return digest SHA256(left ‖ right).
    function pair(bytes32 left, bytes32 right) internal view returns (bytes32 digest) {
        bool ok;
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            ok := staticcall(gas(), 0x02, 0x00, 0x40, 0x00, 0x20)
            ok := and(ok, eq(returndatasize(), 0x20))
            digest := mload(0x00)
        }
        // Out of gas inside the precompile must not pass as a digest of stale memory.
        require(ok, "sha256");
    }
}
