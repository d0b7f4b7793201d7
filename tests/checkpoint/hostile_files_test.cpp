// The shared hostile files and names: every one is run, and the verdict is the manifest's.

#include <cstdlib>
#include <fstream>
#include <iostream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/hash.hpp"
#include "checkpoint/gguf.hpp"
#include "checkpoint/path_rules.hpp"
#include "checkpoint/safetensors.hpp"
#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

namespace fs = std::filesystem;

/// Nothing, and a line that says so, where the shared vectors are not at hand.
std::optional<fs::path> hostile_folder(const std::string& name)
{
    const auto* const chosen = std::getenv("ASHLAR_VECTORS");
    const auto folder =
        fs::path{chosen != nullptr ? chosen : ASHLAR_VECTORS_DEFAULT} / "hostile" / name;
    if (fs::exists(folder))
        return folder;
    std::cout << "no vectors in " << folder << "; only the built-in cases ran\n";
    return std::nullopt;
}

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
    const auto files = std::distance(fs::directory_iterator{folder}, fs::directory_iterator{});
    EXPECT_EQ(manifest.size() + 1, static_cast<std::size_t>(files)) << "files without a verdict";
    return manifest.size();
}

TEST(hostile_files, parse_safetensors_judges_as_the_manifest)
{
    for (const auto* name : {"safetensors", "safetensors-basic"})
    {
        if (const auto folder = hostile_folder(name))
        {
            EXPECT_EQ(judge_files(*folder, parse_safetensors), 16);
        }
    }
}

TEST(hostile_files, parse_gguf_judges_as_the_manifest)
{
    if (const auto folder = hostile_folder("gguf"))
    {
        EXPECT_EQ(judge_files(*folder, parse_gguf), 20);
    }
}

// The two policies, decided: names are bounded, and NUL is a character like any other.
TEST(hostile_files, parse_safetensors_decides_the_policies)
{
    const auto folder = hostile_folder("safetensors");
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

TEST(hostile_files, check_path_judges_as_the_list)
{
    const auto folder = hostile_folder("paths");
    if (!folder)
        return;
    const auto names = read_json(*folder / "names.json");
    EXPECT_EQ(names.size(), 26);
    std::size_t pairs = 0;
    for (const auto& entry : names)
    {
        const auto name = entry.at("name").get<std::string>();
        const bool refused = entry.at("expect").get<std::string>().starts_with("reject");
        if (name.starts_with("<two entries"))
            ++pairs;
        else
            EXPECT_EQ(!check_path(name), refused) << name;
    }
    // The pairs are sentences, not names: path_rules_test has them as names.
    EXPECT_EQ(pairs, 2);
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
