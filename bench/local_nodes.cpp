#include "bench/local_nodes.hpp"

#include <chrono>
#include <thread>

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/made_checkpoint.hpp"

namespace ashlar
{
namespace
{

cpu_set_t cores_from(std::size_t begin, std::size_t end)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    for (auto core = begin; core < end; ++core)
        CPU_SET(core, &cores);
    return cores;
}

double seconds(const timeval& time) noexcept
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

bool take_last_core()
{
    const std::size_t count = std::thread::hardware_concurrency();
    const auto cores = cores_from(count - 1, count);
    return count > 1 && ::sched_setaffinity(0, sizeof(cores), &cores) == 0;
}

ProcessTime ProcessTime::now()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now().time_since_epoch();
    return {
        .user = seconds(usage.ru_utime), .system = seconds(usage.ru_stime), .wall = wall.count()};
}

ProcessTime& ProcessTime::operator+=(const ProcessTime& other) noexcept
{
    user += other.user;
    system += other.system;
    wall += other.wall;
    return *this;
}

Result<std::unique_ptr<LocalNodes>> LocalNodes::start(
    const std::filesystem::path& scratch, std::uint64_t model_bytes, NodeCores cores)
{
    const auto folder =
        std::filesystem::absolute(scratch) / fmt::format("local-nodes-{}", ::getpid());
    ASHLAR_CHECK(make_folders(folder));
    ASHLAR_CHECK(make_checkpoint(folder / "model", {.bytes = model_bytes}));
    ASHLAR_TRY(auto devnet,
        Devnet::create(folder / "devnet", ASHLAR_DA_NODE, {.nodes = LOCAL_NODES, .base_port = 0}));
    std::unique_ptr<LocalNodes> nodes{new LocalNodes{folder, std::move(devnet)}};
    // Nodes keep the cores of whoever starts them.
    cpu_set_t before;
    CPU_ZERO(&before);
    ::sched_getaffinity(0, sizeof(before), &before);
    const std::size_t count = std::thread::hardware_concurrency();
    const auto others = cores_from(0, std::max<std::size_t>(count, 2) - 1);
    if (cores == NodeCores::all_but_last)
        ::sched_setaffinity(0, sizeof(others), &others);
    auto started = nodes->devnet_->start(nodes->devnet_->all());
    ::sched_setaffinity(0, sizeof(before), &before);
    ASHLAR_CHECK(started);
    return nodes;
}

LocalNodes::~LocalNodes()
{
    if (const auto stopped = devnet_->stop(devnet_->all()); !stopped)
        fmt::print(stderr, "bench: {}\n", stopped.error().message);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

Result<Connection> LocalNodes::connect() const
{
    return Connection::open(committee_file());
}

std::filesystem::path LocalNodes::committee_file() const
{
    return devnet_->committee_file();
}

void add_arguments(CLI::App& app, LocalBenchArguments& arguments)
{
    app.add_option("--bytes", arguments.bytes, "Of the model")->capture_default_str();
    app.add_option("--scratch", arguments.scratch, "Folder for model and nodes")
        ->capture_default_str();
    app.add_flag("--json", arguments.json, "One JSON object a line");
}

std::optional<int> parse_arguments(CLI::App& app, int argc, char** argv)
{
    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::ParseError& error)
    {
        return app.exit(error);
    }
    return std::nullopt;
}

}  // namespace ashlar
