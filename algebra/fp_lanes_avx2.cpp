// The lanes by AVX2 and FMA: for CPUs without AVX-512 IFMA.

#include "algebra/fp_lanes.hpp"

#if defined(__AVX2__) && defined(__FMA__)

#include "algebra/fp_avx2.hpp"
#include "algebra/fp_lanes_kernels.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t WIDTH = Avx2::WIDTH;

std::size_t lanes_at(std::size_t begin, std::size_t count)
{
    return count - begin < WIDTH ? count - begin : WIDTH;
}

void to_lanes(const blst_fp* in, LaneFp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = Avx2::to_digits(in[i]);
    for (std::size_t i = 0; i < count; i += WIDTH)
    {
        const auto lanes = lanes_at(i, count);
        Avx2::store_elements(Avx2::stored(Avx2::load_elements(out + i, lanes)), out + i, lanes);
    }
}

void from_lanes(const LaneFp* in, blst_fp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = Avx2::from_digits(in[i]);
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
        Avx2::store_elements(
            Avx2::mul(Avx2::load_elements(a + i, lanes), Avx2::load_elements(b + i, lanes)),
            out + i, lanes);
    }
}

void square(const LaneFp* a, LaneFp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; i += WIDTH)
    {
        const auto lanes = lanes_at(i, count);
        Avx2::store_elements(Avx2::sqr(Avx2::load_elements(a + i, lanes)), out + i, lanes);
    }
}

void subtract(const LaneFp* a, const LaneFp* b, LaneFp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; i += WIDTH)
    {
        const auto lanes = lanes_at(i, count);
        const auto result = Avx2::stored(
            Avx2::sub(Avx2::load_elements(a + i, lanes), Avx2::load_elements(b + i, lanes)));
        Avx2::store_elements(result, out + i, lanes);
    }
}

}  // namespace

const LaneKernels* avx2_lanes() noexcept
{
    static const LaneKernels kernels = {.name = "avx2fma",
        .points_to_lanes = points_to_lanes,
        .points_from_lanes = points_from_lanes,
        .add = LaneAdder<Avx2>::add,
        .twice = LaneAdder<Avx2>::twice,
        .decompress = decompress_by_avx2,
        .decompress_on_curve = decompress_on_curve_by_avx2,
        .in_subgroup = in_subgroup_by_avx2,
        .to_lanes = to_lanes,
        .from_lanes = from_lanes,
        .multiply = multiply,
        .square = square,
        .subtract = subtract};
    const bool usable = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return usable ? &kernels : nullptr;
}

}  // namespace ashlar

#else

namespace ashlar
{

const LaneKernels* avx2_lanes() noexcept
{
    return nullptr;
}

}  // namespace ashlar

#endif
