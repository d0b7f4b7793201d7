#pragma once

/// Byte strings: fixed-size arrays, integers in stated byte order, hexadecimal.

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace ashlar
{

template <std::size_t N>
using ByteArray = std::array<std::byte, N>;

using Bytes20 = ByteArray<20>;
using Bytes32 = ByteArray<32>;
using Bytes48 = ByteArray<48>;
using Bytes64 = ByteArray<64>;
using Bytes96 = ByteArray<96>;
using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// The characters of `text` as bytes, without a terminating zero.
[[nodiscard]] inline ByteView as_byte_view(std::string_view text) noexcept
{
    return std::as_bytes(std::span{text.data(), text.size()});
}

/// The bytes as characters; no encoding is checked.
[[nodiscard]] inline std::string_view as_text(ByteView bytes) noexcept
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr ByteArray<sizeof(T)> big_endian(T value) noexcept
{
    ByteArray<sizeof(T)> out{};
    for (std::size_t i = 0; i < sizeof(T); ++i)
        out[i] = static_cast<std::byte>(value >> (8 * (sizeof(T) - 1 - i)));
    return out;
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr ByteArray<sizeof(T)> little_endian(T value) noexcept
{
    ByteArray<sizeof(T)> out{};
    for (std::size_t i = 0; i < sizeof(T); ++i)
        out[i] = static_cast<std::byte>(value >> (8 * i));
    return out;
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr T load_big_endian(std::span<const std::byte, sizeof(T)> bytes) noexcept
{
    T value = 0;
    for (const auto b : bytes)
        value = static_cast<T>((value << 8) | std::to_integer<T>(b));
    return value;
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr T load_little_endian(std::span<const std::byte, sizeof(T)> bytes) noexcept
{
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>(value | (std::to_integer<T>(bytes[i]) << (8 * i)));
    return value;
}

inline void append(Bytes& out, ByteView more)
{
    out.insert(out.end(), more.begin(), more.end());
}

[[nodiscard]] inline bool is_zero(ByteView bytes) noexcept
{
    return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

[[nodiscard]] inline bool equal(ByteView a, ByteView b) noexcept
{
    return std::ranges::equal(a, b);
}

/// Lower-case hexadecimal without a prefix.
[[nodiscard]] std::string to_hex(ByteView bytes);

/// Accepts an optional "0x" prefix and either case; refuses an odd number of digits.
[[nodiscard]] Result<Bytes> from_hex(std::string_view text);

/// As from_hex(), of exactly N bytes.
template <std::size_t N>
[[nodiscard]] Result<ByteArray<N>> array_from_hex(std::string_view text)
{
    ASHLAR_TRY(const auto bytes, from_hex(text));
    if (bytes.size() != N)
        return fail(
            ErrorKind::invalid_input, "expected {} bytes of hexadecimal, got {}", N, bytes.size());
    ByteArray<N> out{};
    std::ranges::copy(bytes, out.begin());
    return out;
}

/// Copies a span of N bytes into an array.
template <std::size_t N>
[[nodiscard]] ByteArray<N> to_array(std::span<const std::byte, N> bytes) noexcept
{
    ByteArray<N> out;
    std::ranges::copy(bytes, out.begin());
    return out;
}

/// True if the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace ashlar
