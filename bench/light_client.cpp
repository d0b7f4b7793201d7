// What a light client pays to learn that an object can be had: bytes at its sockets and seconds of
// one core, by the released program over gRPC and TLS on loopback. The nodes are this process, the
// client is another, each on a core of its own. With --withheld the object cannot be had, and no
// client may say that it can.

#include <cmath>
#include <fstream>
#include <map>
#include <thread>

#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/parallel.hpp"
#include "bench/measure.hpp"
#include "bench/scaled_network.hpp"
#include "bench/scaled_object.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t OUTPUT_BYTES_MAX = 1u << 20;

struct Arguments
{
    std::uint64_t data_blobs = 100'000;
    std::size_t runs = 11;
    double error = 1e-9;
    double deadline = 60;
    bool withheld = false;
    bool growth = false;
    bool json = false;
    std::string scratch = "build/bench-light-client";
};

/// One result of our own, or the end of the program: a bench has no use for errors.
template <typename T>
T must(Result<T> result)
{
    if (!result)
    {
        fmt::print(stderr, "light-client: {}\n", result.error().message);
        std::exit(1);
    }
    return std::move(*result);
}

void pin_to_core(int core)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(core), &cores);
    // Where there is one core only, nothing can be kept apart.
    (void)sched_setaffinity(0, sizeof(cores), &cores);
}

/// What one run of the client came to.
struct ClientRun
{
    nlohmann::json report;
    double cpu_seconds = 0;
    double rss_mb = 0;
};

std::string read_all(int descriptor)
{
    std::string text;
    std::array<char, 4096> chunk;
    for (auto got = read(descriptor, chunk.data(), chunk.size());
         got > 0 && text.size() < OUTPUT_BYTES_MAX;
         got = read(descriptor, chunk.data(), chunk.size()))
        text.append(chunk.data(), static_cast<std::size_t>(got));
    return text;
}

