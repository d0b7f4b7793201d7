// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Fr} from "./Fr.sol";

/// @title KZG openings through EIP-4844's precompile 0x0A
/// @dev See docs/formats/opening.md. The precompile itself refuses z, y ≥ r, points that are not
///      canonical or not in the subgroup, and a versioned hash of another commitment.
library PointEvaluation {
    error CommitmentLength(uint256 length);
    /// The precompile refused: the opening does not hold.
    error OpeningFalse();
    /// What came back is not what EIP-4844 says; on this chain 0x0A is something else, or nothing.
    error PrecompileMissing();

    /// @notice Reverts unless the polynomial under `commitment` has value y at z.
    /// @param commitment 48 compressed bytes. @param proof 48 compressed bytes.
    function verify(bytes memory commitment, uint256 z, uint256 y, bytes memory proof)
        internal
        view
    {
        if (commitment.length != 48) revert CommitmentLength(commitment.length);
        if (proof.length != 48) revert CommitmentLength(proof.length);
        (bool ok, bytes memory out) = address(0x0a).staticcall(
            abi.encodePacked(versionedHash(commitment), z, y, commitment, proof)
        );
        if (!ok) revert OpeningFalse();
        if (out.length != 64) revert PrecompileMissing();
        (uint256 elements, uint256 modulus) = abi.decode(out, (uint256, uint256));
        if (elements != 4096 || modulus != Fr.R) revert PrecompileMissing();
    }

    /// @return 01 ‖ the last 31 bytes of SHA256(commitment).
    function versionedHash(bytes memory commitment) internal pure returns (bytes32) {
        return bytes32((uint256(sha256(commitment)) & (type(uint256).max >> 8)) | (1 << 248));
    }
}
