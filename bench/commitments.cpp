// Commitments, openings and their verification on one thread, next to c-kzg and SHA-256.

#include <cmath>
#include <cstring>
#include <random>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "bench/ckzg_peer.hpp"
#include "bench/measure.hpp"
#include "commitments/blob_batch.hpp"
#include "commitments/cells.hpp"
#include "commitments/setup_msm.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t ROUNDS = 9;

/// Blobs of a batch verification: ours, whose cost per blob still falls, and the peer's.
constexpr std::size_t BATCH_BLOBS = 1024;
constexpr std::size_t PEER_BATCH_BLOBS = 64;

constexpr std::size_t PAYLOAD_BYTES_PER_ELEMENT = 31;

/// Payload bytes as elements: a zero byte, then 31 of payload.
Bytes pack(ByteView payload)
{
    Bytes blob(BYTES_PER_BLOB);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        std::ranges::copy(payload.subspan(e * PAYLOAD_BYTES_PER_ELEMENT, PAYLOAD_BYTES_PER_ELEMENT),
            blob.begin() + static_cast<std::ptrdiff_t>(e * BYTES_PER_ELEMENT + 1));
    return blob;
}

Bytes random_payload(std::uint64_t seed)
{
    SeededRandom random{seed};
    Bytes out(ELEMENTS_PER_BLOB * PAYLOAD_BYTES_PER_ELEMENT);
    random.fill(out);
    return out;
}

/// bf16 weights from a normal distribution, as of a layer of a language model.
Bytes weights_payload(std::uint64_t seed)
{
    constexpr float DEVIATION = 0.02F;
    std::mt19937_64 engine{seed};
    std::normal_distribution<float> normal{0, DEVIATION};
    Bytes out(ELEMENTS_PER_BLOB * PAYLOAD_BYTES_PER_ELEMENT);
    for (std::size_t i = 0; i + 1 < out.size(); i += 2)
    {
        std::uint32_t bits = 0;
        const float weight = normal(engine);
        std::memcpy(&bits, &weight, sizeof(bits));
        out[i] = static_cast<std::byte>(bits >> 16);
        out[i + 1] = static_cast<std::byte>(bits >> 24);
    }
    return out;
}

Bytes half_zero_payload(std::uint64_t seed)
{
    auto out = random_payload(seed);
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(out.size() / 2), out.end(), std::byte{0});
    return out;
}

BlobView view(const Bytes& blob)
{
    return std::span{blob}.first<BYTES_PER_BLOB>();
}

/// One result of our own, or the end of the program: a bench has no use for errors.
template <typename T>
T must(Result<T> result)
{
    ASHLAR_ASSERT(result.has_value());
    if constexpr (!std::same_as<T, void>)
        return std::move(*result);
}

