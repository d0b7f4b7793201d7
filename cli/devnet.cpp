#include "cli/devnet.hpp"

#include <algorithm>
#include <csignal>
#include <numeric>
#include <thread>

#include <sys/file.h>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cli/devnet_identity.hpp"
#include "transport/grpc_node_client.hpp"

namespace ashlar
{
namespace
{

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto READY_TIMEOUT = 60s;
constexpr auto STOP_TIMEOUT = 10s;
constexpr auto KILL_TIMEOUT = 10s;
constexpr std::string_view LOCK_NAME = "devnet.lock";  // also says that the folder is a devnet's
constexpr std::string_view COMMITTEE_NAME = "committee.json";
constexpr std::string_view NODE_PREFIX = "node-";

Result<File> lock_folder(const fs::path& folder)
{
    ASHLAR_TRY(auto lock, File::open_or_create(folder / LOCK_NAME));
    if (::flock(lock.descriptor(), LOCK_EX | LOCK_NB) != 0)
        return fail(ErrorKind::invalid_input, "another command is at work on the devnet in {}",
            printable(folder.native()));
    return lock;
}

/// Keeps an interrupt from coming between a process and the note of it: nobody would find it again.
class InterruptsHeld
{
public:
    InterruptsHeld()
    {
        sigset_t held;
        ::sigemptyset(&held);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP})
            ::sigaddset(&held, signal);
        ::pthread_sigmask(SIG_BLOCK, &held, &before_);
    }
    ~InterruptsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    InterruptsHeld(const InterruptsHeld&) = delete;
    InterruptsHeld& operator=(const InterruptsHeld&) = delete;

private:
    sigset_t before_{};
};

bool is_node_folder(const fs::path& path)
{
    const auto name = path.filename().native();
    return name.starts_with(NODE_PREFIX) && name.size() > NODE_PREFIX.size() &&
           std::ranges::all_of(
               name.substr(NODE_PREFIX.size()), [](char c) { return c >= '0' && c <= '9'; });
}

/// Removes the nodes' folders and nothing else.
Result<void> remove_nodes(const fs::path& folder)
{
    std::error_code error;
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator{folder, error})
    {
        if (is_node_folder(entry.path()))
            found.push_back(entry.path());
    }
    for (const auto& path : found)
    {
        fs::remove_all(path, error);
        if (error)
            return fail(ErrorKind::unavailable, "cannot remove {}: {}", printable(path.native()),
                error.message());
    }
    return {};
}

/// A folder is fit for a devnet if it is empty, new, or holds what a create() left that did not
/// end.
Result<void> prepare_folder(const fs::path& folder)
{
    std::error_code error;
    const bool ours = fs::exists(folder / LOCK_NAME, error);
    if (!ours && fs::exists(folder, error) && !fs::is_empty(folder, error))
        return fail(ErrorKind::invalid_input,
            "{} is not empty and holds no devnet: give another folder with --dir",
            printable(folder.native()));
    return make_folders(folder);
}

Result<Committee> read_committee(const fs::path& folder)
{
    ASHLAR_TRY(const auto bytes, read_file(folder / COMMITTEE_NAME, COMMITTEE_FILE_BYTES_MAX));
    return Committee::parse_json(as_text(bytes));
}

}  // namespace

Devnet::Devnet(fs::path folder, fs::path node_program, File lock, Committee committee)
  : folder_{std::move(folder)},
    node_program_{std::move(node_program)},
    lock_{std::move(lock)},
    committee_{std::move(committee)}
{}

bool Devnet::exists(const fs::path& folder)
{
    std::error_code error;
    return fs::exists(folder / LOCK_NAME, error) && fs::exists(folder / COMMITTEE_NAME, error);
}

Result<Devnet> Devnet::create(
    const fs::path& folder, const fs::path& node_program, const DevnetSettings& settings)
{
    if (settings.nodes < 1 || settings.nodes > DEVNET_NODES_MAX)
        return fail(ErrorKind::invalid_input, "a devnet has 1 to {} nodes, not {}",
            DEVNET_NODES_MAX, settings.nodes);
    ASHLAR_CHECK(prepare_folder(folder));
    ASHLAR_TRY(auto lock, lock_folder(folder));
    if (exists(folder))
        return fail(
            ErrorKind::invalid_input, "{} holds a devnet already", printable(folder.native()));
    ASHLAR_CHECK(remove_nodes(folder));

    ASHLAR_TRY(const auto ports, choose_ports(settings.nodes, settings.base_port));
    Committee::Parts parts;
    for (std::size_t i = 0; i < settings.nodes; ++i)
    {
        const auto node_folder = folder / fmt::format("{}{}", NODE_PREFIX, i);
        ASHLAR_TRY(auto identity, make_identity(node_program, node_folder, i, ports[i]));
        parts.members.push_back(std::move(identity.member));
        parts.records.push_back(std::move(identity.record));
    }
    ASHLAR_TRY(auto committee, Committee::make(std::move(parts)));
    // Last, because this file makes the folder a devnet.
    ASHLAR_CHECK(write_file_atomically(folder / COMMITTEE_NAME, as_byte_view(committee.to_json())));
    return Devnet{folder, node_program, std::move(lock), std::move(committee)};
}

