#include "erasure/row_transform.hpp"

#include <cstring>

#include "algebra/lane_array.hpp"
#include "base/file.hpp"
#include "base/parallel.hpp"
#include "erasure/lane_rows.hpp"

namespace ashlar
{
namespace
{

/// Columns below which three passes are less to read and write: slices share pages with their
/// neighbours, and at 64 columns, 2 KiB, that costs encoding as much as the passes do.
constexpr std::size_t GOOD_COLUMNS = 64;

/// Columns above which slices are read no better: narrower units tell progress more often.
constexpr std::size_t AMPLE_COLUMNS = 512;

/// Columns that a thread transforms at once: longer rows would leave the cache sooner.
constexpr std::size_t SLICE_COLUMNS_MAX = 64;

/// Least columns of a unit.
constexpr std::size_t UNIT_COLUMNS_MIN = 64;

/// Transforms of so few rows go by column slices whatever the memory: they need none.
constexpr std::size_t SINGLE_PASS_ROWS = 2048;

std::size_t power_below(std::uint64_t value)
{
    return static_cast<std::size_t>(std::bit_floor(std::max<std::uint64_t>(value, 1)));
}

/// Groups of rows in memory: each group is a set of rows and a slice of columns, contiguous.
class Unit
{
public:
    struct Size
    {
        std::size_t sets;     ///< Of rows.
        std::size_t rows;     ///< Of a set.
        std::size_t columns;  ///< Of all slices together.
    };

    /// @param memory  Nobody else's while the unit lives.
    Unit(const FrLaneKernels& kernels, LaneMemory& memory, Size size)
      : kernels_{&kernels}, size_{size}, slice_columns_{slice_columns(size)}
    {
        const auto words =
            size.sets * size.rows * (size.columns / FR_BLOCK_ELEMENTS) * kernels.block_words;
        words_ = reinterpret_cast<std::uint64_t*>(
            memory.take(words * sizeof(std::uint64_t) / sizeof(LanePoint) + 1));
    }

    [[nodiscard]] const Size& size() const noexcept { return size_; }
    [[nodiscard]] std::size_t slices() const noexcept { return size_.columns / slice_columns_; }
    [[nodiscard]] std::size_t slice_columns() const noexcept { return slice_columns_; }
    [[nodiscard]] std::size_t groups() const noexcept { return size_.sets * slices(); }
    [[nodiscard]] std::size_t slice_blocks() const noexcept
    {
        return slice_columns_ / FR_BLOCK_ELEMENTS;
    }
    [[nodiscard]] std::size_t slice_bytes() const noexcept
    {
        return slice_blocks() * kernels_->block_words * sizeof(std::uint64_t);
    }

    /// Group of a set and a slice, as 0 … groups() − 1: set by set.
    [[nodiscard]] LaneRows group(std::size_t index) const noexcept
    {
        const auto group_words = size_.rows * slice_bytes() / sizeof(std::uint64_t);
        return {.kernels = *kernels_,
            .words = words_ + index * group_words,
            .count = size_.rows,
            .blocks_per_row = slice_blocks()};
    }

    void clear_row(std::size_t set, std::size_t row) const
    {
        for (std::size_t s = 0; s < slices(); ++s)
            std::memset(group(set * slices() + s).row(row), 0, slice_bytes());
    }

    /// The lanes of a row, slice after slice.
    void copy_row_in(std::size_t set, std::size_t row, ByteView lanes) const
    {
        for (std::size_t s = 0; s < slices(); ++s)
            std::memcpy(group(set * slices() + s).row(row), lanes.data() + s * slice_bytes(),
                slice_bytes());
    }
    void copy_row_out(std::size_t set, std::size_t row, std::span<std::byte> lanes) const
    {
        for (std::size_t s = 0; s < slices(); ++s)
            std::memcpy(lanes.data() + s * slice_bytes(), group(set * slices() + s).row(row),
                slice_bytes());
    }

private:
    /// Narrow enough for all threads to have a group.
    static std::size_t slice_columns(const Size& size)
    {
        const auto fair = power_below(size.sets * size.columns / std::bit_ceil(thread_count()));
        return std::min(std::clamp(fair, FR_BLOCK_ELEMENTS, SLICE_COLUMNS_MAX), size.columns);
    }

