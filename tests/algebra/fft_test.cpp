#include "algebra/fft.hpp"

#include <gtest/gtest.h>

#include "tests/oracle/naive.hpp"

namespace ashlar
{
namespace
{

std::vector<Fr> coefficients(std::size_t count, std::uint64_t seed)
{
    std::vector<Fr> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(Fr::from_u64(seed + i).pow(7) - Fr::from_u64(i));
    return out;
}

std::vector<G1> in_exponent(std::span<const Fr> values)
{
    std::vector<G1> out;
    for (const auto& value : values)
        out.push_back(G1::generator() * value);
    return out;
}

TEST(fft, domain_lists_the_roots)
{
    for (const std::size_t size : {1U, 2U, 16U})
    {
        const FftDomain domain{size};
        EXPECT_EQ(domain.size(), size);
        EXPECT_EQ(domain.size_inverse() * Fr::from_u64(size), Fr::one());
        for (std::size_t i = 0; i < size; ++i)
        {
            EXPECT_EQ(domain.root(i), domain.generator().pow(i));
            EXPECT_EQ(domain.root(i) * domain.inverse_root(i), Fr::one());
            EXPECT_EQ(domain.point(i), naive::point_of(i, size));
        }
    }
}

TEST(fft, of_scalars_equals_naive_dft_and_inverts)
{
    for (const std::size_t size : {1U, 2U, 4U, 8U, 64U, 256U})
    {
        const FftDomain domain{size};
        const auto before = coefficients(size, 5);
        auto values = before;

        fft(Elements<Fr>{values}, domain);
        EXPECT_EQ(values, naive::dft<Fr>(before, size)) << size;

        inverse_fft(Elements<Fr>{values}, domain);
        EXPECT_EQ(values, before) << size;
    }
}

TEST(fft, unscaled_inverse_is_size_times_the_inverse)
{
    const FftDomain domain{16};
    const auto before = coefficients(16, 2);
    auto values = naive::dft<Fr>(before, 16);

    inverse_fft_unscaled(Elements<Fr>{values}, domain);

    for (std::size_t i = 0; i < 16; ++i)
        EXPECT_EQ(values[i], before[i] * Fr::from_u64(16));
}

TEST(fft, of_points_equals_naive_dft_and_inverts)
{
    for (const std::size_t size : {1U, 2U, 8U, 16U})
    {
        const FftDomain domain{size};
        auto before = in_exponent(coefficients(size, 3));
        before[size / 2] = G1{};
        auto values = before;

        fft(Elements<G1>{values}, domain);
        EXPECT_EQ(values, naive::dft<G1>(before, size)) << size;

        inverse_fft(Elements<G1>{values}, domain);
        EXPECT_EQ(values, before) << size;
    }
}

TEST(fft, of_rows_equals_fft_of_every_column)
{
    constexpr std::size_t SIZE = 16;
    constexpr std::size_t WIDTH = 5;
    const FftDomain domain{SIZE};
    auto rows = coefficients(SIZE * WIDTH, 11);
    const auto before = rows;
    const auto column = [](const std::vector<Fr>& values, std::size_t c) {
        std::vector<Fr> out;
        for (std::size_t i = 0; i < SIZE; ++i)
            out.push_back(values[i * WIDTH + c]);
        return out;
    };

    fft(Rows{rows, WIDTH}, domain);
    for (std::size_t c = 0; c < WIDTH; ++c)
        EXPECT_EQ(column(rows, c), naive::dft<Fr>(column(before, c), SIZE)) << c;

    inverse_fft(Rows{rows, WIDTH}, domain);
    EXPECT_EQ(rows, before);

    extend_to_coset(Rows{rows, WIDTH}, domain);
    for (std::size_t c = 0; c < WIDTH; ++c)
    {
        auto expected = column(before, c);
        extend_to_coset(Elements<Fr>{expected}, domain);
        EXPECT_EQ(column(rows, c), expected) << c;
    }
}

TEST(fft, extend_to_coset_gives_the_second_half_of_the_codeword)
{
    for (const std::size_t size : {1U, 2U, 16U, 64U})
    {
        const FftDomain domain{size};
        const auto polynomial = coefficients(size, 8);
        const auto codeword = naive::dft<Fr>(polynomial, 2 * size);
        const auto half = codeword.begin() + static_cast<std::ptrdiff_t>(size);

        std::vector<Fr> values(codeword.begin(), half);
        extend_to_coset(Elements<Fr>{values}, domain);

        EXPECT_EQ(values, (std::vector<Fr>{half, codeword.end()})) << size;
    }
}

TEST(fft, extend_to_coset_of_points_extends_their_logarithms)
{
    constexpr std::size_t SIZE = 16;
    const FftDomain domain{SIZE};
    auto scalars = coefficients(SIZE, 4);
    auto points = in_exponent(scalars);

    extend_to_coset(Elements<Fr>{scalars}, domain);
    extend_to_coset(Elements<G1>{points}, domain);

    EXPECT_EQ(points, in_exponent(scalars));
}

}  // namespace
}  // namespace ashlar