void bench_commit(const FigurePrinter& printer, const CkzgPeer& peer)
{
    const struct
    {
        const char* metric;
        Bytes blob;
    } inputs[] = {
        {"commit_blob", pack(random_payload(1))},
        {"commit_blob_bf16", pack(weights_payload(2))},
        {"commit_blob_half_zero", pack(half_zero_payload(3))},
        {"commit_blob_all_equal", pack(Bytes(random_payload(4).size(), std::byte{0x3c}))},
    };
    for (const auto& input : inputs)
    {
        ASHLAR_ASSERT(
            must(blob_to_kzg_commitment(view(input.blob))).bytes() == peer.commit(input.blob));
        const auto times = measure_in_turn(
            [&] { static_cast<void>(must(blob_to_kzg_commitment(view(input.blob)))); },
            [&] { static_cast<void>(peer.commit(input.blob)); }, ROUNDS);
        printer.print({.metric = input.metric,
            .value = times.ours_ms,
            .unit = "ms",
            .peer = "c-kzg",
            .peer_value = times.peer_ms});
    }
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

/// Where a commitment's time goes: its additions, and how near they are to the field
/// multiplications that they consist of.
void bench_additions(const FigurePrinter& printer)
{
    const auto blob = pack(random_payload(1));
    const auto before = lagrange_msm().additions();
    static_cast<void>(must(blob_to_kzg_commitment(view(blob))));
    const auto additions = static_cast<double>(lagrange_msm().additions() - before);
    const auto ms =
        measure([&] { static_cast<void>(must(blob_to_kzg_commitment(view(blob)))); }, 5 * ROUNDS);
    const auto multiplication = field_ns(false);
    const auto square = field_ns(true);
    const auto floor_ms = additions * (5 * multiplication + square) * 1e-6;
    printer.print({.metric = "additions_per_blob", .value = additions, .unit = "additions"});
    printer.print({.metric = "time_per_addition", .value = ms * 1e6 / additions, .unit = "ns"});
    printer.print({.metric = "field_multiplication", .value = multiplication, .unit = "ns"});
    printer.print({.metric = "field_squaring", .value = square, .unit = "ns"});
    printer.print({.metric = "distance_from_floor", .value = ms / floor_ms, .unit = "x"});
}

void bench_verify_blobs(const FigurePrinter& printer, const CkzgPeer& peer)
{
    Bytes blobs;
    Bytes encoded;
    std::vector<Bytes48> commitments;
    for (std::size_t i = 0; i < BATCH_BLOBS; ++i)
    {
        append(blobs, pack(random_payload(i)));
        const auto blob = std::span{blobs}.subspan(i * BYTES_PER_BLOB).first<BYTES_PER_BLOB>();
        commitments.push_back(must(blob_to_kzg_commitment(blob)).bytes());
        append(encoded, commitments.back());
    }
    const auto peer_blobs = ByteView{blobs}.first(PEER_BATCH_BLOBS * BYTES_PER_BLOB);
    const auto peer_commitments = std::span{commitments}.first(PEER_BATCH_BLOBS);
    std::vector<Bytes48> proofs;
    for (std::size_t i = 0; i < PEER_BATCH_BLOBS; ++i)
        proofs.push_back(peer.prove_blob(
            peer_blobs.subspan(i * BYTES_PER_BLOB, BYTES_PER_BLOB), commitments[i]));

    const auto verify = [&] {
        const auto parsed = must(parse_commitments(encoded));
        std::vector<BlobClaim> claims;
        for (std::size_t i = 0; i < BATCH_BLOBS; ++i)
            claims.push_back(
                {.blob = std::span{blobs}.subspan(i * BYTES_PER_BLOB).first<BYTES_PER_BLOB>(),
                    .commitment = parsed[i]});
        must(verify_blobs(claims));
    };
    const auto against_ckzg = measure_in_turn(
        verify, [&] { peer.verify_blobs(peer_blobs, peer_commitments, proofs); }, ROUNDS);
    printer.print({.metric = "verify_blobs",
        .value = against_ckzg.ours_ms * 1e3 / BATCH_BLOBS,
        .unit = "us/blob",
        .peer = "c-kzg batch",
        .peer_value = against_ckzg.peer_ms * 1e3 / PEER_BATCH_BLOBS});
    const auto against_hash = measure_in_turn(
        verify, [&] { static_cast<void>(sha256(blobs)); }, ROUNDS);
    printer.print({.metric = "verify_vs_sha256",
        .value = against_hash.ours_ms * 1e3 / BATCH_BLOBS,
        .unit = "us/blob",
        .peer = "OpenSSL SHA-256",
        .peer_value = against_hash.peer_ms * 1e3 / BATCH_BLOBS});
}

void bench_cells(const FigurePrinter& printer, const CkzgPeer& peer)
{
    const auto blob = pack(random_payload(5));
    const CkzgPeer peer_with_tables{8};
    const auto ours = [&] { static_cast<void>(must(compute_cells_and_kzg_proofs(view(blob)))); };
    for (const auto& [name, that] :
        {std::pair{"c-kzg", &peer}, {"c-kzg precompute 8", &peer_with_tables}})
    {
        const auto times = measure_in_turn(
            ours, [&that = *that, &blob] { static_cast<void>(that.cells_and_proofs(blob)); },
            ROUNDS);
        printer.print({.metric = "cells_and_proofs",
            .value = times.ours_ms,
            .unit = "ms",
            .peer = name,
            .peer_value = times.peer_ms});
    }

    const auto cells = peer.cells_and_proofs(blob);
    const auto commitment = peer.commit(blob);
    const std::vector<Bytes48> commitments(CELLS_PER_EXT_BLOB, commitment);
    std::vector<std::uint64_t> indices;
    std::vector<Cell> our_cells;
    for (std::size_t i = 0; i < CELLS_PER_EXT_BLOB; ++i)
    {
        indices.push_back(i);
        our_cells.push_back(
            to_array(ByteView{cells.cells}.subspan(i * BYTES_PER_CELL).first<BYTES_PER_CELL>()));
    }
    const auto verify = measure_in_turn(
        [&] { must(verify_cell_kzg_proof_batch(commitments, indices, our_cells, cells.proofs)); },
        [&] { peer.verify_cells(commitment, cells); }, ROUNDS);
    printer.print({.metric = "verify_cells_128",
        .value = verify.ours_ms,
        .unit = "ms",
        .peer = "c-kzg",
        .peer_value = verify.peer_ms});

    const auto cell_proof =
        measure_in_turn([&] { static_cast<void>(must(compute_cell_and_proof(view(blob), 77))); },
            [&] { static_cast<void>(peer.commit(blob)); }, ROUNDS);
    printer.print({.metric = "cell_proof",
        .value = cell_proof.ours_ms,
        .unit = "ms",
        .peer = "a c-kzg commitment",
        .peer_value = cell_proof.peer_ms});
}

}  // namespace
}  // namespace ashlar

int main(int argc, char** argv)
{
    using namespace ashlar;
    const FigurePrinter printer{argc > 1 && std::strcmp(argv[1], "--json") == 0};
    set_thread_count(1);
    const CkzgPeer peer{0};
    static_cast<void>(TrustedSetup::ethereum());
    printer.print({.metric = "commit_setup",
        .value = measure(
            [&] {
                const FixedBaseMsm table{
                    TrustedSetup::ethereum().lagrange(), {.bases_per_sum = SETUP_G1_POINTS}};
            },
            3),
        .unit = "ms"});
    bench_commit(printer, peer);
    bench_additions(printer);
    bench_verify_blobs(printer, peer);
    bench_cells(printer, peer);
}
