#pragma once

/// Large arrays of points for the lanes.

#include <cstdlib>
#include <memory>

#include "algebra/fp_lanes.hpp"

namespace ashlar
{

struct LaneArrayDelete
{
    // Memory of aligned_alloc(): new[] would touch every page.
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
    void operator()(LanePoint* points) const noexcept { std::free(points); }
};

/// Points not initialised: pages never written take no memory.
using LaneArray = std::unique_ptr<LanePoint[], LaneArrayDelete>;

/// In huge pages where the system has them: sums read points in no order, and of 4 KiB pages
/// nearly every read would miss the TLB.
[[nodiscard]] LaneArray make_lane_array(std::size_t count);

/// An array for one user after another, who finds it in any state: the kernel clears fresh pages,
/// a sixth of the time of an encoding.
class LaneMemory
{
public:
    /// @return  at least so many points, which stay until the next call.
    [[nodiscard]] LanePoint* take(std::size_t count)
    {
        if (count > count_)
        {
            points_.reset();
            points_ = make_lane_array(count);
            count_ = count;
        }
        return points_.get();
    }

private:
    LaneArray points_;
    std::size_t count_ = 0;
};

}  // namespace ashlar
