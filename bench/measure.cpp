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

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

double ratio_of(const Figure& figure, const PeerValue& peer)
{
    return peer.ratio.value_or(peer.value / figure.value);
}

void print_json(const Figure& figure, const PeerValue* fastest)
{
    std::string line = fmt::format(R"({{"metric":"{}","value":{:.6g},"unit":"{}","threads":{})",
        figure.metric, figure.value, figure.unit, thread_count());
    if (fastest != nullptr)
    {
        line += fmt::format(R"(,"peer":"{}","peer_value":{:.6g},"ratio":{:.3f},"peers":{{)",
            fastest->name, fastest->value, ratio_of(figure, *fastest));
        for (const auto& peer : figure.peers)
            line += fmt::format(
                R"({}"{}":{:.6g})", &peer == figure.peers.data() ? "" : ",", peer.name, peer.value);
        line += '}';
    }
    fmt::print("{}}}\n", line);
}

void print_text(const Figure& figure, const PeerValue* fastest)
{
    std::string line =
        fmt::format("{:<24} {:>10.4g} {:<10}", figure.metric, figure.value, figure.unit);
    if (fastest != nullptr)
        line += fmt::format("{:>7.2f} x ", ratio_of(figure, *fastest));
    for (const auto& peer : figure.peers)
        line += fmt::format(
            " {} {:.4g}{}", peer.name, peer.value, &peer == &figure.peers.back() ? "" : ",");
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
}

/// Milliseconds of each contender in each round.
std::vector<std::vector<double>> times_in_turn(
    const std::vector<Contender>& contenders, std::size_t rounds)
{
    std::vector<std::vector<double>> times(contenders.size());
    for (std::size_t round = 0; round <= rounds; ++round)
    {
        for (std::size_t i = 0; i < contenders.size(); ++i)
        {
            const double ms = contenders[i].run_ms();
            if (round != 0)
                times[i].push_back(ms);
        }
    }
    return times;
}

}  // namespace

void FigurePrinter::print(const Figure& figure) const
{
    const auto& peers = figure.peers;
    const auto fastest = std::ranges::min_element(peers, {}, &PeerValue::value);
    const auto* const peer = fastest == peers.end() ? nullptr : &*fastest;
    if (json_)
        print_json(figure, peer);
    else
        print_text(figure, peer);
    std::fflush(stdout);
}

Contender contender(std::string name, std::function<void()> run)
{
    return {.name = std::move(name), .run_ms = [run = std::move(run)] {
                const double start = cpu_ms();
                run();
                return cpu_ms() - start;
            }};
}

std::vector<PeerValue> measure_in_turn(const std::vector<Contender>& contenders, std::size_t rounds)
{
    std::vector<PeerValue> out;
    auto times = times_in_turn(contenders, rounds);
    for (std::size_t i = 0; i < contenders.size(); ++i)
        out.push_back({.name = contenders[i].name, .value = median(std::move(times[i]))});
    return out;
}

Figure figure_in_turn(std::string metric, const std::vector<Contender>& contenders,
    std::size_t rounds, std::string unit, double scale)
{
    const auto times = times_in_turn(contenders, rounds);
    const auto& ours = times.front();
    Figure out{.metric = std::move(metric), .value = median(ours) * scale, .unit = std::move(unit)};
    for (std::size_t i = 1; i < contenders.size(); ++i)
    {
        std::vector<double> ratios;
        for (std::size_t round = 0; round < rounds; ++round)
            ratios.push_back(times[i][round] / ours[round]);
        out.peers.push_back({.name = contenders[i].name,
            .value = median(times[i]) * scale,
            .ratio = median(std::move(ratios))});
    }
    return out;
}

double measure(const std::function<void()>& run, std::size_t rounds)
{
    return measure_in_turn({contender("", run)}, rounds).front().value;
}

}  // namespace ashlar
