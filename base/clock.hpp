#pragma once

/// Time as an interface, so that tests of expiry need no sleeps.

#include <atomic>
#include <chrono>
#include <cstdint>

namespace ashlar
{

/// Implementations are thread-safe.
class Clock
{
public:
    virtual ~Clock() = default;

    /// Unix time in seconds: for expiry dates that leave this process.
    [[nodiscard]] virtual std::uint64_t unix_seconds() const = 0;

    /// Never goes back: for durations and deadlines.
    [[nodiscard]] virtual std::chrono::nanoseconds monotonic() const = 0;
};

[[nodiscard]] const Clock& system_clock();

/// A clock that stands still until a test moves it.
class ManualClock final : public Clock
{
public:
    explicit ManualClock(std::uint64_t unix_seconds) noexcept : seconds_{unix_seconds} {}
    [[nodiscard]] std::uint64_t unix_seconds() const override { return seconds_.load(); }
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override
    {
        return std::chrono::seconds{static_cast<std::int64_t>(seconds_.load())};
    }
    void advance(std::uint64_t seconds) noexcept { seconds_.fetch_add(seconds); }

private:
    std::atomic<std::uint64_t> seconds_;
};

}  // namespace ashlar
