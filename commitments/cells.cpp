#include "commitments/cells.hpp"

#include <algorithm>

#include "base/parallel.hpp"
#include "commitments/cell_domains.hpp"
#include "commitments/fk20.hpp"
#include "commitments/setup_msm.hpp"

namespace ashlar
{
namespace
{

std::vector<Fr> coefficients_of(const BlobElements& elements)
{
    std::vector<Fr> out(elements.values().begin(), elements.values().end());
    inverse_fft(Elements<Fr>{out}, blob_domain());
    return out;
}

/// The first 64 cells are the blob; the others its values on the coset of the larger domain.
std::vector<Cell> cells_of(BlobView blob, const BlobElements& elements)
{
    std::vector<Fr> extension(elements.values().begin(), elements.values().end());
    extend_to_coset(Elements<Fr>{extension}, blob_domain());

    std::vector<Cell> cells;
    cells.reserve(CELLS_PER_EXT_BLOB);
    for (std::size_t i = 0; i < CELLS_PER_EXT_BLOB / 2; ++i)
        cells.push_back(to_array(blob.subspan(i * BYTES_PER_CELL).first<BYTES_PER_CELL>()));
    for (std::size_t i = 0; i < CELLS_PER_EXT_BLOB / 2; ++i)
        cells.push_back(encode_cell(std::span<const Fr>{extension}
                                        .subspan(i * ELEMENTS_PER_CELL)
                                        .first<ELEMENTS_PER_CELL>()));
    return cells;
}

/// One cell with its proof: a division and an MSM.
CellProof prove_cell(std::vector<Fr> coefficients, std::uint64_t cell_index)
{
    // Division of p by X⁶⁴ − a in place: the quotient's coefficients come from the top, each
    // qₖ = pₖ₊₆₄ + a·qₖ₊₆₄, and the remainder takes the 64 lowest places.
    const Fr a = coset_power(cell_index);
    for (std::size_t k = ELEMENTS_PER_BLOB - ELEMENTS_PER_CELL; k-- > 0;)
        coefficients[k] += a * coefficients[k + ELEMENTS_PER_CELL];
    const auto remainder = std::span{coefficients}.first<ELEMENTS_PER_CELL>();
    const auto quotient = std::span<const Fr>{coefficients}.subspan(ELEMENTS_PER_CELL);

    scale_by_powers(remainder, coset_shift(cell_index));
    fft(Elements<Fr>{remainder}, cell_domain());
    const auto proof = monomial_msm().sum(quotient);
    return CellProof{.cell = encode_cell(remainder), .proof = Proof::from_point(proof.to_affine())};
}

}  // namespace

Result<std::vector<Cell>> compute_cells(BlobView blob)
{
    ASHLAR_TRY(const auto elements, BlobElements::parse(blob));
    return cells_of(blob, elements);
}

Result<CellsAndProofs> compute_cells_and_kzg_proofs(BlobView blob)
{
    ASHLAR_TRY(auto all, compute_cells_and_kzg_proofs(std::span{&blob, 1}));
    return std::move(all.front());
}

Result<std::vector<CellsAndProofs>> compute_cells_and_kzg_proofs(std::span<const BlobView> blobs)
{
    // On all cores, which it could not be from inside the loop.
    static_cast<void>(fk20_msm());
    std::vector<CellsAndProofs> out(blobs.size());
    const auto group_count = (blobs.size() + FK20_BLOBS - 1) / FK20_BLOBS;
    ASHLAR_CHECK(try_parallel_for(group_count, [&](std::size_t group) -> Result<void> {
        const auto first = group * FK20_BLOBS;
        const auto count = std::min(FK20_BLOBS, blobs.size() - first);
        std::vector<std::vector<Fr>> polynomials;
        for (std::size_t b = first; b < first + count; ++b)
        {
            ASHLAR_TRY(const auto elements, BlobElements::parse(blobs[b]));
            out[b].cells = cells_of(blobs[b], elements);
            polynomials.push_back(coefficients_of(elements));
        }
        auto proofs = fk20_proofs(polynomials);
        for (std::size_t b = 0; b < count; ++b)
            out[first + b].proofs = std::move(proofs[b]);
        return {};
    }));
    return out;
}

Result<CellProof> compute_cell_and_proof(BlobView blob, std::uint64_t cell_index)
{
    ASHLAR_TRY(auto all, compute_some_cells_and_proofs(blob, std::span{&cell_index, 1}));
    return std::move(all.front());
}

Result<std::vector<CellProof>> compute_some_cells_and_proofs(
    BlobView blob, std::span<const std::uint64_t> cell_indices)
{
    for (const auto index : cell_indices)
    {
        if (index >= CELLS_PER_EXT_BLOB)
            return fail(ErrorKind::invalid_input, "cell index {} is not below {}", index,
                CELLS_PER_EXT_BLOB);
    }
    ASHLAR_TRY(const auto elements, BlobElements::parse(blob));
    const auto coefficients = coefficients_of(elements);
    std::vector<CellProof> out(cell_indices.size());
    parallel_for(
        out.size(), [&](std::size_t i) { out[i] = prove_cell(coefficients, cell_indices[i]); });
    return out;
}

}  // namespace ashlar
