#include "erasure/row_transform.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "algebra/lane_array.hpp"
#include "base/random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

/// Of full width.
Fr random_element(SeededRandom& random)
{
    return Fr::from_u64(random.below(UINT64_MAX)).pow(5);
}

/// Random rows at random positions, random numbers and factors: nothing that could hide a mistake.
class RandomTransform final : public RowTransform
{
public:
    /// Where rows come from and where they are wanted.
    enum class Ranges : std::uint8_t
    {
        random,
        all_to_first_half,  ///< As decoding data does, which has a path of its own.
    };

    RandomTransform(std::size_t rows, std::size_t columns, Ranges ranges, SeededRandom& random)
      : domain_{rows}, columns_{columns}, known_(rows), wanted_(rows), outputs_(rows)
    {
        const bool is_random = ranges == Ranges::random;
        inputs_range_ = is_random ? random_range(random) : PositionRange{.begin = 0, .end = rows};
        outputs_range_ = is_random ? random_range(random)
                                   : PositionRange{.begin = rows / 4, .end = (rows + 1) / 2};
        for (std::size_t n = 0; n < rows; ++n)
        {
            known_[n] = random.below(4) != 0 && within(inputs_range_, n) ? 1 : 0;
            wanted_[n] = random.below(4) != 0 && within(outputs_range_, n) ? 1 : 0;
            input_factors_.push_back(random_element(random));
            numbers_.push_back(random_element(random));
            output_factors_.push_back(random_element(random));
            for (std::size_t e = 0; e < columns; ++e)
                inputs_.push_back(known_[n] != 0 ? random_element(random) : Fr{});
            outputs_[n].resize(columns);
        }
    }

    [[nodiscard]] const FftDomain& domain() const noexcept override { return domain_; }
    [[nodiscard]] PositionRange inputs() const noexcept override { return inputs_range_; }
    [[nodiscard]] PositionRange outputs() const noexcept override { return outputs_range_; }
    [[nodiscard]] bool is_known(std::uint64_t n) const noexcept override { return known_[n] != 0; }
    [[nodiscard]] bool is_wanted(std::uint64_t n) const noexcept override
    {
        return wanted_[n] != 0;
    }
    [[nodiscard]] Result<void> read(
        std::uint64_t n, std::size_t begin, std::span<std::byte> out) const override
    {
        for (std::size_t e = 0; e < out.size() / 32; ++e)
            std::ranges::copy(inputs_[n * columns_ + begin + e].to_bytes(), &out[32 * e]);
        return {};
    }
    [[nodiscard]] Result<void> write(
        std::uint64_t n, std::size_t begin, ByteView bytes) const override
    {
        for (std::size_t e = 0; e < bytes.size() / 32; ++e)
            outputs_[n][begin + e] = Fr::parse(bytes.subspan(32 * e).first<32>()).value();
        return {};
    }
    [[nodiscard]] std::optional<Fr> input_factor(std::uint64_t n) const noexcept override
    {
        return input_factors_[n];
    }
    void fill_diagonal(std::uint64_t first, std::uint64_t step, std::span<Fr> out) const override
    {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = numbers_[first + i * step];
    }
    [[nodiscard]] Fr output_factor(std::uint64_t n) const noexcept override
    {
        return output_factors_[n];
    }
    [[nodiscard]] std::uint64_t stored_index(std::uint64_t n) const noexcept override { return n; }

    /// The slow twin: one column at a time, by the generic transforms. Rows not wanted are zero,
    /// as they are where nothing was written.
    void expect_right(const std::string& what) const
    {
        for (std::size_t e = 0; e < columns_; ++e)
        {
            std::vector<Fr> column;
            for (std::size_t n = 0; n < domain_.size(); ++n)
                column.push_back(inputs_[n * columns_ + e] * input_factors_[n]);
            inverse_fft_unscaled(Elements<Fr>{column}, domain_);
            for (std::size_t n = 0; n < domain_.size(); ++n)
                column[n] *= numbers_[n];
            fft(Elements<Fr>{column}, domain_);
            for (std::size_t n = 0; n < domain_.size(); ++n)
                ASSERT_EQ(outputs_[n][e], wanted_[n] != 0 ? column[n] * output_factors_[n] : Fr{})
                    << what << ", row " << n << ", column " << e;
        }
    }

private:
    [[nodiscard]] PositionRange random_range(SeededRandom& random) const
    {
        const auto a = random.below(domain_.size());
        const auto b = random.below(domain_.size());
        return {.begin = std::min(a, b), .end = std::max(a, b) + 1};
    }
    static bool within(PositionRange range, std::uint64_t n)
    {
        return n >= range.begin && n < range.end;
    }

