// How near a verified fetch comes to the network: a whole checkpoint from released nodes over gRPC
// and TLS into files, next to as many bytes over plain gRPC, in turn; and what a read of one
// tensor's bytes moves and how soon it has the first of them.

#include <thread>

#include <CLI/CLI.hpp>

#include "base/allocator.hpp"
#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "base/size_text.hpp"
#include "bench/local_nodes.hpp"
#include "bench/measure.hpp"
#include "bench/tensor_read.hpp"
#include "commitments/blob_batch.hpp"
#include "da-node/rpc/server.hpp"
#include "da-node/tls_certificate.hpp"
#include "retrieval/fetch.hpp"
#include "retrieval/file_assembly.hpp"
#include "retrieval/piece_check.hpp"
#include "tests/support/forwarding_node.hpp"
#include "transport/grpc_node_client.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t KEEP_SECONDS = 30ULL * 86'400;
constexpr std::size_t BLOBS_PER_ADD = 16;  ///< As a fetch adds them to a check.

struct Arguments
{
    LocalBenchArguments common{.bytes = "256MiB", .scratch = "build/bench-fetch"};
    std::string large_bytes = "4GiB";
    std::size_t rounds = 5;
};

/// Serves one blob under any number, from memory: gRPC and TLS, and nothing else.
class MemoryNode final : public test::ForwardingNode
{
public:
    Result<void> get_pieces(
        const Bytes32&, std::span<const std::uint64_t> pieces, const PieceSink& sink) override
    {
        for (const auto piece : pieces)
            ASHLAR_CHECK(sink({piece, BlobView{blob_}}));
        return {};
    }

protected:
    Result<NodeApi*> target() override
    {
        return fail(ErrorKind::not_found, "this node only serves blobs");
    }

private:
    Bytes blob_ = Bytes(BYTES_PER_BLOB, std::byte{1});
};

/// As many servers of memory as there are nodes, each with a client.
class PlainServers
{
public:
    PlainServers()
    {
        for (std::size_t i = 0; i < LOCAL_NODES; ++i)
        {
            const auto tls = must(make_tls_key_pair("plain.ashlar"));
            servers_.push_back(
                must(RpcServer::start(node_, {.listen = "127.0.0.1:0",
                                                 .tls_key = tls.key,
                                                 .tls_certificate = tls.certificate})));
            clients_.push_back(std::make_unique<GrpcNodeClient>(
                NodeAddress{.endpoint = fmt::format("127.0.0.1:{}", servers_.back()->port()),
                    .tls_certificate = tls.certificate,
                    .server_name = "plain.ashlar"}));
        }
    }

    /// Moves so many blobs and drops them.
    void transfer(std::uint64_t blobs)
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < clients_.size(); ++i)
            threads.emplace_back([&, i] {
                take(*clients_[i], blobs * i / clients_.size(), blobs * (i + 1) / clients_.size());
            });
    }

private:
    static void take(NodeApi& node, std::uint64_t begin, std::uint64_t end)
    {
        const auto drop = [](const PieceView&) { return Result<void>{}; };
        while (begin < end)
        {
            std::vector<std::uint64_t> pieces;
            while (begin < end && pieces.size() < PIECES_PER_REQUEST_MAX)
                pieces.push_back(begin++);
            must(node.get_pieces(Bytes32{}, pieces, drop));
        }
    }

    MemoryNode node_;
    std::vector<std::unique_ptr<RpcServer>> servers_;
    std::vector<std::unique_ptr<NodeApi>> clients_;
};

Bytes32 publish(const LocalNodes& nodes, const Connection& connection)
{
    const auto payload = must(Payload::from_folder(nodes.model()));
    EncodeOptions options;
    options.scratch_folder = nodes.folder();
    const auto object =
        must(EncodedObject::make(payload, connection.committee(), options, no_progress()));
    must(spread(object, connection.committee(), connection.nodes(), PublisherKey::generate(),
        {.expiry_unix_seconds = system_clock().unix_seconds() + KEEP_SECONDS}, no_progress()));
    return object.header().root();
}

/// What a reader needs of one object.
struct Reader
{
    const Connection& connection;
    const ObjectView& view;
    FetchOptions options;

    [[nodiscard]] BlobFetcher blobs() const
    {
        return must(BlobFetcher::make(view, connection.committee(), connection.nodes(), options));
    }
};

/// The whole checkpoint into files. @return  blobs received
std::uint64_t fetch(const Reader& reader, const std::filesystem::path& destination)
{
    auto blobs = reader.blobs();
    const auto directory = must(fetch_directory(reader.view, blobs, no_progress()));
    must(fetch_files(blobs, directory, {.destination = destination, .files = {}}, no_progress()));
    return blobs.counts().fetched;
}

double cpu_of(const std::function<void()>& work)
{
    const auto begin = ProcessTime::now();
    work();
    return (ProcessTime::now() - begin).cpu();
}

