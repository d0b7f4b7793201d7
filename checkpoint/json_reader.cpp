#include "checkpoint/json_reader.hpp"

#include "base/log.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t NUMBER_CHARACTERS_MAX = 64;

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

/// Bytes that follow `lead` in its UTF-8 sequence; is_utf8() judges the whole.
std::size_t continuation_bytes(char lead) noexcept
{
    const auto byte = static_cast<unsigned char>(lead);
    return byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
}

std::string to_utf8(std::uint32_t code_point)
{
    const auto tail = [code_point](unsigned shift) {
        return static_cast<char>(0x80 | ((code_point >> shift) & 0x3f));
    };
    if (code_point < 0x80)
        return {static_cast<char>(code_point)};
    if (code_point < 0x800)
        return {static_cast<char>(0xc0 | (code_point >> 6)), tail(0)};
    if (code_point < 0x10000)
        return {static_cast<char>(0xe0 | (code_point >> 12)), tail(6), tail(0)};
    return {static_cast<char>(0xf0 | (code_point >> 18)), tail(12), tail(6), tail(0)};
}

/// The character that stands for itself after a backslash; NUL if there is none.
char simple_escape(char c) noexcept
{
    switch (c)
    {
        case '"':
        case '\\':
        case '/':
            return c;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return '\0';
    }
}

}  // namespace

Result<char> JsonReader::peek_token()
{
    for (;;)
    {
        ASHLAR_TRY(const auto next, source_.peek());
        if (!next)
            return '\0';
        if (*next != ' ' && *next != '\t' && *next != '\n' && *next != '\r')
            return *next;
        ASHLAR_CHECK(source_.skip(1));
    }
}

Result<char> JsonReader::take()
{
    ASHLAR_TRY(const auto next, source_.peek());
    if (!next)
        return fail(ErrorKind::invalid_input, "the JSON ends early");
    ASHLAR_CHECK(source_.skip(1));
    return *next;
}

Result<void> JsonReader::expect(char wanted)
{
    ASHLAR_TRY(const auto found, peek_token());
    if (found != wanted)
        return fail(ErrorKind::invalid_input, "not the JSON expected: no '{}' at byte {}", wanted,
            source_.position());
    return source_.skip(1);
}

Result<void> JsonReader::read_list(
    char open, char close, const std::function<Result<void>()>& element)
{
    ASHLAR_CHECK(expect(open));
    ASHLAR_TRY(auto next, peek_token());
    if (next == close)
        return source_.skip(1);
    for (;;)
    {
        ASHLAR_CHECK(element());
        ASHLAR_TRY(next, peek_token());
        if (next != ',')
            return expect(close);
        ASHLAR_CHECK(source_.skip(1));
    }
}

Result<void> JsonReader::read_object(
    std::size_t key_bytes_max, const std::function<Result<void>(std::string key)>& member)
{
    return read_list('{', '}', [&]() -> Result<void> {
        ASHLAR_TRY(auto key, read_string(key_bytes_max));
        ASHLAR_CHECK(expect(':'));
        return member(std::move(key));
    });
}

Result<void> JsonReader::read_array(const std::function<Result<void>()>& element)
{
    return read_list('[', ']', element);
}

Result<std::string> JsonReader::read_string(std::size_t bytes_max)
{
    StringSink sink{.text = {}, .bytes_max = bytes_max, .keep = true};
    ASHLAR_CHECK(read_characters(sink));
    return std::move(sink.text);
}

Result<void> JsonReader::skip_string()
{
    StringSink sink{.text = {}, .bytes_max = 0, .keep = false};
    return read_characters(sink);
}

Result<void> JsonReader::read_characters(StringSink& sink)
{
    ASHLAR_CHECK(expect('"'));
    for (;;)
    {
        ASHLAR_TRY(const auto c, take());
        if (c == '"')
            return {};
        if (c == '\\')
            ASHLAR_CHECK(read_escape(sink));
        else
            ASHLAR_CHECK(read_plain(c, sink));
        if (!sink.keep)
            sink.text.clear();
        else if (sink.text.size() > sink.bytes_max)
            return fail(ErrorKind::invalid_input, "a string of the header passes {} bytes: {}",
                sink.bytes_max, printable(sink.text));
    }
}

Result<void> JsonReader::read_plain(char first, StringSink& sink)
{
    if (static_cast<unsigned char>(first) < 0x20)
        return fail(ErrorKind::invalid_input, "a control character inside a JSON string");
    const auto begin = sink.text.size();
    sink.text.push_back(first);
    for (auto more = continuation_bytes(first); more > 0; --more)
    {
        ASHLAR_TRY(const auto next, take());
        sink.text.push_back(next);
    }
    if (first < 0 && !is_utf8(std::string_view{sink.text}.substr(begin)))
        return fail(ErrorKind::invalid_input, "the header is not UTF-8");
    return {};
}

