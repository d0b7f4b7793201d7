#include "erasure/object_code.hpp"

#include "algebra/lane_array.hpp"
#include "base/parallel.hpp"
#include "erasure/erasure_locator.hpp"
#include "erasure/lane_rows.hpp"
#include "erasure/row_transform.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t COLUMNS_MIN = 64;

/// From data, the values on the subgroup of size D, to parity, those on its coset ω·⟨ω²⟩: two
/// transforms of half the codeword's size.
class EncodeTransform final : public RowTransform
{
public:
    EncodeTransform(const ObjectShape& shape, const SliceReader& data, SliceWriter& parity)
      : shape_{shape},
        data_{data},
        parity_{parity},
        domain_{static_cast<std::size_t>(shape.domain())},
        omega_{root_of_unity(static_cast<unsigned>(std::bit_width(domain_.size())))}
    {}

    [[nodiscard]] const FftDomain& domain() const noexcept override { return domain_; }
    [[nodiscard]] PositionRange inputs() const noexcept override
    {
        return {.begin = 0, .end = shape_.data_blobs()};
    }
    [[nodiscard]] PositionRange outputs() const noexcept override
    {
        return {.begin = 0, .end = shape_.parity_blobs()};
    }
    [[nodiscard]] bool is_known(std::uint64_t /*position*/) const noexcept override { return true; }
    [[nodiscard]] bool is_wanted(std::uint64_t /*position*/) const noexcept override
    {
        return true;
    }
    [[nodiscard]] Result<void> read(
        std::uint64_t position, std::size_t element_begin, std::span<std::byte> out) const override
    {
        return data_.read(position, element_begin, out);
    }
    [[nodiscard]] Result<void> write(
        std::uint64_t position, std::size_t element_begin, ByteView bytes) const override
    {
        return parity_.write(shape_.data_blobs() + position, element_begin, bytes);
    }
    [[nodiscard]] std::optional<Fr> input_factor(std::uint64_t /*position*/) const noexcept override
    {
        return std::nullopt;
    }

    /// ωᵏ/D: the values of f(ωX) on the subgroup are those of f on the coset.
    void fill_diagonal(std::uint64_t first, std::uint64_t step, std::span<Fr> out) const override
    {
        const Fr ratio = omega_.pow(step);
        Fr factor = omega_.pow(first) * domain_.size_inverse();
        for (auto& value : out)
        {
            value = factor;
            factor *= ratio;
        }
    }
    [[nodiscard]] Fr output_factor(std::uint64_t /*position*/) const noexcept override
    {
        return Fr::one();
    }
    [[nodiscard]] std::uint64_t stored_index(std::uint64_t position) const noexcept override
    {
        return position;
    }

private:
    const ObjectShape& shape_;
    const SliceReader& data_;
    SliceWriter& parity_;
    FftDomain domain_;
    Fr omega_;
};

/// What is known of a codeword and what follows from it.
struct Losses
{
    Losses(const ObjectShape& shape, std::span<const std::uint8_t> present);

    FftDomain domain;                ///< 2D positions.
    std::vector<std::uint8_t> lost;  ///< One flag a position.
    ErasureLocator locator;

private:
    static std::vector<std::uint8_t> lost_positions(
        const ObjectShape& shape, std::span<const std::uint8_t> present);
};

/// K present blobs are known, and virtual positions, which are zero. All else counts as lost, also
/// further present blobs: D positions in all, the most that can be.
std::vector<std::uint8_t> Losses::lost_positions(
    const ObjectShape& shape, std::span<const std::uint8_t> present)
{
    std::vector<std::uint8_t> lost(static_cast<std::size_t>(shape.position_count()), 1);
    for (auto n = shape.data_blobs(); n < shape.domain(); ++n)
        lost[n] = 0;
    auto needed = shape.data_blobs();
    for (std::uint64_t t = 0; t < shape.stored_count() && needed > 0; ++t)
    {
        if (present[t] == 0)
            continue;
        lost[shape.position_of(t)] = 0;
        --needed;
    }
    return lost;
}

Losses::Losses(const ObjectShape& shape, std::span<const std::uint8_t> present)
  : domain{static_cast<std::size_t>(shape.position_count())},
    lost{lost_positions(shape, present)},
    locator{ErasureLocator::make(domain, lost)}
{}