    const FrLaneKernels* kernels_;
    Size size_;
    std::size_t slice_columns_;
    std::uint64_t* words_;
};

/// One run: the transform, how it is cut and how far it is.
class Run
{
public:
    Run(const RowTransform& transform, const FrLaneKernels& kernels, const TransformPlan& plan,
        const CodeOptions& options)
      : transform_{transform},
        kernels_{kernels},
        plan_{plan},
        options_{options},
        lanes_{options.lanes != nullptr ? *options.lanes : own_lanes_},
        rows_{transform.domain().size()},
        strided_rows_{rows_ / plan.chunk_rows}
    {}

    Result<void> single_pass()
    {
        units_ = steps(plan_.strided_columns);
        Unit unit{
            kernels_, lanes_, {.sets = 1, .rows = rows_, .columns = width(plan_.strided_columns)}};
        return for_each_columns(unit, [&](std::size_t column) -> Result<void> {
            ASHLAR_CHECK(read_rows(unit, 0, column));
            transform_sets(unit, 0, static_cast<std::size_t>(transform_.inputs().end), true);
            return write_rows(unit, 0, column);
        });
    }

    Result<void> three_passes()
    {
        ASHLAR_TRY(scratch_, File::temporary(options_.scratch_folder));
        const auto chunks_in = ceil_div(transform_.inputs().end, plan_.chunk_rows);
        const auto chunk_out = transform_.outputs().begin / plan_.chunk_rows;
        const auto chunks_out = ceil_div(transform_.outputs().end, plan_.chunk_rows);
        units_ = steps(plan_.chunk_columns) * (chunks_in + chunks_out - chunk_out) +
                 steps(plan_.strided_columns) * (plan_.chunk_rows / plan_.strided_groups);
        {
            Unit unit{kernels_, lanes_,
                {.sets = 1, .rows = plan_.chunk_rows, .columns = width(plan_.chunk_columns)}};
            for (std::size_t chunk = 0; chunk < chunks_in; ++chunk)
                ASHLAR_CHECK(begin_chunk(unit, chunk));
        }
        {
            Unit unit{kernels_, lanes_,
                {.sets = plan_.strided_groups,
                    .rows = strided_rows_,
                    .columns = width(plan_.strided_columns)}};
            const Chunks chunks{.used = chunks_in, .begin = chunk_out, .end = chunks_out};
            for (std::size_t i = 0; i < plan_.chunk_rows; i += plan_.strided_groups)
                ASHLAR_CHECK(strided(unit, i, chunks));
        }
        Unit unit{kernels_, lanes_,
            {.sets = 1, .rows = plan_.chunk_rows, .columns = width(plan_.chunk_columns)}};
        for (std::size_t chunk = chunk_out; chunk < chunks_out; ++chunk)
            ASHLAR_CHECK(end_chunk(unit, chunk));
        return {};
    }

private:
    /// Chunks with inputs, and those with outputs.
    struct Chunks
    {
        std::size_t used;
        std::size_t begin;
        std::size_t end;
    };

    static std::size_t ceil_div(std::uint64_t a, std::size_t b)
    {
        return static_cast<std::size_t>((a + b - 1) / b);
    }

    [[nodiscard]] std::size_t width(std::size_t columns) const
    {
        return std::min(columns, options_.columns.count());
    }

    /// Units across the columns.
    [[nodiscard]] std::size_t steps(std::size_t columns) const
    {
        return options_.columns.count() / width(columns);
    }

    template <typename Body>
    Result<void> for_each_columns(const Unit& unit, const Body& body)
    {
        const auto columns = unit.size().columns;
        for (auto column = options_.columns.begin; column < options_.columns.end; column += columns)
        {
            ASHLAR_CHECK(body(column));
            ASHLAR_CHECK(advance());
        }
        return {};
    }

