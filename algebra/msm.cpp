#include "algebra/msm.hpp"

#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t SCALAR_BITS = 255;

/// Under this, Pippenger's bucket overhead costs more than one multiplication a point.
constexpr std::size_t PIPPENGER_POINTS_MIN = 4;

/// Least share of a sum worth a thread.
constexpr std::size_t POINTS_PER_CHUNK_MIN = 512;

}  // namespace

G1 msm(std::span<const G1Affine> points, std::span<const Fr> scalars)
{
    ASHLAR_ASSERT(points.size() == scalars.size());
    // blst's Pippenger gives wrong sums for 2 to 64 points when one of them is infinity.
    std::vector<const blst_p1_affine*> bases;
    std::vector<blst_scalar> integers;
    bases.reserve(points.size());
    integers.reserve(points.size());
    for (std::size_t i = 0; i < points.size(); ++i)
    {
        if (points[i].is_infinity() || scalars[i].is_zero())
            continue;
        bases.push_back(&points[i].raw());
        integers.push_back(scalars[i].to_scalar());
    }
    if (bases.size() < PIPPENGER_POINTS_MIN)
    {
        G1 sum;
        for (std::size_t i = 0; i < bases.size(); ++i)
        {
            blst_p1 point;
            blst_p1_from_affine(&point, bases[i]);
            blst_p1_mult(&point, &point, integers[i].b, SCALAR_BITS);
            sum += G1{point};
        }
        return sum;
    }
    // Two entries: blst reads the next scalar pointer as "consecutive" when it is null.
    const byte* const scalar_pointers[2] = {integers.front().b, nullptr};
    const auto scratch_bytes = blst_p1s_mult_pippenger_scratch_sizeof(bases.size());
    std::vector<limb_t> scratch(scratch_bytes / sizeof(limb_t) + 1);
    blst_p1 sum;
    blst_p1s_mult_pippenger(
        &sum, bases.data(), bases.size(), scalar_pointers, SCALAR_BITS, scratch.data());
    return G1{sum};
}

G1 parallel_msm(std::span<const G1Affine> points, std::span<const Fr> scalars)
{
    ASHLAR_ASSERT(points.size() == scalars.size());
    const auto chunks =
        std::clamp<std::size_t>(points.size() / POINTS_PER_CHUNK_MIN, 1, thread_count());
    std::vector<G1> sums(chunks);
    parallel_for(chunks, [&](std::size_t c) {
        const auto begin = points.size() * c / chunks;
        const auto end = points.size() * (c + 1) / chunks;
        sums[c] = msm(points.subspan(begin, end - begin), scalars.subspan(begin, end - begin));
    });
    G1 total;
    for (const auto& sum : sums)
        total += sum;
    return total;
}

}  // namespace ashlar
