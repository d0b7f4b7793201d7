#include "checkpoint/gguf.hpp"

#include <gtest/gtest.h>

#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

using test::le;

constexpr std::uint32_t F32 = 0;
constexpr std::uint32_t Q4_0 = 2;

Result<TensorList> parse_gguf_text(std::string_view contents)
{
    return parse_gguf(test::memory_file(contents), contents.size());
}

std::string text(std::string_view characters)
{
    return le(std::uint64_t{characters.size()}) + std::string{characters};
}

std::string head(std::uint64_t tensors, std::uint64_t keys, std::uint32_t version = 3)
{
    return "GGUF" + le(version) + le(tensors) + le(keys);
}

std::string uint32_value(std::string_view key, std::uint32_t value)
{
    return text(key) + le(std::uint32_t{4}) + le(value);
}

std::string tensor_info(std::string_view name, std::vector<std::uint64_t> shape, std::uint32_t type,
    std::uint64_t offset)
{
    auto out = text(name) + le(static_cast<std::uint32_t>(shape.size()));
    for (const auto dimension : shape)
        out += le(dimension);
    return out + le(type) + le(offset);
}

/// Zeros up to the alignment, then `data_bytes` of data.
std::string with_data(std::string header, std::size_t data_bytes, std::size_t alignment = 32)
{
    header.resize((header.size() + alignment - 1) / alignment * alignment);
    return header + std::string(data_bytes, 'x');
}

TEST(gguf, parse_returns_tensors_by_name_with_offsets_in_the_file)
{
    for (const std::uint32_t version : {2u, 3u})
    {
        const auto file =
            with_data(head(2, 1, version) + uint32_value("k", 7) +
                          tensor_info("w", {64, 2}, Q4_0, 0) + tensor_info("b", {3}, F32, 96),
                96 + 12);
        const auto data_begin = file.size() - 108;
        const auto tensors = parse_gguf_text(file).value();

        ASSERT_EQ(tensors.size(), 2);
        EXPECT_EQ(tensors[0].name, "b");
        EXPECT_EQ(tensors[0].dtype, Dtype{128});
        EXPECT_EQ(tensors[0].offset, data_begin + 96);
        EXPECT_EQ(tensors[0].size, 12);
        EXPECT_EQ(tensors[1].name, "w");
        EXPECT_EQ(tensors[1].dtype, Dtype{130});
        EXPECT_EQ(tensors[1].shape, (std::vector<std::uint64_t>{64, 2}));
        EXPECT_EQ(tensors[1].offset, data_begin);
        EXPECT_EQ(tensors[1].size, 72);
    }
}

TEST(gguf, parse_refuses_other_magic_and_versions)
{
    EXPECT_TRUE(parse_gguf_text(head(0, 0)));
    EXPECT_FALSE(parse_gguf_text("GGUG" + head(0, 0).substr(4)));
    for (const std::uint32_t version : {0u, 1u, 4u, 0x03000000u})
        EXPECT_FALSE(parse_gguf_text(head(0, 0, version))) << version;
}

TEST(gguf, parse_refuses_every_truncation_of_the_header)
{
    const auto header = head(1, 3) + uint32_value("k", 7) + text("s") + le(8u) + text("hello") +
                        text("a") + le(9u) + le(8u) + le(std::uint64_t{2}) + text("x") + text("") +
                        tensor_info("w", {8}, F32, 0);
    const auto file = with_data(header, 32);
    EXPECT_TRUE(parse_gguf_text(file));
    for (std::size_t bytes = 0; bytes < file.size(); ++bytes)
        EXPECT_FALSE(parse_gguf_text(file.substr(0, bytes))) << bytes;
}