    FftDomain domain_;
    std::size_t columns_;
    PositionRange inputs_range_{};
    PositionRange outputs_range_{};
    std::vector<std::uint8_t> known_;
    std::vector<std::uint8_t> wanted_;
    std::vector<Fr> input_factors_;
    std::vector<Fr> numbers_;
    std::vector<Fr> output_factors_;
    std::vector<Fr> inputs_;
    mutable std::vector<std::vector<Fr>> outputs_;
};

void expect_plan_works(std::size_t rows, const TransformPlan& plan, SeededRandom& random)
{
    constexpr std::size_t COLUMNS = 128;
    const test::TemporaryFolder folder;
    // Runs find in it what the one before left; the first, its own.
    LaneMemory shared;
    LaneMemory* lanes = nullptr;
    using Ranges = RandomTransform::Ranges;
    for (const auto& [kernels, ranges] :
        {std::pair{&portable_fr_lanes(), Ranges::random}, {&fr_lane_kernels(), Ranges::random},
            {&portable_fr_lanes(), Ranges::all_to_first_half},
            {&fr_lane_kernels(), Ranges::all_to_first_half}})
    {
        const RandomTransform transform{rows, COLUMNS, ranges, random};
        const auto done = run_row_transform(transform, *kernels, plan,
            {.progress = {},
                .columns = {.end = COLUMNS},
                .scratch_folder = folder.path(),
                .lanes = std::exchange(lanes, &shared)});
        ASSERT_TRUE(done) << done.error().message;
        transform.expect_right(fmt::format("{} rows in chunks of {}, {} and {} columns, {} sets",
            rows, plan.chunk_rows, plan.chunk_columns, plan.strided_columns, plan.strided_groups));
    }
}

}  // namespace

TEST(row_transform, run_equals_column_by_column_in_one_pass)
{
    SeededRandom random{1};
    for (const std::size_t rows : {1U, 2U, 4U, 16U, 128U})
        expect_plan_works(rows,
            {.chunk_rows = 1, .chunk_columns = 128, .strided_groups = 1, .strided_columns = 64},
            random);
}

TEST(row_transform, run_equals_column_by_column_in_three_passes)
{
    SeededRandom random{2};
    for (const std::size_t rows : {4U, 8U, 64U})
    {
        for (std::size_t chunk = 2; chunk < rows; chunk *= 2)
        {
            for (const std::size_t sets : {std::size_t{1}, std::size_t{2}, chunk})
            {
                expect_plan_works(rows,
                    {.chunk_rows = chunk,
                        .chunk_columns = sets == 1 ? 64U : 128U,
                        .strided_groups = sets,
                        .strided_columns = sets == 2 ? 64U : 128U},
                    random);
            }
        }
    }
}

// What a plan takes is checked, not run: rows up to 2^24, memory from nothing to 64 GiB.
TEST(row_transform, plan_keeps_to_the_memory_but_for_one_slice)
{
    constexpr std::size_t BLOCK_WORDS = 36;
    for (unsigned log_rows = 0; log_rows <= 24; ++log_rows)
    {
        const auto rows = std::size_t{1} << log_rows;
        for (unsigned log_memory = 0; log_memory <= 36; ++log_memory)
        {
            for (const std::size_t columns : {std::size_t{64}, ELEMENTS_PER_BLOB})
            {
                const auto memory = std::uint64_t{1} << log_memory;
                const auto plan = TransformPlan::make(
                    {.rows = rows, .columns = columns, .block_words = BLOCK_WORDS}, memory);
                const auto strided_rows = rows / plan.chunk_rows;
                const auto chunk_bytes =
                    plan.chunk_rows == 1 ? 0 : plan.chunk_rows * plan.chunk_columns * BLOCK_WORDS;
                const auto strided_bytes =
                    plan.strided_groups * strided_rows * plan.strided_columns * BLOCK_WORDS;
                const auto least = std::max(plan.chunk_rows, strided_rows) * 64 * BLOCK_WORDS;
                ASSERT_LE(std::max(chunk_bytes, strided_bytes), std::max(memory, least))
                    << rows << " rows, " << memory << " bytes";
                ASSERT_LE(std::max(plan.chunk_columns, plan.strided_columns), columns);
                if (rows > 2048 && memory < rows * 64 * BLOCK_WORDS)
                {
                    ASSERT_LE(least, std::max<std::uint64_t>(memory, 8192 * 64 * BLOCK_WORDS));
                }
            }
        }
    }
}

TEST(row_transform, run_fails_where_the_scratch_folder_is_missing)
{
    SeededRandom random{3};
    const RandomTransform transform{16, 64, RandomTransform::Ranges::random, random};

    const auto done = run_row_transform(transform, fr_lane_kernels(),
        {.chunk_rows = 4, .chunk_columns = 64, .strided_groups = 1, .strided_columns = 64},
        {.progress = {}, .columns = {.end = 64}, .scratch_folder = "/nonexistent/ashlar"});

    EXPECT_FALSE(done);
}

}  // namespace ashlar