/// Greatest resident memory of a process in megabytes, as the kernel keeps it while it lives: what
/// wait4() tells begins with the memory of whoever spawned it.
double watch_memory(pid_t process, const std::stop_token& stop)
{
    double kilobytes = 0;
    while (!stop.stop_requested())
    {
        std::ifstream status{fmt::format("/proc/{}/status", process)};
        std::string word;
        while (status >> word && word != "VmHWM:")
        {
        }
        double value = 0;
        if (status >> value)
            kilobytes = value;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return kilobytes * 1024 / 1e6;
}

/// Runs the client on core 1, with what it prints in a pipe. Nodes stay on core 0.
ClientRun run_client(const Arguments& arguments, const ScaledNetwork& network, const Bytes32& root)
{
    std::array<int, 2> pipe_ends{};
    if (pipe(pipe_ends.data()) != 0)
        must<int>(fail(ErrorKind::unavailable, "no pipe"));
    const auto root_text = to_hex(root);
    const auto error_text = fmt::format("{}", arguments.error);
    const auto deadline_text = fmt::format("{}", arguments.deadline);
    const auto committee = network.committee_file.string();
    std::array<const char*, 13> command{"taskset", "-c", "1", ASHLAR_SAMPLING_CLIENT, "sample",
        root_text.c_str(), "--committee", committee.c_str(), "--json", "--error",
        error_text.c_str(), "--deadline", deadline_text.c_str()};
    std::vector<char*> argv;
    for (const auto* const word : command)
        argv.push_back(const_cast<char*>(word));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
    pid_t child = 0;
    const auto spawned = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    if (spawned != 0)
        must<int>(fail(ErrorKind::unavailable, "cannot run taskset"));
    double rss_mb = 0;
    std::string text;
    {
        const std::jthread watch{
            [&](const std::stop_token& stop) { rss_mb = watch_memory(child, stop); }};
        text = read_all(pipe_ends[0]);
    }
    close(pipe_ends[0]);
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);

    ClientRun run{.report = nlohmann::json::parse(text, nullptr, false)};
    if (!run.report.is_object())
        must<int>(fail(ErrorKind::unavailable, "the client said: {}", text));
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    run.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    run.rss_mb = rss_mb;
    return run;
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// Measures one size and prints its figures.
void measure_size(std::uint64_t data_blobs, const Arguments& arguments)
{
    const FigurePrinter printer{arguments.json};
    set_thread_count(0);
    const auto object = must(ScaledObject::make(data_blobs, arguments.scratch));
    ScaledNode node{*object};
    pin_to_core(0);
    const auto network = must(ScaledNetwork::start(node, arguments.scratch));

    std::vector<double> bytes;
    std::vector<double> cpu;
    std::vector<double> wall;
    std::vector<double> rss;
    for (std::size_t i = 0; i < arguments.runs; ++i)
    {
        const auto run = run_client(arguments, network, object->header().root());
        if (run.report.value("verdict", "") != "AVAILABLE")
            must<int>(fail(ErrorKind::unavailable, "not AVAILABLE: {}", run.report.dump()));
        bytes.push_back(run.report.at("socket_bytes").get<double>());
        wall.push_back(run.report.at("seconds").get<double>());
        cpu.push_back(run.cpu_seconds);
        rss.push_back(run.rss_mb);
    }
    const auto suffix = fmt::format("@{}", data_blobs);
    printer.print(
        {.metric = "light_client_bytes" + suffix, .value = median(bytes), .unit = "bytes"});
    printer.print(
        {.metric = "light_client_seconds" + suffix, .value = median(cpu), .unit = "s CPU"});
    printer.print({.metric = "light_client_wall" + suffix, .value = median(wall), .unit = "s"});
    printer.print({.metric = "light_client_memory" + suffix, .value = median(rss), .unit = "MB"});
}

/// Clients of an object of which P + 1 stored blobs are withheld: counts who says AVAILABLE.
///
/// A client whose deadline ends early could still say so later, but only at a look for more
/// failures than it has seen, f of them: all those looks together err with probability ε·2^−(f+1)
/// or less. So the least f of all clients is printed too.
void measure_withheld(std::uint64_t data_blobs, const Arguments& arguments)
{
    const FigurePrinter printer{arguments.json};
    set_thread_count(0);
    const auto object = must(ScaledObject::make(data_blobs, arguments.scratch));
    ScaledNode node{*object, object->header().shape().parity_blobs() + 1};
    pin_to_core(0);
    const auto network = must(ScaledNetwork::start(node, arguments.scratch));

    std::map<std::string, std::size_t> verdicts{{"AVAILABLE", 0}};
    std::vector<double> samples;
    std::uint64_t least_failures = UINT64_MAX;
    for (std::size_t i = 0; i < arguments.runs; ++i)
    {
        const auto run = run_client(arguments, network, object->header().root());
        ++verdicts[run.report.at("verdict").get<std::string>()];
        samples.push_back(run.report.at("samples").get<double>());
        least_failures = std::min(least_failures, run.report.at("failures").get<std::uint64_t>());
    }
    const auto suffix = fmt::format("@{}", data_blobs);
    const auto of = fmt::format("of {}", arguments.runs);
    for (const auto& [verdict, count] : verdicts)
        printer.print({.metric = "withheld_" + verdict + suffix,
            .value = static_cast<double>(count),
            .unit = of});
    printer.print(
        {.metric = "withheld_samples" + suffix, .value = median(samples), .unit = "samples"});
    printer.print({.metric = "withheld_failures_least" + suffix,
        .value = static_cast<double>(least_failures),
        .unit = "samples"});
    if (verdicts.at("AVAILABLE") > 0)
        must<int>(fail(ErrorKind::corrupted, "an object that is lost was AVAILABLE"));
}

/// What a light client of another network takes for a terabyte, and how that comes about.
void print_comparison(
    const std::string& network, double units, double bytes_per_unit, const char* why, bool json)
{
    FigurePrinter{json}.print({.metric = network + "_bytes_per_terabyte",
        .value = units * bytes_per_unit,
        .unit = "bytes"});
    if (!json)
        fmt::print("    {:.0f} {}\n", units, why);
}

/// A terabyte on two networks that light clients sample today, by their own parameters.
void print_comparisons(bool json)
{
    constexpr double TERABYTE = 1e12;

    // Blocks of 256 x 256 shares with 482 bytes of data each. Of each a light node takes the row
    // and column roots of the extended square and 16 samples: a share with a path of 9 nodes.
    constexpr double BLOCK_BYTES = 256.0 * 256 * 482;
    print_comparison("celestia", std::ceil(TERABYTE / BLOCK_BYTES),
        2 * 512 * 90 + 16 * (512 + 9 * 90),
        "blocks of 256 x 256 x 482 bytes; 2 x 512 roots x 90 + 16 samples x (512 + 9 x 90) each",
        json);

    // A node samples 8 of 128 columns, and a column has a cell with a proof of every blob.
    print_comparison("peerdas", std::ceil(TERABYTE / PAYLOAD_BYTES_PER_BLOB), 8 * (2048 + 48),
        "blobs of 126,976 bytes; 8 of 128 columns x (2,048 + 48) each", json);
}

int run(int argc, char** argv)
{
    CLI::App app{"Bytes and seconds of a light client", "bench light-client"};
    Arguments arguments;
    app.add_option("--data-blobs", arguments.data_blobs, "K")
        ->check(CLI::Range(std::uint64_t{33}, std::uint64_t{1} << 24))
        ->capture_default_str();
    app.add_option("--runs", arguments.runs, "Clients, one after another")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--error", arguments.error, "Asked for by the client")->capture_default_str();
    app.add_option("--scratch", arguments.scratch, "Folder for the fold")->capture_default_str();
    app.add_option("--deadline", arguments.deadline, "Seconds of each client")
        ->capture_default_str();
    app.add_flag("--withheld", arguments.withheld, "Nodes hide P + 1 blobs; count AVAILABLE");
    app.add_flag("--growth", arguments.growth, "10^4 … 10^6 data blobs instead");
    app.add_flag("--json", arguments.json, "One JSON object a line");
    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::ParseError& error)
    {
        return app.exit(error);
    }
    const auto sizes = arguments.growth ? std::vector<std::uint64_t>{10'000, 100'000, 1'000'000}
                                        : std::vector{arguments.data_blobs};
    for (const auto size : sizes)
        (arguments.withheld ? measure_withheld : measure_size)(size, arguments);
    if (!arguments.withheld)
        print_comparisons(arguments.json);
    return 0;
}

}  // namespace
}  // namespace ashlar

int main(int argc, char** argv)
{
    return ashlar::run(argc, argv);
}
