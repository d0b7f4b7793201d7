// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {CommitteeRegistry} from "./CommitteeRegistry.sol";
import {InvalidObject} from "./InvalidObject.sol";
import {Bls} from "./lib/Bls.sol";
import {CertificateRule, SignerSummary} from "./lib/CertificateRule.sol";
import {Header, ObjectHeader} from "./lib/ObjectHeader.sol";

/// @title Models, their versions, and the certificates that stand behind them
/// @notice An entry belongs to (publisher, model): a root seen in the mempool can be anchored by
///         another, under that one's own name only. In ERC-7992's terms modelHash is the object
///         root and uri says how to fetch it.
contract ModelRegistry {
    /// A certificate (docs/formats/certificate.md); the signature comes with its coordinates.
    struct Certificate {
        uint256 epoch;
        uint64 expiry;
        bytes bitmap;
        Bls.G2Point signature;
    }

    /// What stands behind a root.
    struct Backing {
        uint64 expiry;
        uint64 epoch;
        bytes32 placementSeed;
        bytes32 bitmapHash;
    }

    struct Model {
        bytes32 currentRoot;
        uint64 versions;
        string uri;
    }

    event Certified(bytes32 indexed objectRoot, uint256 epoch, uint64 expiry, bytes bitmap);
    event Anchored(
        address indexed publisher,
        bytes32 indexed modelId,
        bytes32 indexed objectRoot,
        bytes32 parentRoot,
        bool forked,
        string uri
    );

    error Expired(uint64 expiry);
    error BeyondStake(uint64 expiry);
    error EpochClosed(uint256 epoch);
    error SignatureFalse();
    error NotRecoverable();
    error AnotherParent(bytes32 parent, bytes32 current);
    error RootStruck();
    error NotCertified();

    /// The share of dishonest weight that a certificate must bear: one third.
    uint256 public constant SHARE_NUMERATOR = 1;
    uint256 public constant SHARE_DENOMINATOR = 3;

    CommitteeRegistry public immutable committee;
    InvalidObject public immutable invalid;
    mapping(bytes32 objectRoot => Backing) public backingOf;
    mapping(bytes32 key => Model) private models;

    constructor(CommitteeRegistry committee_, InvalidObject invalid_) {
        committee = committee_;
        invalid = invalid_;
    }

    /// @notice Anchors the model's next version: the header's parent is the current root, or zero
    ///         for the first version.
    function anchor(
        bytes32 modelId,
        bytes32 objectRoot,
        bytes32[16] calldata header,
        Certificate calldata certificate,
        string calldata uri
    ) external {
        Header memory h = certify(objectRoot, header, certificate);
        bytes32 current = models[keyOf(msg.sender, modelId)].currentRoot;
        if (h.parentRoot != current) revert AnotherParent(h.parentRoot, current);
        record(modelId, h, false, uri);
    }

    /// @notice Anchors an explicit fork: the parent is any root certified here, of any publisher.
    function anchorFork(
        bytes32 modelId,
        bytes32 objectRoot,
        bytes32[16] calldata header,
        Certificate calldata certificate,
        string calldata uri
    ) external {
        Header memory h = certify(objectRoot, header, certificate);
        if (h.parentRoot == 0) revert AnotherParent(0, 0);
        record(modelId, h, true, uri);
    }

    /// @notice A later date for a root: a new certificate, by whom it may come.
    function renew(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        Certificate calldata certificate
    ) external {
        if (backingOf[objectRoot].expiry == 0) revert NotCertified();
        certify(objectRoot, header, certificate);
    }

    /// @return Whether a certificate stands behind the root now.
    function isCertified(bytes32 objectRoot) public view returns (bool) {
        return block.timestamp < backingOf[objectRoot].expiry && !invalid.struck(objectRoot);
    }

    /// @return modelHash The current object root, ERC-7992's modelHash.
    /// @return uri       How to fetch it.
    /// @return versions  How many were anchored.
    function modelOf(address publisher, bytes32 modelId)
        external
        view
        returns (bytes32 modelHash, string memory uri, uint64 versions)
    {
        Model storage model = models[keyOf(publisher, modelId)];
        return (model.currentRoot, model.uri, model.versions);
    }

    /// @return What members sign (docs/formats/certificate.md, "Digest").
    function digestOf(bytes32 committeeRoot, bytes32 objectRoot, uint64 expiry)
        public
        view
        returns (bytes32)
    {
        return sha256(
            abi.encodePacked(
                "ashlar/certificate/v1",
                uint64(block.chainid),
                address(committee),
                committeeRoot,
                objectRoot,
                expiry
            )
        );
    }

    function keyOf(address publisher, bytes32 modelId) private pure returns (bytes32) {
        return keccak256(abi.encode(publisher, modelId));
    }

    /// Checks header, certificate and rule, and notes what stands behind the root.
    function certify(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        Certificate calldata certificate
    ) private returns (Header memory h) {
        if (invalid.struck(objectRoot)) revert RootStruck();
        h = ObjectHeader.parse(objectRoot, header);
        // An inherited seed is the parent's; where the parent is not known here, none is.
        if (h.parentRoot != 0 && h.placementSeed != backingOf[h.parentRoot].placementSeed)
            revert AnotherParent(h.parentRoot, 0);
        if (certificate.expiry <= block.timestamp) revert Expired(certificate.expiry);
        // A signer who leaves at once can be slashed until the certificate ends.
        if (certificate.expiry > block.timestamp + committee.exitDelay())
            revert BeyondStake(certificate.expiry);
        requireSigned(h, certificate);

        Backing storage backing = backingOf[objectRoot];
        // An earlier date never replaces a later one.
        if (certificate.expiry <= backing.expiry) return h;
        backing.expiry = certificate.expiry;
        backing.epoch = uint64(certificate.epoch);
        backing.placementSeed = h.placementSeed;
        backing.bitmapHash = keccak256(certificate.bitmap);
        emit Certified(
            objectRoot, certificate.epoch, certificate.expiry, certificate.bitmap
        );
    }

    /// The aggregate signature and the rule, under the epoch in force or the one before.
    function requireSigned(Header memory h, Certificate calldata certificate) private view {
        uint256 current = committee.currentEpoch();
        uint256 epoch = certificate.epoch;
        if (epoch > current || epoch + 1 < current) revert EpochClosed(epoch);
        (Bls.G1Point memory key, SignerSummary memory summary) =
            committee.signersOf(epoch, certificate.bitmap);
        bytes32 digest = digestOf(committee.rootOf(epoch), h.objectRoot, certificate.expiry);
        Bls.G2Point memory hashed =
            Bls.hashToG2(abi.encodePacked(digest), Bls.SIGNATURE_TAG);
        if (!Bls.verify(key, hashed, certificate.signature)) revert SignatureFalse();
        if (!CertificateRule.holds(h, summary, SHARE_NUMERATOR, SHARE_DENOMINATOR))
            revert NotRecoverable();
    }

    function record(bytes32 modelId, Header memory h, bool forked, string calldata uri) private {
        Model storage model = models[keyOf(msg.sender, modelId)];
        model.currentRoot = h.objectRoot;
        model.uri = uri;
        ++model.versions;
        emit Anchored(msg.sender, modelId, h.objectRoot, h.parentRoot, forked, uri);
    }
}
