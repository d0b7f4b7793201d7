#pragma once

/// One error type for the whole project.
///
/// A kind says what the caller can *do*; the text says what happened, to what, and what to do.
/// Kinds map one-to-one to gRPC status codes (transport/status.hpp) and to exit codes (cli/).

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

namespace ashlar
{

enum class ErrorKind : std::uint8_t
{
    invalid_input,  ///< Malformed bytes or a value out of range. Never retry.
    proof_invalid,  ///< Well-formed, but the proof does not hold. Blame the sender.
    not_found,      ///< Nobody asked knows it.
    insufficient,   ///< Too few pieces, signatures or bytes of room. More of them would help.
    unavailable,    ///< A peer or a device did not answer in time. Retry later or elsewhere.
    corrupted,      ///< Our own stored bytes are not what we wrote.
};

[[nodiscard]] std::string_view to_string(ErrorKind kind) noexcept;

struct Error
{
    ErrorKind kind;
    std::string message;
};

/// Value or Error.
///
/// Result<bool> is refused: `if (verify(...))` would ask "did it run?", not "did it hold?".
/// Verifiers return Result<void>, so a caller who only tests success rejects bad proofs.
template <typename T>
    requires(!std::same_as<T, bool>)
class [[nodiscard]] Result : public tl::expected<T, Error>
{
public:
    using tl::expected<T, Error>::expected;
};

/// Builds the failing side of a Result from a fmt format string.
template <typename... Args>
[[nodiscard]] tl::unexpected<Error> fail(
    ErrorKind kind, fmt::format_string<Args...> format, Args&&... args)
{
    return tl::unexpected<Error>(Error{kind, fmt::format(format, std::forward<Args>(args)...)});
}

/// Passes an error on, keeping its kind and saying what was being done.
[[nodiscard]] tl::unexpected<Error> within(std::string_view doing, Error error);

namespace detail
{
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}  // namespace detail

}  // namespace ashlar

/// Internal contract, checked in every build. A peer can never trigger it.
#define ASHLAR_ASSERT(expression)        \
    ((expression) ? static_cast<void>(0) \
                  : ::ashlar::detail::assertion_failed(#expression, __FILE__, __LINE__))

#define ASHLAR_CONCAT_INNER(a, b) a##b
#define ASHLAR_CONCAT(a, b) ASHLAR_CONCAT_INNER(a, b)

/// `ASHLAR_TRY(auto x, f());` binds the value of a Result or returns its error.
// __COUNTER__ keeps the names apart where one use stands inside a lambda within another.
#define ASHLAR_TRY(declaration, ...) \
    ASHLAR_TRY_IMPL(ASHLAR_CONCAT(ashlar_result_, __COUNTER__), declaration, __VA_ARGS__)
#define ASHLAR_TRY_IMPL(result, declaration, ...)                            \
    auto result = (__VA_ARGS__);                                             \
    if (!result)                                                             \
        return ::tl::unexpected<::ashlar::Error>(std::move(result).error()); \
    declaration = std::move(*result)

/// `ASHLAR_CHECK(f());` returns the error of a Result<void>, or goes on.
#define ASHLAR_CHECK(...) ASHLAR_CHECK_IMPL(ASHLAR_CONCAT(ashlar_result_, __COUNTER__), __VA_ARGS__)
#define ASHLAR_CHECK_IMPL(result, ...)                                           \
    do                                                                           \
    {                                                                            \
        if (auto result = (__VA_ARGS__); !result)                                \
            return ::tl::unexpected<::ashlar::Error>(std::move(result).error()); \
    } while (false)
