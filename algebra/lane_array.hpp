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

}  // namespace ashlar
