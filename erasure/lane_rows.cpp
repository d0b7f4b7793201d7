#include "erasure/lane_rows.hpp"

#include <cstring>

#include "base/shape.hpp"

namespace ashlar
{
namespace
{

// Transforms recurse to the end of one part before they touch the next: once a part fits a cache
// it stays there, whatever the cache's size. Parts that do not are quarters and not halves: two
// stages for one pass over memory.

/// Bytes of rows that stay in the second-level cache.
constexpr std::size_t CACHED_BYTES = std::size_t{1} << 18;

/// The stage, counted from one, that brings the row without a twiddle below 2·r before it adds.
/// The first two stages add up to 2·r and 4·r to bounds and every other 2·r: from 2·r they come to
/// 32·r before it, and from the 4·r that it leaves to 30·r in transforms of 2²⁸ rows.
constexpr unsigned REDUCING_STAGE = 15;
static_assert(2 + 6 + 2 * (REDUCING_STAGE - 3) <= LANE_BOUND_MAX);

void reduce(const LaneRows& rows, std::uint64_t* words, std::size_t blocks)
{
    rows.kernels.scale(words, twiddle(Fr::one()), blocks);
}

/// Are these rows best transformed by quarters?
bool is_large(const LaneRows& rows, std::size_t count)
{
    return count >= 4 && count * rows.row_words() * sizeof(std::uint64_t) > CACHED_BYTES;
}

class Inverse
{
public:
    Inverse(const LaneRows& rows, const FftDomain& domain, RowPlace place, std::size_t used,
        bool fresh) noexcept
      : rows_{rows}, domain_{domain}, place_{place}, used_{used}, fresh_{fresh}
    {}

    void run(std::size_t first, std::size_t size) const
    {
        if (size == 1 || first >= used_)
            return;
        const auto half = size / 2;
        if (is_large(rows_, size) && first + half + half / 2 < used_)
        {
            for (std::size_t quarter = 0; quarter < 4; ++quarter)
                run(first + quarter * half / 2, half / 2);
            join_quarters(first, size);
            return;
        }
        run(first, half);
        run(first + half, half);
        if (first + half >= used_)
            std::memcpy(rows_.row(first + half), rows_.row(first),
                half * rows_.row_words() * sizeof(std::uint64_t));
        else
            for (std::size_t k = 0; k < half; ++k)
                join(first, size, k);
    }

private:
    /// Rows k and k + size/2 of `size` rows from `first` on.
    void join(std::size_t first, std::size_t size, std::size_t k) const
    {
        auto* const a = rows_.row(first + k);
        auto* const b = rows_.row(first + size / 2 + k);
        const auto stage_rows = size * place_.stride;
        const auto exponent = (k * place_.stride + place_.offset) * (domain_.size() / stage_rows);
        // Twiddles of one. Fresh rows are below 2·r, and after a stage below 4·r: so much is added.
        if (fresh_ && exponent == 0 && size <= 4)
        {
            rows_.kernels.add_subtract(a, b, static_cast<unsigned>(size), rows_.blocks_per_row);
            return;
        }
        if (stage_rows == std::size_t{1} << REDUCING_STAGE)
            reduce(rows_, a, rows_.blocks_per_row);
        const Fr w = domain_.inverse_root(exponent);
        rows_.kernels.butterfly(a, b, twiddle(w), rows_.blocks_per_row);
    }

    /// The last two stages, four rows at a time.
    void join_quarters(std::size_t first, std::size_t size) const
    {
        const auto half = size / 2;
        for (std::size_t k = 0; k < half / 2; ++k)
        {
            join(first, half, k);
            join(first + half, half, k);
            join(first, size, k);
            join(first, size, half / 2 + k);
        }
    }

    const LaneRows& rows_;
    const FftDomain& domain_;
    RowPlace place_;
    std::size_t used_;
    bool fresh_;
};

/// Splits residues modulo X^size − s² into those modulo X^(size/2) ∓ s: one twiddle a block.
class Forward
{
public:
    Forward(const LaneRows& rows, const FftDomain& domain, const ForwardPart& part) noexcept
      : rows_{rows}, domain_{domain}, part_{part}
    {}

