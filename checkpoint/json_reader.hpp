#pragma once

/// JSON (RFC 8259) read in a stream, as far as headers and shard indexes need it. The caller's code
/// is the grammar, so nesting cannot run deeper than the caller goes or skip_value() allows, and
/// nothing is kept that the caller did not ask for.

#include <functional>

#include "checkpoint/header_reader.hpp"

namespace ashlar
{

/// Not thread-safe. All errors are invalid_input, but for those of the device.
class JsonReader
{
public:
    /// `source` must outlive the reader.
    explicit JsonReader(HeaderReader& source) noexcept : source_{source} {}

    /// Reads `{ … }`; `member` is called after each key and its colon, and reads the value.
    [[nodiscard]] Result<void> read_object(
        std::size_t key_bytes_max, const std::function<Result<void>(std::string key)>& member);

    /// Reads `[ … ]`; `element` reads one value.
    [[nodiscard]] Result<void> read_array(const std::function<Result<void>()>& element);

    /// A string with its escapes resolved, as UTF-8 of at most `bytes_max` bytes.
    [[nodiscard]] Result<std::string> read_string(std::size_t bytes_max);

    /// Checks a string of any length without keeping it.
    [[nodiscard]] Result<void> skip_string();

    /// Digits alone: no sign, fraction or exponent, no leading zero, at most 2⁶⁴ − 1.
    [[nodiscard]] Result<std::uint64_t> read_unsigned();

    /// The text of a number, at most 64 characters of it.
    [[nodiscard]] Result<std::string> read_number();

    /// Passes over a value of any kind, which nests at most `depth_max` deep.
    [[nodiscard]] Result<void> skip_value(std::size_t depth_max);

    /// The first character of the next value, which is not taken.
    [[nodiscard]] Result<char> peek_value() { return peek_token(); }

    /// Only white space is left.
    [[nodiscard]] Result<void> finish();

private:
    struct StringSink
    {
        std::string text;
        std::size_t bytes_max;
        bool keep;
    };

    /// The next character after white space, not taken; NUL, which JSON never holds, at the end.
    [[nodiscard]] Result<char> peek_token();
    [[nodiscard]] Result<char> take();
    [[nodiscard]] Result<void> expect(char wanted);
    [[nodiscard]] Result<void> read_list(
        char open, char close, const std::function<Result<void>()>& element);
    [[nodiscard]] Result<void> read_characters(StringSink& sink);
    [[nodiscard]] Result<void> read_plain(char first, StringSink& sink);
    [[nodiscard]] Result<void> read_escape(StringSink& sink);
    [[nodiscard]] Result<std::uint32_t> read_code_unit();
    [[nodiscard]] Result<void> read_digits(std::string& text);
    [[nodiscard]] Result<char> peek_character();
    [[nodiscard]] Result<void> skip_word(std::string_view word);

    HeaderReader& source_;
};

}  // namespace ashlar