TEST(gguf, parse_honours_the_alignment)
{
    const auto aligned = [](std::uint32_t alignment, std::uint64_t second) {
        return with_data(head(2, 1) + uint32_value("general.alignment", alignment) +
                             tensor_info("a", {1}, F32, 0) + tensor_info("b", {1}, F32, second),
            second + 4, alignment == 0 ? 1 : alignment);
    };
    EXPECT_TRUE(parse_gguf_text(aligned(64, 64)));
    EXPECT_TRUE(parse_gguf_text(aligned(1, 4)));
    EXPECT_FALSE(parse_gguf_text(aligned(64, 32)));
    EXPECT_FALSE(parse_gguf_text(aligned(0, 4)));
    EXPECT_FALSE(parse_gguf_text(aligned(48, 48)));
    EXPECT_TRUE(parse_gguf_text(aligned(1u << 20, 1u << 20)));
    EXPECT_FALSE(parse_gguf_text(aligned(1u << 21, 1u << 21)));
}

TEST(gguf, parse_refuses_nested_arrays_and_unknown_value_types)
{
    const auto array_of = [](std::uint32_t type, std::uint64_t count, std::string_view items) {
        return head(0, 1) + text("k") + le(9u) + le(type) + le(count) + std::string{items};
    };
    EXPECT_TRUE(parse_gguf_text(array_of(4, 1, le(1u))));
    EXPECT_TRUE(parse_gguf_text(array_of(8, 0, "")));
    EXPECT_FALSE(parse_gguf_text(array_of(9, 0, "")));
    EXPECT_FALSE(parse_gguf_text(array_of(13, 0, "")));
    EXPECT_FALSE(parse_gguf_text(array_of(4, 2, le(1u))));
    EXPECT_FALSE(parse_gguf_text(array_of(10, std::uint64_t{1} << 61, "")));
    EXPECT_FALSE(parse_gguf_text(head(0, 1) + text("k") + le(13u) + le(1u)));
}

TEST(gguf, parse_refuses_keys_empty_or_twice)
{
    EXPECT_TRUE(parse_gguf_text(head(0, 2) + uint32_value("a", 1) + uint32_value("b", 1)));
    EXPECT_FALSE(parse_gguf_text(head(0, 2) + uint32_value("a", 1) + uint32_value("a", 2)));
    EXPECT_FALSE(parse_gguf_text(head(0, 1) + uint32_value("", 1)));
    EXPECT_FALSE(parse_gguf_text(head(0, 1) + uint32_value("\xff", 1)));
}

TEST(gguf, parse_refuses_tensors_twice_out_of_place_or_beyond_the_file)
{
    const auto two = [](std::string_view name, std::uint64_t offset, std::size_t data_bytes) {
        return parse_gguf_text(with_data(
            head(2, 0) + tensor_info("a", {8}, F32, 0) + tensor_info(name, {8}, F32, offset),
            data_bytes));
    };
    EXPECT_TRUE(two("b", 32, 64));
    EXPECT_TRUE(two("b", 32, 65));
    EXPECT_FALSE(two("b", 32, 63));
    EXPECT_FALSE(two("a", 32, 64));
    EXPECT_FALSE(two("b", 0, 64));
    EXPECT_FALSE(two("b", 64, 96));
}

TEST(gguf, parse_refuses_shapes_past_the_limits)
{
    const auto one = [](std::vector<std::uint64_t> shape, std::uint32_t type) {
        return parse_gguf_text(
            with_data(head(1, 0) + tensor_info("a", std::move(shape), type, 0), 256));
    };
    EXPECT_TRUE(one({1, 1, 1, 1}, F32));
    EXPECT_FALSE(one({1, 1, 1, 1, 1}, F32));
    EXPECT_TRUE(one({32}, Q4_0));
    EXPECT_FALSE(one({16, 2}, Q4_0));
    EXPECT_FALSE(one({1}, 4));
    EXPECT_FALSE(one({1}, 200));
    EXPECT_TRUE(one({0}, F32));
    EXPECT_TRUE(one({0, 0x7fff'ffff'ffff'ffff}, F32));
    EXPECT_FALSE(one({0, 0x8000'0000'0000'0000}, F32));
}

TEST(gguf, parse_accepts_names_of_63_bytes_and_refuses_64)
{
    const auto named = [](std::size_t bytes) {
        return parse_gguf_text(
            with_data(head(1, 0) + tensor_info(std::string(bytes, 'n'), {8}, F32, 0), 32));
    };
    EXPECT_TRUE(named(63));
    EXPECT_FALSE(named(64));
}

}  // namespace
}  // namespace ashlar
