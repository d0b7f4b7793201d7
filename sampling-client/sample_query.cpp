#include "sampling-client/sample_query.hpp"

#include "base/parallel.hpp"
#include "commitments/blob_batch.hpp"

namespace ashlar
{
namespace
{

/// Cells verified together: two pairings, and when one is false as many as this again.
constexpr std::size_t CELLS_PER_BATCH = 32;

Result<NodeAnswer> ask_cell(LightNodeApi& node, const Bytes32& object_root, const Draw& draw)
{
    ASHLAR_TRY(const auto answer, node.get_cell(object_root, *draw.stored, draw.cell_index));
    return NodeAnswer{
        .bytes = Bytes(answer.cell.begin(), answer.cell.end()), .proof = answer.proof};
}

Result<NodeAnswer> ask_blob(LightNodeApi& node, const Bytes32& object_root, const Draw& draw)
{
    NodeAnswer answer;
    const std::array wanted{*draw.stored};
    ASHLAR_CHECK(node.get_pieces(object_root, wanted, [&](const PieceView& piece) -> Result<void> {
        if (piece.piece != *draw.stored || !answer.bytes.empty())
            return fail(
                ErrorKind::proof_invalid, "sent piece {}, which is not awaited", piece.piece);
        answer.bytes.assign(piece.bytes.begin(), piece.bytes.end());
        return {};
    }));
    // Absence is how this call says that the node does not have the piece.
    if (answer.bytes.empty())
        return fail(ErrorKind::not_found, "does not have piece {}", *draw.stored);
    return answer;
}

ClaimFault fault_of(const Result<void>& checked)
{
    return checked ? ClaimFault{} : ClaimFault{checked.error().message};
}

/// Checks claims [begin, begin + count), writing their faults.
void check_cells(std::span<const SampleClaim> claims, std::span<ClaimFault> faults)
{
    std::vector<CellClaim> cells;
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < claims.size(); ++i)
    {
        const auto& [draw, answer, commitment] = claims[i];
        ASHLAR_ASSERT(answer.bytes.size() == BYTES_PER_CELL);
        const auto proof = Proof::parse(answer.proof);
        if (!proof)
        {
            faults[i] = "proof: " + proof.error().message;
            continue;
        }
        cells.push_back({.commitment = commitment,
            .cell_index = draw.cell_index,
            .cell = CellView{answer.bytes},
            .proof = *proof});
        indices.push_back(i);
    }
    if (cells.empty() || verify_cells(cells))
        return;
    for (std::size_t i = 0; i < cells.size(); ++i)
        faults[indices[i]] = fault_of(verify_cells(std::span{cells}.subspan(i, 1)));
}

void check_blobs(std::span<const SampleClaim> claims, std::span<ClaimFault> faults)
{
    std::vector<BlobClaim> blobs;
    for (const auto& claim : claims)
    {
        ASHLAR_ASSERT(claim.answer.bytes.size() == BYTES_PER_BLOB);
        blobs.push_back({.blob = BlobView{claim.answer.bytes}, .commitment = claim.commitment});
    }
    if (verify_blobs(blobs))
        return;
    for (const auto i : find_false_blobs(blobs))
        faults[i] = "the blob does not match its commitment";
}

}  // namespace

Result<NodeAnswer> ask_sample(
    LightNodeApi& node, const Bytes32& object_root, const Draw& draw, SampleMode mode)
{
    ASHLAR_ASSERT(draw.stored.has_value());
    return mode == SampleMode::cell ? ask_cell(node, object_root, draw)
                                    : ask_blob(node, object_root, draw);
}

std::vector<ClaimFault> check_claims(std::span<const SampleClaim> claims, SampleMode mode)
{
    std::vector<ClaimFault> faults(claims.size());
    if (mode == SampleMode::blob)
    {
        check_blobs(claims, faults);
        return faults;
    }
    const auto batches = (claims.size() + CELLS_PER_BATCH - 1) / CELLS_PER_BATCH;
    parallel_for(batches, [&](std::size_t batch) {
        const auto begin = batch * CELLS_PER_BATCH;
        const auto count = std::min(CELLS_PER_BATCH, claims.size() - begin);
        check_cells(claims.subspan(begin, count), std::span{faults}.subspan(begin, count));
    });
    return faults;
}

}  // namespace ashlar