Result<void> JsonReader::read_escape(StringSink& sink)
{
    ASHLAR_TRY(const auto kind, take());
    if (kind != 'u')
    {
        const auto meant = simple_escape(kind);
        if (meant == '\0')
            return fail(ErrorKind::invalid_input, "an unknown escape in a JSON string");
        sink.text.push_back(meant);
        return {};
    }
    ASHLAR_TRY(auto code_point, read_code_unit());
    if (code_point >= 0xd800 && code_point < 0xdc00)
    {
        ASHLAR_TRY(const auto backslash, take());
        ASHLAR_TRY(const auto u, take());
        ASHLAR_TRY(const auto low, read_code_unit());
        if (backslash != '\\' || u != 'u' || low < 0xdc00 || low > 0xdfff)
            return fail(ErrorKind::invalid_input, "half a surrogate pair in a JSON string");
        code_point = 0x10000 + ((code_point - 0xd800) << 10) + (low - 0xdc00);
    }
    else if (code_point >= 0xdc00 && code_point < 0xe000)
    {
        return fail(ErrorKind::invalid_input, "half a surrogate pair in a JSON string");
    }
    sink.text += to_utf8(code_point);
    return {};
}

Result<std::uint32_t> JsonReader::read_code_unit()
{
    std::string digits;
    for (int i = 0; i < 4; ++i)
    {
        ASHLAR_TRY(const auto digit, take());
        digits.push_back(digit);
    }
    ASHLAR_TRY(const auto bytes, array_from_hex<2>(digits));
    return std::uint32_t{load_big_endian<std::uint16_t>(bytes)};
}

Result<std::uint64_t> JsonReader::read_unsigned()
{
    ASHLAR_TRY(const auto first, peek_token());
    if (!is_digit(first))
        return fail(ErrorKind::invalid_input, "no unsigned integer at byte {}", source_.position());
    std::uint64_t value = 0;
    for (bool more = true; more;)
    {
        ASHLAR_TRY(const auto digit, take());
        if (__builtin_mul_overflow(value, std::uint64_t{10}, &value) ||
            __builtin_add_overflow(value, static_cast<std::uint64_t>(digit - '0'), &value))
            return fail(ErrorKind::invalid_input, "an integer of the header passes 64 bits");
        ASHLAR_TRY(const auto next, source_.peek());
        more = next && is_digit(*next);
        if (more && first == '0')
            return fail(ErrorKind::invalid_input, "an integer of the header begins with zero");
    }
    return value;
}

Result<char> JsonReader::peek_character()
{
    ASHLAR_TRY(const auto next, source_.peek());
    return next.value_or('\0');
}

Result<void> JsonReader::read_digits(std::string& text)
{
    ASHLAR_TRY(auto next, peek_character());
    if (!is_digit(next))
        return fail(
            ErrorKind::invalid_input, "a number without digits at byte {}", source_.position());
    while (is_digit(next))
    {
        text.push_back(next);
        if (text.size() > NUMBER_CHARACTERS_MAX)
            return fail(ErrorKind::invalid_input, "a number has more than {} characters",
                NUMBER_CHARACTERS_MAX);
        ASHLAR_CHECK(source_.skip(1));
        ASHLAR_TRY(next, peek_character());
    }
    return {};
}

Result<std::string> JsonReader::read_number()
{
    std::string text;
    // Takes the next character into the text if it is one of these.
    const auto take_any = [&](std::string_view wanted) -> Result<std::size_t> {
        ASHLAR_TRY(const auto next, peek_character());
        if (wanted.find(next) == std::string_view::npos)
            return std::size_t{0};
        text.push_back(next);
        ASHLAR_CHECK(source_.skip(1));
        return std::size_t{1};
    };
    ASHLAR_CHECK(peek_token());
    ASHLAR_CHECK(take_any("-"));
    const auto whole = text.size();
    ASHLAR_CHECK(read_digits(text));
    if (text[whole] == '0' && text.size() > whole + 1)
        return fail(ErrorKind::invalid_input, "a number begins with zero");
    ASHLAR_TRY(const auto point, take_any("."));
    if (point == 1)
        ASHLAR_CHECK(read_digits(text));
    ASHLAR_TRY(const auto exponent, take_any("eE"));
    if (exponent == 1)
    {
        ASHLAR_CHECK(take_any("+-"));
        ASHLAR_CHECK(read_digits(text));
    }
    return text;
}

Result<void> JsonReader::skip_word(std::string_view word)
{
    for (const auto wanted : word)
    {
        ASHLAR_TRY(const auto c, take());
        if (c != wanted)
            return fail(ErrorKind::invalid_input, "an unknown word at byte {}", source_.position());
    }
    return {};
}

Result<void> JsonReader::skip_value(std::size_t depth_max)
{
    ASHLAR_TRY(const auto first, peek_token());
    if ((first == '{' || first == '[') && depth_max == 0)
        return fail(
            ErrorKind::invalid_input, "the JSON nests too deep at byte {}", source_.position());
    switch (first)
    {
        case '{':
            return read_list('{', '}', [&]() -> Result<void> {
                ASHLAR_CHECK(skip_string());
                ASHLAR_CHECK(expect(':'));
                return skip_value(depth_max - 1);
            });
        case '[':
            return read_list('[', ']', [&] { return skip_value(depth_max - 1); });
        case '"':
            return skip_string();
        case 't':
            return skip_word("true");
        case 'f':
            return skip_word("false");
        case 'n':
            return skip_word("null");
        default:
            ASHLAR_CHECK(read_number());
            return {};
    }
}

Result<void> JsonReader::finish()
{
    ASHLAR_TRY(const auto next, peek_token());
    if (next != '\0' || source_.remaining() != 0)
        return fail(ErrorKind::invalid_input, "bytes follow the JSON");
    return {};
}

}  // namespace ashlar
