#include "tests/formats/example.hpp"

#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "base/file.hpp"

namespace ashlar::test
{
namespace
{

constexpr std::uint64_t PAGE_BYTES_MAX = 1u << 20;

using Values = std::map<std::string, std::string>;
using Examples = std::map<std::string, Values>;

/// A line of an example after the first: "key = value", or two spaces and more of the value.
void read_line(
    const std::string& example, const std::string& line, std::string& key, Values& values)
{
    if (line.starts_with("  "))
    {
        EXPECT_FALSE(key.empty()) << example << ": " << line;
        values[key] += line;
        return;
    }
    const auto equals = line.find(" =");
    ASSERT_NE(equals, std::string::npos) << example << ": " << line;
    key = line.substr(0, equals);
    EXPECT_TRUE(values.emplace(key, line.substr(equals + 2)).second)
        << example << " has " << key << " twice";
}

void read_page(const std::filesystem::path& path, Examples& examples)
{
    const auto page = read_file(path, PAGE_BYTES_MAX);
    ASSERT_TRUE(page) << page.error().message;
    std::istringstream lines{std::string{as_text(*page)}};
    constexpr std::string_view FENCE = "```";
    constexpr std::string_view TITLE = "example: ";
    std::string before;
    std::string name;
    std::string key;
    for (std::string line; std::getline(lines, line); before = line)
    {
        if (line == FENCE)
            name.clear();
        else if (before == FENCE && line.starts_with(TITLE))
        {
            name = line.substr(TITLE.size());
            key.clear();
            EXPECT_TRUE(examples.emplace(name, Values{}).second) << "two examples " << name;
        }
        else if (!name.empty())
            read_line(name, line, key, examples[name]);
    }
}

const Examples& all_examples()
{
    static const Examples examples = [] {
        Examples out;
        for (const auto& entry : std::filesystem::directory_iterator{ASHLAR_FORMATS_FOLDER})
            if (entry.path().extension() == ".md")
                read_page(entry.path(), out);
        return out;
    }();
    return examples;
}

}  // namespace

Example::Example(std::string name, const Values& values) : name_{std::move(name)}, values_{values}
{
    for (const auto& [key, value] : values)
        unread_.insert(key);
}

Example::~Example()
{
    for (const auto& key : unread_)
        ADD_FAILURE() << "no test looks at " << key << " of example " << name_;
}

Example Example::named(const std::string& name)
{
    static const Values NOTHING;
    const auto found = all_examples().find(name);
    EXPECT_NE(found, all_examples().end()) << "docs/formats has no example " << name;
    return {name, found == all_examples().end() ? NOTHING : found->second};
}

Example Example::current()
{
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::ranges::replace(name, '_', '-');
    return named(name);
}

const std::string& Example::value(const std::string& key) const
{
    static const std::string NOTHING;
    unread_.erase(key);
    const auto found = values_.find(key);
    EXPECT_NE(found, values_.end()) << "example " << name_ << " has no " << key;
    return found == values_.end() ? NOTHING : found->second;
}

std::vector<std::string> Example::words(const std::string& key) const
{
    std::istringstream stream{value(key)};
    std::vector<std::string> out;
    for (std::string word; stream >> word;)
        out.push_back(word);
    return out;
}

Bytes Example::bytes(const std::string& key) const
{
    std::string hex;
    for (const auto& word : words(key))
        hex += word;
    return from_hex(hex).value();
}

std::vector<Bytes> Example::list(const std::string& key) const
{
    std::vector<Bytes> out;
    for (const auto& word : words(key))
        out.push_back(from_hex(word).value());
    return out;
}

std::vector<std::uint64_t> Example::integers(const std::string& key) const
{
    std::vector<std::uint64_t> out;
    for (const auto& word : words(key))
        out.push_back(std::stoull(word));
    return out;
}

std::uint64_t Example::integer(const std::string& key) const
{
    const auto numbers = integers(key);
    EXPECT_EQ(numbers.size(), 1) << name_ << "." << key << " is not one integer";
    return numbers.empty() ? 0 : numbers.front();
}

std::string Example::text(const std::string& key) const
{
    const auto whole = fmt::format("{}", fmt::join(words(key), " "));
    if (whole.size() >= 2 && whole.front() == '"' && whole.back() == '"')
        return whole.substr(1, whole.size() - 2);
    ADD_FAILURE() << name_ << "." << key << " is not quoted";
    return {};
}

void Example::expect(const std::string& key, ByteView computed) const
{
    std::string hex;
    for (const auto& word : words(key))
        hex += word;
    EXPECT_EQ(to_hex(computed), hex) << name_ << "." << key;
}

void Example::expect(const std::string& key, const Fr& computed) const
{
    expect(key, computed.to_bytes());
}

void Example::expect(const std::string& key, std::uint64_t computed) const
{
    expect(key, std::vector<std::uint64_t>{computed});
}

void Example::expect(const std::string& key, const std::vector<std::uint64_t>& computed) const
{
    EXPECT_EQ(computed, integers(key)) << name_ << "." << key;
}

void Example::expect_text(const std::string& key, std::string_view computed) const
{
    EXPECT_EQ(computed, text(key)) << name_ << "." << key;
}

void Example::expect_list(const std::string& key, const std::vector<Bytes>& computed) const
{
    EXPECT_EQ(computed, list(key)) << name_ << "." << key;
}

void Example::expect_list(const std::string& key, const std::vector<Bytes32>& computed) const
{
    std::vector<Bytes> parts;
    for (const auto& part : computed)
        parts.emplace_back(part.begin(), part.end());
    expect_list(key, parts);
}

std::set<std::string> example_names()
{
    std::set<std::string> out;
    for (const auto& [name, values] : all_examples())
        out.insert(name);
    return out;
}

Bytes pattern(std::size_t start, std::size_t size)
{
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<std::byte>((start + 7 * i + i / 256) % 256);
    return out;
}

}  // namespace ashlar::test
