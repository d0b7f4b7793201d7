#include "bench/measure.hpp"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

double cpu_ms()
{
    std::timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double time_ms(const std::function<void()>& run)
{
    const double start = cpu_ms();
    run();
    return cpu_ms() - start;
}

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

void FigurePrinter::print(const Figure& figure) const
{
    const double ratio = figure.peer.empty() ? 0 : figure.peer_value / figure.value;
    if (json_)
    {
        std::string line = fmt::format(R"({{"metric":"{}","value":{:.6g},"unit":"{}","threads":{})",
            figure.metric, figure.value, figure.unit, thread_count());
        if (!figure.peer.empty())
            line += fmt::format(R"(,"peer":"{}","peer_value":{:.6g},"ratio":{:.3f})", figure.peer,
                figure.peer_value, ratio);
        fmt::print("{}}}\n", line);
    }
    else if (figure.peer.empty())
        fmt::print("{:<28} {:>10.4g} {}\n", figure.metric, figure.value, figure.unit);
    else
        fmt::print("{:<28} {:>10.4g} {:<10} {:>10.4g} {:<24} {:>7.2f} x\n", figure.metric,
            figure.value, figure.unit, figure.peer_value, figure.peer, ratio);
    std::fflush(stdout);
}

Medians measure_in_turn(
    const std::function<void()>& ours, const std::function<void()>& peer, std::size_t rounds)
{
    ours();
    peer();
    std::vector<double> our_times;
    std::vector<double> peer_times;
    for (std::size_t i = 0; i < rounds; ++i)
    {
        our_times.push_back(time_ms(ours));
        peer_times.push_back(time_ms(peer));
    }
    return {.ours_ms = median(std::move(our_times)), .peer_ms = median(std::move(peer_times))};
}

double measure(const std::function<void()>& run, std::size_t rounds)
{
    run();
    std::vector<double> times;
    for (std::size_t i = 0; i < rounds; ++i)
        times.push_back(time_ms(run));
    return median(std::move(times));
}

}  // namespace ashlar
