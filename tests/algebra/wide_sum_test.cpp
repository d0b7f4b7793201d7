#include "algebra/wide_sum.hpp"

#include <gtest/gtest.h>
#include <memory>

#include "base/random.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t BLOCKS = 3;
constexpr std::size_t ELEMENTS = BLOCKS * WIDE_SUM_ELEMENTS;

std::vector<WideSumKernel> all_kernels()
{
    std::vector<WideSumKernel> out{add_wide_sums_portably};
    if (avx2_wide_sum() != nullptr)
        out.push_back(avx2_wide_sum());
    return out;
}

class wide_sum : public testing::TestWithParam<WideSumKernel>
{
};
INSTANTIATE_TEST_SUITE_P(kernels, wide_sum, testing::ValuesIn(all_kernels()));

/// Terms of `ELEMENTS` integers each.
struct Terms
{
    std::vector<Bytes> integers;
    std::vector<SpreadCoefficient> gammas;

    /// @pre values fit the width
    void add(const SpreadCoefficient& gamma, std::span<const Fr, ELEMENTS> values,
        std::size_t width = 32)
    {
        Bytes bytes;
        for (const auto& value : values)
            append(bytes, ByteView{value.to_bytes()}.last(width));
        integers.push_back(std::move(bytes));
        gammas.push_back(gamma);
    }
};

struct Outcome
{
    std::vector<Fr> sums;
    std::vector<bool> not_below_r;
};

Outcome run(WideSumKernel kernel, const Terms& terms)
{
    std::vector<PackedIntegers> integers;
    for (const auto& bytes : terms.integers)
        integers.push_back({.first = bytes.data(), .width = bytes.size() / ELEMENTS});
    const auto flags = std::make_unique<bool[]>(terms.integers.size());
    std::array<WideSums, BLOCKS> sums{};
    kernel({.integers = integers.data(),
        .gammas = terms.gammas.data(),
        .count = integers.size(),
        .sums = sums.data(),
        .blocks = BLOCKS,
        .not_below_r = flags.get()});
    Outcome out;
    for (std::size_t e = 0; e < ELEMENTS; ++e)
        out.sums.push_back(reduce(sums[e / WIDE_SUM_ELEMENTS], e % WIDE_SUM_ELEMENTS));
    out.not_below_r.assign(flags.get(), flags.get() + integers.size());
    return out;
}

Fr value_of(const SpreadCoefficient& gamma)
{
    Fr out;
    for (std::size_t j = gamma.limbs.size(); j-- > 0;)
        out = out * Fr::from_u64(std::uint64_t{1} << 32) + Fr::from_u64(gamma.limbs[j]);
    return out;
}

constexpr SpreadCoefficient GREATEST = {{0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff}};

// The twin: term by term in the field. Counts around the number of terms between carries.
TEST_P(wide_sum, equals_sums_in_the_field)
{
    for (const std::size_t count : {0U, 1U, 11U, 12U, 13U, 24U, 25U, 100U})
    {
        Terms terms;
        std::vector<Fr> expected(ELEMENTS);
        for (const auto& gamma : random_spread_coefficients(count))
        {
            std::array<Fr, ELEMENTS> values;
            std::ranges::generate(values, random_fr);
            terms.add(gamma, values);
            for (std::size_t e = 0; e < ELEMENTS; ++e)
                expected[e] += value_of(gamma) * values[e];
        }
        const auto outcome = run(GetParam(), terms);
        EXPECT_EQ(outcome.sums, expected) << count;
        EXPECT_EQ(outcome.not_below_r, std::vector<bool>(count)) << count;
    }
}

/// Any of 31 bytes.
Fr random_short()
{
    Bytes32 bytes{};
    system_random().fill(std::span{bytes}.subspan(1));
    return Fr::parse(bytes).value();
}

