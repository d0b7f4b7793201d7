#pragma once

/// Sums of many groups of points at once, by trees of batched affine additions.

#include <vector>

#include "algebra/lane_array.hpp"

namespace ashlar
{

/// Points in groups: the refs of group 0, then those of group 1…
struct PointGroups
{
    std::vector<PointRef> refs;
    std::vector<std::uint32_t> counts;
};

/// Adds up groups of points. Sums stay valid until the next start(). One thread at a time.
class GroupAdder
{
public:
    explicit GroupAdder(const LaneKernels& kernels);

    /// Forgets all sums; up to `additions_max` additions can follow.
    void start(std::size_t additions_max);

    /// Replaces every group by its sum: no point for an empty group, else one.
    void reduce(PointGroups& groups);

    /// The point, with its sign.
    [[nodiscard]] blst_p1_affine point(PointRef ref) const;

    /// Since construction.
    [[nodiscard]] std::uint64_t additions() const noexcept { return additions_; }

private:
    /// Pairs up neighbours within the groups.
    /// @return  whether there were any.
    bool halve(PointGroups& groups);

    const LaneKernels* kernels_;
    LaneArray slots_;
    std::size_t slots_capacity_ = 0;
    std::size_t slots_used_ = 0;
    std::unique_ptr<LaneScratch> scratch_;
    std::vector<PointRef> pairs_;
    std::uint64_t additions_ = 0;
};

}  // namespace ashlar
