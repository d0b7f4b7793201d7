// The shared hostile files and names: every one is run, and the verdict is the manifest's.

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/hash.hpp"
#include "checkpoint/gguf.hpp"
#include "checkpoint/path_rules.hpp"
#include "checkpoint/safetensors.hpp"
#include "tests/checkpoint/fixtures.hpp"
#include "tests/support/vectors.hpp"

namespace ashlar
{
namespace
{

namespace fs = std::filesystem;

nlohmann::json read_json(const fs::path& path)
{
    std::ifstream stream{path};
    return nlohmann::json::parse(stream);
}

using Parser = Result<TensorList> (*)(const File&, std::uint64_t);

/// @return  the number of files that were judged.
std::size_t judge_files(const fs::path& folder, Parser parse)
{
    const auto manifest = read_json(folder / "manifest.json");
    for (const auto& entry : manifest)
    {
        const auto name = entry.at("file").get<std::string>();
        const auto contents = test::contents_of(folder / name);
        const auto digest = entry.at("sha256").get<std::string>();
        EXPECT_EQ(to_hex(sha256(as_byte_view(contents))), digest) << name;

        const auto file = File::open_read(folder / name).value();
        const auto parsed = parse(file, contents.size());

        const auto expected = entry.at("expect").get<std::string>();
        const bool accept = expected.starts_with("accept");
        const bool policy = expected.starts_with("policy");
        EXPECT_TRUE(accept || policy || expected.starts_with("reject")) << name;
        EXPECT_TRUE(policy || parsed.has_value() == accept) << name << ": " << expected;
        EXPECT_TRUE(parsed || parsed.error().kind == ErrorKind::invalid_input) << name;
    }
    EXPECT_EQ(manifest.size() + 1, test::sorted_entries(folder).size())
        << "files without a verdict";
    return manifest.size();
}

TEST(hostile_files, parse_safetensors_judges_as_the_manifest)
{
    for (const auto* name : {"hostile/safetensors", "hostile/safetensors-basic"})
    {
        if (const auto folder = test::vectors_folder(name))
        {
            EXPECT_GE(judge_files(*folder, parse_safetensors), 16);
        }
    }
}

TEST(hostile_files, parse_gguf_judges_as_the_manifest)
{
    if (const auto folder = test::vectors_folder("hostile/gguf"))
    {
        EXPECT_GE(judge_files(*folder, parse_gguf), 20);
    }
}

// The two policies, decided: names are bounded, and NUL is a character like any other.
TEST(hostile_files, parse_safetensors_decides_the_policies)
{
    const auto folder = test::vectors_folder("hostile/safetensors");
    if (!folder)
        return;
    const auto parse = [&](const char* name) {
        const auto file = File::open_read(*folder / name).value();
        return parse_safetensors(file, file.size_bytes().value());
    };
    EXPECT_FALSE(parse("name_1mib.safetensors"));
    const auto whole = parse("name_nul.safetensors").value();
    ASSERT_EQ(whole.size(), 1);
    EXPECT_NE(whole[0].name.find('\0'), std::string::npos);
}

/// The names in a sentence such as `<two entries: "a" as file and "a/b">`, in order of their bytes.
std::vector<std::string_view> quoted_names(std::string_view sentence)
{
    std::vector<std::string_view> names;
    while (true)
    {
        const auto begin = sentence.find('"');
        const auto end = sentence.find('"', begin + 1);
        if (begin == std::string_view::npos || end == std::string_view::npos)
            break;
        names.push_back(sentence.substr(begin + 1, end - begin - 1));
        sentence.remove_prefix(end + 1);
    }
    std::ranges::sort(names);
    return names;
}

TEST(hostile_files, check_path_judges_as_the_list)
{
    const auto folder = test::vectors_folder("hostile/paths");
    if (!folder)
        return;
    const auto entries = read_json(*folder / "names.json");
    EXPECT_GE(entries.size(), 26);
    std::size_t pairs = 0;
    for (const auto& entry : entries)
    {
        const auto name = entry.at("name").get<std::string>();
        const bool refused = entry.at("expect").get<std::string>().starts_with("reject");
        if (!name.starts_with("<two entries"))
        {
            EXPECT_EQ(!check_path(name), refused) << name;
            continue;
        }
        const auto pair = quoted_names(name);
        EXPECT_EQ(pair.size(), 2) << name;
        EXPECT_EQ(!check_path_set(pair), refused) << name;
        ++pairs;
    }
    EXPECT_GE(pairs, 2);
}

TEST(hostile_files, parse_safetensors_nesting_bomb_uses_no_stack)
{
    const auto bomb = R"({"a":)" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}";
    const auto contents = test::safetensors_file(bomb, "");
    EXPECT_FALSE(parse_safetensors(test::memory_file(contents), contents.size()));
}

TEST(hostile_files, parse_gguf_allocates_nothing_for_counts_without_bytes)
{
    for (const auto count : {~std::uint64_t{0}, std::uint64_t{1'000'000'000}, std::uint64_t{1}})
    {
        const auto head = "GGUF" + test::le(std::uint32_t{3});
        for (const auto& counts : {test::le(count) + test::le(std::uint64_t{0}),
                 test::le(std::uint64_t{0}) + test::le(count)})
        {
            const auto contents = head + counts + std::string(8, '\0');
            EXPECT_FALSE(parse_gguf(test::memory_file(contents), contents.size())) << count;
        }
    }
}

}  // namespace
}  // namespace ashlar
