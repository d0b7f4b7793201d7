#pragma once

/// Arithmetic of Fr on rows of elements, for transforms where one twiddle serves a whole row: in
/// the widest form that the running CPU has.
///
/// Elements are plain integers, not in Montgomery form, so that reading and writing them takes no
/// multiplication; twiddles come in blst's Montgomery form.
///
/// Reductions are lazy: a row's bound says below how many times r its elements are. Sums only add
/// bounds, which must stay below LANE_BOUND_MAX; a multiplication by a twiddle brings any element
/// below 2·r.

#include <blst.h>

#include <cstddef>
#include <cstdint>

// Users of this header are compiled for particular CPUs. They must not instantiate anything that
// other files share, or the linker could keep their copy for everybody: hence plain C types.

namespace ashlar
{

/// Elements of a block, the unit of work: rows hold whole blocks, aligned to 64 bytes.
inline constexpr std::size_t FR_BLOCK_ELEMENTS = 8;

/// Elements are below this many times r.
inline constexpr unsigned LANE_BOUND_MAX = 34;

/// Additions of products that accumulate() may make to a row before it must be scaled.
inline constexpr unsigned ACCUMULATIONS_MAX = 15;

/// The operations of one path. Functions are pure and thread-safe.
struct FrLaneKernels
{
    const char* name;

    /// 64-bit words of a block: a path keeps its own form, of no meaning to another.
    std::size_t block_words;

    /// Canonical 32-byte big-endian elements to lanes, below r.
    /// @return  the index of the first element that is not below r, or 8·blocks if there is none.
    std::size_t (*load)(const std::uint8_t* in, std::uint64_t* out, std::size_t blocks);

    /// Elements times w, as canonical 32-byte big-endian integers.
    void (*store)(const std::uint64_t* in, const blst_fr* w, std::uint8_t* out, std::size_t blocks);

    /// (a, b) ← (a + w·b, a − w·b). Adds 2·r to the bound of a, which both then have.
    void (*butterfly)(std::uint64_t* a, std::uint64_t* b, const blst_fr* w, std::size_t blocks);

    /// (a, b) ← (a + b, a − b). Adds `bound` to the bound of a, which both then have.
    /// @pre bound is 2, 4 or 8 and b is below bound·r
    void (*add_subtract)(std::uint64_t* a, std::uint64_t* b, unsigned bound, std::size_t blocks);

    /// a ← w·a, below 2·r.
    void (*scale)(std::uint64_t* a, const blst_fr* w, std::size_t blocks);

    /// a ← a + w·b. Adds 2·r to the bound of a.
    void (*accumulate)(
        std::uint64_t* a, const std::uint64_t* b, const blst_fr* w, std::size_t blocks);
};

/// blst, one element at a time: every CPU.
[[nodiscard]] const FrLaneKernels& portable_fr_lanes() noexcept;

/// Lanes of AVX2 and FMA, or null if the CPU or the build has none.
[[nodiscard]] const FrLaneKernels* avx2_fr_lanes() noexcept;

/// Lanes of AVX-512 IFMA, or null if the CPU or the build has none.
[[nodiscard]] const FrLaneKernels* ifma_fr_lanes() noexcept;

/// The fastest path of this CPU.
[[nodiscard]] const FrLaneKernels& fr_lane_kernels() noexcept;

}  // namespace ashlar
