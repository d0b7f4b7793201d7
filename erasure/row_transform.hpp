#pragma once

/// Transforms down the blobs, out of core: what encoding and decoding have in common.
///
/// Both take values at the N positions of a domain, go to coefficients, multiply coefficient k by
/// a number of its own and go back to values. All 4096 columns do so alike, and a row (a blob, or a
/// part of one) is multiplied by one number at a time.
///
/// If memory holds all N rows of a slice of columns that is wide enough to be read well, the work
/// goes slice by slice. Otherwise N is split in C·J (Bailey's four-step FFT) and the work makes
/// three passes with a scratch file between them:
///   1. chunks of C consecutive rows: the first stages of the inverse transform;
///   2. J rows at distance C: its last stages, the numbers, the first stages of the transform;
///   3. chunks again: its last stages.

#include "algebra/fft.hpp"
#include "algebra/fr_lanes.hpp"
#include "base/shape.hpp"
#include "erasure/object_code.hpp"

namespace ashlar
{

/// Positions begin … end − 1.
struct PositionRange
{
    std::uint64_t begin;
    std::uint64_t end;
};

/// What is transformed. Called from several threads at once.
class RowTransform
{
public:
    virtual ~RowTransform() = default;

    [[nodiscard]] virtual const FftDomain& domain() const noexcept = 0;

    /// Rows outside are zero.
    [[nodiscard]] virtual PositionRange inputs() const noexcept = 0;

    /// No row outside is wanted.
    [[nodiscard]] virtual PositionRange outputs() const noexcept = 0;

    /// Of a position in inputs(): false if its row is zero.
    [[nodiscard]] virtual bool is_known(std::uint64_t position) const noexcept = 0;

    /// Of a position in outputs().
    [[nodiscard]] virtual bool is_wanted(std::uint64_t position) const noexcept = 0;

    /// Canonical elements of a known row.
    [[nodiscard]] virtual Result<void> read(
        std::uint64_t position, std::size_t element_begin, std::span<std::byte> out) const = 0;
    [[nodiscard]] virtual Result<void> write(
        std::uint64_t position, std::size_t element_begin, ByteView bytes) const = 0;

    /// What a known row is multiplied by first; nothing means one.
    [[nodiscard]] virtual std::optional<Fr> input_factor(std::uint64_t position) const noexcept = 0;

    /// The numbers of coefficients first, first + step, …, for unscaled coefficients: N times
    /// the true ones.
    virtual void fill_diagonal(
        std::uint64_t first, std::uint64_t step, std::span<Fr> out) const = 0;

    /// What a wanted row is multiplied by at the end.
    [[nodiscard]] virtual Fr output_factor(std::uint64_t position) const noexcept = 0;

    /// How errors call the row.
    [[nodiscard]] virtual std::uint64_t stored_index(std::uint64_t position) const noexcept = 0;
};

/// How the work is cut. All are powers of two.
struct TransformPlan
{
    std::size_t chunk_rows;      ///< C; 1 means one pass over slices of columns.
    std::size_t chunk_columns;   ///< Of a unit of passes 1 and 3.
    std::size_t strided_groups;  ///< Sets of J rows in a unit of pass 2.
    std::size_t strided_columns;

    struct Work
    {
        std::size_t rows;         ///< N
        std::size_t columns;      ///< A power of two ≥ 64.
        std::size_t block_words;  ///< FrLaneKernels::block_words
    };

    /// The fastest way within the memory, which is exceeded only where one column slice of 64
    /// elements and of max(C, J) rows does not fit.
    [[nodiscard]] static TransformPlan make(const Work& work, std::uint64_t memory_bytes);
};

/// Runs the transform on the columns of the options.
/// @return  as encode_object().
[[nodiscard]] Result<void> run_row_transform(const RowTransform& transform,
    const FrLaneKernels& kernels, const TransformPlan& plan, const CodeOptions& options);

}  // namespace ashlar