    Result<void> advance()
    {
        ++done_;
        if (options_.progress && !options_.progress(ELEMENTS_PER_BLOB * done_ / units_))
            return fail(ErrorKind::unavailable, "cancelled");
        return {};
    }

    Result<void> begin_chunk(const Unit& unit, std::size_t chunk)
    {
        const auto first = chunk * plan_.chunk_rows;
        const auto used = std::min<std::size_t>(
            plan_.chunk_rows, static_cast<std::size_t>(transform_.inputs().end) - first);
        return for_each_columns(unit, [&](std::size_t column) -> Result<void> {
            ASHLAR_CHECK(read_rows(unit, first, column));
            parallel_for(unit.groups(), [&](std::size_t g) {
                inverse_stages(unit.group(g), transform_.domain(), {}, used, true);
            });
            return for_each_row(plan_.chunk_rows, [&](std::size_t r) -> Result<void> {
                return save(unit, {.set = 0, .row = r}, first + r, column);
            });
        });
    }

    Result<void> strided(const Unit& unit, std::size_t offset, const Chunks& chunks)
    {
        const auto sets = plan_.strided_groups;
        return for_each_columns(unit, [&](std::size_t column) -> Result<void> {
            ASHLAR_CHECK(for_each_row(strided_rows_ * sets, [&](std::size_t r) -> Result<void> {
                const Slot slot{.set = r % sets, .row = r / sets};
                const auto position = slot.row * plan_.chunk_rows + offset + slot.set;
                if (slot.row < chunks.used)
                    return restore(unit, slot, position, column);
                unit.clear_row(slot.set, slot.row);
                return {};
            }));
            transform_sets(unit, offset, chunks.used, false);
            const auto count = (chunks.end - chunks.begin) * sets;
            return for_each_row(count, [&](std::size_t r) -> Result<void> {
                const Slot slot{.set = r % sets, .row = chunks.begin + r / sets};
                const auto position = slot.row * plan_.chunk_rows + offset + slot.set;
                return save(unit, slot, position, column);
            });
        });
    }

    Result<void> end_chunk(const Unit& unit, std::size_t chunk)
    {
        const auto first = chunk * plan_.chunk_rows;
        const auto level = static_cast<unsigned>(std::countr_zero(strided_rows_));
        return for_each_columns(unit, [&](std::size_t column) -> Result<void> {
            ASHLAR_CHECK(for_each_row(plan_.chunk_rows, [&](std::size_t r) -> Result<void> {
                return restore(unit, {.set = 0, .row = r}, first + r, column);
            }));
            parallel_for(unit.groups(), [&](std::size_t g) {
                forward_stages(unit.group(g), transform_.domain(),
                    forward_part(first, plan_.chunk_rows, level, chunk));
            });
            return write_rows(unit, first, column);
        });
    }

    /// The part of a transform whose rows are the positions from `first` on.
    [[nodiscard]] ForwardPart forward_part(
        std::size_t first, std::size_t count, unsigned level, std::size_t block) const
    {
        const auto local = [&](std::uint64_t position) {
            return std::clamp<std::size_t>(
                       static_cast<std::size_t>(position), first, first + count) -
                   first;
        };
        return {.level = level,
            .block = block,
            .wanted_begin = local(transform_.outputs().begin),
            .wanted_end = local(transform_.outputs().end)};
    }

    /// Inverse stages, numbers, forward stages; sets are rows at distance C from `offset` on.
    void transform_sets(const Unit& unit, std::size_t offset, std::size_t used, bool fresh) const
    {
        std::vector<std::vector<Fr>> diagonals(unit.size().sets, std::vector<Fr>(strided_rows_));
        parallel_for(diagonals.size(), [&](std::size_t set) {
            transform_.fill_diagonal(offset + set, plan_.chunk_rows, diagonals[set]);
        });
        const auto first_chunk = transform_.outputs().begin / plan_.chunk_rows;
        const auto part = ForwardPart{.wanted_begin = static_cast<std::size_t>(first_chunk),
            .wanted_end = ceil_div(transform_.outputs().end, plan_.chunk_rows)};
        parallel_for(unit.groups(), [&](std::size_t g) {
            const auto set = g / unit.slices();
            const RowPlace place{.stride = plan_.chunk_rows, .offset = offset + set};
            transform_group(unit.group(g), place, diagonals[set], part, {used, fresh});
        });
    }

