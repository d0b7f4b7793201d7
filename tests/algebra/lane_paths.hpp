#pragma once

/// The forms of lanes that this machine can run: tests that take one run with all of them.

#include <ostream>
#include <vector>

#include "algebra/fp_lanes.hpp"

namespace ashlar
{

/// gtest prints a path by its name.
inline void PrintTo(const LaneKernels* kernels, std::ostream* out)
{
    *out << kernels->name;
}

namespace test
{

inline std::vector<const LaneKernels*> lane_paths()
{
    std::vector<const LaneKernels*> out{&portable_lanes()};
    for (const auto* path : {avx2_lanes(), ifma_lanes()})
    {
        if (path != nullptr)
            out.push_back(path);
    }
    return out;
}

}  // namespace test
}  // namespace ashlar
