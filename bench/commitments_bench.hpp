#pragma once

/// The parts of ./bench/run commitments.

#include "bench/ckzg_peer.hpp"
#include "bench/measure.hpp"
#include "bench/rust_peer.hpp"

namespace ashlar
{

/// Rounds that count; medians are printed. Of what takes under 100 ms there are more: noise comes
/// in stretches of seconds.
inline constexpr std::size_t ROUNDS = 7;
inline constexpr std::size_t MANY_ROUNDS = 3 * ROUNDS;

inline constexpr const char* CKZG = "c-kzg";
inline constexpr const char* CKZG_TABLES = "c-kzg precompute 8";
inline constexpr const char* RUST = "rust-eth-kzg";

struct CommitmentPeers
{
    CkzgPeer ckzg{0};
    CkzgPeer ckzg_tables{8};
    std::unique_ptr<RustPeer> rust = RustPeer::start();  ///< Null where it cannot run.
};

/// The value of a result, or the end of the program: a bench has no use for errors.
template <typename T>
T must(Result<T> result)
{
    ASHLAR_ASSERT(result.has_value());
    if constexpr (!std::same_as<T, void>)
        return std::move(*result);
}

void bench_setup(const FigurePrinter& printer);
void bench_commit(const FigurePrinter& printer, const CommitmentPeers& peers);
void bench_skew(const FigurePrinter& printer);
void bench_additions(const FigurePrinter& printer);
void bench_verify_blobs(const FigurePrinter& printer, const CommitmentPeers& peers);
void bench_cells(const FigurePrinter& printer, const CommitmentPeers& peers);

/// Wall time of a batch of commitments on as many threads as there are.
void bench_threads(const FigurePrinter& printer);

}  // namespace ashlar
