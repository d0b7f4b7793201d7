#include "commitments/recovery.hpp"

#include "commitments/cell_domains.hpp"

// Write the blob's polynomial as p(X) = Σₛ Xˢ·qₛ(X⁶⁴), s = 0 … 63, each qₛ of degree under 64. On
// the points of cell i, X⁶⁴ is aᵢ = h⁶⁴, so the interpolant of the cell has the coefficients
// qₛ(aᵢ): a cell is one value of each of 64 polynomials, at a point of ⟨ω₁₂₈⟩. These are 64
// erasure codes of length 128 side by side, with the same places missing in all.
//
// One of them: let Z vanish at the missing places. The product q·Z has a degree under 128, and
// its values are known everywhere: zero where q is not. Interpolated, its derivative is
// q·Z′ + q′·Z, which where Z vanishes is q·Z′. So two transforms of length 128 give the missing
// values, and all that depends on the places alone is computed once for 64 codes.

namespace ashlar
{
namespace
{

constexpr std::size_t CODES = ELEMENTS_PER_CELL;
constexpr std::size_t CODE_LENGTH = CELLS_PER_EXT_BLOB;
constexpr std::size_t CELLS_MIN = CELLS_PER_EXT_BLOB / 2;

/// X·Z′ at the points where Z vanishes, and Z at the others; by bit-reversed position.
std::vector<Fr> vanishing_values(std::span<const std::size_t> missing)
{
    std::vector<Fr> out(CODE_LENGTH, Fr::one());
    std::vector<Fr> roots;
    for (const auto place : missing)
        roots.push_back(cell_power_domain().point(place));
    for (std::size_t place = 0; place < CODE_LENGTH; ++place)
    {
        const Fr point = cell_power_domain().point(place);
        for (const auto& root : roots)
        {
            // Where Z vanishes, Z′ is the product of the other factors.
            out[place] *= point == root ? point : point - root;
        }
    }
    return out;
}

/// Rows of codes: row i has what the cell of index i says, qₛ(aᵢ) for every s.
class CodeRows
{
public:
    CodeRows() : values_(CODE_LENGTH * CODES) {}

    [[nodiscard]] std::span<Fr, CODES> row(std::size_t i) noexcept
    {
        return std::span{values_}.subspan(i * CODES).first<CODES>();
    }
    [[nodiscard]] Rows all() noexcept { return Rows{values_, CODES}; }

    /// The interpolants' coefficients, times `factor`.
    void load(std::size_t i, std::span<const Fr, CODES> cell, const Fr& factor)
    {
        const auto out = row(i);
        std::ranges::copy(cell, out.begin());
        inverse_fft_unscaled(Elements<Fr>{out}, cell_domain());
        scale_by_powers(out, inverse_coset_shift(i), factor);
    }

    /// The cell whose interpolant is the row times `factor`. Changes the row.
    [[nodiscard]] Cell take(std::size_t i, const Fr& factor)
    {
        const auto out = row(i);
        scale_by_powers(out, coset_shift(i), factor);
        fft(Elements<Fr>{out}, cell_domain());
        return encode_cell(out);
    }

private:
    std::vector<Fr> values_;
};

Result<void> check_places(std::span<const std::uint64_t> cell_indices, std::size_t cell_count)
{
    if (cell_indices.size() != cell_count)
        return fail(ErrorKind::invalid_input, "{} cell indices and {} cells do not pair up",
            cell_indices.size(), cell_count);
    for (std::size_t i = 0; i < cell_indices.size(); ++i)
    {
        if (cell_indices[i] >= CELLS_PER_EXT_BLOB)
            return fail(ErrorKind::invalid_input, "cell index {} is not below {}", cell_indices[i],
                CELLS_PER_EXT_BLOB);
        if (i > 0 && cell_indices[i] <= cell_indices[i - 1])
            return fail(ErrorKind::invalid_input, "cell index {} follows {}: they must increase",
                cell_indices[i], cell_indices[i - 1]);
    }
    if (cell_count < CELLS_MIN)
        return fail(
            ErrorKind::insufficient, "{} cells are not half of {}", cell_count, CELLS_PER_EXT_BLOB);
    return {};
}

std::vector<std::size_t> missing_places(std::span<const std::uint64_t> cell_indices)
{
    std::vector<std::size_t> out;
    for (std::size_t place = 0; place < CELLS_PER_EXT_BLOB; ++place)
    {
        if (!std::ranges::binary_search(cell_indices, place))
            out.push_back(place);
    }
    return out;
}

/// Coefficient rows of the derivatives, times X.
void differentiate(CodeRows& rows)
{
    for (std::size_t j = 0; j < CODE_LENGTH; ++j)
        rows.all().scale(j, Fr::from_u64(j));
}

/// Rows of the coefficients of q·Z: does every q have a degree under 64?
bool degrees_are_low(CodeRows& rows, std::size_t missing_count)
{
    for (std::size_t j = CODE_LENGTH / 2 + missing_count; j < CODE_LENGTH; ++j)
    {
        if (!std::ranges::all_of(rows.row(j), &Fr::is_zero))
            return false;
    }
    return true;
}

}  // namespace

Result<std::vector<Cell>> recover_cells(
    std::span<const std::uint64_t> cell_indices, std::span<const Cell> cells)
{
    ASHLAR_CHECK(check_places(cell_indices, cells.size()));
    const auto missing = missing_places(cell_indices);
    auto vanishing = vanishing_values(missing);

    // Both inverse transforms' factors at once.
    const Fr unscale = cell_domain().size_inverse() * cell_power_domain().size_inverse();
    CodeRows rows;
    std::vector<Cell> out(CELLS_PER_EXT_BLOB);
    std::array<Fr, ELEMENTS_PER_CELL> values;
    for (std::size_t i = 0; i < cells.size(); ++i)
    {
        ASHLAR_CHECK(decode_cell(cells[i], values));
        const auto place = static_cast<std::size_t>(cell_indices[i]);
        rows.load(place, values, vanishing[place] * unscale);
        out[place] = cells[i];
    }
    inverse_fft_unscaled(rows.all(), cell_power_domain());
    if (!degrees_are_low(rows, missing.size()))
        return fail(ErrorKind::invalid_input, "the cells are not all of one blob");
    if (missing.empty())
        return out;

    differentiate(rows);
    fft(rows.all(), cell_power_domain());
    batch_invert(vanishing);
    for (const auto place : missing)
        out[place] = rows.take(place, vanishing[place]);
    return out;
}

Result<CellsAndProofs> recover_cells_and_kzg_proofs(
    std::span<const std::uint64_t> cell_indices, std::span<const Cell> cells)
{
    ASHLAR_TRY(const auto recovered, recover_cells(cell_indices, cells));
    // The first half of the cells is the blob.
    Bytes blob;
    blob.reserve(BYTES_PER_BLOB);
    for (std::size_t i = 0; i < CELLS_PER_EXT_BLOB / 2; ++i)
        append(blob, recovered[i]);
    return compute_cells_and_kzg_proofs(BlobView{blob});
}

}  // namespace ashlar
