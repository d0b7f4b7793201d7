#pragma once

/// Stages of transforms on rows of lanes in memory.

#include <span>

#include "algebra/fft.hpp"
#include "algebra/fr_lanes.hpp"

namespace ashlar
{

/// blst's form of a twiddle, as the lanes take it.
[[nodiscard]] inline const blst_fr* twiddle(const Fr& w) noexcept
{
    static_assert(std::is_standard_layout_v<Fr> && sizeof(Fr) == sizeof(blst_fr));
    return reinterpret_cast<const blst_fr*>(&w);
}

/// Rows of whole blocks, one after another. Owns nothing.
struct LaneRows
{
    const FrLaneKernels& kernels;
    std::uint64_t* words;
    std::size_t count;           ///< A power of two.
    std::size_t blocks_per_row;  ///< 8 elements each.

    [[nodiscard]] std::size_t row_words() const noexcept
    {
        return blocks_per_row * kernels.block_words;
    }
    [[nodiscard]] std::uint64_t* row(std::size_t i) const noexcept
    {
        return words + i * row_words();
    }

    /// Half of the rows: the first, or the second.
    [[nodiscard]] LaneRows half(std::size_t which) const noexcept
    {
        return {.kernels = kernels,
            .words = row(which * count / 2),
            .count = count / 2,
            .blocks_per_row = blocks_per_row};
    }
};

/// Which rows of a transform of domain.size() these are: row j is row j·stride + offset.
struct RowPlace
{
    std::size_t stride = 1;
    std::size_t offset = 0;
};

/// Stages of the unscaled inverse transform, from bit-reversed values, that join these rows.
///
/// @param used   Rows from here on are zero.
/// @param fresh  The rows are below 1.1·r, as loaded or scaled: some multiplications are saved.
/// Adds 2·r a stage to bounds, or with `fresh` up to 2·r and 4·r in the first two; the fifteenth
/// stage reduces first, so that they stay below LANE_BOUND_MAX in domains of up to 2²⁸.
void inverse_stages(
    const LaneRows& rows, const FftDomain& domain, RowPlace place, std::size_t used, bool fresh);

/// In one, where only the first half of the rows is wanted after it: the inverse transform's last
/// stage, a number for every coefficient, and the forward transform's first stage. That is two
/// multiplications a pair of rows instead of three, and one pass over memory instead of three.
///
/// @param rows      Both halves as inverse_stages() leaves them; of the result only the first half.
/// @param diagonal  The number of each row's coefficient.
/// Rows of the first half are then as after the first forward stage.
void fold_halves(
    const LaneRows& rows, const FftDomain& domain, RowPlace place, std::span<const Fr> diagonal);

/// Which part of a forward transform.
struct ForwardPart
{
    unsigned level = 0;     ///< Stages done before.
    std::size_t block = 0;  ///< Of the 2^level blocks that they left.

    /// Rows of the block that are wanted; others are left in any state.
    std::size_t wanted_begin;
    std::size_t wanted_end;
};

/// All further stages of the forward transform on a block of its rows, from coefficients in natural
/// order to bit-reversed values. At level 0 rows must be below 2·r. Adds to bounds as
/// inverse_stages() does to those of fresh rows.
void forward_stages(const LaneRows& rows, const FftDomain& domain, const ForwardPart& part);

}  // namespace ashlar