// Buffers end with the last integer: asan sees a read beyond.
TEST_P(wide_sum, of_short_integers_among_others_equals_sums_in_the_field)
{
    for (const std::size_t count : {1U, 12U, 13U, 50U})
    {
        Terms terms;
        std::vector<Fr> expected(ELEMENTS);
        for (const auto& gamma : random_spread_coefficients(count))
        {
            const std::size_t width = terms.gammas.size() % 3 == 1 ? 32 : 31;
            std::array<Fr, ELEMENTS> values;
            std::ranges::generate(values, width == 32 ? random_fr : random_short);
            terms.add(gamma, values, width);
            for (std::size_t e = 0; e < ELEMENTS; ++e)
                expected[e] += value_of(gamma) * values[e];
        }
        const auto outcome = run(GetParam(), terms);
        EXPECT_EQ(outcome.sums, expected) << count;
        EXPECT_EQ(outcome.not_below_r, std::vector<bool>(count)) << count;
    }
}

TEST_P(wide_sum, of_the_greatest_short_integers_does_not_overflow)
{
    constexpr std::size_t COUNT = 5000;
    Bytes32 greatest;
    greatest.fill(std::byte{0xff});
    greatest[0] = std::byte{0};
    std::array<Fr, ELEMENTS> values;
    values.fill(Fr::parse(greatest).value());
    Terms terms;
    for (std::size_t i = 0; i < COUNT; ++i)
        terms.add(GREATEST, values, 31);
    const auto outcome = run(GetParam(), terms);
    EXPECT_EQ(outcome.sums,
        std::vector<Fr>(ELEMENTS, value_of(GREATEST) * Fr::from_u64(COUNT) * values[0]));
    EXPECT_EQ(outcome.not_below_r, std::vector<bool>(COUNT));
}

TEST_P(wide_sum, of_the_greatest_values_does_not_overflow)
{
    constexpr std::size_t COUNT = 5000;
    std::array<Fr, ELEMENTS> values;
    values.fill(-Fr::one());
    Terms terms;
    for (std::size_t i = 0; i < COUNT; ++i)
        terms.add(GREATEST, values);
    const auto outcome = run(GetParam(), terms);
    const auto expected = -(value_of(GREATEST) * Fr::from_u64(COUNT));
    EXPECT_EQ(outcome.sums, std::vector<Fr>(ELEMENTS, expected));
    EXPECT_EQ(outcome.not_below_r, std::vector<bool>(COUNT));
}

TEST_P(wide_sum, names_the_terms_with_integers_from_the_modulus_on)
{
    auto modulus = (-Fr::one()).to_bytes();
    modulus[31] = std::byte{1};
    Bytes32 top_bit{};
    top_bit[0] = std::byte{0x80};
    Bytes32 greatest;
    greatest.fill(std::byte{0xff});
    auto one_less = modulus;
    one_less[31] = std::byte{0};
    for (const auto& [integer, bad] :
        {std::pair{modulus, true}, {top_bit, true}, {greatest, true}, {one_less, false}})
    {
        for (std::size_t e = 0; e < ELEMENTS; ++e)
        {
            Terms terms;
            const std::array<Fr, ELEMENTS> zeros{};
            for (std::size_t i = 0; i < 15; ++i)
                terms.add(GREATEST, zeros);
            for (const std::size_t place : {2U, 14U})
                std::ranges::copy(
                    integer, terms.integers[place].begin() + static_cast<std::ptrdiff_t>(32 * e));
            std::vector<bool> expected(15);
            expected[2] = expected[14] = bad;
            EXPECT_EQ(run(GetParam(), terms).not_below_r, expected) << e;
        }
    }
}

TEST(spread_coefficient, is_its_integer)
{
    for (const auto& gamma : random_spread_coefficients(20))
    {
        for (const auto limb : gamma.limbs)
            EXPECT_LT(limb, 1U << SpreadCoefficient::BITS_PER_LIMB);
        const auto scalar = value_of(gamma).to_scalar();
        const auto actual = gamma.to_scalar();
        EXPECT_TRUE(std::ranges::equal(actual.b, scalar.b));
    }
}

TEST(spread_coefficient, differs_from_draw_to_draw)
{
    const auto drawn = random_spread_coefficients(64);
    for (std::size_t i = 1; i < drawn.size(); ++i)
        EXPECT_NE(drawn[i].limbs, drawn[i - 1].limbs);
}

}  // namespace
}  // namespace ashlar
