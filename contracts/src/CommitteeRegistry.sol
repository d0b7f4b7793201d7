// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {NodeRegistry} from "./NodeRegistry.sol";
import {Bls} from "./lib/Bls.sol";
import {SignerSummary} from "./lib/CertificateRule.sol";
import {Merkle} from "./lib/Merkle.sol";
import {Sha256} from "./lib/Sha256.sol";
import {Ssz} from "./lib/Ssz.sol";

/// @title The committee of each epoch
/// @notice An epoch's committee is every node of NodeRegistry that stands when it is counted, in the
///         order of registration: nobody chooses members. The steward named at deployment says when
///         an epoch turns and proposes the shard table. A bad table can make certificates fail,
///         never pass: the certificate rule counts with the table as it is. The committee root is
///         DESIGN §6's, so that programs off chain check it alone.
contract CommitteeRegistry is NodeRegistry {
    struct Epoch {
        bytes32 root;
        uint64 openedAt;
        uint64 totalWeight;
        uint64 minWeight;
        uint64 densestWeight;
        uint16 memberCount;
        uint16 placedMembers;
        uint16 densestShards;
        Bls.G1Point aggregateKey;
    }

    /// An epoch that is being counted.
    struct Draft {
        uint64 cursor;
        uint64 totalWeight;
        uint64 minWeight;
        uint16 memberCount;
        bytes32[12] frontier;
        Bls.G1Point aggregateKey;
    }

    event EpochOpened(uint256 indexed epoch, bytes32 root, uint256 members, bytes shards);

    error TableRefused(string what);
    error BitmapRefused(string what);
    error NoSuchEpoch(uint256 epoch);

    uint256 public constant SHARDS = 4096;

    address public immutable steward;
    /// The epoch in force; 0 before the first.
    uint256 public currentEpoch;
    mapping(uint256 epoch => Epoch) private epochs;
    /// weight (64 bits) ‖ contract of its key (160 bits) of the member at an index.
    mapping(uint256 epoch => mapping(uint256 index => uint256)) private members;
    /// Shards of 16 members a word, 16 bits each, the lowest index lowest.
    mapping(uint256 epoch => mapping(uint256 word => uint256)) private shardCounts;
    Draft private draft;

    constructor(address steward_, uint256 minStake_, uint64 exitDelay_)
        NodeRegistry(minStake_, exitDelay_)
    {
        steward = steward_;
    }

    // ---- epochs

    /// @notice Counts up to `count` more nodes into the next committee.
    function countMembers(uint256 count) external {
        if (msg.sender != steward) revert NotAllowed();
        Draft memory d = draft;
        uint256 end = d.cursor + count < nodes.length ? d.cursor + count : nodes.length;
        uint256 epoch = currentEpoch + 1;
        for (uint256 node = d.cursor; node < end; ++node) {
            // A slot of its own for each: nodes that left stay in the list.
            if (nodes[node].exitAt == 0) countMember(d, epoch, node);
        }
        d.cursor = uint64(end);
        draft = d;
    }

    /// @notice Opens the next epoch with the members counted and this shard table.
    /// @param table 4096 member indices, 2 bytes little-endian each: SSZ's serialization.
    function openEpoch(bytes calldata table) external {
        if (msg.sender != steward) revert NotAllowed();
        Draft memory d = draft;
        if (d.cursor != nodes.length || d.memberCount == 0) revert NotYet();
        uint256 epoch = ++currentEpoch;
        Epoch storage opened = epochs[epoch];
        opened.openedAt = uint64(block.timestamp);
        opened.totalWeight = d.totalWeight;
        opened.minWeight = d.minWeight;
        opened.memberCount = d.memberCount;
        opened.aggregateKey = d.aggregateKey;
        opened.root = Sha256.pair(membersRoot(d), tableRoot(table));
        storeShardCounts(opened, epoch, countShards(table, d.memberCount));
        delete draft;
        emit EpochOpened(epoch, opened.root, d.memberCount, table);
    }

    // ---- views

    function epochOf(uint256 epoch) public view returns (Epoch memory e) {
        e = epochs[epoch];
        if (e.memberCount == 0) revert NoSuchEpoch(epoch);
    }

    /// @return The committee root of DESIGN §6.
    function rootOf(uint256 epoch) external view returns (bytes32) {
        return epochOf(epoch).root;
    }

    /// @return node   The node at a member's place. @return weight Its weight in that epoch.
    function memberAt(uint256 epoch, uint256 index)
        public
        view
        returns (uint256 node, uint256 weight)
    {
        if (index >= epochOf(epoch).memberCount) revert NoSuchEpoch(epoch);
        uint256 packed = members[epoch][index];
        return (nodeOfKey[address(uint160(packed))], packed >> 160);
    }

    /// @return The root of members and of `table`, for one who knows only the table.
    function tableRoot(bytes calldata table) public view returns (bytes32) {
        if (table.length != 2 * SHARDS) revert TableRefused("length");
        bytes32[] memory chunks = new bytes32[](2 * SHARDS / 32);
        for (uint256 i = 0; i < chunks.length; ++i) chunks[i] = bytes32(table[32 * i:32 * i + 32]);
        return Merkle.root(chunks);
    }

    /// @notice The sum of the signers' keys, and what the certificate rule needs.
    /// @param bitmap Bit i, the low one of each byte first, says that member i signed.
    /// @dev The stored sum of all keys less those that did not sign, or the signers' own sum,
    ///      whichever is less work.
    function signersOf(uint256 epoch, bytes calldata bitmap)
        external
        view
        returns (Bls.G1Point memory key, SignerSummary memory summary)
    {
        Epoch memory e = epochOf(epoch);
        uint256 signers = countSigners(bitmap, e.memberCount);
        bool byMissing = 2 * signers >= e.memberCount;
        mapping(uint256 => uint256) storage ofEpoch = members[epoch];
        mapping(uint256 => uint256) storage shards = shardCounts[epoch];
        for (uint256 at = 0; at < bitmap.length; ++at) {
            uint256 bits = uint8(bitmap[at]);
            uint256 absent = ~bits & lastMask(e.memberCount, at);
            if (absent != 0)
                summary.missingShards += sumShards(shards[at / 2] >> (128 * (at % 2)), absent);
            uint256 i = 8 * at;
            for (uint256 work = byMissing ? absent : bits; work != 0; work >>= 1) {
                if (work & 1 == 1) addKey(key, address(uint160(ofEpoch[i])));
                unchecked {
                    ++i;
                }
            }
        }
        if (byMissing) key = Bls.add(e.aggregateKey, Bls.negate(key));
        if (Bls.isInfinity(key)) revert KeyRefused("infinity");
        summary.totalWeight = e.totalWeight;
        summary.minWeight = e.minWeight;
        summary.densestShards = e.densestShards;
        summary.densestWeight = e.densestWeight;
        summary.placedMembers = e.placedMembers;
        summary.missingMembers = e.memberCount - signers;
    }

    // ---- inside

    function countMember(Draft memory d, uint256 epoch, uint256 node) private {
        uint64 weight = uint64(nodes[node].stake / WEIGHT_UNIT);
        uint256 index = d.memberCount++;
        address key = keyContractOf[node];
        members[epoch][index] = (uint256(weight) << 160) | uint160(key);
        d.totalWeight += weight;
        if (index == 0 || weight < d.minWeight) d.minWeight = weight;
        addKey(d.aggregateKey, key);

        bytes32 right = Sha256.pair(operatorOf(node), Ssz.integer(weight));
        bytes32 hash = Sha256.pair(nodes[node].keyRoot, right);
        // A left child waits in the frontier; a right one closes its parent.
        uint256 level = 0;
        for (uint256 at = index; at & 1 == 1; at >>= 1) {
            hash = Sha256.pair(d.frontier[level++], hash);
        }
        // Level 12 is the root of a full tree; it takes the last place.
        d.frontier[level < 12 ? level : 11] = hash;
    }

    /// mix(merkleize(member roots, limit 4096), number of members).
    function membersRoot(Draft memory d) private view returns (bytes32 hash) {
        uint256 count = d.memberCount;
        if (count == MEMBERS_MAX) {
            hash = d.frontier[11];
        } else {
            bytes32 zero = 0;
            for (uint256 level = 0; level < 12; ++level) {
                hash = (count >> level) & 1 == 1
                    ? Sha256.pair(d.frontier[level], hash)
                    : Sha256.pair(hash, zero);
                zero = Sha256.pair(zero, zero);
            }
        }
        return Sha256.pair(hash, Ssz.integer(count));
    }

    function countShards(bytes calldata table, uint256 memberCount)
        private
        pure
        returns (uint256[] memory counts)
    {
        counts = new uint256[](memberCount);
        for (uint256 s = 0; s < SHARDS; ++s) {
            uint256 member = uint256(uint8(table[2 * s])) | (uint256(uint8(table[2 * s + 1])) << 8);
            if (member >= memberCount) revert TableRefused("member");
            ++counts[member];
        }
    }

    /// Stores each member's number of shards, and which member is densest.
    function storeShardCounts(Epoch storage opened, uint256 epoch, uint256[] memory counts)
        private
    {
        uint256 densestShards = 0;
        uint256 densestWeight = 1;
        uint256 placed = 0;
        for (uint256 word = 0; 16 * word < counts.length; ++word) {
            uint256 packed = 0;
            for (uint256 i = 16 * word; i < counts.length && i < 16 * word + 16; ++i) {
                uint256 weight = members[epoch][i] >> 160;
                if (counts[i] != 0) ++placed;
                if (counts[i] * densestWeight > densestShards * weight)
                    (densestShards, densestWeight) = (counts[i], weight);
                // 4096 of 4096 shards still fit into 16 bits.
                packed |= counts[i] << (16 * (i % 16));
            }
            shardCounts[epoch][word] = packed;
        }
        opened.densestShards = uint16(densestShards);
        opened.densestWeight = uint64(densestWeight);
        opened.placedMembers = uint16(placed);
    }

    /// Checks the bitmap's form; @return signers how many bits are set.
    function countSigners(bytes calldata bitmap, uint256 memberCount)
        private
        pure
        returns (uint256 signers)
    {
        if (bitmap.length != (memberCount + 7) / 8) revert BitmapRefused("length");
        for (uint256 i = 0; i < bitmap.length; ++i) {
            for (uint256 bits = uint8(bitmap[i]); bits != 0; bits &= bits - 1) ++signers;
        }
        uint256 last = uint8(bitmap[bitmap.length - 1]);
        if (memberCount % 8 != 0 && last >> (memberCount % 8) != 0)
            revert BitmapRefused("bit beyond the members");
        if (signers == 0) revert BitmapRefused("empty");
    }

    /// The bits of byte `at` of a bitmap that stand for members.
    function lastMask(uint256 memberCount, uint256 at) private pure returns (uint256) {
        uint256 rest = memberCount - 8 * at;
        return rest >= 8 ? 0xff : (1 << rest) - 1;
    }

    /// The sum of eight packed counts where `mask` has a bit.
    function sumShards(uint256 packed, uint256 mask) private pure returns (uint256 sum) {
        unchecked {
            for (; mask != 0; mask >>= 1) {
                sum += (packed & 0xffff) * (mask & 1);
                packed >>= 16;
            }
        }
    }

    /// sum += the key that lies there. In place: this is most of a certificate's cost.
    function addKey(Bls.G1Point memory sum, address at) private view {
        bool ok;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mcopy(input, sum, 128)
            // x and y, each after 16 zero bytes.
            calldatacopy(add(input, 128), calldatasize(), 128)
            extcodecopy(at, add(input, 144), 1, 48)
            extcodecopy(at, add(input, 208), 49, 48)
            ok := staticcall(gas(), 0x0b, input, 256, sum, 128)
            ok := and(ok, eq(returndatasize(), 128))
        }
        if (!ok) revert Bls.PrecompileRefused(Bls.G1_ADD);
    }
}
