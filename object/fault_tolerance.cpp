// What a certificate is worth: how many positions are left if any set A of members of a given
// weight loses or hides everything. docs/formats/certificate.md.

#include <bit>
#include <functional>
#include <numeric>

#include "object/certificate.hpp"

namespace ashlar
{
namespace
{

__extension__ using Uint128 = unsigned __int128;

/// Up to this many signers every set A is tried.
constexpr std::size_t EXACT_SIGNERS_MAX = 16;

/// Charges are in 2^−24 positions: 4096·255 roundings stay far below one position, and 2²⁸
/// positions far below 2⁶⁴.
constexpr unsigned CHARGE_SHIFT = 24;

/// Positions that the same signers hold.
struct HeldPositions
{
    std::uint64_t count;
    std::uint64_t weight = 0;            ///< Of the holders together.
    std::vector<std::size_t> holders{};  ///< Indices of SignedPositions::weights; never empty.
};

/// What the signers of a certificate hold together.
struct SignedPositions
{
    std::uint64_t count = 0;
    std::vector<std::uint64_t> weights;  ///< One per signer.
    std::vector<HeldPositions> held;
};

/// Counts by shard, since all runs of a shard have the same holders.
/// @param copies  Copies that count: at most those of the placement.
SignedPositions positions_of(const Placement& placement, const Committee& committee,
    std::span<const std::size_t> signers, std::uint64_t copies)
{
    SignedPositions out;
    std::vector<std::optional<std::size_t>> signer_of(committee.size());
    for (const auto member : signers)
    {
        ASHLAR_ASSERT(member < committee.size() && !signer_of[member]);
        signer_of[member] = out.weights.size();
        out.weights.push_back(committee.members()[member].weight);
    }
    const auto stored = placement.stored_per_shard();
    for (std::size_t shard = 0; shard < SHARD_COUNT; ++shard)
    {
        if (stored[shard] == 0)
            continue;
        const auto all = placement.holders_of_shard(shard);
        HeldPositions held{.count = stored[shard]};
        for (const auto member : all.first(std::min<std::size_t>(all.size(), copies)))
        {
            if (const auto signer = signer_of[member])
            {
                held.holders.push_back(*signer);
                held.weight += out.weights[*signer];
            }
        }
        if (held.holders.empty())
            continue;
        out.count += held.count;
        out.held.push_back(std::move(held));
    }
    return out;
}

/// An upper bound, growing with the weight of A, on the positions that A takes away.
using LossBound = std::function<std::uint64_t(std::uint64_t weight)>;

/// The true maximum. losses[A] = Σ positions whose holders are all in A, for all sets A of
/// signers: a sum over subsets, one signer at a time.
LossBound exact_losses(const SignedPositions& positions)
{
    const auto signers = positions.weights.size();
    std::vector<std::uint64_t> losses(std::size_t{1} << signers);
    for (const auto& held : positions.held)
    {
        std::size_t set = 0;
        for (const auto holder : held.holders)
            set |= std::size_t{1} << holder;
        losses[set] += held.count;
    }
    std::vector<std::uint64_t> weights(losses.size());
    for (std::size_t signer = 0; signer < signers; ++signer)
    {
        const auto bit = std::size_t{1} << signer;
        for (std::size_t set = 0; set < losses.size(); ++set)
        {
            if ((set & bit) == 0)
                continue;
            losses[set] += losses[set ^ bit];
            weights[set] += positions.weights[signer];
        }
    }
    return [losses = std::move(losses), weights = std::move(weights)](std::uint64_t weight) {
        std::uint64_t worst = 0;
        for (std::size_t set = 0; set < losses.size(); ++set)
        {
            if (weights[set] <= weight)
                worst = std::max(worst, losses[set]);
        }
        return worst;
    };
}

/// A relaxation for committees of any size. A position can only be taken away if its c holders
/// together weigh no more than A. Each such position charges 1/c to each of its holders: if A
/// takes it away, all c are in A and have paid 1 for it together. So A takes away no more
/// positions than the charges of its members, and these no more than the best fractional knapsack
/// holds: signers in order of charge per weight, the last one in part. All rounding is upwards.
std::uint64_t charged_loss(const SignedPositions& positions, std::uint64_t weight)
{
    struct Item
    {
        std::uint64_t weight;
        std::uint64_t charge;
    };
    std::vector<Item> items;
    items.reserve(positions.weights.size());
    for (const auto signer_weight : positions.weights)
        items.push_back({.weight = signer_weight, .charge = 0});
    for (const auto& held : positions.held)
    {
        if (held.weight > weight)
            continue;
        const auto holders = held.holders.size();
        for (const auto holder : held.holders)
            items[holder].charge += ((held.count << CHARGE_SHIFT) + holders - 1) / holders;
    }
    std::ranges::sort(items, [](const Item& a, const Item& b) {
        return Uint128{a.charge} * b.weight > Uint128{b.charge} * a.weight;
    });
    std::uint64_t charge = 0;
    for (const auto& item : items)
    {
        const auto taken = std::min(item.weight, weight);
        const auto part = (Uint128{item.charge} * taken + item.weight - 1) / item.weight;
        charge += static_cast<std::uint64_t>(part);
        weight -= taken;
    }
    return std::min(charge >> CHARGE_SHIFT, positions.count);
}

LossBound losses_of(SignedPositions positions)
{
    if (positions.weights.size() <= EXACT_SIGNERS_MAX)
        return exact_losses(positions);
    return [positions = std::move(positions)](
               std::uint64_t weight) { return charged_loss(positions, weight); };
}

/// The count rule for one set of signers, at any share.
class CountRule
{
public:
    CountRule(SignedPositions positions, std::uint64_t needed, std::uint64_t total_weight)
      : count_{positions.count},
        losses_{losses_of(std::move(positions))},
        needed_{needed},
        total_weight_{total_weight}
    {}

