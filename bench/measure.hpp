#pragma once

/// Measuring two things in turn, and printing what came out.

#include <functional>
#include <string>
#include <vector>

namespace ashlar
{

/// One line of results. `peer` is empty where there is none.
struct Figure
{
    std::string metric;
    double value = 0;
    std::string unit;
    std::string peer = {};
    double peer_value = 0;
};

/// Prints figures as they come: as JSON objects, one a line, or aligned for people. The ratio is
/// how many times the peer's value ours goes into: above one, ours is faster.
class FigurePrinter
{
public:
    explicit FigurePrinter(bool json) noexcept : json_{json} {}
    void print(const Figure& figure) const;

private:
    bool json_;
};

/// Medians of the process's CPU time, in milliseconds.
struct Medians
{
    double ours_ms;
    double peer_ms;
};

/// Runs both in turn, `rounds` times after one round that does not count, so that whatever slows
/// the machine slows both. CPU time, because on a shared machine the wall's is other people's; all
/// runs must be on one thread.
[[nodiscard]] Medians measure_in_turn(
    const std::function<void()>& ours, const std::function<void()>& peer, std::size_t rounds);

/// Median of the CPU time of one thing alone, in milliseconds.
[[nodiscard]] double measure(const std::function<void()>& run, std::size_t rounds);

}  // namespace ashlar
