// Setup, commitments of blobs, and blobs against commitments.

#include <fmt/format.h>

#include "base/hash.hpp"
#include "bench/commitments_bench.hpp"
#include "bench/made_blobs.hpp"
#include "commitments/blob_batch.hpp"
#include "commitments/fk20.hpp"
#include "commitments/setup_msm.hpp"

namespace ashlar
{
namespace
{

/// Blobs of a batch verification: ours, whose cost per blob still falls, and the peers'.
constexpr std::size_t BATCH_BLOBS = 512;
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

}  // namespace

void bench_setup(const FigurePrinter& printer)
{
    constexpr double MIB = 1 << 20;
    const auto run_once = [](const std::function<void()>& run) {
        return contender("", run).run_ms();
    };
    const double setup_ms = run_once([] {
        static_cast<void>(TrustedSetup::ethereum());
        static_cast<void>(lagrange_msm());
    });
    const double cells_ms = run_once([] {
        static_cast<void>(monomial_msm());
        static_cast<void>(fk20_msm());
    });
    const auto bytes =
        lagrange_msm().table_bytes() + monomial_msm().table_bytes() + fk20_msm().table_bytes();
    printer.print({.metric = "setup_commit", .value = setup_ms, .unit = "ms"});
    printer.print({.metric = "setup_cells", .value = cells_ms, .unit = "ms"});
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
            input.metric, with_peers(our_commit(input.blob), input.blob, peers), ROUNDS));
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
        [&] { static_cast<void>(must(blob_to_kzg_commitment(blob_view(blob)))); }, 3 * ROUNDS);
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

void bench_verify_blobs(const FigurePrinter& printer, const CommitmentPeers& peers)
{
    Bytes blobs;
    Bytes encoded;
    std::vector<Bytes48> commitments;
    for (std::size_t i = 0; i < BATCH_BLOBS; ++i)
    {
        append(blobs, random_blob(i));
        const auto blob = blob_view(ByteView{blobs}.subspan(i * BYTES_PER_BLOB));
        commitments.push_back(must(blob_to_kzg_commitment(blob)).bytes());
        append(encoded, commitments.back());
    }
    const auto peer_blobs = ByteView{blobs}.first(PEER_BATCH_BLOBS * BYTES_PER_BLOB);
    const auto peer_commitments = std::span{commitments}.first(PEER_BATCH_BLOBS);
    std::vector<Bytes48> proofs;
    for (std::size_t i = 0; i < PEER_BATCH_BLOBS; ++i)
        proofs.push_back(peers.ckzg.prove_blob(
            peer_blobs.subspan(i * BYTES_PER_BLOB, BYTES_PER_BLOB), commitments[i]));

    const auto ours = contender("ours", [&] {
        const auto parsed = must(parse_commitments(encoded));
        std::vector<BlobClaim> claims;
        for (std::size_t i = 0; i < BATCH_BLOBS; ++i)
            claims.push_back({.blob = blob_view(ByteView{blobs}.subspan(i * BYTES_PER_BLOB)),
                .commitment = parsed[i]});
        must(verify_blobs(claims));
    });
    // Peers run smaller batches: their values count as of batches as large as ours.
    constexpr double SHARE = double{BATCH_BLOBS} / PEER_BATCH_BLOBS;
    std::vector<Contender> contenders{ours};
    const auto ckzg =
        contender(CKZG, [&] { peers.ckzg.verify_blobs(peer_blobs, peer_commitments, proofs); });
    contenders.push_back({.name = CKZG, .run_ms = [&] { return SHARE * ckzg.run_ms(); }});
    if (auto* const rust = peers.rust.get(); rust != nullptr)
        contenders.push_back(
            {.name = RUST, .run_ms = [rust] {
                 return SHARE * rust->run_ms(fmt::format("verify-blobs {}", PEER_BATCH_BLOBS));
             }});
    const double us_per_blob = 1e3 / BATCH_BLOBS;
    printer.print(figure_in_turn("verify_blobs", contenders, ROUNDS, "us/blob", us_per_blob));
    const auto hash =
        contender("OpenSSL SHA-256", [&] { static_cast<void>(sha256(ByteView{blobs})); });
    printer.print(figure_in_turn("verify_vs_sha256", {ours, hash}, ROUNDS, "us/blob", us_per_blob));
}

}  // namespace ashlar
