#include "commitments/cells.hpp"

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

}  // namespace

Result<std::vector<Cell>> compute_cells(BlobView blob)
{
    ASHLAR_TRY(const auto elements, BlobElements::parse(blob));
    return cells_of(blob, elements);
}

Result<CellsAndProofs> compute_cells_and_kzg_proofs(BlobView blob)
{
    ASHLAR_TRY(const auto elements, BlobElements::parse(blob));
    const auto coefficients = coefficients_of(elements);
    return CellsAndProofs{.cells = cells_of(blob, elements),
        .proofs = fk20_proofs(std::span{coefficients}.first<ELEMENTS_PER_BLOB>())};
}

Result<CellProof> compute_cell_and_proof(BlobView blob, std::uint64_t cell_index)
{
    if (cell_index >= CELLS_PER_EXT_BLOB)
        return fail(ErrorKind::invalid_input, "cell index {} is not below {}", cell_index,
            CELLS_PER_EXT_BLOB);
    ASHLAR_TRY(const auto elements, BlobElements::parse(blob));

    // Division of p by X⁶⁴ − a in place: the quotient's coefficients come from the top, each
    // qₖ = pₖ₊₆₄ + a·qₖ₊₆₄, and the remainder takes the 64 lowest places.
    auto coefficients = coefficients_of(elements);
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

}  // namespace ashlar
