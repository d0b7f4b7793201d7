#include "commitments/cells.hpp"

#include <algorithm>
#include <utility>

#include "algebra/msm.hpp"
#include "base/parallel.hpp"
#include "commitments/fk20.hpp"
#include "commitments/setup_msm.hpp"

namespace ashlar
{
namespace
{

constexpr unsigned CELL_INDEX_BITS = 7;
static_assert(1U << CELL_INDEX_BITS == CELLS_PER_EXT_BLOB);

/// The 64 points of a cell are the coset h·⟨ω₆₄⟩, in bit-reversed order.
const FftDomain& cell_domain()
{
    static const FftDomain domain{ELEMENTS_PER_CELL};
    return domain;
}

const FftDomain& extended_domain()
{
    static const FftDomain domain{CELLS_PER_EXT_BLOB * ELEMENTS_PER_CELL};
    return domain;
}

std::size_t coset_exponent(std::uint64_t cell_index)
{
    return static_cast<std::size_t>(reverse_bits(cell_index, CELL_INDEX_BITS));
}

/// h = ω₈₁₉₂^rev₇(i).
Fr coset_shift(std::uint64_t cell_index)
{
    return extended_domain().root(coset_exponent(cell_index));
}

/// h⁶⁴: the cell's points are the roots of X⁶⁴ − h⁶⁴.
Fr coset_power(std::uint64_t cell_index)
{
    return extended_domain().root(coset_exponent(cell_index) * ELEMENTS_PER_CELL);
}

/// 1/h.
Fr inverse_coset_shift(std::uint64_t cell_index)
{
    return extended_domain().inverse_root(coset_exponent(cell_index));
}

std::vector<Fr> coefficients_of(const BlobElements& elements)
{
    std::vector<Fr> out(elements.values().begin(), elements.values().end());
    inverse_fft(Elements<Fr>{out}, blob_domain());
    return out;
}

Cell encode_cell(std::span<const Fr, ELEMENTS_PER_CELL> values)
{
    Cell cell;
    for (std::size_t j = 0; j < values.size(); ++j)
        std::ranges::copy(values[j].to_bytes(),
            cell.begin() + static_cast<std::ptrdiff_t>(j * BYTES_PER_ELEMENT));
    return cell;
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

/// Multiplies coefficient j by factorʲ.
void scale_by_powers(std::span<Fr> coefficients, const Fr& factor)
{
    Fr power = Fr::one();
    for (auto& coefficient : coefficients)
    {
        coefficient *= power;
        power *= factor;
    }
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

/// Σ of random multiples of the claims' cells, a row of 64 values for each cell index.
using WeightedCells = std::array<std::vector<Fr>, CELLS_PER_EXT_BLOB>;

Result<void> add_weighted(WeightedCells& sums, const CellClaim& claim, const Fr& weight)
{
    auto& sum = sums[claim.cell_index];
    sum.resize(ELEMENTS_PER_CELL);
    for (std::size_t j = 0; j < ELEMENTS_PER_CELL; ++j)
    {
        const auto bytes = claim.cell.subspan(j * BYTES_PER_ELEMENT).first<BYTES_PER_ELEMENT>();
        Fr value;
        if (!Fr::parse_into(bytes, value))
            return fail(ErrorKind::invalid_input,
                "element {} of a claimed cell {} is not below the modulus", j, claim.cell_index);
        sum[j] += value * weight;
    }
    return {};
}

/// Coefficients of the sum of the rows' interpolants, each over its own coset.
std::vector<Fr> interpolate(WeightedCells& sums)
{
    std::vector<Fr> total(ELEMENTS_PER_CELL);
    for (std::uint64_t i = 0; i < sums.size(); ++i)
    {
        auto& row = sums[i];
        if (row.empty())
            continue;
        inverse_fft(Elements<Fr>{row}, cell_domain());
        scale_by_powers(row, inverse_coset_shift(i));
        for (std::size_t j = 0; j < total.size(); ++j)
            total[j] += row[j];
    }
    return total;
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

Result<void> verify_cells(std::span<const CellClaim> claims)
{
    // With random weights ρ, Iₖ the interpolant of a claim's cell and aₖ = hₖ⁶⁴:
    // e(Σ ρₖ·πₖ, τ⁶⁴·H) = e(Σ ρₖ·Cₖ − [Σ ρₖ·Iₖ(τ)] + Σ ρₖ·aₖ·πₖ, H).
    std::vector<G1Affine> proofs;
    std::vector<Fr> weights;
    std::vector<G1Affine> points;
    std::vector<Fr> factors;
    WeightedCells weighted_cells;
    Fr commitment_weight;
    for (const auto& claim : claims)
    {
        if (claim.cell_index >= CELLS_PER_EXT_BLOB)
            return fail(ErrorKind::invalid_input, "cell index {} is not below {}", claim.cell_index,
                CELLS_PER_EXT_BLOB);
        const Fr weight = random_coefficient_128();
        ASHLAR_CHECK(add_weighted(weighted_cells, claim, weight));
        proofs.push_back(claim.proof.point());
        weights.push_back(weight);
        points.push_back(claim.proof.point());
        factors.push_back(weight * coset_power(claim.cell_index));
        commitment_weight += weight;
        // Cells of one blob follow one another: one term for all of them.
        if (&claim == &claims.back() || (&claim + 1)->commitment != claim.commitment)
        {
            points.push_back(claim.commitment.point());
            factors.push_back(std::exchange(commitment_weight, Fr{}));
        }
    }
    const auto& setup = TrustedSetup::ethereum();
    const auto interpolant = interpolate(weighted_cells);
    for (std::size_t j = 0; j < interpolant.size(); ++j)
    {
        points.push_back(setup.monomial()[j]);
        factors.push_back(-interpolant[j]);
    }

    const auto left = parallel_msm(proofs, weights).to_affine();
    const auto right = parallel_msm(points, factors).to_affine();
    const auto& tau_power_g2 = setup.monomial_g2()[ELEMENTS_PER_CELL];
    if (!pairings_equal(left, tau_power_g2, right, G2Affine::generator()))
        return fail(ErrorKind::proof_invalid, "a cell proof does not hold");
    return {};
}

Result<void> verify_cell_kzg_proof_batch(std::span<const Bytes48> commitments,
    std::span<const std::uint64_t> cell_indices, std::span<const Cell> cells,
    std::span<const Bytes48> proofs)
{
    const auto count = cells.size();
    if (commitments.size() != count || cell_indices.size() != count || proofs.size() != count)
        return fail(ErrorKind::invalid_input,
            "{} commitments, {} cell indices, {} cells and {} proofs do not pair up",
            commitments.size(), cell_indices.size(), count, proofs.size());
    ASHLAR_TRY(const auto parsed_commitments, parse_commitments(std::as_bytes(commitments)));
    ASHLAR_TRY(const auto parsed_proofs, parse_commitments(std::as_bytes(proofs)));
    std::vector<CellClaim> claims;
    claims.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        claims.push_back({.commitment = parsed_commitments[i],
            .cell_index = cell_indices[i],
            .cell = cells[i],
            .proof = parsed_proofs[i]});
    return verify_cells(claims);
}

}  // namespace ashlar
