#include "commitments/cell_domains.hpp"

namespace ashlar
{
namespace
{

constexpr unsigned CELL_INDEX_BITS = 7;
static_assert(1U << CELL_INDEX_BITS == CELLS_PER_EXT_BLOB);

const FftDomain& extended_domain()
{
    static const FftDomain domain{CELLS_PER_EXT_BLOB * ELEMENTS_PER_CELL};
    return domain;
}

std::size_t coset_exponent(std::uint64_t cell_index)
{
    return static_cast<std::size_t>(reverse_bits(cell_index, CELL_INDEX_BITS));
}

}  // namespace

const FftDomain& cell_domain()
{
    static const FftDomain domain{ELEMENTS_PER_CELL};
    return domain;
}

const FftDomain& cell_power_domain()
{
    static const FftDomain domain{CELLS_PER_EXT_BLOB};
    return domain;
}

Fr coset_shift(std::uint64_t cell_index)
{
    return extended_domain().root(coset_exponent(cell_index));
}

Fr coset_power(std::uint64_t cell_index)
{
    return cell_power_domain().root(coset_exponent(cell_index));
}

Fr inverse_coset_shift(std::uint64_t cell_index)
{
    return extended_domain().inverse_root(coset_exponent(cell_index));
}

void scale_by_powers(std::span<Fr> coefficients, const Fr& factor, const Fr& first)
{
    Fr power = first;
    for (auto& coefficient : coefficients)
    {
        coefficient *= power;
        power *= factor;
    }
}

Result<void> decode_cell(CellView cell, std::span<Fr, ELEMENTS_PER_CELL> out)
{
    for (std::size_t j = 0; j < out.size(); ++j)
    {
        const auto bytes = cell.subspan(j * BYTES_PER_ELEMENT).first<BYTES_PER_ELEMENT>();
        if (!Fr::parse_into(bytes, out[j]))
            return fail(
                ErrorKind::invalid_input, "element {} of a cell is not below the modulus", j);
    }
    return {};
}

Cell encode_cell(std::span<const Fr, ELEMENTS_PER_CELL> values)
{
    Cell cell;
    for (std::size_t j = 0; j < values.size(); ++j)
        std::ranges::copy(values[j].to_bytes(),
            cell.begin() + static_cast<std::ptrdiff_t>(j * BYTES_PER_ELEMENT));
    return cell;
}

}  // namespace ashlar
