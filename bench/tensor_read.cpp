#include "bench/tensor_read.hpp"

#include <chrono>

#include "bench/scaled_network.hpp"
#include "bench/scaled_object.hpp"
#include "retrieval/directory_lookup.hpp"
#include "transport/socket_meter.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t TENSOR_BYTES = 1 << 20;
constexpr auto BLOBS_LEAST = (TENSOR_BYTES + PAYLOAD_BYTES_PER_BLOB - 1) / PAYLOAD_BYTES_PER_BLOB;

struct TensorRead
{
    double first_byte_ms = 0;
    std::uint64_t blobs_beyond = 0;
    std::uint64_t socket_bytes = 0;
};

/// @param place  0 … 1: how far into the object.
Result<TensorRead> read_tensor(const TensorReads& reads, double place)
{
    const auto begin = std::chrono::steady_clock::now();
    SocketMeter meter;
    ASHLAR_TRY(const auto connection, Connection::open(reads.committee_file));
    ASHLAR_TRY(auto object,
        LightObject::open(reads.object_root, connection.committee(), connection.nodes()));
    const auto view = view_by_walks(object);
    ASHLAR_TRY(auto blobs, BlobFetcher::make(view, connection.committee(), connection.nodes(),
                               {.scratch_folder = reads.scratch}));
    if (reads.has_directory)
        ASHLAR_CHECK(DirectoryLookup::open(object, blobs, no_progress()));
    TensorRead read;
    const auto sink = [&](ByteView) -> Result<void> {
        const std::chrono::duration<double, std::milli> time =
            std::chrono::steady_clock::now() - begin;
        if (read.first_byte_ms == 0)
            read.first_byte_ms = time.count();
        return {};
    };
    const auto last = static_cast<double>(view.header.fields().directory_offset - TENSOR_BYTES);
    ASHLAR_CHECK(fetch_range(blobs,
        {.offset = static_cast<std::uint64_t>(last * place), .size = TENSOR_BYTES}, sink,
        no_progress()));
    read.blobs_beyond = blobs.counts().fetched - BLOBS_LEAST;
    read.socket_bytes = meter.poll().total() / (reads.is_own_network ? 2 : 1);
    return read;
}

}  // namespace

Result<void> measure_tensor_reads(const TensorReads& reads, const FigurePrinter& printer)
{
    std::vector<double> first_bytes;
    TensorRead worst;
    for (std::size_t round = 1; round <= reads.rounds; ++round)
    {
        ASHLAR_TRY(const auto read,
            read_tensor(reads, static_cast<double>(round) / static_cast<double>(reads.rounds + 1)));
        first_bytes.push_back(read.first_byte_ms);
        worst.blobs_beyond = std::max(worst.blobs_beyond, read.blobs_beyond);
        worst.socket_bytes = std::max(worst.socket_bytes, read.socket_bytes);
    }
    std::ranges::sort(first_bytes);
    printer.print({.metric = reads.prefix + "_first_byte",
        .value = first_bytes[first_bytes.size() / 2],
        .unit = "ms"});
    printer.print({.metric = reads.prefix + "_blobs_beyond",
        .value = static_cast<double>(worst.blobs_beyond),
        .unit = "blobs"});
    printer.print({.metric = reads.prefix + "_bytes",
        .value = static_cast<double>(worst.socket_bytes),
        .unit = "bytes"});
    return {};
}

Result<void> measure_large_tensor(std::uint64_t payload_bytes, const std::filesystem::path& scratch,
    std::size_t rounds, const FigurePrinter& printer)
{
    ASHLAR_TRY(
        const auto object, ScaledObject::make(ObjectShape::data_blobs_for(payload_bytes), scratch));
    ScaledNode node{*object};
    ASHLAR_TRY(const auto network, ScaledNetwork::start(node, scratch));
    return measure_tensor_reads({.committee_file = network.committee_file,
                                    .object_root = object->header().root(),
                                    .scratch = scratch,
                                    .rounds = rounds,
                                    .prefix = "large_tensor",
                                    .has_directory = false,
                                    .is_own_network = true},
        printer);
}

}  // namespace ashlar