Result<Devnet> Devnet::open(const fs::path& folder, const fs::path& node_program)
{
    if (!exists(folder))
        return fail(ErrorKind::invalid_input,
            "no devnet in {}: start one with \"ashlar devnet up\"", printable(folder.native()));
    ASHLAR_TRY(auto lock, lock_folder(folder));
    auto committee = read_committee(folder);
    if (!committee)
        return fail(ErrorKind::invalid_input, "{} is damaged: {}",
            printable((folder / COMMITTEE_NAME).native()), committee.error().message);
    return Devnet{folder, node_program, std::move(lock), std::move(*committee)};
}

fs::path Devnet::committee_file() const
{
    return folder_ / COMMITTEE_NAME;
}

fs::path Devnet::node_folder(std::size_t node) const
{
    return folder_ / fmt::format("{}{}", NODE_PREFIX, node);
}

std::vector<std::size_t> Devnet::all() const
{
    std::vector<std::size_t> nodes(size());
    std::iota(nodes.begin(), nodes.end(), std::size_t{0});
    return nodes;
}

std::optional<ProcessIdentity> Devnet::process(std::size_t node) const
{
    constexpr std::uint64_t PID_FILE_BYTES_MAX = 64;
    const auto text = read_file(node_folder(node) / "pid", PID_FILE_BYTES_MAX);
    if (!text)
        return std::nullopt;
    const auto process = parse_process(as_text(*text));
    return process && is_running(*process) ? process : std::nullopt;
}

std::vector<ProcessIdentity> Devnet::running(const std::vector<std::size_t>& nodes) const
{
    std::vector<ProcessIdentity> found;
    for (const auto node : nodes)
    {
        if (const auto process_now = process(node))
            found.push_back(*process_now);
    }
    return found;
}

Result<void> Devnet::launch(std::size_t node) const
{
    const auto folder = node_folder(node);
    // `data` keeps what is the node's own apart from the log and pid file beside it.
    const ChildCommand command{.program = node_program_,
        .arguments = {
            "run", "--dir", (folder / "data").native(), "--committee", committee_file().native()}};
    const InterruptsHeld held;
    ASHLAR_TRY(const auto started, start_detached(command, folder / "log"));
    auto noted = write_file_atomically(folder / "pid", as_byte_view(to_text(started)));
    if (!noted)
        signal_process(started, SIGKILL);
    return noted;
}

Result<void> Devnet::wait_ready(std::size_t node) const
{
    constexpr auto INTERVAL = 20ms;
    const auto end = system_clock().monotonic() + READY_TIMEOUT;
    while (true)
    {
        // A new client each time: one that was refused waits before it connects again.
        const auto answer = connect_member(committee_, node)->status();
        if (answer)
            return {};
        const bool alive = process(node).has_value();
        if (!alive || system_clock().monotonic() >= end)
            return fail(ErrorKind::unavailable, "node {} {}: {}", node,
                alive ? "does not answer" : "ended",
                alive ? answer.error().message : last_line(node_folder(node) / "log"));
        std::this_thread::sleep_for(INTERVAL);
    }
}

Result<void> Devnet::start(const std::vector<std::size_t>& nodes)
{
    std::vector<std::size_t> started;
    const auto begin = [&]() -> Result<void> {
        for (const auto node : nodes)
        {
            if (process(node))
                continue;
            ASHLAR_CHECK(launch(node));
            started.push_back(node);
        }
        for (const auto node : nodes)
            ASHLAR_CHECK(wait_ready(node));
        return {};
    };
    auto ready = begin();
    if (!ready)
    {
        // The first error is the one worth telling.
        [[maybe_unused]] const auto stopped = stop(started);
    }
    return ready;
}

Result<void> Devnet::kill(const std::vector<std::size_t>& nodes)
{
    for (const auto node : nodes)
    {
        if (!process(node))
            return fail(ErrorKind::invalid_input, "node {} does not run", node);
    }
    const auto processes = running(nodes);
    for (const auto& victim : processes)
        signal_process(victim, SIGKILL);
    if (!wait_until_gone(processes, KILL_TIMEOUT))
        return fail(ErrorKind::unavailable, "a killed node is still there");
    return {};
}

Result<void> Devnet::stop(const std::vector<std::size_t>& nodes)
{
    const auto processes = running(nodes);
    for (const auto& node : processes)
        signal_process(node, SIGTERM);
    if (wait_until_gone(processes, STOP_TIMEOUT))
        return {};
    for (const auto& node : processes)
        signal_process(node, SIGKILL);
    if (!wait_until_gone(processes, KILL_TIMEOUT))
        return fail(ErrorKind::unavailable, "a killed node is still there");
    return {};
}

Result<void> Devnet::wipe() &&
{
    ASHLAR_CHECK(remove_nodes(folder_));
    std::error_code error;
    fs::remove(committee_file(), error);
    fs::remove(folder_ / LOCK_NAME, error);
    // Fails if the user keeps something else there, which is then not ours to remove.
    fs::remove(folder_, error);
    return {};
}

}  // namespace ashlar
