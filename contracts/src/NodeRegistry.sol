// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Bls} from "./lib/Bls.sol";
import {DataContract} from "./lib/DataContract.sol";
import {Sha256} from "./lib/Sha256.sol";

/// @title Nodes and their stake
/// @notice A node registers a BLS key and stake, leaves with delay, and loses stake to the slashing
///         contract. CommitteeRegistry counts those that stand into committees.
abstract contract NodeRegistry {
    struct Node {
        address owner;
        /// Unix time from which stake can be withdrawn; zero while the node stands.
        uint64 exitAt;
        /// Open challenges: they hold the stake back.
        uint32 locks;
        uint256 stake;
        /// hash_tree_root of (pubkey, pop): the left half of Member.
        bytes32 keyRoot;
        /// SHA-256 of the node's TLS certificate, and where the node is reached.
        bytes32 certificateHash;
        string endpoint;
    }

    event NodeRegistered(uint256 indexed node, address indexed owner, bytes key);
    event NodeReachable(uint256 indexed node, string endpoint, bytes32 certificateHash);
    event ExitRequested(uint256 indexed node, uint64 exitAt);
    event Withdrawn(uint256 indexed node, uint256 amount);
    event Slashed(uint256 indexed node, uint256 amount, address beneficiary);

    error NotAllowed();
    error KeyTaken();
    error KeyRefused(string what);
    error StakeTooSmall();
    error NotYet();
    error TooLarge();

    uint256 public constant MEMBERS_MAX = 4096;
    /// Weights are stakes in this unit.
    uint256 public constant WEIGHT_UNIT = 1 gwei;
    uint256 public constant ENDPOINT_MAX = 255;

    uint256 public immutable minStake;
    /// Seconds from asking to leave to having the stake back; no certificate outlasts it.
    uint64 public immutable exitDelay;
    /// The only contract that may lock and slash; set once.
    address public slasher;
    address private immutable deployer;

    Node[] public nodes;
    /// Nodes that stand: they will be in the next committee.
    uint256 public standing;
    mapping(bytes32 keyHash => bool) public keyUsed;
    /// Where each node's key lies, 96 bytes x ‖ y, and the way back.
    mapping(uint256 node => address) internal keyContractOf;
    mapping(address keyContract => uint256 node) internal nodeOfKey;

    constructor(uint256 minStake_, uint64 exitDelay_) {
        require(minStake_ >= WEIGHT_UNIT, "stake below one unit of weight");
        deployer = msg.sender;
        minStake = minStake_;
        exitDelay = exitDelay_;
    }

    /// @notice Names the slashing contract, once; it is made after this one and knows it.
    function bindSlasher(address slasher_) external {
        if (msg.sender != deployer || slasher != address(0)) revert NotAllowed();
        slasher = slasher_;
    }

    // ---- nodes

    /// @notice Registers msg.sender's node with the stake sent along.
    /// @param key        The public key.
    /// @param possession Its proof of possession, as in docs/formats/committee.md.
    /// @param consent    A signature by the key over consentDigest(): the proof of possession does
    ///                   not name an owner, and one seen in the mempool could be taken.
    function register(
        Bls.G1Point calldata key,
        Bls.G2Point calldata possession,
        Bls.G2Point calldata consent,
        string calldata endpoint,
        bytes32 certificateHash
    ) external payable returns (uint256 node) {
        bytes memory key48 = Bls.compressed(key);
        verifyKey(key, key48, possession, consent);
        node = admit(msg.sender, msg.value, key, key48, keyRootOf(key, possession));
        setReachable(node, endpoint, certificateHash);
    }

    /// @return What a key signs, under the signature tag, to be registered by `owner`.
    function consentDigest(address owner, bytes memory key48) public view returns (bytes32) {
        return sha256(
            abi.encodePacked(
                "ashlar/registration/v1", uint64(block.chainid), address(this), owner, key48
            )
        );
    }

    /// @notice Where the node is reached from now on.
    function update(uint256 node, string calldata endpoint, bytes32 certificateHash) external {
        if (msg.sender != nodes[node].owner) revert NotAllowed();
        setReachable(node, endpoint, certificateHash);
    }

    /// @notice The node leaves: no later committee has it, and its stake is free after the delay.
    function requestExit(uint256 node) external {
        Node storage leaving = nodes[node];
        if (msg.sender != leaving.owner || leaving.exitAt != 0) revert NotAllowed();
        leaving.exitAt = uint64(block.timestamp) + exitDelay;
        --standing;
        emit ExitRequested(node, leaving.exitAt);
    }

    /// @notice Pays out what is left of the stake.
    function withdraw(uint256 node) external {
        Node storage leaving = nodes[node];
        if (msg.sender != leaving.owner) revert NotAllowed();
        if (leaving.exitAt == 0 || block.timestamp < leaving.exitAt || leaving.locks != 0)
            revert NotYet();
        uint256 amount = leaving.stake;
        // Before the call, so that a second entry finds nothing.
        leaving.stake = 0;
        emit Withdrawn(node, amount);
        send(msg.sender, amount);
    }

    // ---- slashing

    /// @notice Holds the node's stake while a challenge is open.
    function lock(uint256 node) external onlySlasher {
        ++nodes[node].locks;
    }

    function unlock(uint256 node) external onlySlasher {
        --nodes[node].locks;
    }

    /// @notice Takes up to `amount` of the stake, and moves it to the slashing contract, which owes
    ///         it to `beneficiary`. A node left with less than the least stake must go.
    function slash(uint256 node, uint256 amount, address beneficiary)
        external
        onlySlasher
        returns (uint256 taken)
    {
        Node storage guilty = nodes[node];
        taken = amount < guilty.stake ? amount : guilty.stake;
        guilty.stake -= taken;
        if (guilty.stake < minStake && guilty.exitAt == 0) {
            guilty.exitAt = uint64(block.timestamp) + exitDelay;
            --standing;
            emit ExitRequested(node, guilty.exitAt);
        }
        emit Slashed(node, taken, beneficiary);
        send(msg.sender, taken);
    }

    // ---- views

    function nodeCount() external view returns (uint256) {
        return nodes.length;
    }

    /// @return operator What stands for its owner in committees.
    function operatorOf(uint256 node) public view returns (bytes32) {
        return bytes32(bytes20(nodes[node].owner));
    }

    // ---- inside

    modifier onlySlasher() {
        if (msg.sender != slasher) revert NotAllowed();
        _;
    }

    function setReachable(uint256 node, string calldata endpoint, bytes32 certificateHash) private {
        if (bytes(endpoint).length > ENDPOINT_MAX) revert TooLarge();
        nodes[node].endpoint = endpoint;
        nodes[node].certificateHash = certificateHash;
        emit NodeReachable(node, endpoint, certificateHash);
    }

    /// Takes in a node whose key has been verified.
    function admit(
        address owner,
        uint256 stake,
        Bls.G1Point calldata key,
        bytes memory key48,
        bytes32 keyRoot
    ) internal returns (uint256 node) {
        if (stake < minStake) revert StakeTooSmall();
        // Σ weight < 2^63 with 4096 members.
        if (stake / WEIGHT_UNIT >= 2 ** 51 || standing >= MEMBERS_MAX) revert TooLarge();
        if (keyUsed[keccak256(key48)]) revert KeyTaken();
        node = nodes.length;
        keyUsed[keccak256(key48)] = true;
        ++standing;
        address at = DataContract.write(
            abi.encodePacked(uint128(key.xHigh), key.xLow, uint128(key.yHigh), key.yLow)
        );
        (keyContractOf[node], nodeOfKey[at]) = (at, node);
        Node storage added = nodes.push();
        added.owner = owner;
        added.stake = stake;
        added.keyRoot = keyRoot;
        emit NodeRegistered(node, owner, key48);
    }

    /// Both signatures by themselves: their sum could hold where neither does.
    function verifyKey(
        Bls.G1Point calldata key,
        bytes memory key48,
        Bls.G2Point calldata possession,
        Bls.G2Point calldata consent
    ) private view {
        Bls.G2Point memory hashed = Bls.hashToG2(key48, Bls.POSSESSION_TAG);
        if (!Bls.verify(key, hashed, possession)) revert KeyRefused("possession");
        bytes memory digest = abi.encodePacked(consentDigest(msg.sender, key48));
        hashed = Bls.hashToG2(digest, Bls.SIGNATURE_TAG);
        if (!Bls.verify(key, hashed, consent)) revert KeyRefused("consent");
    }

    /// The root of (pubkey: Bytes48, pop: Bytes96), both compressed.
    function keyRootOf(Bls.G1Point calldata key, Bls.G2Point calldata possession)
        private
        view
        returns (bytes32)
    {
        (bytes32 head, bytes32 tail) = Bls.compress(key);
        bytes32[3] memory pop = Bls.compress(possession);
        bytes32 popRoot = Sha256.pair(Sha256.pair(pop[0], pop[1]), Sha256.pair(pop[2], 0));
        return Sha256.pair(Sha256.pair(head, tail), popRoot);
    }

    function send(address to, uint256 amount) private {
        (bool ok,) = to.call{value: amount}("");
        require(ok, "transfer");
    }
}
