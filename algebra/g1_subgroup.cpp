#include "algebra/g1_subgroup.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "algebra/bucket_sums.hpp"
#include "base/random.hpp"

namespace ashlar
{
namespace
{

/// Digits in base 3 that trials share a bucket set by, and what follows from it.
struct TrialSet
{
    unsigned trials;

    /// Numbers −greatest … greatest, a balanced digit −1, 0, 1 for each trial.
    [[nodiscard]] std::uint32_t greatest() const noexcept { return numbers() / 2; }

    /// 3^trials.
    [[nodiscard]] std::uint32_t numbers() const noexcept
    {
        std::uint32_t out = 1;
        for (unsigned t = 0; t < trials; ++t)
            out *= 3;
        return out;
    }
};

/// Wider sets sum a point less often and have more buckets to sum.
TrialSet best_set(std::size_t points)
{
    constexpr std::size_t POINTS_FOR_FIVE = 512;
    constexpr std::size_t POINTS_FOR_SIX = 4096;
    if (points >= POINTS_FOR_SIX)
        return {.trials = 6};
    return {.trials = points >= POINTS_FOR_FIVE ? 5U : 4U};
}

/// Balanced digit `trial` of a number: of its distance from the least number, the digit less one.
int coefficient(const TrialSet& set, std::uint32_t bucket, unsigned trial)
{
    auto shifted = bucket + set.greatest();
    for (unsigned t = 0; t < trial; ++t)
        shifted /= 3;
    return static_cast<int>(shifted % 3) - 1;
}

/// Trials over one list of points.
class Trials
{
public:
    Trials(std::span<const LanePoint> points, const TrialSet& set, const LaneKernels& kernels)
      : points_{points}, set_{set}, adder_{kernels}, draws_(points.size())
    {}

    /// The sums of one set of trials; those that are infinity, and so in G1, are left out.
    [[nodiscard]] std::vector<blst_p1_affine> run()
    {
        fill_buckets();
        adder_.start(points_.size() + set_.trials * std::size_t{set_.greatest()});
        const auto buckets = group_sums(adder_, groups_);

        PointGroups sums;
        for (unsigned trial = 0; trial < set_.trials; ++trial)
            append_trial(sums, trial, buckets);
        std::vector<blst_p1_affine> out;
        for (const auto ref : group_sums(adder_, sums))
        {
            if (ref != NO_POINT)
                out.push_back(adder_.point(ref));
        }
        return out;
    }

private:
    /// A number for every point, and every point into the bucket of its number's magnitude.
    void fill_buckets()
    {
        system_random().fill(std::as_writable_bytes(std::span{draws_}));
        groups_.counts.assign(set_.greatest() + 1, 0);
        for (auto& draw : draws_)
        {
            // 2³² is no multiple of 3^trials ≤ 729: a coefficient's probability is off by less
            // than 2⁻²² of itself, which over all trials is nothing.
            draw = static_cast<std::uint32_t>(std::uint64_t{draw} * set_.numbers() >> 32);
            ++groups_.counts[magnitude(draw)];
        }
        // Of number zero all coefficients are zero.
        groups_.counts[0] = 0;
        places_.resize(groups_.counts.size());
        std::exclusive_scan(
            groups_.counts.begin(), groups_.counts.end(), places_.begin(), std::size_t{0});
        groups_.refs.resize(places_.back() + groups_.counts.back());
        for (std::size_t i = 0; i < draws_.size(); ++i)
        {
            const auto bucket = magnitude(draws_[i]);
            if (bucket != 0)
                groups_.refs[places_[bucket]++] = reinterpret_cast<PointRef>(&points_[i]) |
                                                  (draws_[i] < set_.greatest() ? NEGATED : 0);
        }
    }

    [[nodiscard]] std::uint32_t magnitude(std::uint32_t draw) const noexcept
    {
        const auto middle = set_.greatest();
        return draw < middle ? middle - draw : draw - middle;
    }

    void append_trial(PointGroups& sums, unsigned trial, std::span<const PointRef> buckets) const
    {
        const auto before = sums.refs.size();
        for (std::uint32_t bucket = 1; bucket <= set_.greatest(); ++bucket)
        {
            const auto digit = coefficient(set_, bucket, trial);
            if (digit != 0 && buckets[bucket] != NO_POINT)
                sums.refs.push_back(buckets[bucket] ^ (digit < 0 ? NEGATED : PointRef{0}));
        }
        sums.counts.push_back(static_cast<std::uint32_t>(sums.refs.size() - before));
    }

    std::span<const LanePoint> points_;
    TrialSet set_;
    GroupAdder adder_;
    std::vector<std::uint32_t> draws_;
    PointGroups groups_;
    std::vector<std::size_t> places_;
};

bool all_one_by_one(std::span<const blst_p1_affine> points, const LaneKernels& kernels)
{
    const auto inside = std::make_unique<bool[]>(points.size());
    kernels.in_subgroup(points.data(), inside.get(), points.size());
    return std::all_of(inside.get(), inside.get() + points.size(), [](bool in) { return in; });
}

}  // namespace

bool all_in_g1(std::span<const blst_p1_affine> points, const LaneKernels& kernels)
{
    if (points.size() < SUBGROUP_BATCH_MIN)
        return all_one_by_one(points, kernels);
    // Infinity adds nothing, and additions that meet it are slow.
    std::vector<blst_p1_affine> finite;
    finite.reserve(points.size());
    std::ranges::copy_if(points, std::back_inserter(finite),
        [](const blst_p1_affine& point) { return !blst_p1_affine_is_inf(&point); });
    const auto lanes = make_lane_array(finite.size());
    kernels.points_to_lanes(finite.data(), lanes.get(), finite.size());

    const auto set = best_set(finite.size());
    Trials trials{{lanes.get(), finite.size()}, set, kernels};
    std::vector<blst_p1_affine> sums;
    for (unsigned done = 0; done < SUBGROUP_TRIALS; done += set.trials)
    {
        const auto some = trials.run();
        sums.insert(sums.end(), some.begin(), some.end());
    }
    return all_one_by_one(sums, kernels);
}

}  // namespace ashlar
