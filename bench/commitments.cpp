// Commitments, openings and their verification on one thread, next to c-kzg, rust-eth-kzg and
// SHA-256.

#include <cstring>

#include <fmt/core.h>

#include "base/parallel.hpp"
#include "bench/commitments_bench.hpp"

int main(int argc, char** argv)
{
    using namespace ashlar;
    const FigurePrinter printer{argc > 1 && std::strcmp(argv[1], "--json") == 0};
    set_thread_count(1);
    bench_setup(printer);
    const CommitmentPeers peers;
    if (peers.rust == nullptr)
        fmt::print(
            stderr, "bench: without {}: node or bench/peers/node_modules is missing\n", RUST);
    bench_commit(printer, peers);
    bench_additions(printer);
    bench_verify_blobs(printer, peers);
    bench_cells(printer, peers);
}