/// f·Z has degree < 2D and vanishes at every lost position, so its values are known everywhere;
/// there X·(f·Z)′ = f·X·Z′, which gives f. (With X, coefficients are only multiplied, not moved.)
class DecodeTransform final : public RowTransform
{
public:
    DecodeTransform(const ObjectShape& shape, const Losses& losses, const SliceReader& reader,
        std::span<const std::uint64_t> wanted, SliceWriter& writer)
      : shape_{shape},
        losses_{losses},
        reader_{reader},
        writer_{writer},
        wanted_(losses.domain.size(), 0)
    {
        for (const auto t : wanted)
        {
            const auto n = shape.position_of(t);
            wanted_[n] = 1;
            outputs_.begin = std::min(outputs_.begin, n);
            outputs_.end = std::max(outputs_.end, n + 1);
        }
    }

    [[nodiscard]] const FftDomain& domain() const noexcept override { return losses_.domain; }
    [[nodiscard]] PositionRange inputs() const noexcept override
    {
        return {.begin = 0, .end = losses_.domain.size()};
    }
    [[nodiscard]] PositionRange outputs() const noexcept override { return outputs_; }
    [[nodiscard]] bool is_known(std::uint64_t position) const noexcept override
    {
        return losses_.lost[position] == 0 && !shape_.is_virtual(position);
    }
    [[nodiscard]] bool is_wanted(std::uint64_t position) const noexcept override
    {
        return wanted_[position] != 0;
    }
    [[nodiscard]] Result<void> read(
        std::uint64_t position, std::size_t element_begin, std::span<std::byte> out) const override
    {
        return reader_.read(stored_index(position), element_begin, out);
    }
    [[nodiscard]] Result<void> write(
        std::uint64_t position, std::size_t element_begin, ByteView bytes) const override
    {
        return writer_.write(stored_index(position), element_begin, bytes);
    }
    [[nodiscard]] std::optional<Fr> input_factor(std::uint64_t position) const noexcept override
    {
        return losses_.locator.values[position];
    }

    /// k/2D.
    void fill_diagonal(std::uint64_t first, std::uint64_t step, std::span<Fr> out) const override
    {
        const Fr difference = Fr::from_u64(step) * losses_.domain.size_inverse();
        Fr factor = Fr::from_u64(first) * losses_.domain.size_inverse();
        for (auto& value : out)
        {
            value = factor;
            factor += difference;
        }
    }

    /// 1/(x·Z′(x))
    [[nodiscard]] Fr output_factor(std::uint64_t position) const noexcept override
    {
        const auto bits = static_cast<unsigned>(std::countr_zero(losses_.domain.size()));
        return losses_.locator.derivative_inverses[position] *
               losses_.domain.inverse_root(static_cast<std::size_t>(reverse_bits(position, bits)));
    }
    [[nodiscard]] std::uint64_t stored_index(std::uint64_t position) const noexcept override
    {
        return *shape_.stored_index_of(position);
    }

private:
    const ObjectShape& shape_;
    const Losses& losses_;
    const SliceReader& reader_;
    SliceWriter& writer_;
    std::vector<std::uint8_t> wanted_;
    PositionRange outputs_{.begin = UINT64_MAX, .end = 0};
};

/// Wanted blobs as sums over the K known ones, by Lagrange: with all D known positions as nodes,
/// f(x_w) = Σₙ f(xₙ)·xₙ·Z(xₙ) / (x_w·Z′(x_w)·(x_w − xₙ)).
class DirectDecoder
{
public:
    DirectDecoder(const ObjectShape& shape, const Losses& losses, const SliceReader& reader,
        std::span<const std::uint64_t> wanted, SliceWriter& writer)
      : shape_{shape}, losses_{losses}, reader_{reader}, writer_{writer}, wanted_{wanted}
    {
        for (std::uint64_t t = 0; t < shape.stored_count(); ++t)
        {
            if (losses.lost[shape.position_of(t)] == 0)
                known_.push_back(t);
        }
        for (const auto t : wanted)
        {
            const auto n = static_cast<std::size_t>(shape.position_of(t));
            points_.push_back(losses.domain.point(n));
            factors_.push_back(losses.locator.derivative_inverses[n] * points_.back().inverse());
        }
    }

