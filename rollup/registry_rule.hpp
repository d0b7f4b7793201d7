#pragma once

/// When a ModelRegistry takes a certificate: contracts/src/lib/CertificateRule.sol, number by
/// number, so that nobody pays to hear no.

#include "object/certificate.hpp"

namespace ashlar
{

/// What the contract keeps of a committee, and counts of those of its members that did not sign.
struct SignerSummary
{
    std::uint64_t total_weight = 0;
    std::uint64_t min_weight = 0;      ///< Of a member.
    std::uint64_t densest_shards = 0;  ///< Of the member with the most shards for its weight …
    std::uint64_t densest_weight = 1;  ///< … and its weight.
    std::uint64_t placed_members = 0;  ///< Members that have a shard.
    std::uint64_t missing_members = 0;
    std::uint64_t missing_shards = 0;  ///< Of all that did not sign, together.
};

/// @pre signers are distinct members' indices, as verify_certificate() gives them
[[nodiscard]] SignerSummary summarize_signers(
    const Committee& committee, std::span<const std::size_t> signers);

/// The closed form, never true where tolerance_at() at TARGET_FAULT_SHARE is false.
struct RegistryRule
{
    bool by_copies = false;  ///< Fewer members than copies can fail.
    bool by_parity = false;  ///< What can fail holds no more blobs than there is parity.

    [[nodiscard]] bool holds() const noexcept { return by_copies || by_parity; }
};

[[nodiscard]] RegistryRule registry_rule(
    const ObjectShape& shape, std::uint64_t copies, const SignerSummary& summary);

}  // namespace ashlar
