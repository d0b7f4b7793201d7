// Cells, their proofs and their verification.

#include "bench/commitments_bench.hpp"
#include "bench/made_blobs.hpp"
#include "commitments/cells.hpp"
#include "commitments/recovery.hpp"

namespace ashlar
{
namespace
{

void add_rust(std::vector<Contender>& contenders, const CommitmentPeers& peers, const char* command)
{
    if (auto* const rust = peers.rust.get(); rust != nullptr)
        contenders.push_back(
            {.name = RUST, .run_ms = [rust, command] { return rust->run_ms(command); }});
}

void bench_all_cells(const FigurePrinter& printer, const CommitmentPeers& peers, const Bytes& blob)
{
    std::vector<Contender> others;
    for (const auto& [name, peer] :
        {std::pair{CKZG, &peers.ckzg}, {CKZG_TABLES, &peers.ckzg_tables}})
        others.push_back(contender(
            name, [peer = peer, &blob] { static_cast<void>(peer->cells_and_proofs(blob)); }));
    add_rust(others, peers, "cells");

    // Peers take blobs one by one, and so a blob costs them the same in any number.
    for (const auto& [metric, count] :
        {std::pair{"cells_and_proofs", FK20_BLOBS}, {"cells_and_proofs_one", std::size_t{1}}})
    {
        const std::vector<BlobView> blobs(count, blob_view(blob));
        const auto ours = contender("ours",
            [&blobs] { static_cast<void>(must(compute_cells_and_kzg_proofs(std::span{blobs}))); });
        auto contenders = others;
        contenders.insert(contenders.begin(),
            {.name = ours.name,
                .run_ms = [&] { return ours.run_ms() / static_cast<double>(count); }});
        printer.print(figure_in_turn(metric, contenders, ROUNDS));
    }
}

/// From every second cell.
void bench_recovery(const FigurePrinter& printer, const CommitmentPeers& peers, const Bytes& blob)
{
    const auto all = peers.ckzg.cells(blob);
    std::vector<std::uint64_t> indices;
    std::vector<Cell> cells;
    Bytes bytes;
    for (std::size_t i = 0; i < CELLS_PER_EXT_BLOB; i += 2)
    {
        const auto cell = ByteView{all}.subspan(i * BYTES_PER_CELL).first<BYTES_PER_CELL>();
        indices.push_back(i);
        cells.push_back(to_array(cell));
        append(bytes, cell);
    }
    std::vector<Contender> contenders{
        contender("ours", [&] { static_cast<void>(must(recover_cells(indices, cells))); }),
        contender(CKZG, [&] { ASHLAR_ASSERT(peers.ckzg.recover(indices, bytes) == all); })};
    printer.print(figure_in_turn("recover_cells", contenders, MANY_ROUNDS));
}

void bench_verify(const FigurePrinter& printer, const CommitmentPeers& peers, const Bytes& blob)
{
    const auto cells = peers.ckzg.cells_and_proofs(blob);
    const auto commitment = peers.ckzg.commit(blob);
    const std::vector<Bytes48> commitments(CELLS_PER_EXT_BLOB, commitment);
    std::vector<std::uint64_t> indices;
    std::vector<Cell> our_cells;
    for (std::size_t i = 0; i < CELLS_PER_EXT_BLOB; ++i)
    {
        indices.push_back(i);
        our_cells.push_back(
            to_array(ByteView{cells.cells}.subspan(i * BYTES_PER_CELL).first<BYTES_PER_CELL>()));
    }
    std::vector<Contender> contenders{
        contender("ours",
            [&] {
                must(verify_cell_kzg_proof_batch(commitments, indices, our_cells, cells.proofs));
            }),
        contender(CKZG, [&] { peers.ckzg.verify_cells(commitment, cells); })};
    add_rust(contenders, peers, "verify-cells");
    printer.print(figure_in_turn("verify_cells_128", contenders, MANY_ROUNDS));
}

}  // namespace

void bench_cells(const FigurePrinter& printer, const CommitmentPeers& peers)
{
    const auto blob = random_blob(5);
    if (peers.rust != nullptr)
        static_cast<void>(peers.rust->set_blob(blob));
    bench_all_cells(printer, peers, blob);
    bench_verify(printer, peers, blob);
    bench_recovery(printer, peers, blob);

    const auto one = contender(
        "ours", [&] { static_cast<void>(must(compute_cell_and_proof(blob_view(blob), 77))); });
    const auto commit = contender("own commit_blob",
        [&] { static_cast<void>(must(blob_to_kzg_commitment(blob_view(blob)))); });
    const auto peer_commit =
        contender("c-kzg commitment", [&] { static_cast<void>(peers.ckzg.commit(blob)); });
    printer.print(figure_in_turn("cell_proof", {one, commit}, MANY_ROUNDS));
    printer.print(figure_in_turn("cell_proof_vs_peer", {one, peer_commit}, MANY_ROUNDS));
}

}  // namespace ashlar
