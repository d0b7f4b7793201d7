#include "base/allocator.hpp"

#include <algorithm>
#include <thread>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace ashlar
{

void limit_arenas() noexcept
{
#if defined(__GLIBC__)
    ::mallopt(M_ARENA_MAX, static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
#endif
}

}  // namespace ashlar
