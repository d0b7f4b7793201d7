#include "cli/connection.hpp"

#include <thread>

#include "base/file.hpp"
#include "base/log.hpp"
#include "cli/arguments.hpp"
#include "transport/grpc_node_client.hpp"

namespace ashlar
{
namespace
{

template <typename Answer, typename Ask>
std::vector<Result<Answer>> ask_all(std::span<NodeApi* const> nodes, const Ask& ask)
{
    std::vector<Result<Answer>> answers(
        nodes.size(), fail(ErrorKind::unavailable, "no address known"));
    // One thread a node: they wait for the network, not for a core.
    std::vector<std::jthread> threads;
    for (std::size_t m = 0; m < nodes.size(); ++m)
    {
        if (nodes[m] != nullptr)
            threads.emplace_back([&, m] { answers[m] = ask(*nodes[m]); });
    }
    threads.clear();
    return answers;
}

}  // namespace

Connection::Connection(Committee committee)
  : committee_{std::move(committee)}, clients_{connect_committee(committee_)}
{
    for (const auto& client : clients_)
        nodes_.push_back(client.get());
}

Result<Connection> Connection::open(const std::filesystem::path& file)
{
    auto path = file;
    if (path.empty())
    {
        ASHLAR_TRY(path, default_committee_file());
    }
    const auto bytes = read_file(path, COMMITTEE_FILE_BYTES_MAX);
    if (!bytes)
        return fail(ErrorKind::invalid_input, "no committee: {}", bytes.error().message);
    auto committee = Committee::parse_json(as_text(*bytes));
    if (!committee)
        return fail(ErrorKind::invalid_input, "{} is not a committee file: {}",
            printable(path.native()), committee.error().message);
    return Connection{std::move(*committee)};
}

std::vector<Result<NodeStatus>> ask_status(std::span<NodeApi* const> nodes)
{
    return ask_all<NodeStatus>(nodes, [](NodeApi& node) { return node.status(); });
}

std::vector<Result<Holdings>> ask_holdings(
    std::span<NodeApi* const> nodes, const Bytes32& object_root)
{
    return ask_all<Holdings>(nodes, [&](NodeApi& node) { return node.holdings(object_root); });
}

std::uint64_t stored_bytes_of(std::span<const Result<Holdings>> answers)
{
    std::uint64_t bytes = 0;
    for (const auto& answer : answers)
        bytes += answer ? answer->stored_bytes : 0;
    return bytes;
}

}  // namespace ashlar
