// Decompression of G1 points by AVX-512 IFMA: sixteen at a time, as two vectors of eight in turn,
// because a chain of dependent multiplications keeps the CPU half idle.

#include "algebra/fp_lanes.hpp"

#if defined(__AVX512IFMA__)

#include "algebra/fp_ifma.hpp"

namespace ashlar
{
namespace
{

using Vector = Ifma::Vector;

constexpr std::size_t VECTORS = 2;
constexpr std::size_t POINTS = VECTORS * Ifma::WIDTH;
constexpr std::size_t ENCODED_BYTES = 48;

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

/// |z|, the curve's parameter.
constexpr std::uint64_t Z = 0xd201000000010000;

/// (p + 1)/4: w to this power is a square root of w if there is one. Most significant limb first.
constexpr std::uint64_t ROOT_EXPONENT[6] = {0x0680447a8e5ff9a6, 0x92c6e9ed90d2eb35,
    0xd91dd2e13ce144af, 0xd9cc34a83dac3d89, 0x07aaffffac54ffff, 0xee7fbfffffffeaab};

/// (p − 1)/2: a greater y is "the larger root". Least significant limb first.
constexpr std::uint64_t HALF_P[6] = {0xdcff7fffffffd555, 0x0f55ffff58a9ffff, 0xb39869507b587b12,
    0xb23ba5c279c2895f, 0x258dd3db21a5d66b, 0x0d0088f51cbff34d};

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

/// w^((p+1)/4), four bits of the exponent at a time.
Elements root_of(const Elements& w)
{
    Elements powers[16];
    powers[0] = constant(ONE);
    for (std::size_t i = 1; i < 16; ++i)
        powers[i] = mul(powers[i - 1], w);
    Elements out = powers[0];
    for (std::size_t digit = 0; digit < 96; ++digit)
    {
        if (digit != 0)
            for (std::size_t i = 0; i < 4; ++i)
                out = sqr(out);
        const auto bits = (ROOT_EXPONENT[digit / 16] >> (60 - 4 * (digit % 16))) & 15;
        if (bits != 0)
            out = mul(out, powers[bits]);
    }
    return out;
}

/// Jacobian coordinates: x = X/Z², y = Y/Z³. X and Y are below 13p, Z below 3p.
struct Jacobian
{
    Elements x, y, z;
};

/// Any point of the curve; infinity (Z = 0) stays.
Jacobian doubled(const Jacobian& in)
{
    const Elements xx = sqr(in.x);
    const Elements yy = sqr(in.y);
    const Elements yyyy = sqr(yy);
    const Elements xyy = mul(in.x, yy);
    const Elements slope = add(add(xx, xx), xx);
    Jacobian out;
    out.x = sub_shifted<3, 11>(sqr(slope), xyy);
    const Elements four_xyy = add(add(xyy, xyy), add(xyy, xyy));
    out.y = sub_shifted<3, 11>(mul(slope, sub_shifted<0, 13>(four_xyy, out.x)), yyyy);
    const Elements yz = mul(in.y, in.z);
    out.z = add(yz, yz);
    return out;
}

/// a + b; infinity, for good, if they are equal or opposite or one of them is infinity.
Jacobian sum_of_different(const Jacobian& a, const Jacobian& b)
{
    const Elements azz = sqr(a.z);
    const Elements bzz = sqr(b.z);
    const Elements ax = mul(a.x, bzz);
    const Elements ay = mul(a.y, mul(bzz, b.z));
    const Elements width = sub_shifted<0, 2>(mul(b.x, azz), ax);
    const Elements height = sub_shifted<0, 2>(mul(b.y, mul(azz, a.z)), ay);
    const Elements width2 = sqr(width);
    const Elements width3 = mul(width, width2);
    const Elements v = mul(ax, width2);
    Jacobian out;
    out.x = sub_shifted<0, 4>(sqr(height), add(width3, add(v, v)));
    out.y = sub_shifted<0, 2>(mul(height, sub_shifted<0, 6>(v, out.x)), mul(ay, width3));
    out.z = mul(mul(a.z, b.z), width);
    return out;
}

/// [|z|]P by double and add, |z| having few ones. In G1 no step adds equal or opposite points,
/// and where one does elsewhere the result is infinity.
Jacobian times_z(const Jacobian& point)
{
    Jacobian out = point;
    for (int bit = 62; bit >= 0; --bit)
    {
        out = doubled(out);
        if (((Z >> bit) & 1) != 0)
            out = sum_of_different(out, point);
    }
    return out;
}

/// Bit i: is the affine point i, which is on the curve, in G1? By [z²]P = (β·x, −y).
/// M. Scott, "A Note on Group Membership Tests for G1, G2 and GT on BLS Pairing-Friendly Curves",
/// ePrint 2021/1130.
unsigned in_subgroup(const Elements& x, const Elements& y)
{
    const Elements one = constant(ONE);
    const Jacobian multiple = times_z(times_z({x, y, one}));
    const Elements zz = sqr(multiple.z);
    const Elements expected_x = mul(mul(constant(BETA), x), zz);
    const Elements expected_y = negate(mul(y, mul(zz, multiple.z)));
    const unsigned infinite = congruent(mul(multiple.z, one), Elements{});
    return congruent(mul(multiple.x, one), expected_x) &
           congruent(mul(multiple.y, one), expected_y) & ~infinite;
}

/// The x-coordinate as an integer. @return  false if it is not below p.
bool parse_x(const std::uint8_t* encoded, blst_fp& x)
{
    for (std::size_t limb = 0; limb < 6; ++limb)
    {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 8; ++i)
            value = value << 8 | encoded[8 * (5 - limb) + i];
        x.l[limb] = value;
    }
    x.l[5] &= ~0ULL >> 3;
    for (std::size_t limb = 6; limb-- > 0;)
    {
        if (x.l[limb] != P64[limb])
            return x.l[limb] < P64[limb];
    }
    return false;
}

bool is_larger_root(const blst_fp& y)
{
    for (std::size_t limb = 6; limb-- > 0;)
    {
        if (y.l[limb] != HALF_P[limb])
            return y.l[limb] > HALF_P[limb];
    }
    return false;
}

/// The curve's points over the given x-coordinates, and whether there are any, in G1 if asked.
unsigned solve(bool want_subgroup, const blst_fp (&x_integers)[POINTS], blst_fp (&xs)[POINTS],
    blst_fp (&ys)[POINTS], blst_fp (&y_integers)[POINTS])
{
    Elements x;
    for (std::size_t c = 0; c < VECTORS; ++c)
        x.vectors[c] = Ifma::mul(
            Ifma::split(x_integers + c * Ifma::WIDTH, Ifma::WIDTH), Ifma::broadcast(FROM_INTEGER));
    const Elements square = mul(add(mul(sqr(x), x), constant(FOUR)), constant(ONE));
    const Elements y = root_of(square);
    const unsigned on_curve = congruent(sqr(y), square);
    for (std::size_t c = 0; c < VECTORS; ++c)
    {
        const auto first = c * Ifma::WIDTH;
        Ifma::vector_from_lanes(x.vectors[c], xs + first, Ifma::WIDTH);
        Ifma::vector_from_lanes(y.vectors[c], ys + first, Ifma::WIDTH);
        Ifma::join(
            Ifma::mul(y.vectors[c], Ifma::broadcast(TO_INTEGER)), y_integers + first, Ifma::WIDTH);
    }
    return want_subgroup ? on_curve & in_subgroup(x, y) : on_curve;
}

void decompress_some(bool want_subgroup, const std::uint8_t* encoded, blst_p1_affine* out,
    bool* valid, std::size_t count)
{
    constexpr std::uint8_t COMPRESSED = 0x80;
    constexpr std::uint8_t INFINITE = 0x40;
    constexpr std::uint8_t LARGER_ROOT = 0x20;
    for (std::size_t first = 0; first < count; first += POINTS)
    {
        const std::size_t points = count - first < POINTS ? count - first : POINTS;
        blst_fp x_integers[POINTS] = {};
        bool canonical[POINTS] = {};
        for (std::size_t i = 0; i < points; ++i)
        {
            const auto* const bytes = encoded + ENCODED_BYTES * (first + i);
            canonical[i] = (bytes[0] & COMPRESSED) != 0 && (bytes[0] & INFINITE) == 0 &&
                           parse_x(bytes, x_integers[i]);
        }
        blst_fp xs[POINTS];
        blst_fp ys[POINTS];
        blst_fp y_integers[POINTS];
        const unsigned points_of_group = solve(want_subgroup, x_integers, xs, ys, y_integers);
        for (std::size_t i = 0; i < points; ++i)
        {
            const auto* const bytes = encoded + ENCODED_BYTES * (first + i);
            valid[first + i] = canonical[i] && (points_of_group >> i & 1) != 0;
            auto& point = out[first + i];
            if (!valid[first + i])
            {
                // Infinity, or a mistake that blst tells: rare enough for one at a time.
                valid[first + i] = blst_p1_uncompress(&point, bytes) == BLST_SUCCESS &&
                                   (!want_subgroup || blst_p1_affine_in_g1(&point));
                continue;
            }
            point.x = xs[i];
            const bool larger = (bytes[0] & LARGER_ROOT) != 0;
            blst_fp_cneg(&point.y, &ys[i], is_larger_root(y_integers[i]) != larger);
        }
    }
}

}  // namespace

