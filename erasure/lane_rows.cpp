#include "erasure/lane_rows.hpp"

#include <cstring>

#include "base/shape.hpp"

namespace ashlar
{
namespace
{

// Transforms recurse to the end of one half before they touch the other: once a half fits a cache
// it stays there, whatever the cache's size.

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
        run(first, half);
        run(first + half, half);
        if (first + half >= used_)
            std::memcpy(rows_.row(first + half), rows_.row(first),
                half * rows_.row_words() * sizeof(std::uint64_t));
        else
            join(first, size);
    }

private:
    void join(std::size_t first, std::size_t size) const
    {
        const auto half = size / 2;
        const auto exponent_unit = domain_.size() / (size * place_.stride);
        for (std::size_t k = 0; k < half; ++k)
        {
            auto* const a = rows_.row(first + k);
            auto* const b = rows_.row(first + half + k);
            const auto exponent = (k * place_.stride + place_.offset) * exponent_unit;
            // The first two stages start from small bounds and end below 2·r and 4·r more.
            if (fresh_ && exponent == 0 && size <= 4)
            {
                rows_.kernels.add_subtract(a, b, static_cast<unsigned>(size), rows_.blocks_per_row);
                continue;
            }
            const Fr w = domain_.inverse_root(exponent);
            rows_.kernels.butterfly(a, b, twiddle(w), rows_.blocks_per_row);
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
        if (size == 1 || first + size <= part_.wanted_begin || first >= part_.wanted_end)
            return;
        const auto half = size / 2;
        const auto blocks = half * rows_.blocks_per_row;
        auto* const a = rows_.row(first);
        auto* const b = rows_.row(first + half);
        if (block == 0 && level < 2)
        {
            rows_.kernels.add_subtract(a, b, 2U << level, blocks);
        }
        else
        {
            const auto exponent = static_cast<std::size_t>(reverse_bits(block, level)) *
                                  (domain_.size() >> (level + 1));
            const Fr w = domain_.root(exponent);
            rows_.kernels.butterfly(a, b, twiddle(w), blocks);
        }
        run(first, half, level + 1, 2 * block);
        run(first + half, half, level + 1, 2 * block + 1);
    }

private:
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
