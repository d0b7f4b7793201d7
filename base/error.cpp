#include "base/error.hpp"

#include <cstdio>
#include <cstdlib>

namespace ashlar
{

std::string_view to_string(ErrorKind kind) noexcept
{
    switch (kind)
    {
        case ErrorKind::invalid_input:
            return "invalid input";
        case ErrorKind::proof_invalid:
            return "proof invalid";
        case ErrorKind::not_found:
            return "not found";
        case ErrorKind::insufficient:
            return "insufficient";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::corrupted:
            return "corrupted";
    }
    return "unknown";
}

tl::unexpected<Error> within(std::string_view doing, Error error)
{
    error.message = fmt::format("{}: {}", doing, error.message);
    return tl::unexpected<Error>(std::move(error));
}

namespace detail
{

void assertion_failed(const char* expression, const char* file, int line) noexcept
{
    std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
    std::abort();
}

}  // namespace detail
}  // namespace ashlar
