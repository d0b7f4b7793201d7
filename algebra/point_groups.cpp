#include "algebra/point_groups.hpp"

#include "base/error.hpp"

namespace ashlar
{

GroupAdder::GroupAdder(const LaneKernels& kernels)
  : kernels_{&kernels}, scratch_{std::make_unique<LaneScratch>()}
{}

void GroupAdder::start(std::size_t additions_max)
{
    slots_used_ = 0;
    if (slots_capacity_ < additions_max)
    {
        slots_ = make_lane_array(additions_max);
        slots_capacity_ = additions_max;
    }
}

void GroupAdder::reduce(PointGroups& groups)
{
    while (halve(groups))
    {
    }
}

bool GroupAdder::halve(PointGroups& groups)
{
    auto& refs = groups.refs;
    if (pairs_.size() < refs.size())
        pairs_.resize(refs.size());
    const auto first_slot = slots_used_;
    const auto* read = refs.data();
    auto* write = refs.data();
    auto* pair = pairs_.data();
    for (auto& count : groups.counts)
    {
        for (std::uint32_t k = 0; k < count / 2; ++k)
        {
            *pair++ = *read++;
            *pair++ = *read++;
            *write++ = reinterpret_cast<PointRef>(&slots_[slots_used_++]);
        }
        if (count % 2 != 0)
            *write++ = *read++;
        count = (count + 1) / 2;
    }
    refs.resize(static_cast<std::size_t>(write - refs.data()));
    ASHLAR_ASSERT(slots_used_ <= slots_capacity_);
    const auto count = slots_used_ - first_slot;
    additions_ += count;
    kernels_->add({.pairs = pairs_.data(),
        .count = count,
        .out = slots_.get() + first_slot,
        .scratch = scratch_.get()});
    return count != 0;
}

blst_p1_affine GroupAdder::point(PointRef ref) const
{
    const auto* const stored = reinterpret_cast<const LanePoint*>(ref & ~NEGATED);
    blst_p1_affine out;
    kernels_->points_from_lanes(stored, &out, 1);
    blst_fp_cneg(&out.y, &out.y, (ref & NEGATED) != 0);
    return out;
}

}  // namespace ashlar
