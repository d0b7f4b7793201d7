#include "checkpoint/safetensors.hpp"

#include <gtest/gtest.h>

#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

Result<TensorList> parse_safetensors_text(std::string_view contents)
{
    return parse_safetensors(test::memory_file(contents), contents.size());
}

Result<TensorList> parse_safetensors_text(std::string_view header, std::size_t data_bytes)
{
    return parse_safetensors_text(test::safetensors_file(header, std::string(data_bytes, 'x')));
}

void expect_refused(std::string_view header, std::size_t data_bytes)
{
    const auto parsed = parse_safetensors_text(header, data_bytes);
    ASSERT_FALSE(parsed) << header;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid_input) << header;
}

TEST(safetensors, parse_returns_tensors_by_name_with_offsets_in_the_file)
{
    constexpr std::string_view HEADER =
        R"({"__metadata__":{"format":"pt"},)"
        R"("b":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]},)"
        R"("a":{"data_offsets":[12,16],"shape":[],"dtype":"F32"},)"
        R"("c":{"dtype":"I64","shape":[0,7],"data_offsets":[12,12]}})";
    const auto tensors = parse_safetensors_text(HEADER, 16).value();

    ASSERT_EQ(tensors.size(), 3);
    EXPECT_EQ(tensors[0].name, "a");
    EXPECT_TRUE(tensors[0].shape.empty());
    EXPECT_EQ(tensors[0].dtype, Dtype{12});
    EXPECT_EQ(tensors[0].offset, 8 + HEADER.size() + 12);
    EXPECT_EQ(tensors[0].size, 4);
    EXPECT_EQ(tensors[1].name, "b");
    EXPECT_EQ(tensors[1].shape, (std::vector<std::uint64_t>{2, 3}));
    EXPECT_EQ(tensors[1].offset, 8 + HEADER.size());
    EXPECT_EQ(tensors[2].name, "c");
    EXPECT_EQ(tensors[2].size, 0);
}

TEST(safetensors, parse_knows_all_dtypes_and_their_sizes)
{
    // Bytes of eight elements, from safetensors' own table.
    const std::pair<const char*, std::uint64_t> table[] = {{"BOOL", 8}, {"F4", 4}, {"F6_E2M3", 6},
        {"F6_E3M2", 6}, {"U8", 8}, {"I8", 8}, {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8},
        {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16}, {"U16", 16}, {"F16", 16}, {"BF16", 16},
        {"I32", 32}, {"U32", 32}, {"F32", 32}, {"C64", 64}, {"F64", 64}, {"I64", 64}, {"U64", 64}};
    static_assert(std::size(table) == DTYPE_SAFETENSORS_MAX);
    for (const auto& [name, bytes] : table)
    {
        const auto header = fmt::format(
            R"({{"x":{{"dtype":"{}","shape":[2,4],"data_offsets":[0,{}]}}}})", name, bytes);
        const auto tensors = parse_safetensors_text(header, bytes);
        ASSERT_TRUE(tensors) << name;
        EXPECT_EQ(to_string((*tensors)[0].dtype), name);
        EXPECT_EQ((*tensors)[0].size, bytes) << name;
    }
}

TEST(safetensors, parse_accepts_headers_without_tensors)
{
    EXPECT_TRUE(parse_safetensors_text("{}", 0).value().empty());
    EXPECT_TRUE(parse_safetensors_text(" \n{}\t ", 0).value().empty());
    EXPECT_TRUE(parse_safetensors_text(R"({"__metadata__":{}})", 0).value().empty());
    expect_refused("{}", 1);
    expect_refused("", 0);
    expect_refused("   ", 0);
}

TEST(safetensors, parse_refuses_lengths_that_the_file_does_not_have)
{
    EXPECT_FALSE(parse_safetensors_text(""));
    EXPECT_FALSE(parse_safetensors_text(std::string(7, '\0')));
    EXPECT_FALSE(parse_safetensors_text(test::le(std::uint64_t{3}) + "{}"));
    EXPECT_FALSE(parse_safetensors_text(test::le(~std::uint64_t{0}) + "{}"));
    EXPECT_TRUE(parse_safetensors_text(test::le(std::uint64_t{2}) + "{}"));
}

TEST(safetensors, parse_accepts_the_greatest_header_and_refuses_one_byte_more)
{
    const auto sparse = [](std::uint64_t header_bytes) {
        auto file = test::memory_file(test::le(header_bytes) + "{}");
        EXPECT_TRUE(file.truncate(8 + header_bytes));
        return parse_safetensors(file, 8 + header_bytes);
    };
    // The rest of the header is NUL, which is no white space: refused, but for another reason.
    EXPECT_EQ(sparse(SAFETENSORS_HEADER_BYTES_MAX).error().message, "bytes follow the JSON");
    EXPECT_NE(sparse(SAFETENSORS_HEADER_BYTES_MAX + 1).error().message, "bytes follow the JSON");
}

