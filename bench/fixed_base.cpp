#include "bench/fixed_base.hpp"

#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

constexpr unsigned DIGIT_BITS = 12;
constexpr std::size_t DIGITS = (255 + DIGIT_BITS - 1) / DIGIT_BITS;
constexpr std::size_t ROW = 1u << DIGIT_BITS;

PointRef ref_of(const LanePoint& point)
{
    return reinterpret_cast<PointRef>(&point);
}

/// Digit w of a little-endian integer.
std::size_t digit_of(const blst_scalar& scalar, std::size_t w)
{
    const auto bit = DIGIT_BITS * w;
    std::size_t value = scalar.b[bit / 8];
    if (bit / 8 + 1 < sizeof(scalar.b))
        value |= std::size_t{scalar.b[bit / 8 + 1]} << 8;
    return (value >> (bit % 8)) & (ROW - 1);
}

}  // namespace

FixedBase::FixedBase(const G1Affine& base) : table_{make_lane_array(DIGITS * ROW)}
{
    G1 step{base};
    for (std::size_t w = 0; w < DIGITS; ++w)
    {
        std::vector<G1> row(ROW);
        for (std::size_t d = 1; d < ROW; ++d)
            row[d] = row[d - 1] + step;
        step = row[ROW - 1] + step;
        std::vector<blst_p1_affine> affine;
        for (const auto& point : to_affine(row))
            affine.push_back(point.raw());
        lane_kernels().points_to_lanes(affine.data(), &table_[w * ROW], ROW);
    }
}

void FixedBase::multiply(std::span<const Fr> scalars, std::span<G1Affine> out) const
{
    ASHLAR_ASSERT(scalars.size() == out.size() && scalars.size() <= BATCH_MAX);
    const auto count = scalars.size();
    std::vector<blst_scalar> integers(count);
    std::ranges::transform(scalars, integers.begin(), &Fr::to_scalar);

    // Sums go back and forth between two arrays: additions write apart from what they read.
    const std::array sums{make_lane_array(count), make_lane_array(count)};
    const auto scratch = std::make_unique<LaneScratch>();
    std::vector<PointRef> pairs(2 * count);
    for (std::size_t i = 0; i < count; ++i)
        sums[0][i] = table_[digit_of(integers[i], 0)];
    for (std::size_t w = 1; w < DIGITS; ++w)
    {
        const auto& from = sums.at((w + 1) % 2);
        for (std::size_t i = 0; i < count; ++i)
        {
            pairs[2 * i] = ref_of(from[i]);
            pairs[2 * i + 1] = ref_of(table_[w * ROW + digit_of(integers[i], w)]);
        }
        lane_kernels().add({.pairs = pairs.data(),
            .count = count,
            .out = sums.at(w % 2).get(),
            .scratch = scratch.get()});
    }
    std::vector<blst_p1_affine> affine(count);
    lane_kernels().points_from_lanes(sums.at((DIGITS - 1) % 2).get(), affine.data(), count);
    for (std::size_t i = 0; i < count; ++i)
        out[i] = G1Affine{affine[i]};
}

std::vector<Bytes48> FixedBase::compressed_multiples(std::span<const Fr> scalars) const
{
    std::vector<Bytes48> out(scalars.size());
    parallel_for((scalars.size() + BATCH_MAX - 1) / BATCH_MAX, [&](std::size_t batch) {
        const auto begin = batch * BATCH_MAX;
        const auto count = std::min(BATCH_MAX, scalars.size() - begin);
        std::vector<G1Affine> points(count);
        multiply(scalars.subspan(begin, count), points);
        for (std::size_t i = 0; i < count; ++i)
            out[begin + i] = points[i].compress();
    });
    return out;
}

}  // namespace ashlar
