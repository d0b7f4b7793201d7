#include "base/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/bytes.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t SHOWN_BYTES_MAX = 256;
constexpr std::size_t UTF8_CONTINUATIONS_MAX = 3;

unsigned byte_at(std::string_view text, std::size_t index) noexcept
{
    return static_cast<unsigned char>(text[index]);
}

/// At most SHOWN_BYTES_MAX, and never a cut within a character: the rest would be broken UTF-8.
std::size_t shown_length(std::string_view text) noexcept
{
    if (text.size() <= SHOWN_BYTES_MAX)
        return text.size();
    auto length = SHOWN_BYTES_MAX;
    while (length > SHOWN_BYTES_MAX - UTF8_CONTINUATIONS_MAX &&
           (byte_at(text, length) & 0xc0U) == 0x80)
        --length;
    return length;
}

/// Bytes of the control character that the text starts with, else zero. U+0080 … U+009F count:
/// terminals take U+009B for ESC [.
std::size_t control_length(std::string_view text) noexcept
{
    const auto lead = byte_at(text, 0);
    if (lead < 0x20 || lead == 0x7f)
        return 1;
    return lead == 0xc2 && text.size() > 1 && byte_at(text, 1) < 0xa0 ? 2 : 0;
}

}  // namespace

void configure_log(std::string_view name, std::string_view level)
{
    auto logger = spdlog::stderr_logger_mt(std::string{name});
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %n %v", spdlog::pattern_time_type::utc);
    logger->set_level(spdlog::level::from_str(std::string{level}));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

std::string printable(std::string_view text)
{
    const auto shown = text.substr(0, shown_length(text));
    const bool utf8 = is_utf8(shown);
    std::string out;
    for (std::size_t i = 0; i < shown.size();)
    {
        const bool broken = !utf8 && byte_at(shown, i) >= 0x80;
        auto escaped = broken ? 1 : control_length(shown.substr(i));
        if (escaped == 0)
            out.push_back(shown[i++]);
        for (; escaped > 0; --escaped)
            out += fmt::format("\\x{:02x}", byte_at(shown, i++));
    }
    if (shown.size() < text.size())
        out += "...";
    return out;
}

}  // namespace ashlar