    [[nodiscard]] FaultTolerance at(WeightShare share) const
    {
        ASHLAR_ASSERT(share.denominator > 0 && share.numerator <= share.denominator);
        const auto weight = Uint128{total_weight_} * share.numerator / share.denominator;
        const auto surviving = count_ - losses_(static_cast<std::uint64_t>(weight));
        return {.recoverable = surviving >= needed_, .surviving_positions_min = surviving};
    }

    /// More weight takes away no fewer positions, so the percentages that hold come first.
    [[nodiscard]] std::optional<unsigned> percent() const
    {
        std::array<unsigned, 100> percents;
        std::iota(percents.begin(), percents.end(), 0U);
        const auto first_too_many = std::ranges::partition_point(percents, [&](unsigned percent) {
            return at({.numerator = percent, .denominator = 100}).recoverable;
        });
        if (first_too_many == percents.begin())
            return std::nullopt;
        return *std::prev(first_too_many);
    }

private:
    std::uint64_t count_;
    LossBound losses_;
    std::uint64_t needed_;
    std::uint64_t total_weight_;
};

CountRule rule_for(
    const ObjectHeader& header, const Committee& committee, std::span<const std::size_t> signers)
{
    const Placement placement{header, committee};
    return CountRule{positions_of(placement, committee, signers, header.fields().copies),
        header.shape().data_blobs(), committee.total_weight()};
}

}  // namespace

FaultTolerance tolerance_at(const ObjectHeader& header, const Committee& committee,
    std::span<const std::size_t> signers, WeightShare share)
{
    return rule_for(header, committee, signers).at(share);
}

std::optional<unsigned> tolerated_percent(
    const ObjectHeader& header, const Committee& committee, std::span<const std::size_t> signers)
{
    return rule_for(header, committee, signers).percent();
}

std::uint64_t copies_for(HeaderFields fields, const Committee& committee)
{
    fields.copies = COPIES_MAX;
    const auto header = ObjectHeader::make(fields);
    ASHLAR_ASSERT(header.has_value());

    // The holders of fewer copies are the first of the holders of more.
    const Placement placement{*header, committee};
    std::vector<std::size_t> everyone(committee.size());
    std::iota(everyone.begin(), everyone.end(), std::size_t{0});
    const auto useful_copies = std::min<std::uint64_t>(committee.size(), COPIES_MAX);

    std::uint64_t best = 1;
    std::optional<unsigned> best_percent;
    for (std::uint64_t copies = 1; copies <= useful_copies; ++copies)
    {
        const CountRule rule{positions_of(placement, committee, everyone, copies),
            fields.data_blobs, committee.total_weight()};
        if (rule.at(TARGET_FAULT_SHARE).recoverable)
            return copies;
        if (const auto percent = rule.percent(); percent > best_percent)
        {
            best = copies;
            best_percent = percent;
        }
    }
    return best;
}

}  // namespace ashlar