void decompress_by_ifma(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
{
    decompress_some(true, encoded, out, valid, count);
}

void decompress_on_curve_by_ifma(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
{
    decompress_some(false, encoded, out, valid, count);
}

void in_subgroup_by_ifma(const blst_p1_affine* points, bool* inside, std::size_t count)
{
    for (std::size_t first = 0; first < count; first += POINTS)
    {
        const std::size_t lanes = count - first < POINTS ? count - first : POINTS;
        blst_fp xs[POINTS] = {};
        blst_fp ys[POINTS] = {};
        for (std::size_t i = 0; i < lanes; ++i)
        {
            xs[i] = points[first + i].x;
            ys[i] = points[first + i].y;
        }
        Elements x;
        Elements y;
        for (std::size_t c = 0; c < VECTORS; ++c)
        {
            x.vectors[c] = Ifma::vector_to_lanes(xs + c * Ifma::WIDTH, Ifma::WIDTH);
            y.vectors[c] = Ifma::vector_to_lanes(ys + c * Ifma::WIDTH, Ifma::WIDTH);
        }
        const unsigned members = in_subgroup(x, y);
        // Infinity has no affine coordinates to calculate with.
        for (std::size_t i = 0; i < lanes; ++i)
            inside[first + i] =
                (members >> i & 1) != 0 || blst_p1_affine_is_inf(&points[first + i]);
    }
}

}  // namespace ashlar

#endif