/// CPU time of checking all data blobs, which are in memory, against their commitments.
double verification_cpu(const Reader& reader, const LocalNodes& nodes)
{
    const auto payload = must(Payload::from_folder(nodes.model()));
    RunningBlobCheck check;
    double cpu = 0;
    const auto count = ObjectShape::data_blobs_for(payload.payload_bytes());
    for (std::uint64_t at = 0; at < count; at += BLOBS_PER_ADD)
    {
        const auto end = std::min<std::uint64_t>(at + BLOBS_PER_ADD, count);
        std::vector<Bytes> buffers(end - at, Bytes(PAYLOAD_BYTES_PER_BLOB));
        std::vector<BlobClaim> claims;
        for (auto t = at; t < end; ++t)
        {
            must(payload.read(t * PAYLOAD_BYTES_PER_BLOB, buffers[t - at]));
            claims.push_back({PayloadBlob{buffers[t - at]}, commitment_of(reader.view, t)});
        }
        cpu += cpu_of([&] { check.add(claims); });
    }
    return cpu + cpu_of([&] { must(check.finish()); });
}

/// CPU time of the files' hashes, as a fetch makes them.
double hash_cpu(const Reader& reader, const LocalNodes& nodes)
{
    auto blobs = reader.blobs();
    const auto directory = must(fetch_directory(reader.view, blobs, no_progress()));
    return cpu_of([&] {
        for (const auto& entry : directory.files())
        {
            const auto file = must(File::open_read(nodes.model() / entry.path));
            must(check_contents(
                entry, [&](auto at, auto out) { return file.read_at(at, out); }, [](auto) {}));
        }
    });
}

double median_of(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

void measure_whole(const Reader& reader, const LocalNodes& nodes, const Arguments& arguments)
{
    const FigurePrinter printer{arguments.common.json};
    PlainServers plain;
    const auto bytes =
        static_cast<double>(reader.view.header.shape().data_blobs() * BYTES_PER_BLOB);
    std::vector<double> ratios;
    std::vector<double> rates;
    std::vector<double> plain_rates;
    std::vector<double> fetch_cpu;
    for (std::size_t round = 0; round <= arguments.rounds; ++round)
    {
        const auto destination = nodes.folder() / "fetched";
        const auto begin = ProcessTime::now();
        const auto received = fetch(reader, destination);
        const auto fetched = ProcessTime::now();
        plain.transfer(received);
        const auto transferred = ProcessTime::now();
        std::filesystem::remove_all(destination);
        if (round == 0)
            continue;  // Connections are made, and pages found.
        const auto ours = fetched - begin;
        const auto theirs = transferred - fetched;
        ratios.push_back(theirs.wall / ours.wall);
        rates.push_back(bytes / ours.wall * 1e-6);
        plain_rates.push_back(bytes / theirs.wall * 1e-6);
        fetch_cpu.push_back(ours.cpu());
    }
    const auto cpu = median_of(fetch_cpu);
    printer.print({.metric = "fetch_rate", .value = median_of(rates), .unit = "MB/s"});
    printer.print({.metric = "grpc_rate", .value = median_of(plain_rates), .unit = "MB/s"});
    printer.print({.metric = "fetch_vs_grpc", .value = median_of(ratios), .unit = "ratio"});
    const auto verified = verification_cpu(reader, nodes) / cpu;
    const auto hashed = hash_cpu(reader, nodes) / cpu;
    printer.print({.metric = "fetch_commitment_share", .value = verified, .unit = "of CPU"});
    printer.print({.metric = "fetch_hash_share", .value = hashed, .unit = "of CPU"});
    printer.print(
        {.metric = "fetch_network_disk_share", .value = 1 - verified - hashed, .unit = "of CPU"});
}

int run(int argc, char** argv)
{
    CLI::App app{"A verified fetch next to plain gRPC", "bench fetch"};
    Arguments arguments;
    add_arguments(app, arguments.common);
    app.add_option("--rounds", arguments.rounds, "Fetches, in turn with transfers")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--large-bytes", arguments.large_bytes, "Of the object that a tensor is read of")
        ->capture_default_str();
    if (const auto ended = parse_arguments(app, argc, argv))
        return *ended;
    const auto& common = arguments.common;
    const FigurePrinter printer{common.json};
    const auto nodes =
        must(LocalNodes::start(common.scratch, must(parse_size(common.bytes)), NodeCores::all));
    const auto connection = must(nodes->connect());
    const auto root = publish(*nodes, connection);
    const auto view = must(open_object(root, connection.committee(), connection.nodes()));
    measure_whole({connection, view, {.scratch_folder = nodes->folder()}}, *nodes, arguments);
    must(measure_tensor_reads({.committee_file = nodes->committee_file(),
                                  .object_root = root,
                                  .scratch = nodes->folder(),
                                  .rounds = arguments.rounds,
                                  .prefix = "tensor"},
        printer));
    must(measure_large_tensor(
        must(parse_size(arguments.large_bytes)), nodes->folder(), arguments.rounds, printer));
    return 0;
}

}  // namespace
}  // namespace ashlar

int main(int argc, char** argv)
{
    ashlar::limit_arenas();  // As the program does.
    return ashlar::run(argc, argv);
}
