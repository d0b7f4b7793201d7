// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Binding} from "./Binding.sol";
import {ModelRegistry} from "./ModelRegistry.sol";
import {WalkVerifier} from "./WalkVerifier.sol";
import {Bls} from "./lib/Bls.sol";
import {Fr} from "./lib/Fr.sol";
import {Merkle} from "./lib/Merkle.sol";
import {Header, ObjectHeader} from "./lib/ObjectHeader.sol";
import {PointEvaluation} from "./lib/PointEvaluation.sol";
import {Sha256} from "./lib/Sha256.sol";
import {Sha512} from "./lib/Sha512.sol";

/// @title Tells another proof system's verifier: the weights inside your proof are these
/// @notice See docs/formats/equivalence.md. This contract does the KZG half. The caller verifies
///         the other proof, with W and the (γ, z, y) returned here as its public inputs.
contract EquivalenceVerifier is Binding {
    /// Blobs a ≤ i < b, and W in its scheme.
    struct Claim {
        uint64 first;
        uint64 end;
        uint32 scheme;
        bytes w;
    }

    /// What opens the combination.
    struct Opening {
        /// The blobs' commitments as coordinates.
        Bls.G1Point[] commitments;
        /// Siblings at the edges of [a, b) in the commitment tree.
        bytes32[] siblings;
        uint256 y;
        /// 48 bytes.
        bytes proof;
    }

    error RangeRefused();
    error SchemeRefused();
    error AnotherCommitment();

    /// More blobs need a proof of their own of the sum.
    uint256 public constant BLOBS_MAX = 256;
    uint32 private constant SCHEME_SHA256 = 1;
    uint32 private constant SCHEMES_PRIVATE = 1 << 31;

    constructor(ModelRegistry models_, WalkVerifier walks_) Binding(models_, walks_) {}

    /// @notice Reverts unless the combination of the blobs has value y at z.
    /// @return gamma The combination's factor. @return z The point. @return y The value.
    function verify(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        Claim calldata claim,
        Opening calldata opening
    ) external view returns (uint256 gamma, uint256 z, uint256 y) {
        Header memory h = ObjectHeader.parse(objectRoot, header);
        requireClaim(h, claim);
        requireBound(h, claim.first, claim.end);
        requireCommitments(h, claim, opening);

        (gamma, z) = challenges(objectRoot, claim);
        y = opening.y;
        bytes memory combined = Bls.compressed(combine(opening.commitments, gamma));
        PointEvaluation.verify(combined, z, y, opening.proof);
    }

    /// @return gamma γ. @return z z. Both from the claim alone.
    function challenges(bytes32 objectRoot, Claim calldata claim)
        public
        pure
        returns (uint256 gamma, uint256 z)
    {
        gamma = Sha512.modR(
            abi.encodePacked(
                "ashlar/equivalence/v1",
                objectRoot,
                claim.first,
                claim.end,
                claim.scheme,
                uint32(claim.w.length),
                claim.w
            )
        );
        z = Sha512.modR(abi.encodePacked("ashlar/equivalence/z/v1", gamma));
    }

    function requireClaim(Header memory h, Claim calldata claim) private pure {
        if (claim.first >= claim.end || claim.end > h.dataBlobs) revert RangeRefused();
        if (claim.end - claim.first > BLOBS_MAX) revert RangeRefused();
        bool known = claim.scheme == SCHEME_SHA256 && claim.w.length == 32;
        if (!known && claim.scheme < SCHEMES_PRIVATE) revert SchemeRefused();
        if (claim.w.length > type(uint32).max) revert SchemeRefused();
    }

    function requireCommitments(Header memory h, Claim calldata claim, Opening calldata opening)
        private
        view
    {
        uint256 count = opening.commitments.length;
        if (count != claim.end - claim.first) revert RangeRefused();
        bytes32[] memory leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            (bytes32 head, bytes32 tail) = Bls.compress(opening.commitments[i]);
            leaves[i] = Sha256.pair(head, tail);
        }
        bytes32 root =
            Merkle.followRange(leaves, claim.first, opening.siblings, h.domainBits + 1);
        if (root != h.commitmentsRoot) revert AnotherCommitment();
    }

    /// Σ γ^i · C_i; the precompile checks every C_i by itself.
    function combine(Bls.G1Point[] calldata commitments, uint256 gamma)
        private
        view
        returns (Bls.G1Point memory)
    {
        uint256[] memory powers = new uint256[](commitments.length);
        powers[0] = 1;
        for (uint256 i = 1; i < powers.length; ++i) {
            powers[i] = mulmod(powers[i - 1], gamma, Fr.R);
        }
        return Bls.msm(commitments, powers);
    }
}
