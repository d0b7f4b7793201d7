#include "sampling-client/watch_command.hpp"

#include <csignal>

#include <CLI/CLI.hpp>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "sampling-client/alarm.hpp"
#include "sampling-client/sample_command.hpp"
#include "sampling-client/status_server.hpp"

namespace ashlar
{
namespace
{

/// SIGTERM and SIGINT, blocked from here on in every thread that is started later.
class StopSignals
{
public:
    StopSignals()
    {
        ::sigemptyset(&signals_);
        ::sigaddset(&signals_, SIGINT);
        ::sigaddset(&signals_, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    }

    /// @return  whether one came within `time`, or before.
    [[nodiscard]] bool came_within(std::chrono::seconds time)
    {
        const timespec limit{.tv_sec = time.count(), .tv_nsec = 0};
        // A signal is taken off by whoever waits for it.
        came_ = came_ || ::sigtimedwait(&signals_, nullptr, &limit) >= 0;
        return came_;
    }

private:
    sigset_t signals_{};
    bool came_ = false;
};

/// Whom to ask, and how.
struct WatchedNetwork
{
    Committee committee;
    std::vector<std::unique_ptr<NodeApi>> clients;
    std::vector<LightNodeApi*> nodes;
};

Result<WatchedNetwork> connect_to(const std::filesystem::path& committee_file)
{
    ASHLAR_TRY(auto committee, load_committee(committee_file));
    auto clients = connect_committee(committee, sampling_client_options());
    std::vector<LightNodeApi*> nodes;
    for (const auto& client : clients)
        nodes.push_back(client.get());
    return WatchedNetwork{.committee = std::move(committee),
        .clients = std::move(clients),
        .nodes = std::move(nodes)};
}

Result<void> raise_alarm(const WatchCommand& command, const WatchedVersion& version)
{
    // One that fails keeps the other from nothing.
    auto hook = command.hook.empty() ? Result<void>{} : run_hook(command.hook, version);
    auto webhook =
        command.webhook.empty() ? Result<void>{} : post_webhook(command.webhook, version);
    return hook ? webhook : hook;
}

Watcher::Parts watcher_parts(
    const WatchCommand& command, const JsonRpcClient& node, const WatchedNetwork& network)
{
    return {.node = node,
        .sample =
            [&](const Bytes32& root) {
                return sample(root, network.committee,
                    std::span<LightNodeApi* const>{network.nodes}, system_random(),
                    command.sampling, no_progress());
            },
        .alarm = [&](const WatchedVersion& version) { return raise_alarm(command, version); },
        .save =
            [&](const WatchState& state) {
                return write_file_atomically(command.state_file, as_byte_view(to_json(state)));
            },
        .clock = system_clock()};
}

/// @param server  Null if nothing is served.
void show_state(StatusServer* server, const WatchState& state, const std::string& chain_error)
{
    if (server != nullptr)
        server->publish({.status = status_json(state, chain_error),
            .metrics = metrics_text(state, chain_error.empty())});
}

/// Takes in all blocks that are deep enough, or what a signal leaves time for.
/// @return  what went wrong; empty for nothing.
std::string follow_chain(Watcher& watcher, StopSignals& signals)
{
    while (true)
    {
        const auto more = watcher.follow();
        if (!more)
        {
            spdlog::warn("following the chain: {}", printable(more.error().message));
            return more.error().message;
        }
        if (*more == 0 || signals.came_within(std::chrono::seconds{0}))
            return {};
    }
}

/// Follows and samples until a signal comes. Between two samplings the chain is looked at again.
Result<void> watch_on(
    const WatchCommand& command, Watcher& watcher, StopSignals& signals, StatusServer* server)
{
    auto pause = std::chrono::seconds{0};
    while (!signals.came_within(pause))
    {
        const auto chain_error = follow_chain(watcher, signals);
        show_state(server, watcher.state(), chain_error);
        ASHLAR_TRY(const auto sampled, watcher.sample_one());
        show_state(server, watcher.state(), chain_error);
        pause = sampled != 0 ? std::chrono::seconds{0} : command.poll_every;
    }
    return {};
}

Result<void> watch(const WatchCommand& command)
{
    // Before any thread starts, so that all inherit the mask.
    StopSignals signals;
    ASHLAR_TRY(const auto registry, parse_address(command.registry, "--registry"));
    ASHLAR_TRY(const auto network, connect_to(command.committee_file));
    const auto node = JsonRpcClient::at(command.rpc);
    ASHLAR_TRY(const auto chain_id, node.chain_id());
    if (const auto bound = network.committee.binding().chain_id; bound != chain_id && bound != 0)
        return fail(ErrorKind::invalid_input,
            "the Ethereum node is of chain {}, the committee of chain {}", chain_id, bound);
    ASHLAR_TRY(auto state,
        load_watch_state(command.state_file, chain_id, registry, command.options.first_block));
    std::unique_ptr<StatusServer> server;
    if (command.status_port)
    {
        ASHLAR_TRY(server, StatusServer::start(*command.status_port));
        show_state(server.get(), state, {});
        fmt::print("status http://127.0.0.1:{}/status\n", server->port());
        std::fflush(stdout);
    }
    Watcher watcher{watcher_parts(command, node, network), command.options, std::move(state)};
    return watch_on(command, watcher, signals, server.get());
}

void add_seconds(CLI::App& app, const char* name, std::chrono::seconds& value, const char* what)
{
    constexpr std::int64_t SECONDS_MAX = 31'536'000;
    app.add_option_function<std::int64_t>(
           name, [&value](std::int64_t seconds) { value = std::chrono::seconds{seconds}; }, what)
        ->check(CLI::Range(std::int64_t{1}, SECONDS_MAX))
        ->default_str(std::to_string(value.count()));
}

}  // namespace

void declare_watch_arguments(CLI::App& app, WatchCommand& command)
{
    app.add_option("--rpc", command.rpc, "Ethereum node's JSON-RPC")->required();
    app.add_option("--registry", command.registry, "Address of the ModelRegistry")->required();
    app.add_option("--committee", command.committee_file, "Committee file (JSON)")->required();
    app.add_option("--state", command.state_file, "File that keeps results between runs")
        ->required();
    app.add_option("--confirmations", command.options.confirmations,
           "Blocks on top of one before it is taken in")
        ->capture_default_str();
    app.add_option("--from-block", command.options.first_block, "Where to begin")
        ->capture_default_str();
    add_seconds(
        app, "--every", command.options.sample_every, "Seconds between samplings of a model");
    add_seconds(app, "--poll", command.poll_every, "Seconds between questions about new blocks");
    app.add_option("--error", command.sampling.error, "Probability of a wrong verdict")
        ->capture_default_str();
    app.add_option("--evidence", command.sampling.evidence_folder,
        "Folder for what nodes or the publisher said falsely");
    app.add_option("--status-port", command.status_port,
        "Serve /status and /metrics on this port of 127.0.0.1; 0 for one that is free");
    app.add_option("--hook", command.hook,
        "Shell command to run when a verdict becomes another than AVAILABLE");
    app.add_option("--webhook", command.webhook, "URL to post it to");
}

int run_watch_command(const WatchCommand& command)
{
    const auto watched = watch(command);
    if (watched)
        return 0;
    constexpr int UNUSABLE = 2;
    constexpr int UNREACHED = 4;
    fmt::print(stderr, "{}: {}\n", command.program, printable(watched.error().message));
    return watched.error().kind == ErrorKind::unavailable ? UNREACHED : UNUSABLE;
}

}  // namespace ashlar
