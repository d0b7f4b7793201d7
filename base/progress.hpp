#pragma once

/// How long work tells whoever waits how far it is. The libraries report; `cli/` shows.

#include <cstdint>
#include <string_view>

namespace ashlar
{

/// What `done` and `total` count.
enum class ProgressUnit : std::uint8_t
{
    bytes,
    items,
};

/// Receives progress. Implementations are thread-safe and cheap: calls come from hot loops.
class ProgressListener
{
public:
    virtual ~ProgressListener() = default;

    /// @param stage  A short verb such as "commit"; stages follow one another.
    virtual void advance(
        std::string_view stage, ProgressUnit unit, std::uint64_t done, std::uint64_t total) = 0;
};

/// Ignores everything.
[[nodiscard]] ProgressListener& no_progress();

}  // namespace ashlar