    void run(std::size_t first, std::size_t size, unsigned level, std::size_t block) const
    {
        if (size == 1 || !is_wanted(first, size))
            return;
        const auto half = size / 2;
        if (is_large(rows_, size) && is_wanted(first, half) && is_wanted(first + half, half))
        {
            split_quarters(first, size, level, block);
            for (std::size_t quarter = 0; quarter < 4; ++quarter)
                run(first + quarter * half / 2, half / 2, level + 2, 4 * block + quarter);
            return;
        }
        split({.first = first, .distance = half, .rows = half}, level, block);
        run(first, half, level + 1, 2 * block);
        run(first + half, half, level + 1, 2 * block + 1);
    }

private:
    [[nodiscard]] bool is_wanted(std::size_t first, std::size_t count) const
    {
        return first + count > part_.wanted_begin && first < part_.wanted_end;
    }

    /// `rows` rows from `first` on, and as many `distance` further.
    struct Pairs
    {
        std::size_t first;
        std::size_t distance;
        std::size_t rows;
    };

    void split(const Pairs& pairs, unsigned level, std::size_t block) const
    {
        const auto blocks = pairs.rows * rows_.blocks_per_row;
        auto* const a = rows_.row(pairs.first);
        auto* const b = rows_.row(pairs.first + pairs.distance);
        if (block == 0 && level < 2)
        {
            rows_.kernels.add_subtract(a, b, 2U << level, blocks);
            return;
        }
        if (level + 1 == REDUCING_STAGE)
            reduce(rows_, a, blocks);
        const auto exponent =
            static_cast<std::size_t>(reverse_bits(block, level)) * (domain_.size() >> (level + 1));
        const Fr w = domain_.root(exponent);
        rows_.kernels.butterfly(a, b, twiddle(w), blocks);
    }

    /// Two stages, four rows at a time.
    void split_quarters(
        std::size_t first, std::size_t size, unsigned level, std::size_t block) const
    {
        const auto half = size / 2;
        const auto quarter = size / 4;
        for (std::size_t k = 0; k < quarter; ++k)
        {
            split({.first = first + k, .distance = half, .rows = 1}, level, block);
            split({.first = first + quarter + k, .distance = half, .rows = 1}, level, block);
            split({.first = first + k, .distance = quarter, .rows = 1}, level + 1, 2 * block);
            split({.first = first + half + k, .distance = quarter, .rows = 1}, level + 1,
                2 * block + 1);
        }
    }

    const LaneRows& rows_;
    const FftDomain& domain_;
    const ForwardPart& part_;
};

}  // namespace

void inverse_stages(
    const LaneRows& rows, const FftDomain& domain, RowPlace place, std::size_t used, bool fresh)
{
    ASHLAR_ASSERT(!fresh || place.stride == 1);
    Inverse{rows, domain, place, used, fresh}.run(0, rows.count);
}

void fold_halves(
    const LaneRows& rows, const FftDomain& domain, RowPlace place, std::span<const Fr> diagonal)
{
    ASHLAR_ASSERT(diagonal.size() == rows.count && rows.count >= 2);
    const auto half = rows.count / 2;
    const auto exponent_unit = domain.size() / (rows.count * place.stride);
    for (std::size_t k = 0; k < half; ++k)
    {
        // d·(a + w·b) + d'·(a − w·b)
        const auto exponent = (k * place.stride + place.offset) * exponent_unit;
        const Fr of_a = diagonal[k] + diagonal[half + k];
        const Fr of_b = (diagonal[k] - diagonal[half + k]) * domain.inverse_root(exponent);
        rows.kernels.scale(rows.row(k), twiddle(of_a), rows.blocks_per_row);
        rows.kernels.accumulate(
            rows.row(k), rows.row(half + k), twiddle(of_b), rows.blocks_per_row);
    }
}

void forward_stages(const LaneRows& rows, const FftDomain& domain, const ForwardPart& part)
{
    Forward{rows, domain, part}.run(0, rows.count, part.level, part.block);
}

}  // namespace ashlar
