#pragma once

/// Field and curve arithmetic on many independent elements at once, in the widest form that the
/// running CPU has: eight lanes of AVX-512 IFMA, eight of AVX2 with FMA, or blst one element at a
/// time.
///
/// Affine additions share one field inversion per batch (Montgomery's trick): 5 multiplications
/// and 1 squaring each, against 11 and 5 in Jacobian coordinates, and no dependency between them.

#include <blst.h>

#include <cstddef>
#include <cstdint>

// Some users of this header are compiled for AVX2 or AVX-512. They must not instantiate anything
// that other files share, or the linker could keep their copy for everybody: hence plain C types.

namespace ashlar
{

/// An element of Fp in the path's own form: of no meaning to another path. Below 1.26·p, so an
/// element may have two forms. One cache line.
struct alignas(64) LaneFp
{
    std::uint64_t limbs[8];
};

/// An affine point of the curve. Infinity is all zeros, which no other point is.
struct LanePoint
{
    LaneFp x;
    LaneFp y;
};

/// A point where it lies, or with NEGATED set its opposite: an address whose lowest bit is a sign.
using PointRef = std::uintptr_t;
inline constexpr PointRef NEGATED = 1;

/// Additions that share an inversion. More of them would leave the second-level cache.
inline constexpr std::size_t ADDITIONS_PER_INVERSION = 1024;

/// Working memory of a call.
struct alignas(64) LaneScratch
{
    LaneFp elements[5 * ADDITIONS_PER_INVERSION];
};

/// What additions read, and where to.
struct Additions
{
    const PointRef* pairs;  ///< 2·count: sum i is of pairs[2i] and pairs[2i + 1].
    std::size_t count;
    LanePoint* out;  ///< count sums, apart from all points that pairs name.
    LaneScratch* scratch;
};

/// What doublings read, and where to.
struct Doublings
{
    const LanePoint* in;  ///< count points.
    std::size_t count;
    LanePoint* out;  ///< count points: `in` itself, or apart from it.
    LaneScratch* scratch;
};

/// The operations of one path. Functions are pure and thread-safe.
struct LaneKernels
{
    const char* name;

    void (*points_to_lanes)(const blst_p1_affine* in, LanePoint* out, std::size_t count);
    void (*points_from_lanes)(const LanePoint* in, blst_p1_affine* out, std::size_t count);

    /// Complete: equal, opposite and infinite points are right.
    /// @pre all points are on the curve (its order is odd, so that none is its own opposite)
    void (*add)(const Additions& additions);

    /// Complete: infinity stays infinity.
    /// @pre all points are in G1
    void (*twice)(const Doublings& doublings);

    /// Canonical compressed points of 48 bytes (ZCash encoding) to points of G1, each checked on
    /// its own: encoding, curve and subgroup. Where one is not valid, its output means nothing.
    void (*decompress)(
        const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count);

    /// As decompress(), of points anywhere on the curve.
    void (*decompress_on_curve)(
        const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count);

    /// Is each point of the curve in G1? Each on its own; infinity is.
    void (*in_subgroup)(const blst_p1_affine* points, bool* inside, std::size_t count);

    // Element-wise field arithmetic, for tests and measurements.
    void (*to_lanes)(const blst_fp* in, LaneFp* out, std::size_t count);
    void (*from_lanes)(const LaneFp* in, blst_fp* out, std::size_t count);
    void (*multiply)(const LaneFp* a, const LaneFp* b, LaneFp* out, std::size_t count);
    void (*square)(const LaneFp* a, LaneFp* out, std::size_t count);
    void (*subtract)(const LaneFp* a, const LaneFp* b, LaneFp* out, std::size_t count);
};

/// blst, one element at a time: every CPU.
[[nodiscard]] const LaneKernels& portable_lanes() noexcept;

/// Eight lanes of AVX-512 IFMA, or null if the CPU or the build has none.
[[nodiscard]] const LaneKernels* ifma_lanes() noexcept;

/// Eight lanes of AVX2 with FMA, or null if the CPU or the build has none.
[[nodiscard]] const LaneKernels* avx2_lanes() noexcept;

/// The fastest path of this CPU.
[[nodiscard]] const LaneKernels& lane_kernels() noexcept;

}  // namespace ashlar
