// Commitments, openings and their verification on one thread, next to c-kzg, rust-eth-kzg and
// SHA-256.

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "base/parallel.hpp"
#include "bench/commitments_bench.hpp"

int main(int argc, char** argv)
{
    using namespace ashlar;
    CLI::App app{"Commitments, openings and their verification on one thread, next to peers"};
    bool json = false;
    std::size_t threads = 1;
    app.add_flag("--json", json, "One JSON object a line");
    app.add_option("--threads", threads, "More than one: only how a batch of commitments scales");
    CLI11_PARSE(app, argc, argv);

    const FigurePrinter printer{json};
    set_thread_count(threads);
    if (threads != 1)
    {
        bench_threads(printer);
        return 0;
    }
    bench_setup(printer);
    const CommitmentPeers peers;
    if (peers.rust == nullptr)
        fmt::print(
            stderr, "bench: without {}: node or bench/peers/node_modules is missing\n", RUST);
    bench_commit(printer, peers);
    bench_skew(printer);
    bench_additions(printer);
    bench_verify_blobs(printer, peers);
    bench_cells(printer, peers);
    bench_threads(printer);
}
