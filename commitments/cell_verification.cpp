#include "commitments/cells.hpp"

#include <map>

#include "algebra/msm.hpp"
#include "base/hash.hpp"
#include "commitments/cell_domains.hpp"

namespace ashlar
{
namespace
{

/// Σ of random multiples of the claims' cells, a row of 64 values for each cell index.
using WeightedCells = std::array<std::vector<Fr>, CELLS_PER_EXT_BLOB>;

Result<void> add_weighted(WeightedCells& sums, const CellClaim& claim, const Fr& weight)
{
    std::array<Fr, ELEMENTS_PER_CELL> values;
    ASHLAR_CHECK(decode_cell(claim.cell, values));
    auto& sum = sums[claim.cell_index];
    sum.resize(ELEMENTS_PER_CELL);
    for (std::size_t j = 0; j < sum.size(); ++j)
        sum[j] += values[j] * weight;
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

/// Different commitments in the order of their first places, and for each place which one it has.
struct Deduplicated
{
    std::vector<Bytes48> values;
    std::vector<std::uint64_t> places;
};

Deduplicated deduplicate(std::span<const Bytes48> commitments)
{
    Deduplicated out;
    std::map<Bytes48, std::uint64_t> known;
    for (const auto& commitment : commitments)
    {
        const auto [entry, is_new] = known.try_emplace(commitment, out.values.size());
        if (is_new)
            out.values.push_back(commitment);
        out.places.push_back(entry->second);
    }
    return out;
}

/// Σ of the claims' weights for each different commitment: one term of the sum for all of them.
class CommitmentWeights
{
public:
    void add(const Commitment& commitment, const Fr& weight)
    {
        const auto [entry, is_new] = places_.try_emplace(commitment.bytes(), points_.size());
        if (is_new)
        {
            points_.push_back(commitment.point());
            weights_.emplace_back();
        }
        weights_[entry->second] += weight;
    }

    void append_to(std::vector<G1Affine>& points, std::vector<Fr>& factors) const
    {
        points.insert(points.end(), points_.begin(), points_.end());
        factors.insert(factors.end(), weights_.begin(), weights_.end());
    }

private:
    std::map<Bytes48, std::size_t> places_;
    std::vector<G1Affine> points_;
    std::vector<Fr> weights_;
};

}  // namespace

Result<void> verify_cells(std::span<const CellClaim> claims)
{
    // With random weights ρ, Iₖ the interpolant of a claim's cell and aₖ = hₖ⁶⁴:
    // e(Σ ρₖ·πₖ, τ⁶⁴·H) = e(Σ ρₖ·Cₖ − [Σ ρₖ·Iₖ(τ)] + Σ ρₖ·aₖ·πₖ, H).
    std::vector<G1Affine> proofs;
    std::vector<Fr> weights;
    std::vector<G1Affine> points;
    std::vector<Fr> factors;
    WeightedCells weighted_cells;
    CommitmentWeights commitment_weights;
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
        commitment_weights.add(claim.commitment, weight);
    }
    commitment_weights.append_to(points, factors);
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

Fr compute_verify_cell_kzg_proof_batch_challenge(std::span<const Bytes48> commitments,
    std::span<const std::uint64_t> commitment_indices, std::span<const std::uint64_t> cell_indices,
    std::span<const Cell> cells, std::span<const Bytes48> proofs)
{
    const auto count = cells.size();
    ASHLAR_ASSERT(commitment_indices.size() == count && cell_indices.size() == count &&
                  proofs.size() == count);
    Hasher hasher{DigestKind::sha256};
    hasher.update(as_byte_view("RCKZGCBATCH__V1_"));
    hasher.update(big_endian(std::uint64_t{ELEMENTS_PER_BLOB}));
    hasher.update(big_endian(std::uint64_t{ELEMENTS_PER_CELL}));
    hasher.update(big_endian(std::uint64_t{commitments.size()}));
    hasher.update(big_endian(std::uint64_t{count}));
    for (const auto& commitment : commitments)
        hasher.update(commitment);
    for (std::size_t i = 0; i < count; ++i)
    {
        hasher.update(big_endian(commitment_indices[i]));
        hasher.update(big_endian(cell_indices[i]));
        hasher.update(cells[i]);
        hasher.update(proofs[i]);
    }
    return Fr::reduce(std::span<const std::byte, 32>{hasher.finish<32>()});
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
    const auto unique = deduplicate(commitments);
    ASHLAR_TRY(
        const auto parsed_commitments, parse_commitments(std::as_bytes(std::span{unique.values})));
    ASHLAR_TRY(const auto parsed_proofs, parse_commitments(std::as_bytes(proofs)));
    std::vector<CellClaim> claims;
    claims.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        claims.push_back({.commitment = parsed_commitments[unique.places[i]],
            .cell_index = cell_indices[i],
            .cell = cells[i],
            .proof = parsed_proofs[i]});
    return verify_cells(claims);
}

}  // namespace ashlar
