// Decompression of G1 points by AVX-512 IFMA: sixteen at a time, as two vectors of eight in turn,
// because a chain of dependent multiplications keeps the CPU half idle.

#include "algebra/fp_lanes.hpp"

#if defined(__AVX512IFMA__)

#include "algebra/fp_ifma.hpp"
#include "algebra/g1_decompress_kernels.hpp"

namespace ashlar
{
namespace
{

using Vector = Ifma::Vector;

constexpr std::size_t VECTORS = 2;

/// 2⁸³² mod p: from integers to Montgomery form.
alignas(64) constexpr std::uint64_t FROM_INTEGER[LIMBS] = {0xa5bf4cb89af51, 0x3afbba7ca31a2,
    0x2646160ec71f1, 0xa84d710465903, 0x3480a4a188311, 0x98e5907ad91f5, 0x2075d74507266, 0x8746};

/// And back.
alignas(64) constexpr std::uint64_t TO_INTEGER[LIMBS] = {1};

/// 4, of y² = x³ + 4.
alignas(64) constexpr std::uint64_t FOUR[LIMBS] = {0xc203aa3a7e6bb, 0x99c5b63f91e5d,
    0xec2218e49b9f5, 0xb47d6b297d25b, 0x36f29b533dd05, 0xaac3b92d6d85a, 0x25d100f5559b6, 0x5208};

/// The cube root of unity β for which (β·x, −y) = [z²](x, y) in G1.
alignas(64) constexpr std::uint64_t BETA[LIMBS] = {0xd75aaff33455f, 0xd095356b7cbb6,
    0x953a2f6fa079f, 0x1080cf0a3d697, 0x3f7de3465fe7c, 0x01f71fd6896ec, 0xd9dd9cc172747, 0x7d91};

/// Elements of all points, vector by vector.
struct Elements
{
    Vector vectors[VECTORS];
};

Elements mul(const Elements& a, const Elements& b)
{
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
        out.vectors[c] = Ifma::mul(a.vectors[c], b.vectors[c]);
    return out;
}

Elements sqr(const Elements& a)
{
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
        out.vectors[c] = Ifma::sqr(a.vectors[c]);
    return out;
}

Elements add(const Elements& a, const Elements& b)
{
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
        out.vectors[c] = Ifma::add(a.vectors[c], b.vectors[c]);
    return out;
}

template <unsigned SHIFT, std::uint64_t TIMES>
Elements sub_shifted(const Elements& a, const Elements& b)
{
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
        out.vectors[c] = Ifma::sub_shifted<SHIFT, TIMES>(a.vectors[c], b.vectors[c]);
    return out;
}

Elements constant(const std::uint64_t (&x)[LIMBS])
{
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
        out.vectors[c] = Ifma::broadcast(x);
    return out;
}

/// Bit i: do the two elements of point i agree? @pre both are products or negated products
unsigned congruent(const Elements& a, const Elements& b)
{
    unsigned out = 0;
    for (std::size_t c = 0; c < VECTORS; ++c)
        out |= static_cast<unsigned>(Ifma::congruent(a.vectors[c], b.vectors[c]))
               << (c * Ifma::WIDTH);
    return out;
}

Elements negate(const Elements& a)
{
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
        out.vectors[c] = Ifma::negate(a.vectors[c]);
    return out;
}

struct IfmaPoints
{
    using Elements = ashlar::Elements;
    static constexpr std::size_t POINTS = VECTORS * Ifma::WIDTH;

    static Elements one() { return constant(ONE); }
    static Elements four() { return constant(FOUR); }
    static Elements beta() { return constant(BETA); }

    static Elements from_blst(const blst_fp (&in)[POINTS])
    {
        Elements out;
        for (std::size_t c = 0; c < VECTORS; ++c)
            out.vectors[c] = Ifma::vector_to_lanes(in + c * Ifma::WIDTH, Ifma::WIDTH);
        return out;
    }
    static void to_blst(const Elements& elements, blst_fp (&out)[POINTS])
    {
        for (std::size_t c = 0; c < VECTORS; ++c)
            Ifma::vector_from_lanes(elements.vectors[c], out + c * Ifma::WIDTH, Ifma::WIDTH);
    }
    static Elements from_integers(const blst_fp (&in)[POINTS])
    {
        Elements out;
        for (std::size_t c = 0; c < VECTORS; ++c)
            out.vectors[c] = Ifma::mul(
                Ifma::split(in + c * Ifma::WIDTH, Ifma::WIDTH), Ifma::broadcast(FROM_INTEGER));
        return out;
    }
    static void to_integers(const Elements& elements, blst_fp (&out)[POINTS])
    {
        const Elements integers = mul(elements, constant(TO_INTEGER));
        for (std::size_t c = 0; c < VECTORS; ++c)
            Ifma::join(integers.vectors[c], out + c * Ifma::WIDTH, Ifma::WIDTH);
    }
};

}  // namespace

void decompress_by_ifma(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
{
    LanePoints<IfmaPoints>::decompress<true>(encoded, out, valid, count);
}

void decompress_on_curve_by_ifma(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
{
    LanePoints<IfmaPoints>::decompress<false>(encoded, out, valid, count);
}

void in_subgroup_by_ifma(const blst_p1_affine* points, bool* inside, std::size_t count)
{
    LanePoints<IfmaPoints>::check_subgroup(points, inside, count);
}

}  // namespace ashlar

#endif
