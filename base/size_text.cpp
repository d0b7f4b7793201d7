#include "base/size_text.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "base/log.hpp"

namespace ashlar
{
namespace
{

struct Unit
{
    std::string_view name;
    std::uint64_t bytes;
};

constexpr std::array UNITS{Unit{"", 1}, Unit{"b", 1}, Unit{"kb", 1'000}, Unit{"mb", 1'000'000},
    Unit{"gb", 1'000'000'000}, Unit{"tb", 1'000'000'000'000}, Unit{"kib", 1ULL << 10},
    Unit{"mib", 1ULL << 20}, Unit{"gib", 1ULL << 30}, Unit{"tib", 1ULL << 40}};

std::optional<std::uint64_t> unit_bytes(std::string_view name)
{
    std::string lower;
    for (const char c : name)
        lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    for (const auto& unit : UNITS)
    {
        if (unit.name == lower)
            return unit.bytes;
    }
    return std::nullopt;
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text)
{
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    const auto unit = unit_bytes({rest, static_cast<std::size_t>(end - rest)});
    if (error != std::errc{} || !unit || number > std::numeric_limits<std::uint64_t>::max() / *unit)
        return fail(ErrorKind::invalid_input, "\"{}\" is not a size: write 4096, 64MiB, 2GB",
            printable(text));
    return number * *unit;
}

std::string format_size(std::uint64_t bytes)
{
    constexpr std::array NAMES{"B", "KB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000)
        return fmt::format("{} B", bytes);
    auto value = static_cast<double>(bytes);
    std::size_t name = 0;
    // 999.5 and above would print as 1000.
    while (value >= 999.5 && name + 1 < NAMES.size())
    {
        value /= 1000;
        ++name;
    }
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f} {}", value, decimals, NAMES[name]);
}

}  // namespace ashlar
