#pragma once

/// Measuring things in turn, and printing what came out.

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ashlar
{

/// A peer's value of a figure.
struct PeerValue
{
    std::string name;
    double value;

    /// This value by ours, if it is known better than from the two values alone.
    std::optional<double> ratio = {};
};

/// One line of results.
struct Figure
{
    std::string metric;
    double value = 0;
    std::string unit;
    std::vector<PeerValue> peers = {};
};

/// Prints figures as they come: as JSON objects, one a line, or aligned for people. The ratio is
/// how many times ours goes into the fastest peer's value: above one, ours is faster.
class FigurePrinter
{
public:
    explicit FigurePrinter(bool json) noexcept : json_{json} {}
    void print(const Figure& figure) const;

private:
    bool json_;
};

/// Something to measure: runs once and says how many milliseconds of CPU that took.
struct Contender
{
    std::string name;
    std::function<double()> run_ms;
};

/// The process's CPU time, because on a shared machine the wall's is other people's; all runs must
/// be on one thread.
[[nodiscard]] Contender contender(std::string name, std::function<void()> run);

/// Runs all in turn, `rounds` times after one round that does not count, so that whatever slows
/// the machine slows all. @return  the median of each, in order.
[[nodiscard]] std::vector<PeerValue> measure_in_turn(
    const std::vector<Contender>& contenders, std::size_t rounds);

/// The same as a figure: the first is ours, the others are peers. Values are multiplied by
/// `scale`, to be in `unit`. A ratio is the median of the rounds' ratios: what slows the machine
/// for seconds slows a round's both sides.
[[nodiscard]] Figure figure_in_turn(std::string metric, const std::vector<Contender>& contenders,
    std::size_t rounds, std::string unit = "ms", double scale = 1);

/// Median of the CPU time of one thing alone, in milliseconds.
[[nodiscard]] double measure(const std::function<void()>& run, std::size_t rounds);

}  // namespace ashlar
