#include "algebra/lane_array.hpp"

#include <algorithm>

#include <sys/mman.h>

#include "base/error.hpp"

namespace ashlar
{

LaneArray make_lane_array(std::size_t count)
{
    constexpr std::size_t HUGE_PAGE_BYTES = std::size_t{2} << 20;
    const auto needed = std::max<std::size_t>(count, 1) * sizeof(LanePoint);
    const auto alignment = needed < HUGE_PAGE_BYTES ? alignof(LanePoint) : HUGE_PAGE_BYTES;
    const auto bytes = (needed + alignment - 1) / alignment * alignment;
    auto* const memory = std::aligned_alloc(alignment, bytes);
    ASHLAR_ASSERT(memory != nullptr);
#ifdef MADV_HUGEPAGE
    // A hint: where it is refused, sums are only slower.
    if (alignment == HUGE_PAGE_BYTES)
        static_cast<void>(::madvise(memory, bytes, MADV_HUGEPAGE));
#endif
    return LaneArray{static_cast<LanePoint*>(memory)};
}

}  // namespace ashlar
