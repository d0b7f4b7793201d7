#pragma once

/// Members, committees and headers for tests, among them those of docs/formats' worked examples.

#include "object/certificate.hpp"

namespace ashlar::test
{

/// The BLS secret key `number`.
/// @pre number > 0
[[nodiscard]] BlsSecretKey secret_key(std::uint64_t number);

/// SHA256("operator " ‖ number).
[[nodiscard]] Bytes32 operator_named(std::size_t number);

struct MemberSpec
{
    std::size_t operator_number;
    std::uint64_t weight;
};

/// Member i with secret key i + 1. Computed once per process.
[[nodiscard]] Member member(std::size_t index, MemberSpec spec);
[[nodiscard]] std::vector<Member> members(std::span<const MemberSpec> specs);

/// As members(), but with one key for all and no possession proofs: enough for first_table().
[[nodiscard]] std::vector<Member> members_of_one_key(std::span<const MemberSpec> specs);

/// With the first table and without records.
[[nodiscard]] Committee committee(std::span<const MemberSpec> specs);

/// Members of weight 1, each of an operator of its own.
[[nodiscard]] Committee equal_committee(std::size_t count);

/// A record of the member, signed with its key.
[[nodiscard]] SignedNodeRecord signed_record(std::size_t member, NodeRecord record);

/// The worked example of docs/formats/committee.md.
[[nodiscard]] Committee example_committee();

/// The worked example of docs/formats/object-root.md.
[[nodiscard]] HeaderFields example_fields();

struct ObjectSpec
{
    std::uint64_t data_blobs = 1;
    std::uint64_t parity_blobs = 1;
    std::uint64_t group_parities = GROUP_PARITIES_DEFAULT;
    std::uint64_t copies = 1;
    std::uint64_t seed = 0;  ///< Varies the commitments, and so the placement.
};

[[nodiscard]] HeaderFields fields_of(const ObjectSpec& spec);
[[nodiscard]] ObjectHeader header_of(const ObjectSpec& spec);

/// Holders of a run, found as DESIGN §6 says it: one search per copy.
[[nodiscard]] std::vector<std::uint16_t> naive_holders(
    const Committee& committee, std::size_t shard, std::uint64_t copies);

/// Shard of a stored run or (run ≥ 8) of a parity run of a stripe, as DESIGN §6 says it.
[[nodiscard]] std::size_t naive_shard(
    const ObjectHeader& header, std::uint64_t stripe, std::uint64_t run);

/// 0 … count−1.
[[nodiscard]] std::vector<std::size_t> first_indices(std::size_t count);

}  // namespace ashlar::test
