/// The program of a DA node: `da-node init` makes its keys, `da-node run` serves.

#include <csignal>

#include <CLI/CLI.hpp>

#include "base/allocator.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "da-node/identity.hpp"
#include "da-node/rpc/server.hpp"
#include "da-node/service.hpp"

namespace ashlar
{
namespace
{

constexpr auto STOP_GRACE = std::chrono::seconds{2};
constexpr std::time_t SWEEP_INTERVAL_SECONDS = 600;

struct Arguments
{
    std::string folder;
    std::string listen;
    std::string operator_hex;
    std::string committee;
    std::string log_level = "info";
    std::uint64_t quota_bytes = ServiceLimits{}.publisher_bytes_max;
};

Result<void> init(const Arguments& arguments)
{
    ASHLAR_TRY(const auto identity, init_identity(arguments.folder, arguments.listen));
    auto operator_id = sha256(identity.key.public_key().bytes());
    if (!arguments.operator_hex.empty())
    {
        ASHLAR_TRY(operator_id, array_from_hex<32>(arguments.operator_hex));
    }
    fmt::print("{}\n", member_json(identity, operator_id));
    return {};
}

Result<Committee> read_committee(const std::string& path)
{
    ASHLAR_TRY(const auto bytes, read_file(path, COMMITTEE_FILE_BYTES_MAX));
    return Committee::parse_json(as_text(bytes));
}

/// Blocks in every thread the signals that the main thread waits for.
sigset_t block_signals()
{
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

/// Sweeps now and then until a signal asks to stop.
void serve_until_stopped(NodeService& service, const sigset_t& signals)
{
    const timespec interval{.tv_sec = SWEEP_INTERVAL_SECONDS, .tv_nsec = 0};
    do
        service.sweep();
    while (::sigtimedwait(&signals, nullptr, &interval) < 0);
}

Result<void> run(const Arguments& arguments)
{
    // Before any thread starts, so that all inherit the mask.
    const auto signals = block_signals();
    ASHLAR_TRY(auto identity, load_identity(arguments.folder));
    ASHLAR_TRY(auto committee, read_committee(arguments.committee));
    ASHLAR_TRY(const auto store, NodeStore::open(arguments.folder));

    const auto listen =
        arguments.listen.empty() ? identity.record.record.endpoint : arguments.listen;
    const ServerOptions options{.listen = listen,
        .tls_key = identity.tls_key,
        .tls_certificate = identity.record.record.tls_certificate};
    ServiceLimits limits;
    limits.publisher_bytes_max = arguments.quota_bytes;
    ASHLAR_TRY(const auto service, NodeService::make({.key = std::move(identity.key),
                                       .committee = std::move(committee),
                                       .record = identity.record,
                                       .store = *store,
                                       .clock = system_clock(),
                                       .limits = limits}));
    ASHLAR_TRY(const auto server, RpcServer::start(*service, options));
    const auto address = fmt::format("{}:{}", listen.substr(0, listen.rfind(':')), server->port());
    fmt::print("ready {}\n", address);
    std::fflush(stdout);
    spdlog::info("serving on {}", printable(address));

    serve_until_stopped(*service, signals);
    spdlog::info("stopping");
    server->stop(STOP_GRACE);
    return {};
}

int report(const Result<void>& result)
{
    constexpr int UNUSABLE = 2;
    if (result)
        return 0;
    fmt::print(stderr, "da-node: {}\n", printable(result.error().message));
    return UNUSABLE;
}

}  // namespace
}  // namespace ashlar

int main(int argc, char** argv)
{
    ashlar::limit_arenas();
    ashlar::Arguments arguments;
    CLI::App app{"A DA node of Ashlar: keeps pieces of objects and serves them."};
    app.require_subcommand(1);
    auto* init = app.add_subcommand("init", "Make the node's keys; print its committee entry");
    init->add_option("--dir", arguments.folder, "The node's folder")->required();
    init->add_option("--listen", arguments.listen, "host:port where others reach it")->required();
    init->add_option("--operator", arguments.operator_hex, "32 bytes in hexadecimal");
    auto* run = app.add_subcommand("run", "Serve until SIGTERM or SIGINT");
    run->add_option("--dir", arguments.folder, "The node's folder")->required();
    run->add_option("--committee", arguments.committee, "Committee file")->required();
    run->add_option("--listen", arguments.listen, "host:port to bind, if not the endpoint's");
    run->add_option("--publisher-quota", arguments.quota_bytes, "Bytes a publisher may reserve");
    run->add_option("--log-level", arguments.log_level, "trace, debug, info, warn, error or off")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));
    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::ParseError& error)
    {
        constexpr int USAGE = 2;
        return app.exit(error) == 0 ? 0 : USAGE;
    }
    ashlar::configure_log("da-node", arguments.log_level);
    return ashlar::report(init->parsed() ? ashlar::init(arguments) : ashlar::run(arguments));
}