    /// Batches of known blobs outside, so that progress is told from one thread; columns on all
    /// threads inside.
    Result<void> run(const CodeOptions& options) const
    {
        const auto width =
            std::clamp<std::size_t>(options.columns.count() / std::bit_ceil(thread_count()),
                COLUMNS_MIN, options.columns.count());
        const auto& kernels = fr_lane_kernels();
        const auto row_words = options.columns.count() / FR_BLOCK_ELEMENTS * kernels.block_words;
        // Rows of lanes want cache lines of their own.
        const auto memory = make_lane_array(
            wanted_.size() * row_words * sizeof(std::uint64_t) / sizeof(LanePoint) + 1);
        auto* const words = reinterpret_cast<std::uint64_t*>(memory.get());
        std::fill_n(words, wanted_.size() * row_words, 0);
        const auto sums = [&](std::size_t slice) {
            const auto offset = slice * width / FR_BLOCK_ELEMENTS * kernels.block_words;
            return Sums{.kernels = kernels,
                .words = words + offset,
                .row_words = row_words,
                .column = options.columns.begin + slice * width,
                .width = width};
        };
        const auto slices = options.columns.count() / width;
        for (std::size_t begin = 0; begin < known_.size(); begin += BATCH)
        {
            const auto batch =
                std::span{known_}.subspan(begin, std::min(BATCH, known_.size() - begin));
            const auto coefficients = coefficients_of(batch);
            ASHLAR_CHECK(try_parallel_for(
                slices, [&](std::size_t slice) { return add(sums(slice), batch, coefficients); }));
            if (options.progress &&
                !options.progress(ELEMENTS_PER_BLOB * (begin + batch.size()) / known_.size()))
                return fail(ErrorKind::unavailable, "cancelled");
        }
        return try_parallel_for(slices, [&](std::size_t slice) { return write(sums(slice)); });
    }

private:
    /// Known blobs whose coefficients are made together: as many as sums take before they must be
    /// scaled.
    static constexpr std::size_t BATCH = ACCUMULATIONS_MAX;

    /// One slice of columns of all sums.
    struct Sums
    {
        const FrLaneKernels& kernels;
        std::uint64_t* words;
        std::size_t row_words;
        std::size_t column;
        std::size_t width;

        [[nodiscard]] std::size_t blocks() const { return width / FR_BLOCK_ELEMENTS; }
    };

    /// Those of the batch for the first wanted blob, for the second…
    [[nodiscard]] std::vector<Fr> coefficients_of(std::span<const std::uint64_t> batch) const
    {
        std::vector<Fr> out;
        for (const auto& x : points_)
        {
            for (const auto t : batch)
                out.push_back(x - point(t));
        }
        batch_invert(out);
        for (std::size_t i = 0; i < out.size(); ++i)
        {
            const auto t = batch[i % batch.size()];
            out[i] *= factors_[i / batch.size()] * point(t) *
                      losses_.locator.values[shape_.position_of(t)];
        }
        return out;
    }

    [[nodiscard]] Fr point(std::uint64_t stored) const
    {
        return losses_.domain.point(static_cast<std::size_t>(shape_.position_of(stored)));
    }

    Result<void> add(const Sums& sums, std::span<const std::uint64_t> batch,
        std::span<const Fr> coefficients) const
    {
        Bytes bytes(sums.width * BYTES_PER_ELEMENT);
        const auto memory = make_lane_array(
            sums.blocks() * sums.kernels.block_words * sizeof(std::uint64_t) / sizeof(LanePoint) +
            1);
        auto* const lanes = reinterpret_cast<std::uint64_t*>(memory.get());
        for (std::size_t i = 0; i < batch.size(); ++i)
        {
            ASHLAR_CHECK(reader_.read(batch[i], sums.column, bytes));
            const auto good = sums.kernels.load(
                reinterpret_cast<const std::uint8_t*>(bytes.data()), lanes, sums.blocks());
            if (good != sums.width)
                return fail(ErrorKind::invalid_input,
                    "element {} of blob {} is not below the modulus", sums.column + good, batch[i]);
            for (std::size_t w = 0; w < wanted_.size(); ++w)
                sums.kernels.accumulate(sums.words + w * sums.row_words, lanes,
                    twiddle(coefficients[w * batch.size() + i]), sums.blocks());
        }
        for (std::size_t w = 0; w < wanted_.size(); ++w)
        {
            const Fr one = Fr::one();
            sums.kernels.scale(sums.words + w * sums.row_words, twiddle(one), sums.blocks());
        }
        return {};
    }

