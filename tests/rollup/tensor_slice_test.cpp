#include "rollup/tensor_slice.hpp"

#include <gtest/gtest.h>

#include "checkpoint/dtype.hpp"

namespace ashlar::test
{
namespace
{

Tensor tensor_of(const char* dtype, std::vector<std::uint64_t> shape)
{
    const auto type = *safetensors_dtype(dtype);
    const auto size = tensor_bytes(*describe(type), shape).value();
    return {.name = "t",
        .file_index = 0,
        .dtype = type,
        .shape = std::move(shape),
        .offset = 0,
        .size = size};
}

std::pair<std::uint64_t, std::uint64_t> slice(const Tensor& tensor, std::string_view index)
{
    const auto range = tensor_slice(tensor, index);
    return range ? std::pair{range->offset, range->size}
                 : std::pair<std::uint64_t, std::uint64_t>{};
}

using Pair = std::pair<std::uint64_t, std::uint64_t>;

TEST(tensor_slice, single_elements_rows_and_ranges)
{
    const auto tensor = tensor_of("BF16", {8, 64});

    EXPECT_EQ(slice(tensor, "0,0"), (Pair{0, 2}));
    EXPECT_EQ(slice(tensor, "7,63"), (Pair{1022, 2}));
    EXPECT_EQ(slice(tensor, "5,7"), (Pair{2 * (5 * 64 + 7), 2}));
    EXPECT_EQ(slice(tensor, "5"), (Pair{640, 128}));
    EXPECT_EQ(slice(tensor, "5,:"), (Pair{640, 128}));
    EXPECT_EQ(slice(tensor, "5,3:9"), (Pair{646, 12}));
    EXPECT_EQ(slice(tensor, "5,60:"), (Pair{760, 8}));
    EXPECT_EQ(slice(tensor, "5,:4"), (Pair{640, 8}));
    EXPECT_EQ(slice(tensor, "2:4"), (Pair{256, 256}));
    EXPECT_EQ(slice(tensor, "2:4,0:64"), (Pair{256, 256}));
    EXPECT_EQ(slice(tensor, ":"), (Pair{0, 1024}));
    EXPECT_EQ(slice(tensor, ""), (Pair{0, 1024}));
}

TEST(tensor_slice, bytes_that_do_not_follow_one_another_are_refused)
{
    EXPECT_FALSE(tensor_slice(tensor_of("BF16", {8, 64}), "2:4,0:63"));
    EXPECT_FALSE(tensor_slice(tensor_of("BF16", {8, 64}), ":,3"));
    EXPECT_FALSE(tensor_slice(tensor_of("F32", {2, 3, 4}), "0:2,1,:"));
    // One coordinate of a dimension of one is all of it.
    EXPECT_EQ(slice(tensor_of("F32", {2, 1, 4}), "0:2,0,:"), (Pair{0, 32}));
    EXPECT_EQ(slice(tensor_of("F32", {2, 3, 4}), "1,0:2"), (Pair{48, 32}));
}

TEST(tensor_slice, malformed_or_outside_is_refused)
{
    const auto tensor = tensor_of("BF16", {8, 64});
    for (const auto* index : {"8", "0,64", "0,0,0", "3:3", "4:3", "0:9", "-1", "a", "1,", ",",
             "1,,2", " 1", "1:2:3", "18446744073709551616", "0x1", "18446744073709551615"})
        EXPECT_FALSE(tensor_slice(tensor, index)) << index;
    EXPECT_FALSE(tensor_slice(tensor_of("F32", {}), "0"));
    EXPECT_EQ(slice(tensor_of("F32", {}), ""), (Pair{0, 4}));
}

TEST(tensor_slice, elements_without_whole_bytes_are_refused)
{
    EXPECT_FALSE(tensor_slice(tensor_of("F4", {8, 64}), "0,0"));
    EXPECT_EQ(slice(tensor_of("F4", {8, 64}), ""), (Pair{0, 256}));
    auto unknown = tensor_of("U8", {4});
    unknown.dtype = Dtype::unknown;
    EXPECT_FALSE(tensor_slice(unknown, "0"));
}

// ggml's type 0 is F32; its first dimension is the row.
TEST(tensor_slice, gguf_counts_its_first_dimension_fastest)
{
    const Tensor tensor{.name = "t",
        .file_index = 0,
        .dtype = Dtype{DTYPE_GGUF_BASE},
        .shape = {64, 8},
        .offset = 0,
        .size = 2048};
    EXPECT_EQ(slice(tensor, "7,5"), (Pair{4 * (5 * 64 + 7), 4}));
    EXPECT_EQ(slice(tensor, ":,5"), (Pair{4 * 5 * 64, 256}));
    EXPECT_FALSE(tensor_slice(tensor, "5"));
}

// Twin: an element's place by counting.
TEST(tensor_slice, every_element_is_where_counting_finds_it)
{
    const auto tensor = tensor_of("F32", {3, 4, 5});
    std::uint64_t place = 0;
    for (int a = 0; a < 3; ++a)
    {
        for (int b = 0; b < 4; ++b)
        {
            for (int c = 0; c < 5; ++c, place += 4)
                EXPECT_EQ(slice(tensor, fmt::format("{},{},{}", a, b, c)), (Pair{place, 4}));
        }
    }
}

}  // namespace
}  // namespace ashlar::test
