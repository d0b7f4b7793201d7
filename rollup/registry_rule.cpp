#include "rollup/registry_rule.hpp"

namespace ashlar
{
namespace
{

__extension__ using WideNumber = unsigned __int128;

/// How many stored blobs one shard holds at most: Placement.blobsPerShardMax, where it is argued.
std::uint64_t blobs_per_shard_max(const ObjectShape& shape)
{
    constexpr std::array<std::uint64_t, GROUP_PARITIES_MAX + 1> EXCESS{5, 7, 5, 135, 8};
    const auto run_blobs = shape.run_blobs();
    const auto runs = (shape.stored_count() + run_blobs - 1) / run_blobs;
    const auto stripes = (runs + RUNS_PER_STRIPE - 1) / RUNS_PER_STRIPE;
    const auto parities = shape.group_parities();
    const auto laps = ((RUNS_PER_STRIPE + 1 + parities) * stripes + SHARD_COUNT - 1) / SHARD_COUNT;
    const auto even = stripes / (SHARD_COUNT / RUNS_PER_STRIPE) + EXCESS[parities];
    return run_blobs * std::min(laps, even);
}

}  // namespace

SignerSummary summarize_signers(const Committee& committee, std::span<const std::size_t> signers)
{
    const auto& members = committee.members();
    std::vector<std::uint64_t> shards(members.size());
    for (const auto member : committee.shards())
        ++shards[member];
    std::vector<bool> has_signed(members.size());
    for (const auto member : signers)
        has_signed[member] = true;
    SignerSummary summary{
        .total_weight = committee.total_weight(), .min_weight = members.front().weight};
    for (std::size_t m = 0; m < members.size(); ++m)
    {
        const auto weight = members[m].weight;
        summary.min_weight = std::min(summary.min_weight, weight);
        summary.placed_members += shards[m] != 0 ? 1U : 0U;
        if (WideNumber{shards[m]} * summary.densest_weight >
            WideNumber{summary.densest_shards} * weight)
        {
            summary.densest_shards = shards[m];
            summary.densest_weight = weight;
        }
        if (!has_signed[m])
        {
            ++summary.missing_members;
            summary.missing_shards += shards[m];
        }
    }
    return summary;
}

RegistryRule registry_rule(
    const ObjectShape& shape, std::uint64_t copies, const SignerSummary& summary)
{
    const auto weight = WideNumber{summary.total_weight} * TARGET_FAULT_SHARE.numerator /
                        TARGET_FAULT_SHARE.denominator;
    const auto failing = summary.missing_members + weight / summary.min_weight;
    const auto shards =
        summary.missing_shards + weight * summary.densest_shards / summary.densest_weight;
    return {.by_copies = failing < copies && copies <= summary.placed_members,
        .by_parity = shards * blobs_per_shard_max(shape) <= shape.parity_blobs()};
}

}  // namespace ashlar
