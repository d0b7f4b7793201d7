#include "base/bytes.hpp"

namespace ashlar
{
namespace
{

int digit_value(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/// Length of the UTF-8 sequence that starts with `lead`, and the least code point of that length.
struct Utf8Lead
{
    std::size_t length;
    std::uint32_t bits;
    std::uint32_t code_point_min;
};

Utf8Lead classify(unsigned char lead) noexcept
{
    if (lead < 0x80)
        return {1, lead, 0};
    if ((lead & 0xe0u) == 0xc0u)
        return {2, lead & 0x1fu, 0x80};
    if ((lead & 0xf0u) == 0xe0u)
        return {3, lead & 0x0fu, 0x800};
    if ((lead & 0xf8u) == 0xf0u)
        return {4, lead & 0x07u, 0x10000};
    return {0, 0, 0};
}

}  // namespace

std::string to_hex(ByteView bytes)
{
    constexpr std::string_view DIGITS = "0123456789abcdef";
    std::string out;
    out.reserve(2 * bytes.size());
    for (const auto b : bytes)
    {
        out.push_back(DIGITS[std::to_integer<unsigned>(b) >> 4]);
        out.push_back(DIGITS[std::to_integer<unsigned>(b) & 15]);
    }
    return out;
}

Result<Bytes> from_hex(std::string_view text)
{
    if (text.starts_with("0x"))
        text.remove_prefix(2);
    if (text.size() % 2 != 0)
        return fail(ErrorKind::invalid_input, "odd number of hexadecimal digits");
    Bytes out(text.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i)
    {
        const int high = digit_value(text[2 * i]);
        const int low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return fail(ErrorKind::invalid_input, "not a hexadecimal digit at offset {}", 2 * i);
        out[i] = static_cast<std::byte>(high * 16 + low);
    }
    return out;
}

bool is_utf8(std::string_view text) noexcept
{
    for (std::size_t i = 0; i < text.size();)
    {
        const auto lead = classify(static_cast<unsigned char>(text[i]));
        if (lead.length == 0 || text.size() - i < lead.length)
            return false;
        std::uint32_t code_point = lead.bits;
        for (std::size_t k = 1; k < lead.length; ++k)
        {
            const auto byte = static_cast<unsigned char>(text[i + k]);
            if ((byte & 0xc0u) != 0x80u)
                return false;
            code_point = (code_point << 6) | (byte & 0x3fu);
        }
        const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
        if (code_point < lead.code_point_min || code_point > 0x10ffff || surrogate)
            return false;
        i += lead.length;
    }
    return true;
}

}  // namespace ashlar
