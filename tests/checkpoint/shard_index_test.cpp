#include "checkpoint/shard_index.hpp"

#include <gmock/gmock.h>

#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;

Result<ShardIndex> parse_index_text(std::string_view text)
{
    return ShardIndex::parse(test::memory_file(text), text.size());
}

FileEntry file_entry(std::string path)
{
    return {.path = std::move(path), .offset = 0, .size = 100, .sha256 = {}, .git_sha1 = {}};
}

Tensor tensor_entry(std::string name, std::uint32_t file, std::uint64_t size = 4)
{
    return {.name = std::move(name),
        .file_index = file,
        .dtype = Dtype{2},
        .shape = {size},
        .offset = 0,
        .size = size};
}

const std::vector<FileEntry> FILES{
    file_entry("m/1.safetensors"), file_entry("m/2.safetensors"), file_entry("m/o.safetensors")};

ShardIndexFindings compare(std::string_view text, const std::vector<Tensor>& tensors)
{
    return compare_shard_index(
        parse_index_text(text).value(), "m/model.safetensors.index.json", FILES, tensors);
}

TEST(shard_index, parse_returns_the_map_by_tensor)
{
    const auto index =
        parse_index_text(R"({"metadata":{"total_size":12,"note":[1.5e3,{"a":null}]},)"
                         R"("weight_map":{"b":"2.safetensors","a":"1.safetensors"}})")
            .value();
    ASSERT_EQ(index.size(), 2);
    EXPECT_EQ(index[0].tensor, "a");
    EXPECT_EQ(index[0].file, "1.safetensors");
    EXPECT_EQ(index[1].tensor, "b");
    EXPECT_EQ(index[1].file, "2.safetensors");
    EXPECT_EQ(index.total_size(), 12);
}

TEST(shard_index, parse_takes_only_an_unsigned_total_size)
{
    for (const auto* value : {"-1", "1.0", "1e3", "\"1\"", "null", "18446744073709551616"})
    {
        const auto index = parse_index_text(
            fmt::format(R"({{"metadata":{{"total_size":{}}},"weight_map":{{}}}})", value));
        ASSERT_TRUE(index) << value;
        EXPECT_FALSE(index->total_size()) << value;
    }
}

TEST(shard_index, parse_refuses_what_is_no_index)
{
    for (const auto* text : {"", "[]", "{}", R"({"weight_map":[]})", R"({"weight_map":{"a":1}})",
             R"({"weight_map":{"a":"x","a":"y"}})", R"({"weight_map":{"a":"x","\u0061":"x"}})",
             R"({"weight_map":{},"weight_map":{}})", R"({"weight_map":{}}x)",
             R"({"weight_map":{},"x":01})", R"({"weight_map":{},"x":-})",
             R"({"weight_map":{},"x":1.})", R"({"weight_map":{},"x":trux})"})
    {
        const auto parsed = parse_index_text(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().kind, ErrorKind::invalid_input) << text;
    }
}

TEST(shard_index, parse_bounds_the_nesting_of_what_it_skips)
{
    const auto nested = [](std::size_t depth) {
        return parse_index_text(fmt::format(
            R"({{"x":{}{},"weight_map":{{}}}})", std::string(depth, '['), std::string(depth, ']')));
    };
    EXPECT_TRUE(nested(16));
    EXPECT_FALSE(nested(17));
    EXPECT_FALSE(nested(1'000'000));
}

TEST(shard_index, compare_consistent_finds_nothing)
{
    const auto found = compare(R"({"metadata":{"total_size":8},"weight_map":)"
                               R"({"a":"1.safetensors","b":"2.safetensors"}})",
        {tensor_entry("a", 0), tensor_entry("b", 1), tensor_entry("c", 2)});
    EXPECT_EQ(found.missing.count, 0);
    EXPECT_EQ(found.extra.count, 0);
    EXPECT_EQ(found.duplicate.count, 0);
    EXPECT_FALSE(found.total_size);
}

TEST(shard_index, compare_names_missing_extra_and_duplicate_tensors)
{
    const auto found = compare(R"({"weight_map":{"a":"1.safetensors","b":"2.safetensors",)"
                               R"("gone":"2.safetensors","x":"3.safetensors"}})",
        {tensor_entry("a", 0), tensor_entry("a", 1), tensor_entry("b", 1), tensor_entry("d", 0)});
    EXPECT_THAT(found.missing.first,
        ElementsAre("the tensor \"gone\" is not in \"2.safetensors\"",
            "the tensor \"x\" should be in \"3.safetensors\", which is not there"));
    EXPECT_THAT(found.extra.first,
        ElementsAre("the tensor \"d\" of \"m/1.safetensors\" is not in the index"));
    EXPECT_THAT(found.duplicate.first,
        ElementsAre("the tensor \"a\" is in \"m/2.safetensors\" and in \"1.safetensors\""));
}

TEST(shard_index, compare_trusts_the_index_about_files_without_tensors)
{
    const auto found = compare(R"({"weight_map":{"a":"1.safetensors"}})", {tensor_entry("z", 1)});
    EXPECT_EQ(found.missing.count, 0);
}

TEST(shard_index, compare_checks_the_total_size)
{
    const auto found =
        compare(R"({"metadata":{"total_size":9},"weight_map":{"a":"1.safetensors"}})",
            {tensor_entry("a", 0)});
    ASSERT_TRUE(found.total_size);
    EXPECT_THAT(*found.total_size, HasSubstr("9"));
}

TEST(shard_index, compare_counts_beyond_what_it_names)
{
    std::string map;
    for (int i = 0; i < 20; ++i)
        map += fmt::format(R"({}"t{}":"1.safetensors")", i == 0 ? "" : ",", i);
    const auto found =
        compare(fmt::format(R"({{"weight_map":{{{}}}}})", map), {tensor_entry("a", 0)});
    EXPECT_EQ(found.missing.count, 20);
    EXPECT_EQ(found.missing.first.size(), ShardIndexFindings::FINDINGS_MAX);
}

}  // namespace
}  // namespace ashlar
