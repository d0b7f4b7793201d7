#include "checkpoint/path_rules.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include <utf8proc.h>

#include "base/bytes.hpp"
#include "base/log.hpp"

namespace ashlar
{
namespace
{

constexpr std::array<std::string_view, 6> LOOK_ALIKES{
    "\u2215", "\u2044", "\uff0f", "\uff3c", "\uff0e", "\u2024"};

bool is_device_name(std::string_view component)
{
    std::string stem{component.substr(0, component.find('.'))};
    std::ranges::transform(stem, stem.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (stem == "con" || stem == "prn" || stem == "aux" || stem == "nul")
        return true;
    const bool port = stem.starts_with("com") || stem.starts_with("lpt");
    return port && stem.size() == 4 && stem[3] >= '1' && stem[3] <= '9';
}

bool is_forbidden_character(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || c == '\\' || c == ':';
}

/// The rule that the component breaks; empty if none.
std::string_view broken_rule(std::string_view component)
{
    if (component.empty())
        return "a component is empty";
    if (component == "." || component == "..")
        return "\".\" and \"..\" lead elsewhere";
    if (component.ends_with(' ') || component.ends_with('.'))
        return "a component ends in a space or a dot";
    if (is_device_name(component))
        return "a component is a Windows device name";
    return {};
}

std::string_view broken_rule_of_path(std::string_view path)
{
    if (path.size() > PATH_BYTES_MAX)
        return "it is longer than 1024 bytes";
    if (!is_utf8(path))
        return "it is not UTF-8";
    if (std::ranges::any_of(path, is_forbidden_character))
        return "control characters, backslash and colon are not allowed";
    for (const auto look_alike : LOOK_ALIKES)
    {
        if (path.find(look_alike) != std::string_view::npos)
            return "it holds a look-alike of slash, backslash or dot";
    }
    for (std::size_t begin = 0; begin <= path.size();)
    {
        const auto end = std::min(path.find('/', begin), path.size());
        if (const auto rule = broken_rule(path.substr(begin, end - begin)); !rule.empty())
            return rule;
        begin = end + 1;
    }
    return {};
}

std::string normalised(std::string_view path)
{
    const bool ascii = std::ranges::all_of(path, [](char c) { return c >= 0; });
    std::string text{path};
    if (ascii)
        return text;
    struct Free
    {
        // The library hands out memory of malloc().
        // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
        void operator()(utf8proc_uint8_t* p) const noexcept { std::free(p); }
    };
    const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.c_str());
    const std::unique_ptr<utf8proc_uint8_t, Free> nfc{utf8proc_NFC(bytes)};
    // It fails only on malformed UTF-8, which check_path() refused, and without memory.
    ASHLAR_ASSERT(nfc != nullptr);
    return reinterpret_cast<const char*>(nfc.get());
}

Result<void> check_folders(std::span<const std::string_view> paths)
{
    for (const auto path : paths)
    {
        for (auto end = path.find('/'); end != path.npos; end = path.find('/', end + 1))
        {
            const auto folder = path.substr(0, end);
            if (std::ranges::binary_search(paths, folder))
                return fail(ErrorKind::invalid_input, "\"{}\" is both a file and a folder",
                    printable(folder));
        }
    }
    return {};
}

}  // namespace

Result<void> check_path(std::string_view path)
{
    if (const auto rule = broken_rule_of_path(path); !rule.empty())
        return fail(
            ErrorKind::invalid_input, "the file name \"{}\" is refused: {}", printable(path), rule);
    return {};
}

Result<void> check_path_set(std::span<const std::string_view> paths)
{
    for (std::size_t i = 1; i < paths.size(); ++i)
    {
        if (paths[i - 1] >= paths[i])
            return fail(ErrorKind::invalid_input, "\"{}\" is listed twice or out of order",
                printable(paths[i]));
    }
    ASHLAR_CHECK(check_folders(paths));

    std::vector<std::string> forms(paths.size());
    std::ranges::transform(paths, forms.begin(), normalised);
    std::ranges::sort(forms);
    if (const auto twice = std::ranges::adjacent_find(forms); twice != forms.end())
        return fail(ErrorKind::invalid_input,
            "two files are called \"{}\" in different Unicode forms", printable(*twice));
    return {};
}

}  // namespace ashlar
