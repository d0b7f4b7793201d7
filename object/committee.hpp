#pragma once

/// A committee epoch: members, the shard → member table, and node records. DESIGN §6,
/// docs/formats/committee.md.

#include <optional>

#include "algebra/bls_signature.hpp"
#include "base/bytes.hpp"

namespace ashlar
{

inline constexpr std::size_t SHARD_COUNT = 4096;
inline constexpr std::size_t MEMBERS_MAX = 4096;
inline constexpr std::size_t ENDPOINT_BYTES_MAX = 255;
inline constexpr std::size_t TLS_CERTIFICATE_BYTES_MAX = 8192;
inline constexpr std::uint64_t COMMITTEE_FILE_BYTES_MAX = 64ULL << 20;

/// A member as it stands in the committee root, possession proven.
struct Member
{
    BlsPublicKey key;
    Bytes96 possession_proof;
    Bytes32 operator_id;
    std::uint64_t weight;  ///< ≥ 1
};

/// Where certificates are valid: zero and zero for file committees.
struct ChainBinding
{
    std::uint64_t chain_id = 0;
    Bytes20 registry{};

    friend bool operator==(const ChainBinding&, const ChainBinding&) = default;
};

/// What a member says about how to reach it; outside the committee root.
struct NodeRecord
{
    std::uint64_t sequence = 0;
    std::string endpoint;         ///< "host:port"
    std::string tls_certificate;  ///< PEM; self-signed, pinned by clients.

    friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

/// A record with its member's signature.
struct SignedNodeRecord
{
    NodeRecord record;
    Bytes96 signature;
};

/// The 32 bytes that a member signs for its record.
[[nodiscard]] Bytes32 node_record_digest(const BlsPublicKey& key, const NodeRecord& record);

/// Name in a node's TLS certificate: 16 hex digits of the key, then ".node.ashlar".
[[nodiscard]] std::string tls_server_name(const BlsPublicKey& key);

/// A validated committee. Immutable; threads may share it.
class Committee
{
public:
    struct Parts
    {
        ChainBinding binding;
        std::vector<Member> members;
        std::vector<std::uint16_t> shards;  ///< 4096 member indices; empty = first_table().
        std::vector<std::optional<SignedNodeRecord>> records;  ///< One per member, or empty.
    };

    /// Checks possession proofs and record signatures on all cores, a millisecond each, unless the
    /// user's cache has a note that just these were checked before.
    /// @return  invalid_input for 0 or > 4096 members, zero weights, a total ≥ 2⁶³, a repeated
    ///          key, a wrong table, an oversized record; proof_invalid for a possession proof or
    ///          record signature.
    [[nodiscard]] static Result<Committee> make(Parts parts);

    /// Reads a committee file (JSON).
    /// @return  invalid_input with what is wrong and where, or the errors of make().
    [[nodiscard]] static Result<Committee> parse_json(std::string_view text);

    /// The committee file, in one line.
    [[nodiscard]] std::string to_json() const;

    [[nodiscard]] const std::vector<Member>& members() const noexcept { return parts_.members; }
    [[nodiscard]] const std::vector<std::uint16_t>& shards() const noexcept
    {
        return parts_.shards;
    }
    [[nodiscard]] const ChainBinding& binding() const noexcept { return parts_.binding; }
    [[nodiscard]] const std::optional<SignedNodeRecord>& record(std::size_t member) const
    {
        return parts_.records[member];
    }
    [[nodiscard]] std::size_t size() const noexcept { return parts_.members.size(); }
    [[nodiscard]] std::uint64_t total_weight() const noexcept { return total_weight_; }

    /// hash_tree_root of the SSZ Committee.
    [[nodiscard]] const Bytes32& root() const noexcept { return root_; }

    /// hash_tree_root of the list of members alone: the left half of root().
    [[nodiscard]] Bytes32 members_root() const;

    /// The shard table as SSZ hashes it and contracts take it: 4,096 u16, little-endian.
    [[nodiscard]] Bytes encoded_shards() const;

    /// Index of the member with this key.
    [[nodiscard]] std::optional<std::size_t> find(const BlsPublicKey& key) const;

private:
    Committee(Parts parts, std::uint64_t total_weight);

    Parts parts_;
    std::uint64_t total_weight_;
    Bytes32 root_;
};

/// Members' operators as small numbers: equal for equal operators, in order of first member.
[[nodiscard]] std::vector<std::uint16_t> operator_numbers(std::span<const Member> members);

/// The first shard → member table of a committee (DESIGN §6).
/// @pre 1 to 4096 members, weights ≥ 1, their total < 2⁶³
[[nodiscard]] std::vector<std::uint16_t> first_table(std::span<const Member> members);

}  // namespace ashlar
