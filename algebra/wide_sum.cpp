#include "algebra/wide_sum.hpp"

#include <algorithm>

#include "algebra/wide_sum_kernels.hpp"
#include "base/random.hpp"

namespace ashlar
{
namespace
{

constexpr unsigned LIMB_BITS = 32;
constexpr std::size_t LIMBS_PER_INTEGER = 8;
static_assert(LIMBS_PER_INTEGER + SpreadCoefficient::LIMBS - 1 == WIDE_SUM_COLUMNS);

using Columns = std::array<std::uint64_t, WIDE_SUM_COLUMNS>;

Bytes32 integer_at(const PackedIntegers& integers, std::size_t index) noexcept
{
    Bytes32 out{};
    std::memcpy(out.data() + out.size() - integers.width, integers.first + index * integers.width,
        integers.width);
    return out;
}

/// columns += γ·integer
void add_product(Columns& columns, const SpreadCoefficient& gamma, const Bytes32& integer) noexcept
{
    for (std::size_t i = 0; i < LIMBS_PER_INTEGER; i += 2)
    {
        const auto word = load_big_endian<std::uint64_t>(
            std::span{integer}
                .subspan(BYTES_PER_INTEGER - sizeof(std::uint32_t) * (i + 2))
                .first<8>());
        for (std::size_t j = 0; j < gamma.limbs.size(); ++j)
        {
            columns[i + j] += std::uint64_t{static_cast<std::uint32_t>(word)} * gamma.limbs[j];
            columns[i + 1 + j] += (word >> LIMB_BITS) * gamma.limbs[j];
        }
    }
}

void carry_into(WideSums& sums, std::size_t element, const Columns& columns) noexcept
{
    for (std::size_t k = 0; k < columns.size(); ++k)
    {
        sums.low[k][element] += static_cast<std::uint32_t>(columns[k]);
        sums.high[k][element] += columns[k] >> LIMB_BITS;
    }
}

}  // namespace

blst_scalar SpreadCoefficient::to_scalar() const noexcept
{
    blst_scalar out{};
    for (std::size_t j = 0; j < limbs.size(); ++j)
        std::memcpy(out.b + j * sizeof(limbs[j]), little_endian(limbs[j]).data(), sizeof(limbs[j]));
    return out;
}

std::vector<SpreadCoefficient> random_spread_coefficients(std::size_t count)
{
    std::vector<SpreadCoefficient> out(count);
    system_random().fill(std::as_writable_bytes(std::span{out}));
    for (auto& gamma : out)
    {
        for (auto& limb : gamma.limbs)
            limb >>= LIMB_BITS - SpreadCoefficient::BITS_PER_LIMB;
    }
    return out;
}

bool all_below_modulus(const std::byte* integers) noexcept
{
    blst_scalar ignored;
    for (std::size_t e = 0; e < WIDE_SUM_ELEMENTS; ++e)
    {
        if (!Fr::parse_scalar(integer_at({integers, BYTES_PER_INTEGER}, e), ignored))
            return false;
    }
    return true;
}

void add_wide_sums_portably(const WideSumTerms& terms) noexcept
{
    for (std::size_t block = 0; block < terms.blocks; ++block)
    {
        for (std::size_t i = 0; i < terms.count; ++i)
        {
            auto integers = terms.integers[i];
            integers.first += block * WIDE_SUM_ELEMENTS * integers.width;
            bool suspicious = false;
            for (std::size_t e = 0; e < WIDE_SUM_ELEMENTS; ++e)
            {
                const auto integer = integer_at(integers, e);
                suspicious |=
                    load_big_endian<std::uint64_t>(std::span{integer}.first<8>()) >= MODULUS_TOP;
                Columns columns{};
                add_product(columns, terms.gammas[i], integer);
                carry_into(terms.sums[block], e, columns);
            }
            if (suspicious && !all_below_modulus(integers.first))
                terms.not_below_r[i] = true;
        }
    }
}

WideSumKernel wide_sum_kernel() noexcept
{
    static const WideSumKernel fastest =
        avx2_wide_sum() != nullptr ? avx2_wide_sum() : add_wide_sums_portably;
    return fastest;
}

Fr reduce(const WideSums& sums, std::size_t element) noexcept
{
    // Sixteen limbs of 32 bits, most significant first: the sums end far below.
    Bytes64 bytes{};
    std::uint64_t carry = 0;
    for (std::size_t k = 0; k < bytes.size() / sizeof(std::uint32_t); ++k)
    {
        if (k < WIDE_SUM_COLUMNS)
            carry += sums.low[k][element];
        if (k > 0 && k <= WIDE_SUM_COLUMNS)
            carry += sums.high[k - 1][element];
        std::ranges::copy(big_endian(static_cast<std::uint32_t>(carry)),
            bytes.end() - static_cast<std::ptrdiff_t>(sizeof(std::uint32_t) * (k + 1)));
        carry >>= LIMB_BITS;
    }
    return Fr::reduce(std::span<const std::byte, 64>{bytes});
}

}  // namespace ashlar
