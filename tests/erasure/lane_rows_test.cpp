#include "erasure/lane_rows.hpp"

#include <gtest/gtest.h>

#include "algebra/lane_array.hpp"
#include "base/random.hpp"
#include "base/shape.hpp"

namespace ashlar
{
namespace
{

/// Rows of one block, in some path's form.
class BlockRows
{
public:
    BlockRows(const FrLaneKernels& kernels, std::size_t count)
      : memory_{make_lane_array(
            count * kernels.block_words * sizeof(std::uint64_t) / sizeof(LanePoint) + 1)},
        rows_{.kernels = kernels,
            .words = reinterpret_cast<std::uint64_t*>(memory_.get()),
            .count = count,
            .blocks_per_row = 1}
    {}

    [[nodiscard]] const LaneRows& rows() const noexcept { return rows_; }

    /// The same element in all columns of a row.
    void set(std::size_t row, const Fr& value) const
    {
        Bytes bytes;
        for (std::size_t i = 0; i < FR_BLOCK_ELEMENTS; ++i)
            append(bytes, value.to_bytes());
        ASSERT_EQ(rows_.kernels.load(
                      reinterpret_cast<const std::uint8_t*>(bytes.data()), rows_.row(row), 1),
            FR_BLOCK_ELEMENTS);
    }

    /// A row's elements times w.
    [[nodiscard]] Bytes get(std::size_t row, const Fr& w) const
    {
        Bytes out(FR_BLOCK_ELEMENTS * BYTES_PER_ELEMENT);
        rows_.kernels.store(
            rows_.row(row), twiddle(w), reinterpret_cast<std::uint8_t*>(out.data()), 1);
        return out;
    }

private:
    LaneArray memory_;
    LaneRows rows_;
};

Fr element(SeededRandom& random)
{
    Bytes64 wide;
    random.fill(wide);
    return Fr::reduce(std::span<const std::byte, 64>{wide});
}

/// Elements near the modulus, among random ones: those drive bounds up.
std::vector<Fr> large_elements(std::size_t count)
{
    SeededRandom random{7};
    std::vector<Fr> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(i % 3 == 0 ? element(random) : -Fr::one());
    return out;
}

class lane_rows : public testing::TestWithParam<const FrLaneKernels*>
{
protected:
    void SetUp() override
    {
        if (GetParam() == nullptr)
            GTEST_SKIP() << "this CPU has no such lanes";
    }
};

// More stages than bounds allow without the one that reduces, and rows past the cache, so that
// parts are quarters: each must equal the scalar transform.
TEST_P(lane_rows, stages_equal_the_scalar_transform_in_large_domains)
{
    constexpr std::size_t COUNT = std::size_t{1} << 16;
    const FftDomain domain{COUNT};
    auto expected = large_elements(COUNT);
    const BlockRows lanes{*GetParam(), COUNT};
    for (std::size_t i = 0; i < COUNT; ++i)
        lanes.set(i, expected[i]);

    inverse_stages(lanes.rows(), domain, {}, COUNT, true);
    inverse_fft_unscaled(Elements<Fr>{expected}, domain);
    for (std::size_t i = 0; i < COUNT; i += 97)
        ASSERT_EQ(to_hex(lanes.get(i, Fr::one())).substr(0, 64), to_hex(expected[i].to_bytes()));

    for (std::size_t i = 0; i < COUNT; ++i)
        GetParam()->scale(lanes.rows().row(i), twiddle(Fr::one()), 1);
    forward_stages(lanes.rows(), domain, {.wanted_begin = 0, .wanted_end = COUNT});
    const auto original = large_elements(COUNT);
    for (std::size_t i = 0; i < COUNT; ++i)
        ASSERT_EQ(to_hex(lanes.get(i, domain.size_inverse())).substr(0, 64),
            to_hex(original[i].to_bytes()))
            << i;
}

INSTANTIATE_TEST_SUITE_P(all, lane_rows,
    testing::Values(&portable_fr_lanes(), avx2_fr_lanes(), ifma_fr_lanes()), [](const auto& suite) {
        const auto* const lanes = suite.index == 1 ? "avx2fma" : "avx512ifma";
        return std::string{suite.index == 0 ? "portable" : lanes};
    });

}  // namespace
}  // namespace ashlar
