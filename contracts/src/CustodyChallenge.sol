// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {CommitteeRegistry} from "./CommitteeRegistry.sol";
import {ModelRegistry} from "./ModelRegistry.sol";
import {Fr} from "./lib/Fr.sol";
import {Header, ObjectHeader} from "./lib/ObjectHeader.sol";
import {Placement} from "./lib/Placement.sol";
import {PointEvaluation} from "./lib/PointEvaluation.sol";
import {Sha256} from "./lib/Sha256.sol";

/// @title Challenges to nodes that signed for a blob: open one element of it, or be slashed
/// @notice The element is picked by the hash of the block of the challenge, so nobody knows it
///         before. A challenge costs a bond, which goes to a node that answers.
contract CustodyChallenge {
    struct Challenge {
        bytes32 objectRoot;
        address challenger;
        uint64 openedIn;
        uint256 node;
        uint256 position;
    }

    /// What is claimed: member `member` of the epoch that signed keeps stored index t.
    struct Claim {
        uint256 member;
        uint256 storedIndex;
        /// The signers' bitmap, and the shard table, of the certificate that stands.
        bytes bitmap;
        bytes table;
        /// The root of the committee's list of members.
        bytes32 membersRoot;
    }

    event Challenged(
        uint256 indexed id, uint256 indexed node, bytes32 indexed objectRoot, uint256 position
    );
    event Answered(uint256 indexed id);
    event Failed(uint256 indexed id, uint256 taken);

    error BondRefused();
    error NotBacked();
    error NotASigner();
    error NotAHolder();
    error AlreadyOpen();
    error NotOpen();
    error TooEarly();
    error TooLate();
    error ElementRefused();

    /// Hashes of older blocks are not to be had.
    uint256 private constant BLOCK_HASHES = 256;

    CommitteeRegistry public immutable committee;
    ModelRegistry public immutable models;
    uint256 public immutable bond;
    uint256 public immutable penalty;
    /// In blocks, below BLOCK_HASHES.
    uint64 public immutable window;

    uint256 public count;
    mapping(uint256 id => Challenge) public challenges;
    mapping(bytes32 key => bool) private open;
    /// What claim() pays out. Nobody is paid in the course of anything else.
    mapping(address => uint256) public credit;

    constructor(
        CommitteeRegistry committee_,
        ModelRegistry models_,
        uint256 bond_,
        uint256 penalty_,
        uint64 window_
    ) {
        require(window_ >= 2 && window_ < BLOCK_HASHES, "window");
        require(bond_ > 0 && penalty_ > 0, "amounts");
        (committee, models) = (committee_, models_);
        (bond, penalty, window) = (bond_, penalty_, window_);
    }

    /// Only stakes that the registry hands over.
    receive() external payable {
        if (msg.sender != address(committee)) revert BondRefused();
    }

    /// @notice Challenges a member to open the blob at a stored index. Costs the bond.
    function challenge(bytes32 objectRoot, bytes32[16] calldata header, Claim calldata claimed)
        external
        payable
        returns (uint256 id)
    {
        if (msg.value != bond) revert BondRefused();
        Header memory h = ObjectHeader.parse(objectRoot, header);
        uint256 epoch = requireSigner(objectRoot, claimed);
        requireHolder(h, epoch, claimed);

        (uint256 node,) = committee.memberAt(epoch, claimed.member);
        uint256 position = Placement.positionOf(h, claimed.storedIndex);
        bytes32 key = keyOf(objectRoot, node, position);
        if (open[key]) revert AlreadyOpen();
        open[key] = true;
        id = count++;
        challenges[id] =
            Challenge(objectRoot, msg.sender, uint64(block.number), node, position);
        committee.lock(node);
        emit Challenged(id, node, objectRoot, position);
    }

    /// @return The element that challenge `id` asks for; from the block after it.
    function elementAsked(uint256 id) public view returns (uint256) {
        Challenge storage asked = challenges[id];
        if (asked.challenger == address(0)) revert NotOpen();
        return elementOf(asked.openedIn, id);
    }

    /// @notice Answers with an opening of the element asked for. Anyone may, for the node.
    function answer(
        uint256 id,
        bytes32[16] calldata header,
        bytes calldata commitment,
        bytes32[] calldata path,
        uint256 y,
        bytes calldata proof
    ) external {
        Challenge memory asked = take(id);
        if (block.number <= asked.openedIn) revert TooEarly();
        if (block.number > asked.openedIn + window) revert TooLate();
        Header memory h = ObjectHeader.parse(asked.objectRoot, header);
        ObjectHeader.requireCommitment(h, asked.position, commitment, path);
        uint256 element = elementOf(asked.openedIn, id);
        PointEvaluation.verify(commitment, Fr.elementPoint(element), y, proof);

        committee.unlock(asked.node);
        (address owner,,,,,,) = committee.nodes(asked.node);
        credit[owner] += bond;
        emit Answered(id);
    }

    /// @notice Slashes a node that did not answer in time.
    function slash(uint256 id) external {
        Challenge memory asked = take(id);
        if (block.number <= asked.openedIn + window) revert TooEarly();
        committee.unlock(asked.node);
        uint256 taken = committee.slash(asked.node, penalty, asked.challenger);
        credit[asked.challenger] += bond + taken;
        emit Failed(id, taken);
    }

    /// @notice Pays out the caller's credit.
    function claim() external {
        uint256 amount = credit[msg.sender];
        // Before the call, so that a second entry finds nothing.
        credit[msg.sender] = 0;
        (bool ok,) = msg.sender.call{value: amount}("");
        require(ok, "transfer");
    }

    /// Closes a challenge, before anything else is called.
    function take(uint256 id) private returns (Challenge memory asked) {
        asked = challenges[id];
        if (asked.challenger == address(0)) revert NotOpen();
        delete challenges[id];
        delete open[keyOf(asked.objectRoot, asked.node, asked.position)];
    }

    function elementOf(uint64 openedIn, uint256 id) private view returns (uint256) {
        bytes32 hash = blockhash(openedIn);
        // The challenge's own block, or one too old: neither has a hash.
        if (hash == 0) revert TooLate();
        return uint256(keccak256(abi.encode(hash, id))) % 4096;
    }

    function keyOf(bytes32 objectRoot, uint256 node, uint256 position)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(objectRoot, node, position));
    }

    /// The certificate stands, long enough to answer, and the member signed it.
    function requireSigner(bytes32 objectRoot, Claim calldata claimed)
        private
        view
        returns (uint256)
    {
        if (!models.isCertified(objectRoot)) revert NotBacked();
        (, uint64 epoch,, bytes32 bitmapHash) = models.backingOf(objectRoot);
        if (keccak256(claimed.bitmap) != bitmapHash) revert NotASigner();
        uint256 i = claimed.member;
        if (i >= 8 * claimed.bitmap.length) revert NotASigner();
        if ((uint8(claimed.bitmap[i >> 3]) >> (i & 7)) & 1 == 0) revert NotASigner();
        return epoch;
    }

    /// The table is that of the epoch's committee root, and places a copy on the member.
    function requireHolder(Header memory h, uint256 epoch, Claim calldata claimed) private view {
        if (claimed.storedIndex >= Placement.storedBlobs(h)) revert NotAHolder();
        bytes32 tableRoot = committee.tableRoot(claimed.table);
        if (Sha256.pair(claimed.membersRoot, tableRoot) != committee.rootOf(epoch))
            revert NotAHolder();

        uint256 shard = Placement.shardOf(h, claimed.storedIndex);
        uint256[] memory holders = new uint256[](h.copies);
        bytes32[] memory operators = new bytes32[](h.copies);
        uint256 found = 0;
        for (; found < h.copies; ++found) {
            (bool exists, uint256 member) =
                nextHolder(epoch, claimed.table, shard, holders, operators, found);
            if (!exists) break;
            if (member == claimed.member) return;
            holders[found] = member;
            operators[found] = operatorOf(epoch, member);
        }
        revert NotAHolder();
    }

    /// Copy `found` of the run at `shard` (docs/formats/placement.md, "Copies").
    function nextHolder(
        uint256 epoch,
        bytes calldata table,
        uint256 shard,
        uint256[] memory holders,
        bytes32[] memory operators,
        uint256 found
    ) private view returns (bool, uint256) {
        if (found == 0) return (true, memberOn(table, shard));
        uint256 last = type(uint256).max;
        for (uint256 step = 1; step < Placement.SHARDS; ++step) {
            uint256 member = memberOn(table, (shard + step) % Placement.SHARDS);
            if (member == last || contains(holders, found, member)) continue;
            last = member;
            if (!contains(operators, found, operatorOf(epoch, member))) return (true, member);
        }
        for (uint256 step = 1; step < Placement.SHARDS; ++step) {
            uint256 member = memberOn(table, (shard + step) % Placement.SHARDS);
            if (!contains(holders, found, member)) return (true, member);
        }
        return (false, 0);
    }

    function memberOn(bytes calldata table, uint256 shard) private pure returns (uint256) {
        return uint256(uint8(table[2 * shard])) | (uint256(uint8(table[2 * shard + 1])) << 8);
    }

    function operatorOf(uint256 epoch, uint256 member) private view returns (bytes32) {
        (uint256 node,) = committee.memberAt(epoch, member);
        return committee.operatorOf(node);
    }

    function contains(uint256[] memory list, uint256 size, uint256 wanted)
        private
        pure
        returns (bool)
    {
        for (uint256 i = 0; i < size; ++i) if (list[i] == wanted) return true;
        return false;
    }

    function contains(bytes32[] memory list, uint256 size, bytes32 wanted)
        private
        pure
        returns (bool)
    {
        for (uint256 i = 0; i < size; ++i) if (list[i] == wanted) return true;
        return false;
    }
}