    /// What is known of rows before their inverse stages, as there.
    struct Inputs
    {
        std::size_t used;
        bool fresh;
    };

    void transform_group(const LaneRows& rows, RowPlace place, std::span<const Fr> diagonal,
        const ForwardPart& part, Inputs inputs) const
    {
        const auto& domain = transform_.domain();
        const auto half = rows.count / 2;
        // Decoding wants data from all positions: half of what the inverse transform joins.
        if (part.wanted_end <= half && inputs.used > half)
        {
            inverse_stages(rows.half(0), domain, place, half, inputs.fresh);
            inverse_stages(rows.half(1), domain, place, inputs.used - half, inputs.fresh);
            fold_halves(rows, domain, place, diagonal);
            forward_stages(rows.half(0), domain,
                {.level = 1,
                    .block = 0,
                    .wanted_begin = part.wanted_begin,
                    .wanted_end = part.wanted_end});
            return;
        }
        inverse_stages(rows, domain, place, inputs.used, inputs.fresh);
        for (std::size_t j = 0; j < rows.count; ++j)
            kernels_.scale(rows.row(j), twiddle(diagonal[j]), rows.blocks_per_row);
        forward_stages(rows, domain, part);
    }

    /// Where a row lies in a unit.
    struct Slot
    {
        std::size_t set;
        std::size_t row;
    };

    /// Rows in parallel, in runs: a thread's reads follow one another.
    template <typename Body>
    Result<void> for_each_row(std::size_t count, const Body& body) const
    {
        constexpr std::size_t RUN = 16;
        return try_parallel_for(ceil_div(count, RUN), [&](std::size_t run) -> Result<void> {
            for (auto r = run * RUN; r < std::min(count, (run + 1) * RUN); ++r)
                ASHLAR_CHECK(body(r));
            return {};
        });
    }

    /// Rows of positions from `first` on, from the source.
    Result<void> read_rows(const Unit& unit, std::size_t first, std::size_t column) const
    {
        return for_each_row(unit.size().rows, [&](std::size_t r) -> Result<void> {
            const auto position = first + r;
            const auto inputs = transform_.inputs();
            if (position < inputs.begin || position >= inputs.end || !transform_.is_known(position))
            {
                unit.clear_row(0, r);
                return {};
            }
            return read_row(unit, r, position, column);
        });
    }

    Result<void> read_row(
        const Unit& unit, std::size_t row, std::uint64_t position, std::size_t column) const
    {
        Bytes bytes(unit.size().columns * BYTES_PER_ELEMENT);
        ASHLAR_CHECK(transform_.read(position, column, bytes));
        const auto factor = transform_.input_factor(position);
        for (std::size_t s = 0; s < unit.slices(); ++s)
        {
            const auto begin = s * unit.slice_columns();
            auto* const lanes = unit.group(s).row(row);
            const auto good = kernels_.load(
                reinterpret_cast<const std::uint8_t*>(&bytes[begin * BYTES_PER_ELEMENT]), lanes,
                unit.slice_blocks());
            if (good != unit.slice_columns())
                return fail(ErrorKind::invalid_input,
                    "element {} of blob {} is not below the modulus", column + begin + good,
                    transform_.stored_index(position));
            if (factor)
                kernels_.scale(lanes, twiddle(*factor), unit.slice_blocks());
        }
        return {};
    }