TEST(safetensors, parse_refuses_holes_overlaps_and_tails)
{
    const auto two = [](int a, int b, int c, int d) {
        return fmt::format(R"({{"x":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}},)"
                           R"("y":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}}}})",
            b - a, a, b, d - c, c, d);
    };
    EXPECT_TRUE(parse_safetensors_text(two(0, 4, 4, 8), 8));
    EXPECT_TRUE(parse_safetensors_text(two(4, 8, 0, 4), 8));
    expect_refused(two(0, 4, 5, 9), 9);
    expect_refused(two(0, 4, 3, 7), 7);
    expect_refused(two(1, 4, 4, 8), 8);
    expect_refused(two(0, 4, 0, 4), 4);
    expect_refused(two(0, 4, 4, 8), 7);
    expect_refused(two(0, 4, 4, 8), 9);
}

TEST(safetensors, parse_refuses_sizes_that_the_shape_does_not_give)
{
    expect_refused(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4);
    expect_refused(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4);
    expect_refused(R"({"x":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}})", 2);
    expect_refused(
        R"({"x":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0);
    expect_refused(R"({"x":{"dtype":"U8","shape":[0],"data_offsets":[18446744073709551615,)"
                   R"(18446744073709551615]}})",
        0);
}

TEST(safetensors, parse_refuses_fields_missing_twice_or_unknown)
{
    expect_refused(R"({"x":{"shape":[],"data_offsets":[0,1]}})", 1);
    expect_refused(R"({"x":{"dtype":"U8","data_offsets":[0,1]}})", 1);
    expect_refused(R"({"x":{"dtype":"U8","shape":[]}})", 1);
    expect_refused(R"({"x":{"dtype":"U8","shape":[],"data_offsets":[0]}})", 1);
    expect_refused(R"({"x":{"dtype":"U8","shape":[],"data_offsets":[0,1,1]}})", 1);
    expect_refused(R"({"x":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}})", 1);
    expect_refused(R"({"x":{"dtype":"U8","shape":[],"data_offsets":[0,1],"more":0}})", 1);
    expect_refused(R"({"x":{"dtype":"U9","shape":[],"data_offsets":[0,1]}})", 1);
    expect_refused(R"({"x":[]})", 0);
    expect_refused("[]", 0);
}

TEST(safetensors, parse_refuses_names_that_occur_twice)
{
    expect_refused(R"({"x":{"dtype":"U8","shape":[],"data_offsets":[0,1]},)"
                   R"("\u0078":{"dtype":"U8","shape":[],"data_offsets":[1,2]}})",
        2);
    expect_refused(R"({"__metadata__":{},"__metadata__":{}})", 0);
    expect_refused(R"({"__metadata__":{"a":"1","a":"2"}})", 0);
}

TEST(safetensors, parse_refuses_metadata_that_is_no_map_of_strings)
{
    EXPECT_TRUE(parse_safetensors_text(R"({"__metadata__":{"a":"1","b":"[{}]"}})", 0));
    expect_refused(R"({"__metadata__":{"a":1}})", 0);
    expect_refused(R"({"__metadata__":null})", 0);
    expect_refused(R"({"__metadata__":[]})", 0);
}

TEST(safetensors, parse_keeps_names_whole)
{
    const auto tensors =
        parse_safetensors_text(R"({"a\u0000b":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})", 1)
            .value();
    EXPECT_EQ(tensors[0].name, std::string("a\0b", 3));
}

TEST(safetensors, parse_accepts_names_of_1024_bytes_and_refuses_1025)
{
    const auto named = [](std::size_t bytes) {
        return fmt::format(R"({{"{}":{{"dtype":"U8","shape":[],"data_offsets":[0,1]}}}})",
            std::string(bytes, 'n'));
    };
    EXPECT_TRUE(parse_safetensors_text(named(1024), 1));
    expect_refused(named(1025), 1);
}

TEST(safetensors, parse_accepts_8_dimensions_and_refuses_9)
{
    EXPECT_TRUE(parse_safetensors_text(
        R"({"x":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1));
    expect_refused(R"({"x":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1);
}

TEST(safetensors, parse_bounds_the_entries_of_metadata)
{
    const auto metadata = [](std::size_t entries) {
        std::string text = R"({"__metadata__":{)";
        for (std::size_t i = 0; i < entries; ++i)
            text += fmt::format(R"({}"{}":"")", i == 0 ? "" : ",", i);
        return text + "}}";
    };
    EXPECT_TRUE(parse_safetensors_text(metadata(SAFETENSORS_METADATA_ENTRIES_MAX), 0));
    expect_refused(metadata(SAFETENSORS_METADATA_ENTRIES_MAX + 1), 0);
}

}  // namespace
}  // namespace ashlar
