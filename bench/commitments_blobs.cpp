// Setup, commitments of blobs, and blobs against commitments.

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.hpp"
#include "bench/commitments_bench.hpp"
#include "bench/made_blobs.hpp"
#include "commitments/blob_batch.hpp"
#include "commitments/fk20.hpp"
#include "commitments/setup_msm.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

/// Blobs of a batch verification: ours, whose cost per blob still falls, and the peers'.
constexpr std::size_t BATCH_BLOBS = 4096;
constexpr std::size_t SMALL_BATCH_BLOBS = 512;
constexpr std::size_t PEER_BATCH_BLOBS = 32;

Contender our_commit(const Bytes& blob)
{
    return contender(
        "ours", [&blob] { static_cast<void>(must(blob_to_kzg_commitment(blob_view(blob)))); });
}

std::vector<Contender> with_peers(Contender ours, const Bytes& blob, const CommitmentPeers& peers)
{
    std::vector<Contender> out{std::move(ours)};
    for (const auto& [name, peer] :
        {std::pair{CKZG, &peers.ckzg}, {CKZG_TABLES, &peers.ckzg_tables}})
        out.push_back(
            contender(name, [peer = peer, &blob] { static_cast<void>(peer->commit(blob)); }));
    if (auto* const rust = peers.rust.get(); rust != nullptr)
        out.push_back({.name = RUST, .run_ms = [rust] { return rust->run_ms("commit"); }});
    return out;
}

/// All must agree before anything is measured.
void check_agreement(const Bytes& blob, const CommitmentPeers& peers)
{
    const auto ours = must(blob_to_kzg_commitment(blob_view(blob))).bytes();
    ASHLAR_ASSERT(ours == peers.ckzg.commit(blob));
    ASHLAR_ASSERT(peers.rust == nullptr || peers.rust->set_blob(blob) == to_hex(ours));
}

/// Nanoseconds of one multiplication or squaring of the lanes, data in the first-level cache.
double field_ns(bool squares)
{
    constexpr std::size_t ELEMENTS = 64;
    constexpr std::size_t PASSES = 20'000;
    const auto& lanes = lane_kernels();
    std::vector<LaneFp> values(ELEMENTS);
    const auto& generator = blst_p1_affine_generator()->x;
    const std::vector<blst_fp> elements(ELEMENTS, generator);
    lanes.to_lanes(elements.data(), values.data(), ELEMENTS);
    const auto ms = measure(
        [&] {
            for (std::size_t i = 0; i < PASSES; ++i)
            {
                if (squares)
                    lanes.square(values.data(), values.data(), ELEMENTS);
                else
                    lanes.multiply(values.data(), values.data(), values.data(), ELEMENTS);
            }
        },
        ROUNDS);
    return ms * 1e6 / (ELEMENTS * PASSES);
}

/// A commitment by lanes that every CPU has.
void bench_portable(const FigurePrinter& printer, const CommitmentPeers& peers)
{
    const auto blob = random_blob(1);
    check_agreement(blob, peers);
    auto options = lagrange_options();
    options.kernels = &portable_lanes();
    const FixedBaseMsm msm{TrustedSetup::ethereum().lagrange(), options};
    const auto ours = contender("ours", [&] {
        const auto elements = must(BlobElements::parse(blob_view(blob)));
        static_cast<void>(
            Commitment::from_point(msm.sum(std::span<const Fr>{elements.values()}).to_affine()));
    });
    printer.print(figure_in_turn("commit_blob_portable", with_peers(ours, blob, peers), ROUNDS));
}

/// CPU time of the setup's parts in a process that has none of them yet.
struct SetupTimes
{
    double commit_ms = 0;  ///< Points and the table of commitments.
    double cells_ms = 0;   ///< The tables of cell proofs.
};

SetupTimes set_up()
{
    const auto run_once = [](const std::function<void()>& run) {
        return contender("", run).run_ms();
    };
    SetupTimes out;
    out.commit_ms = run_once([] { static_cast<void>(lagrange_msm()); });
    out.cells_ms = run_once([] {
        static_cast<void>(monomial_msm());
        static_cast<void>(fk20_msm());
    });
    return out;
}