    Result<void> write_rows(const Unit& unit, std::size_t first, std::size_t column) const
    {
        return for_each_row(unit.size().rows, [&](std::size_t r) -> Result<void> {
            const auto position = first + r;
            const auto outputs = transform_.outputs();
            if (position < outputs.begin || position >= outputs.end ||
                !transform_.is_wanted(position))
                return {};
            Bytes bytes(unit.size().columns * BYTES_PER_ELEMENT);
            const Fr factor = transform_.output_factor(position);
            for (std::size_t s = 0; s < unit.slices(); ++s)
                kernels_.store(unit.group(s).row(r), twiddle(factor),
                    reinterpret_cast<std::uint8_t*>(
                        &bytes[s * unit.slice_columns() * BYTES_PER_ELEMENT]),
                    unit.slice_blocks());
            return transform_.write(position, column, bytes);
        });
    }

    /// Rows of the scratch file are lanes in the order of columns, so a unit may take any slice.
    [[nodiscard]] std::uint64_t scratch_offset(std::size_t position, std::size_t column) const
    {
        const auto block_bytes = kernels_.block_words * sizeof(std::uint64_t);
        const auto first_block = (column - options_.columns.begin) / FR_BLOCK_ELEMENTS;
        const auto row_blocks = options_.columns.count() / FR_BLOCK_ELEMENTS;
        return (std::uint64_t{position} * row_blocks + first_block) * block_bytes;
    }

    Result<void> save(const Unit& unit, Slot slot, std::size_t position, std::size_t column) const
    {
        Bytes lanes(unit.slices() * unit.slice_bytes());
        unit.copy_row_out(slot.set, slot.row, lanes);
        return scratch_.write_at(scratch_offset(position, column), lanes);
    }

    Result<void> restore(
        const Unit& unit, Slot slot, std::size_t position, std::size_t column) const
    {
        Bytes lanes(unit.slices() * unit.slice_bytes());
        ASHLAR_CHECK(scratch_.read_at(scratch_offset(position, column), lanes));
        unit.copy_row_in(slot.set, slot.row, lanes);
        return {};
    }

    const RowTransform& transform_;
    const FrLaneKernels& kernels_;
    const TransformPlan& plan_;
    const CodeOptions& options_;
    LaneMemory own_lanes_;
    LaneMemory& lanes_;
    std::size_t rows_;          ///< N
    std::size_t strided_rows_;  ///< J
    File scratch_;
    std::size_t units_ = 1;
    std::size_t done_ = 0;
};

}  // namespace

TransformPlan TransformPlan::make(const Work& work, std::uint64_t memory_bytes)
{
    // A block is eight columns wide and has eight bytes a word.
    const auto columns_for = [&](std::size_t row_count) {
        return power_below(memory_bytes / (std::uint64_t{row_count} * work.block_words));
    };
    const auto bounded = [&](std::size_t columns) {
        return std::clamp(columns, UNIT_COLUMNS_MIN, work.columns);
    };
    const auto rows = work.rows;
    if (columns_for(rows) >= std::min(GOOD_COLUMNS, work.columns) || rows <= SINGLE_PASS_ROWS)
        return {.chunk_rows = 1,
            .chunk_columns = work.columns,
            .strided_groups = 1,
            .strided_columns = bounded(std::min(columns_for(rows), AMPLE_COLUMNS))};

    // All columns of chunks as large as memory; no smaller than the square root of N, or the
    // strided rows would outgrow it.
    const auto log_rows = static_cast<unsigned>(std::countr_zero(rows));
    const auto whole_rows =
        power_below(memory_bytes / (std::uint64_t{work.columns} * work.block_words));
    const auto chunk_rows = std::clamp(whole_rows, std::size_t{1} << (log_rows + 1) / 2, rows / 2);
    const auto strided_rows = rows / chunk_rows;
    const auto strided_columns = bounded(columns_for(strided_rows));
    return {.chunk_rows = chunk_rows,
        .chunk_columns = bounded(columns_for(chunk_rows)),
        .strided_groups = std::clamp(whole_rows / strided_rows, std::size_t{1}, chunk_rows),
        .strided_columns = strided_columns};
}

Result<void> run_row_transform(const RowTransform& transform, const FrLaneKernels& kernels,
    const TransformPlan& plan, const CodeOptions& options)
{
    Run run{transform, kernels, plan, options};
    return plan.chunk_rows == 1 ? run.single_pass() : run.three_passes();
}

}  // namespace ashlar
