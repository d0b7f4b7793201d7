// The lanes by AVX-512 IFMA.

#include "algebra/fp_lanes.hpp"

#if defined(__AVX512IFMA__)

#include "algebra/fp_ifma.hpp"
#include "algebra/fp_lanes_kernels.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t WIDTH = Ifma::WIDTH;

std::size_t lanes_at(std::size_t begin, std::size_t count)
{
    return count - begin < WIDTH ? count - begin : WIDTH;
}

void to_lanes(const blst_fp* in, LaneFp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; i += WIDTH)
    {
        const auto lanes = lanes_at(i, count);
        Ifma::store_elements(Ifma::vector_to_lanes(in + i, lanes), out + i, lanes);
    }
}

void from_lanes(const LaneFp* in, blst_fp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; i += WIDTH)
    {
        const auto lanes = lanes_at(i, count);
        Ifma::vector_from_lanes(Ifma::load_elements(in + i, lanes), out + i, lanes);
    }
}

// Points are two elements each, x first, in both forms.
static_assert(sizeof(LanePoint) == 2 * sizeof(LaneFp));
static_assert(sizeof(blst_p1_affine) == 2 * sizeof(blst_fp));

void points_to_lanes(const blst_p1_affine* in, LanePoint* out, std::size_t count)
{
    to_lanes(&in->x, &out->x, 2 * count);
}

void points_from_lanes(const LanePoint* in, blst_p1_affine* out, std::size_t count)
{
    from_lanes(&in->x, &out->x, 2 * count);
}

void multiply(const LaneFp* a, const LaneFp* b, LaneFp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; i += WIDTH)
    {
        const auto lanes = lanes_at(i, count);
        Ifma::store_elements(
            Ifma::mul(Ifma::load_elements(a + i, lanes), Ifma::load_elements(b + i, lanes)),
            out + i, lanes);
    }
}

void square(const LaneFp* a, LaneFp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; i += WIDTH)
    {
        const auto lanes = lanes_at(i, count);
        const auto result =
            Ifma::sqr_sub(Ifma::load_elements(a + i, lanes), Ifma::zero(), Ifma::zero());
        Ifma::store_elements(result, out + i, lanes);
    }
}

void subtract(const LaneFp* a, const LaneFp* b, LaneFp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; i += WIDTH)
    {
        const auto lanes = lanes_at(i, count);
        const auto result = Ifma::stored(
            Ifma::minus(Ifma::load_elements(a + i, lanes), Ifma::load_elements(b + i, lanes)));
        Ifma::store_elements(result, out + i, lanes);
    }
}

constexpr LaneKernels KERNELS = {.name = "avx512ifma",
    .points_to_lanes = points_to_lanes,
    .points_from_lanes = points_from_lanes,
    .add = LaneAdder<Ifma>::add,
    .twice = LaneAdder<Ifma>::twice,
    .decompress = decompress_by_ifma,
    .decompress_on_curve = decompress_on_curve_by_ifma,
    .in_subgroup = in_subgroup_by_ifma,
    .to_lanes = to_lanes,
    .from_lanes = from_lanes,
    .multiply = multiply,
    .square = square,
    .subtract = subtract};

}  // namespace

const LaneKernels* ifma_lanes() noexcept
{
    const bool usable = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512ifma");
    return usable ? &KERNELS : nullptr;
}

}  // namespace ashlar

#else

namespace ashlar
{

const LaneKernels* ifma_lanes() noexcept
{
    return nullptr;
}

}  // namespace ashlar

#endif