    Result<void> write(const Sums& sums) const
    {
        Bytes bytes(sums.width * BYTES_PER_ELEMENT);
        for (std::size_t w = 0; w < wanted_.size(); ++w)
        {
            const Fr one = Fr::one();
            sums.kernels.store(sums.words + w * sums.row_words, twiddle(one),
                reinterpret_cast<std::uint8_t*>(bytes.data()), sums.blocks());
            ASHLAR_CHECK(writer_.write(wanted_[w], sums.column, bytes));
        }
        return {};
    }

    const ObjectShape& shape_;
    const Losses& losses_;
    const SliceReader& reader_;
    SliceWriter& writer_;
    std::span<const std::uint64_t> wanted_;
    std::vector<std::uint64_t> known_;
    std::vector<Fr> points_;   ///< x_w
    std::vector<Fr> factors_;  ///< 1/(x_w·Z′(x_w))
};

void assert_columns(const ColumnRange& columns)
{
    ASHLAR_ASSERT(columns.end <= ELEMENTS_PER_BLOB && columns.begin < columns.end);
    ASHLAR_ASSERT(columns.begin % COLUMNS_MIN == 0);
    ASHLAR_ASSERT(std::has_single_bit(columns.count()) && columns.count() >= COLUMNS_MIN);
}

/// @param tables_bytes  Of the memory, what is in use already.
Result<void> run_within(
    const RowTransform& transform, std::uint64_t tables_bytes, const CodeOptions& options)
{
    const auto& kernels = fr_lane_kernels();
    const auto left = options.memory_bytes - std::min(options.memory_bytes, tables_bytes);
    const auto plan = TransformPlan::make({.rows = transform.domain().size(),
                                              .columns = options.columns.count(),
                                              .block_words = kernels.block_words},
        left);
    return run_row_transform(transform, kernels, plan, options);
}

Result<void> copy_present(const SliceReader& reader, std::span<const std::uint64_t> stored,
    SliceWriter& writer, const ColumnRange& columns)
{
    return try_parallel_for(stored.size(), [&](std::size_t i) -> Result<void> {
        Bytes bytes(columns.count() * BYTES_PER_ELEMENT);
        ASHLAR_CHECK(reader.read(stored[i], columns.begin, bytes));
        return writer.write(stored[i], columns.begin, bytes);
    });
}

/// A sum takes K multiplications a column, a transform and its inverse N/2·log N each, of which
/// outputs and zeros save a part.
bool sums_are_cheaper(const ObjectShape& shape, std::size_t wanted)
{
    const auto levels = static_cast<std::uint64_t>(std::countr_zero(shape.position_count()));
    return wanted * shape.data_blobs() <= shape.position_count() * levels / 2;
}

}  // namespace

Result<void> encode_object(const ObjectShape& shape, const SliceReader& data, SliceWriter& parity,
    const CodeOptions& options)
{
    assert_columns(options.columns);
    const EncodeTransform transform{shape, data, parity};
    return run_within(transform, shape.domain() / 2 * sizeof(Fr), options);
}

Result<void> decode_object(const ObjectShape& shape, const SliceReader& reader,
    std::span<const std::uint8_t> present, std::span<const std::uint64_t> wanted,
    SliceWriter& writer, const CodeOptions& options)
{
    ASHLAR_ASSERT(present.size() == shape.stored_count());
    assert_columns(options.columns);
    const auto have = static_cast<std::uint64_t>(
        std::ranges::count_if(present, [](std::uint8_t flag) { return flag != 0; }));
    if (have < shape.data_blobs())
        return fail(ErrorKind::insufficient,
            "{} of {} stored blobs are present and {} are needed: {} missing", have,
            shape.stored_count(), shape.data_blobs(), shape.data_blobs() - have);

    std::vector<std::uint64_t> here;
    std::vector<std::uint64_t> missing;
    for (const auto t : wanted)
        (present[t] != 0 ? here : missing).push_back(t);
    ASHLAR_CHECK(copy_present(reader, here, writer, options.columns));
    if (missing.empty())
        return {};

    const Losses losses{shape, present};
    if (sums_are_cheaper(shape, missing.size()))
        return DirectDecoder{shape, losses, reader, missing, writer}.run(options);
    const DecodeTransform transform{shape, losses, reader, missing, writer};
    // Twiddles, Z and its derivative, flags.
    const auto tables = losses.domain.size() * (sizeof(Fr) / 2 + 2 * sizeof(Fr) + 2);
    return run_within(transform, tables, options);
}

}  // namespace ashlar
