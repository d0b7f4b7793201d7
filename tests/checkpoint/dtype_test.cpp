#include "checkpoint/dtype.hpp"

#include <array>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

using Shape = std::vector<std::uint64_t>;

// The order of DESIGN's list is the numbering.
TEST(dtype, safetensors_dtype_numbers_are_those_of_the_format)
{
    constexpr std::array NAMES{"BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "I16", "U16", "F16",
        "BF16", "I32", "U32", "F32", "F64", "I64", "U64", "F4", "F6_E2M3", "F6_E3M2", "F8_E8M0",
        "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64"};
    constexpr std::array<unsigned, 22> BITS{
        8, 8, 8, 8, 8, 16, 16, 16, 16, 32, 32, 32, 64, 64, 64, 4, 6, 6, 8, 8, 8, 64};
    for (std::size_t i = 0; i < NAMES.size(); ++i)
    {
        const auto dtype = safetensors_dtype(NAMES[i]);
        ASSERT_TRUE(dtype) << NAMES[i];
        EXPECT_EQ(static_cast<unsigned>(*dtype), i + 1);
        EXPECT_EQ(describe(*dtype)->block_bits, BITS[i]);
        EXPECT_EQ(describe(*dtype)->block_elements, 1);
        EXPECT_EQ(to_string(*dtype), NAMES[i]);
    }
}

TEST(dtype, safetensors_dtype_knows_no_other_names)
{
    EXPECT_FALSE(safetensors_dtype("GGML_F32"));
    EXPECT_FALSE(safetensors_dtype("bf16"));
    EXPECT_FALSE(safetensors_dtype(""));
}

TEST(dtype, is_defined_leaves_out_the_numbers_between_the_formats)
{
    EXPECT_TRUE(is_defined(Dtype::unknown));
    EXPECT_TRUE(is_defined(Dtype{22}));
    EXPECT_FALSE(is_defined(Dtype{23}));
    EXPECT_FALSE(is_defined(Dtype{127}));
    EXPECT_TRUE(is_defined(Dtype{128}));
    EXPECT_TRUE(is_defined(Dtype{255}));
    EXPECT_FALSE(describe(Dtype{255}));
    EXPECT_EQ(to_string(Dtype{255}), "dtype 255");
}

TEST(dtype, tensor_bytes_counts_whole_blocks_of_the_first_dimension)
{
    const auto q4_k = *describe(Dtype{128 + 12});
    EXPECT_EQ(q4_k.name, "GGML_Q4_K");
    EXPECT_EQ(tensor_bytes(q4_k, Shape{512, 3}).value(), 2 * 3 * 144);
    EXPECT_EQ(tensor_bytes(q4_k, Shape{0}).value(), 0);
    EXPECT_FALSE(tensor_bytes(q4_k, Shape{3, 512}));
    EXPECT_FALSE(tensor_bytes(q4_k, Shape{}));
}

TEST(dtype, tensor_bytes_requires_bits_to_end_at_a_byte)
{
    const auto f4 = *describe(Dtype{16});
    const auto f6 = *describe(Dtype{17});
    EXPECT_EQ(tensor_bytes(f4, Shape{4}).value(), 2);
    EXPECT_FALSE(tensor_bytes(f4, Shape{3}));
    EXPECT_EQ(tensor_bytes(f6, Shape{4}).value(), 3);
    EXPECT_FALSE(tensor_bytes(f6, Shape{5}));
}

TEST(dtype, element_count_refuses_the_first_product_past_64_bits)
{
    constexpr auto MAX = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(element_count(Shape{}).value(), 1);
    EXPECT_EQ(element_count(Shape{MAX}).value(), MAX);
    EXPECT_EQ(element_count(Shape{0, MAX, MAX}).value(), 0);
    EXPECT_FALSE(element_count(Shape{std::uint64_t{1} << 32, std::uint64_t{1} << 32}));
    EXPECT_FALSE(element_count(Shape{MAX, MAX, 0}));
}

TEST(dtype, tensor_bytes_refuses_bits_past_64_bits)
{
    const auto u8 = *describe(Dtype{2});
    constexpr auto FITS = (std::uint64_t{1} << 61) - 1;
    EXPECT_EQ(tensor_bytes(u8, Shape{FITS}).value(), FITS);
    EXPECT_FALSE(tensor_bytes(u8, Shape{FITS + 1}));
}

}  // namespace
}  // namespace ashlar
