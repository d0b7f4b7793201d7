// The object code, the group code and the way to an object ready to be published, on one thread,
// next to c-kzg.

#include <cmath>
#include <ctime>

#include <CLI/CLI.hpp>

#include "algebra/fr_lanes.hpp"
#include "algebra/point_transform.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "bench/ckzg_peer.hpp"
#include "bench/made_checkpoint.hpp"
#include "bench/measure.hpp"
#include "bench/rust_peer.hpp"
#include "commitments/codeword.hpp"
#include "erasure/erasure_locator.hpp"
#include "erasure/object_code.hpp"
#include "publisher/encoded_object.hpp"
#include "publisher/payload_blobs.hpp"
#include "tests/support/local_network.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t ROUNDS = 5;

/// Data that a measurement encodes, where K lets it: columns of larger objects are a sample.
constexpr std::uint64_t SAMPLE_BYTES = 16ULL << 20;

/// Slices of a sample, at least: memory that is new to the process costs a tenth of the first
/// slice, and nothing of the 64 that a whole object has.
constexpr std::size_t SLICES_MIN = 4;
constexpr std::size_t SLICE_COLUMNS = 64;

double seconds_of(const std::function<void()>& run)
{
    const auto now = [] {
        std::timespec time{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
    };
    const double start = now();
    run();
    return now() - start;
}

template <typename T>
T must(Result<T> result)
{
    ASHLAR_ASSERT(result.has_value());
    if constexpr (!std::same_as<T, void>)
        return std::move(*result);
}

/// The first columns of an object's blobs, in memory.
class Columns final : public SliceReader, public SliceWriter
{
public:
    Columns(std::uint64_t blobs, std::size_t columns)
      : row_bytes_{columns * BYTES_PER_ELEMENT},
        bytes_(static_cast<std::size_t>(blobs) * row_bytes_)
    {}

    [[nodiscard]] Result<void> read(
        std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const override
    {
        std::ranges::copy(
            ByteView{bytes_}.subspan(offset(stored, element_begin), out.size()), out.begin());
        return {};
    }
    [[nodiscard]] Result<void> write(
        std::uint64_t stored, std::size_t element_begin, ByteView bytes) override
    {
        std::ranges::copy(bytes, &bytes_[offset(stored, element_begin)]);
        return {};
    }

    void fill_payload(std::uint64_t blobs)
    {
        SeededRandom random{1};
        const auto payload = std::span{bytes_}.first(static_cast<std::size_t>(blobs) * row_bytes_);
        random.fill(payload);
        for (std::size_t at = 0; at < payload.size(); at += BYTES_PER_ELEMENT)
            payload[at] = std::byte{0};
    }

private:
    [[nodiscard]] std::size_t offset(std::uint64_t stored, std::size_t element) const
    {
        return static_cast<std::size_t>(stored) * row_bytes_ + element * BYTES_PER_ELEMENT;
    }

    std::size_t row_bytes_;
    Bytes bytes_;
};

/// Milliseconds of a sample as a figure a blob and, for people, as a rate of data.
void print_per_blob(const FigurePrinter& printer, const std::string& metric, double ms,
    double sample_blobs, double peer_ms)
{
    const double us = ms * 1e3 / sample_blobs;
    printer.print({.metric = metric,
        .value = us,
        .unit = "us/blob",
        .peers = {{"c-kzg compute_cells", peer_ms * 1e3}}});
    printer.print({.metric = metric + "_rate", .value = BYTES_PER_BLOB / us, .unit = "MB/s"});
}

/// Half of all blobs at random, K of 2K.
std::vector<std::uint8_t> half_of(std::uint64_t stored)
{
    SeededRandom random{2};
    std::vector<std::uint8_t> present(static_cast<std::size_t>(stored), 1);
    for (std::uint64_t lost = 0; lost < stored / 2;)
    {
        auto& flag = present[random.below(stored)];
        lost += flag;
        flag = 0;
    }
    return present;
}

/// The lost data blobs of half_of(): what decoding brings back.
std::vector<std::uint64_t> lost_data(std::span<const std::uint8_t> present, std::uint64_t count)
{
    std::vector<std::uint64_t> wanted;
    for (std::uint64_t t = 0; t < count; ++t)
    {
        if (present[t] == 0)
            wanted.push_back(t);
    }
    return wanted;
}

/// Encodes an object of 2^log_size blobs, then brings back its lost data from half of the blobs,
/// in turn with a peer's cells of as many blobs as fit the time.
void bench_object_code(const FigurePrinter& printer, const CkzgPeer& peer, unsigned log_size)
{
    const auto count = std::uint64_t{1} << log_size;
    const auto shape =
        must(ObjectShape::make({.data_blobs = count, .parity_blobs = count, .group_parities = 0}));
    const auto columns = std::clamp<std::size_t>(
        static_cast<std::size_t>(SAMPLE_BYTES / (count * BYTES_PER_ELEMENT)),
        SLICES_MIN * SLICE_COLUMNS, ELEMENTS_PER_BLOB);
    const double sample_blobs =
        static_cast<double>(count * columns) / static_cast<double>(ELEMENTS_PER_BLOB);
    const CodeOptions options{
        .memory_bytes = std::min<std::uint64_t>(1ULL << 30,
            shape.stored_count() * SLICE_COLUMNS * fr_lane_kernels().block_words * 3 / 2),
        .progress = {},
        .columns = {.begin = 0, .end = columns}};
    Columns object{shape.stored_count(), columns};
    object.fill_payload(count);
    const auto present = half_of(shape.stored_count());
    const auto wanted = lost_data(present, count);
    Columns rebuilt{count, columns};
    const Bytes blob(BYTES_PER_BLOB);
    constexpr std::size_t PEER_BLOBS = 16;

    const auto times = measure_in_turn(
        {contender("encode", [&] { must(encode_object(shape, object, object, options)); }),
            contender("decode",
                [&] { must(decode_object(shape, object, present, wanted, rebuilt, options)); }),
            contender("locator",
                [&] {
                    std::vector<std::uint8_t> lost(present.size());
                    std::ranges::transform(
                        present, lost.begin(), [](std::uint8_t flag) { return flag ^ 1; });
                    static_cast<void>(ErasureLocator::make(FftDomain{lost.size()}, lost));
                }),
            contender("peer",
                [&] {
                    for (std::size_t i = 0; i < PEER_BLOBS; ++i)
                        static_cast<void>(peer.cells(blob));
                })},
        ROUNDS);
    const double peer_ms = times[3].value / PEER_BLOBS;
    print_per_blob(printer, fmt::format("object_encode_2^{}", log_size), times[0].value,
        sample_blobs, peer_ms);
    // The locator is made once for all columns; a sample of columns pays its share of it.
    const double share = static_cast<double>(columns) / ELEMENTS_PER_BLOB;
    print_per_blob(printer, fmt::format("object_decode_2^{}", log_size),
        std::max(times[1].value - times[2].value * (1 - share), 0.0), sample_blobs, peer_ms);
}

void bench_group_code(const FigurePrinter& printer)
{
    std::vector<Bytes> blobs(
        RUNS_PER_STRIPE + GROUP_PARITIES_DEFAULT, Bytes(BYTES_PER_BLOB, std::byte{0x5a}));
    GroupMembers members;
    std::vector<BlobBuffer> parities;
    for (std::size_t i = 0; i < blobs.size(); ++i)
    {
        if (i < RUNS_PER_STRIPE)
            members[i] = ConstBlobBuffer{blobs[i]};
        else
            parities.emplace_back(blobs[i]);
    }
    constexpr std::size_t REPEATS = 100;
    const auto ms = measure(
        [&] {
            for (std::size_t i = 0; i < REPEATS; ++i)
                encode_group(members, parities);
        },
        ROUNDS);
    printer.print({.metric = "group_encode",
        .value = REPEATS * RUNS_PER_STRIPE * BYTES_PER_BLOB / ms * 1e-6,
        .unit = "GB/s"});
}

/// Parity commitments: the transform over points, per multiplication that it consists of.
void bench_point_transform(const FigurePrinter& printer)
{
    constexpr std::size_t SIZE = 1024;
    constexpr double MULTIPLICATIONS = SIZE * 10 - SIZE + 2;
    std::vector<G1Affine> points;
    G1 point = G1::generator();
    for (std::size_t i = 0; i < SIZE; ++i, point += G1::generator())
        points.push_back((point + point).to_affine());
    const FftDomain domain{SIZE};
    const Fr scalar = -Fr::from_u64(12345).inverse();
    constexpr std::size_t PEER_MULTIPLICATIONS = 256;
    const auto times = measure_in_turn(
        {contender("ours", [&] { static_cast<void>(extend_points_to_coset(points, domain)); }),
            contender("a blst multiplication",
                [&] {
                    for (std::size_t i = 0; i < PEER_MULTIPLICATIONS; ++i)
                        static_cast<void>(G1{points[i]} * scalar);
                })},
        ROUNDS);
    const double ours_ms = times[0].value;
    printer.print({.metric = "point_butterfly",
        .value = ours_ms * 1e3 / MULTIPLICATIONS,
        .unit = "us",
        .peers = {{times[1].name, times[1].value * 1e3 / PEER_MULTIPLICATIONS}}});
    printer.print({.metric = "parity_commitments", .value = ours_ms / SIZE, .unit = "ms/blob"});
}

/// Peers that make commitment, cells and proofs of a blob.
std::vector<Contender> peers_of_publishing(const Bytes& blob)
{
    std::vector<Contender> peers;
    for (const auto& [name, precompute] :
        {std::pair{"c-kzg", 0U}, std::pair{"c-kzg precompute 8", 8U}})
        peers.push_back(contender(name, [peer = std::make_shared<CkzgPeer>(precompute), &blob] {
            static_cast<void>(peer->commit(blob));
            static_cast<void>(peer->cells_and_proofs(blob));
        }));
    const std::shared_ptr<RustPeer> rust = RustPeer::start();
    if (rust != nullptr)
    {
        static_cast<void>(rust->set_blob(blob));
        peers.push_back({.name = "rust-eth-kzg",
            .run_ms = [rust] { return rust->run_ms("commit") + rust->run_ms("cells"); }});
    }
    return peers;
}

/// Everything between a payload and its header: commitments, parity and its commitments, local
/// parities, fold. Peers do their part for one blob of the same payload.
void bench_publish_ready(const FigurePrinter& printer, std::uint64_t blobs)
{
    const test::TemporaryFolder folder;
    must(make_checkpoint(folder.path() / "model", {.bytes = blobs * PAYLOAD_BYTES_PER_BLOB}));
    const auto payload = must(Payload::from_folder(folder.path() / "model"));
    const auto committee = test::make_committee(8);
    const auto data_blobs = ObjectShape::data_blobs_for(payload.payload_bytes());
    Bytes blob(BYTES_PER_BLOB);
    must(PayloadBlobs{payload}.read_blob(data_blobs / 2, BlobBuffer{blob}));
    EncodeOptions options;
    options.scratch_folder = folder.path();

    const auto peers = peers_of_publishing(blob);
    // Nobody's tables are part of the figure.
    static_cast<void>(must(blob_to_kzg_commitment(BlobView{blob})));
    // Before and after ours, because the machine is shared.
    const auto before = measure_in_turn(peers, 2);
    const auto seconds = seconds_of([&] {
        static_cast<void>(must(EncodedObject::make(payload, committee, options, no_progress())));
    });
    const auto after = measure_in_turn(peers, 2);
    Figure figure{.metric = "publish_ready",
        .value = seconds * 1e3 / static_cast<double>(data_blobs),
        .unit = "ms/blob"};
    for (std::size_t i = 0; i < peers.size(); ++i)
        figure.peers.push_back({peers[i].name, (before[i].value + after[i].value) / 2});
    printer.print(figure);
}

}  // namespace
}  // namespace ashlar

int main(int argc, char** argv)
{
    using namespace ashlar;
    CLI::App app{"Object code, group code and the way to an object ready to be published."};
    bool json = false;
    unsigned min_log2 = 6;
    unsigned max_log2 = 17;
    std::uint64_t publish_blobs = 512;
    app.add_flag("--json", json, "One JSON object a line");
    app.add_option("--min-log2", min_log2, "Least object: 2^N data blobs")
        ->check(CLI::Range(4, 20));
    app.add_option("--max-log2", max_log2, "Greatest object")->check(CLI::Range(4, 20));
    app.add_option("--publish-blobs", publish_blobs, "Data blobs made ready to publish; 0: none");
    CLI11_PARSE(app, argc, argv);
    set_thread_count(1);
    const FigurePrinter printer{json};
    {
        const CkzgPeer peer{0};
        for (auto log_size = min_log2; log_size <= max_log2; ++log_size)
            bench_object_code(printer, peer, log_size);
    }
    bench_group_code(printer);
    bench_point_transform(printer);
    if (publish_blobs > 0)
        bench_publish_ready(printer, publish_blobs);
}