/// @pre this process has no threads yet
SetupTimes set_up_in_child()
{
    int ends[2];
    ASHLAR_ASSERT(::pipe(ends) == 0);
    const auto child = ::fork();
    ASHLAR_ASSERT(child >= 0);
    if (child == 0)
    {
        const auto times = set_up();
        ::_exit(::write(ends[1], &times, sizeof(times)) == sizeof(times) ? 0 : 1);
    }
    SetupTimes times;
    ASHLAR_ASSERT(::read(ends[0], &times, sizeof(times)) == sizeof(times));
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    return times;
}

}  // namespace

void bench_setup(const FigurePrinter& printer)
{
    constexpr double MIB = 1 << 20;
    const test::TemporaryFolder cache;
    ::setenv("ASHLAR_CACHE_DIR", cache.path().c_str(), 1);
    const auto first = set_up_in_child();
    const auto next = set_up_in_child();
    ::unsetenv("ASHLAR_CACHE_DIR");
    printer.print({.metric = "setup_commit", .value = first.commit_ms, .unit = "ms"});
    printer.print({.metric = "setup_cells", .value = first.cells_ms, .unit = "ms"});
    printer.print({.metric = "setup_commit_cached", .value = next.commit_ms, .unit = "ms"});
    printer.print({.metric = "setup_cells_cached", .value = next.cells_ms, .unit = "ms"});
    const auto bytes =
        lagrange_msm().table_bytes() + monomial_msm().table_bytes() + fk20_msm().table_bytes();
    printer.print(
        {.metric = "table_memory", .value = static_cast<double>(bytes) / MIB, .unit = "MiB"});
}

void bench_commit(const FigurePrinter& printer, const CommitmentPeers& peers)
{
    const struct
    {
        const char* metric;
        Bytes blob;
    } inputs[] = {
        {"commit_blob", random_blob(1)},
        {"commit_blob_bf16", weights_blob(2)},
        {"commit_blob_half_zero", half_zero_blob(3)},
        {"commit_blob_all_equal", all_equal_blob()},
        {"commit_blob_few_values", few_values_blob(4)},
        {"commit_blob_largest", largest_blob()},
    };
    for (const auto& input : inputs)
    {
        check_agreement(input.blob, peers);
        printer.print(figure_in_turn(
            input.metric, with_peers(our_commit(input.blob), input.blob, peers), MANY_ROUNDS));
    }
    bench_portable(printer, peers);
}

/// Where a commitment's time goes: its additions, and how near they are to the field
/// multiplications that they consist of.
void bench_additions(const FigurePrinter& printer)
{
    const auto blob = random_blob(1);
    const auto before = lagrange_msm().additions();
    static_cast<void>(must(blob_to_kzg_commitment(blob_view(blob))));
    const auto additions = static_cast<double>(lagrange_msm().additions() - before);
    const auto ms = measure(
        [&] { static_cast<void>(must(blob_to_kzg_commitment(blob_view(blob)))); }, MANY_ROUNDS);
    const auto multiplication = field_ns(false);
    const auto square = field_ns(true);
    const auto floor_ms = additions * (5 * multiplication + square) * 1e-6;
    const std::string lanes = lane_kernels().name;
    printer.print({.metric = "additions_per_blob", .value = additions, .unit = "additions"});
    printer.print({.metric = "ns_per_addition", .value = ms * 1e6 / additions, .unit = "ns"});
    printer.print(
        {.metric = "field_multiplication", .value = multiplication, .unit = "ns by " + lanes});
    printer.print({.metric = "field_squaring", .value = square, .unit = "ns by " + lanes});
    printer.print({.metric = "distance_from_floor", .value = ms / floor_ms, .unit = "x"});
}

/// How much slower than random input the slowest other one is.
void bench_skew(const FigurePrinter& printer)
{
    const std::vector<Bytes> blobs{random_blob(1), weights_blob(2), half_zero_blob(3),
        all_equal_blob(), few_values_blob(4), largest_blob()};
    std::vector<Contender> contenders;
    for (const auto& blob : blobs)
        contenders.push_back(our_commit(blob));
    const auto values = measure_in_turn(contenders, MANY_ROUNDS);
    const auto slowest =
        std::ranges::max_element(values.begin() + 1, values.end(), {}, &PeerValue::value);
    printer.print({.metric = "commit_skew",
        .value = slowest->value / values.front().value,
        .unit = "x random"});
}

void bench_threads(const FigurePrinter& printer)
{
    constexpr std::size_t BLOBS = 32;
    std::vector<Bytes> blobs;
    for (std::size_t i = 0; i < BLOBS; ++i)
        blobs.push_back(random_blob(i));
    const std::vector<BlobView> views = [&] {
        std::vector<BlobView> out;
        for (const auto& blob : blobs)
            out.push_back(blob_view(blob));
        return out;
    }();
    std::vector<double> milliseconds;
    for (std::size_t round = 0; round <= ROUNDS; ++round)
    {
        const auto start = std::chrono::steady_clock::now();
        static_cast<void>(must(blobs_to_kzg_commitments(views)));
        const std::chrono::duration<double, std::milli> time =
            std::chrono::steady_clock::now() - start;
        if (round != 0)
            milliseconds.push_back(time.count());
    }
    std::ranges::sort(milliseconds);
    printer.print({.metric = "commit_batch_wall",
        .value = milliseconds[ROUNDS / 2] / BLOBS,
        .unit = "ms/blob"});
}

namespace
{

Contender our_verification(
    const CommittedBlobs& batch, ByteView encoded_commitments, std::size_t count)
{
    return contender("ours", [&batch, encoded_commitments, count] {
        const auto parsed =
            must(parse_commitments(encoded_commitments.first(count * sizeof(Bytes48))));
        std::vector<BlobClaim> claims;
        for (std::size_t i = 0; i < count; ++i)
            claims.push_back({.blob = blob_view(ByteView{batch.blobs}.subspan(i * BYTES_PER_BLOB)),
                .commitment = parsed[i]});
        must(verify_blobs(claims));
    });
}

/// Peers verify fewer blobs at a time: their cost per blob hardly falls.
std::vector<Contender> peer_verifications(
    const CommittedBlobs& batch, const std::vector<Bytes48>& proofs, const CommitmentPeers& peers)
{
    constexpr double SHARE = 1.0 / PEER_BATCH_BLOBS;
    const auto ckzg = contender(CKZG, [&] {
        peers.ckzg.verify_blobs(ByteView{batch.blobs}.first(PEER_BATCH_BLOBS * BYTES_PER_BLOB),
            std::span{batch.commitments}.first(PEER_BATCH_BLOBS), proofs);
    });
    std::vector<Contender> out{{.name = CKZG, .run_ms = [ckzg] { return SHARE * ckzg.run_ms(); }}};
    if (auto* const rust = peers.rust.get(); rust != nullptr)
        out.push_back({.name = RUST, .run_ms = [rust] {
                           return SHARE *
                                  rust->run_ms(fmt::format("verify-blobs {}", PEER_BATCH_BLOBS));
                       }});
    return out;
}

/// All values are of one blob.
void print_per_blob(const FigurePrinter& printer, std::string metric, const Contender& ours,
    std::size_t count, std::vector<Contender> others)
{
    const Contender one{.name = ours.name,
        .run_ms = [&ours, count] { return ours.run_ms() / static_cast<double>(count); }};
    others.insert(others.begin(), one);
    printer.print(figure_in_turn(std::move(metric), others, ROUNDS, "us/blob", 1e3));
}

}  // namespace

void bench_verify_blobs(const FigurePrinter& printer, const CommitmentPeers& peers)
{
    const auto batch = blob_multiples(BATCH_BLOBS, 6);
    const auto encoded = std::as_bytes(std::span{batch.commitments});
    std::vector<Bytes48> proofs;
    for (std::size_t i = 0; i < PEER_BATCH_BLOBS; ++i)
        proofs.push_back(
            peers.ckzg.prove_blob(ByteView{batch.blobs}.subspan(i * BYTES_PER_BLOB, BYTES_PER_BLOB),
                batch.commitments[i]));

    const auto ours = our_verification(batch, encoded, BATCH_BLOBS);
    const auto ours_small = our_verification(batch, encoded, SMALL_BATCH_BLOBS);
    const auto others = peer_verifications(batch, proofs, peers);
    print_per_blob(printer, "verify_blobs", ours, BATCH_BLOBS, others);
    print_per_blob(printer, "verify_blobs_512", ours_small, SMALL_BATCH_BLOBS, others);
    const auto hash = contender("OpenSSL SHA-256", [&] { static_cast<void>(sha256(batch.blobs)); });
    print_per_blob(printer, "verify_vs_sha256", ours, BATCH_BLOBS,
        {{.name = hash.name, .run_ms = [&hash] { return hash.run_ms() / BATCH_BLOBS; }}});
}

}  // namespace ashlar
