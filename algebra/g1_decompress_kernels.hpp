#pragma once

/// Decompression of many G1 points side by side over any vector of field elements. Internal:
/// included by the file of each path, which gives the arithmetic.

#include "algebra/fp_lanes.hpp"

namespace ashlar
{

inline constexpr std::size_t ENCODED_G1_BYTES = 48;

/// (p + 1)/4: w to this power is a square root of w if there is one. Most significant limb first.
inline constexpr std::uint64_t ROOT_EXPONENT[6] = {0x0680447a8e5ff9a6, 0x92c6e9ed90d2eb35,
    0xd91dd2e13ce144af, 0xd9cc34a83dac3d89, 0x07aaffffac54ffff, 0xee7fbfffffffeaab};

/// |z|, the curve's parameter.
inline constexpr std::uint64_t CURVE_Z = 0xd201000000010000;

/// w^((p + 1)/4), four bits of the exponent at a time.
/// @tparam Elements  Has mul() and sqr() beside it.
template <typename Elements>
Elements root_of(const Elements& w, const Elements& one)
{
    Elements powers[16];
    powers[0] = one;
    for (std::size_t i = 1; i < 16; ++i)
        powers[i] = mul(powers[i - 1], w);
    Elements out = one;
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
template <typename Elements>
struct Jacobian
{
    Elements x, y, z;
};

/// Any point of the curve; infinity (Z = 0) stays.
template <typename Elements>
Jacobian<Elements> doubled(const Jacobian<Elements>& in)
{
    const Elements xx = sqr(in.x);
    const Elements yy = sqr(in.y);
    const Elements yyyy = sqr(yy);
    const Elements xyy = mul(in.x, yy);
    const Elements slope = add(add(xx, xx), xx);
    Jacobian<Elements> out;
    out.x = sub_shifted<3, 11>(sqr(slope), xyy);
    const Elements four_xyy = add(add(xyy, xyy), add(xyy, xyy));
    out.y = sub_shifted<3, 11>(mul(slope, sub_shifted<0, 13>(four_xyy, out.x)), yyyy);
    const Elements yz = mul(in.y, in.z);
    out.z = add(yz, yz);
    return out;
}

/// a + b; infinity, for good, if they are equal or opposite or one of them is infinity.
template <typename Elements>
Jacobian<Elements> sum_of_different(const Jacobian<Elements>& a, const Jacobian<Elements>& b)
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
    Jacobian<Elements> out;
    out.x = sub_shifted<0, 4>(sqr(height), add(width3, add(v, v)));
    out.y = sub_shifted<0, 2>(mul(height, sub_shifted<0, 6>(v, out.x)), mul(ay, width3));
    out.z = mul(mul(a.z, b.z), width);
    return out;
}

/// [|z|]P by double and add, |z| having few ones. In G1 no step adds equal or opposite points,
/// and where one does elsewhere the result is infinity.
template <typename Elements>
Jacobian<Elements> times_z(const Jacobian<Elements>& point)
{
    Jacobian<Elements> out = point;
    for (int bit = 62; bit >= 0; --bit)
    {
        out = doubled(out);
        if (((CURVE_Z >> bit) & 1) != 0)
            out = sum_of_different(out, point);
    }
    return out;
}

/// Bit i: is the affine point i, which is on the curve, in G1? By [z²]P = (β·x, −y).
/// M. Scott, "A Note on Group Membership Tests for G1, G2 and GT on BLS Pairing-Friendly Curves",
/// ePrint 2021/1130.
template <typename Elements>
unsigned in_subgroup(
    const Elements& x, const Elements& y, const Elements& one, const Elements& beta)
{
    const auto multiple = times_z(times_z(Jacobian<Elements>{x, y, one}));
    const Elements zz = sqr(multiple.z);
    const Elements expected_x = mul(mul(beta, x), zz);
    const Elements expected_y = negate(mul(y, mul(zz, multiple.z)));
    const unsigned infinite = congruent(mul(multiple.z, one), Elements{});
    return congruent(mul(multiple.x, one), expected_x) &
           congruent(mul(multiple.y, one), expected_y) & ~infinite;
}

/// Some points at a time. Lanes is a type of the path's file:
///
///     POINTS, Elements             how many, and an element of each
///     one(), four(), beta()        Elements; β is that of in_subgroup()
///     from_integers(in), from_blst(in)         Elements of blst_fp[POINTS]
///     to_integers(elements, out), to_blst(elements, out)      and back, below p
template <typename Lanes>
class LanePoints
{
public:
    /// Points anywhere on the curve, or only those of G1.
    template <bool G1_ONLY>
    static void decompress(
        const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
    {
        for (std::size_t first = 0; first < count; first += POINTS)
            decompress_some<G1_ONLY>(encoded + ENCODED_G1_BYTES * first, out + first, valid + first,
                count - first < POINTS ? count - first : POINTS);
    }

    static void check_subgroup(const blst_p1_affine* points, bool* inside, std::size_t count)
    {
        for (std::size_t first = 0; first < count; first += POINTS)
        {
            const std::size_t some = count - first < POINTS ? count - first : POINTS;
            blst_fp xs[POINTS] = {};
            blst_fp ys[POINTS] = {};
            for (std::size_t i = 0; i < some; ++i)
            {
                xs[i] = points[first + i].x;
                ys[i] = points[first + i].y;
            }
            const unsigned members = in_subgroup(
                Lanes::from_blst(xs), Lanes::from_blst(ys), Lanes::one(), Lanes::beta());
            // Infinity has no affine coordinates to calculate with.
            for (std::size_t i = 0; i < some; ++i)
                inside[first + i] =
                    (members >> i & 1) != 0 || blst_p1_affine_is_inf(&points[first + i]);
        }
    }

private:
    using Elements = typename Lanes::Elements;

    static constexpr std::size_t POINTS = Lanes::POINTS;
    static constexpr std::uint8_t COMPRESSED = 0x80;
    static constexpr std::uint8_t INFINITE = 0x40;
    static constexpr std::uint8_t LARGER_ROOT = 0x20;

    /// p − 1, and its half: a greater y is "the larger root". Least significant limb first.
    static constexpr std::uint64_t GREATEST[6] = {0xb9feffffffffaaaa, 0x1eabfffeb153ffff,
        0x6730d2a0f6b0f624, 0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a};
    static constexpr std::uint64_t HALF[6] = {0xdcff7fffffffd555, 0x0f55ffff58a9ffff,
        0xb39869507b587b12, 0xb23ba5c279c2895f, 0x258dd3db21a5d66b, 0x0d0088f51cbff34d};

    /// The points over some x-coordinates.
    struct Solution
    {
        blst_fp xs[POINTS];
        blst_fp ys[POINTS];
        blst_fp y_integers[POINTS];
        unsigned valid;  ///< Bit i: there is one.
    };

    /// @param x_integers  Below p.
    template <bool G1_ONLY>
    static Solution solve(const blst_fp (&x_integers)[POINTS])
    {
        const Elements one = Lanes::one();
        const Elements x = Lanes::from_integers(x_integers);
        const Elements square = mul(add(mul(sqr(x), x), Lanes::four()), one);
        const Elements y = root_of(square, one);
        Solution out;
        out.valid = congruent(sqr(y), square);
        if (G1_ONLY)
            out.valid &= in_subgroup(x, y, one, Lanes::beta());
        Lanes::to_blst(x, out.xs);
        Lanes::to_blst(y, out.ys);
        Lanes::to_integers(y, out.y_integers);
        return out;
    }

    template <bool G1_ONLY>
    static void decompress_some(
        const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
    {
        blst_fp x_integers[POINTS] = {};
        bool canonical[POINTS] = {};
        for (std::size_t i = 0; i < count; ++i)
        {
            const auto* const bytes = encoded + ENCODED_G1_BYTES * i;
            canonical[i] = (bytes[0] & COMPRESSED) != 0 && (bytes[0] & INFINITE) == 0 &&
                           parse_x(bytes, x_integers[i]);
        }
        const Solution solution = solve<G1_ONLY>(x_integers);
        for (std::size_t i = 0; i < count; ++i)
        {
            const auto* const bytes = encoded + ENCODED_G1_BYTES * i;
            valid[i] = canonical[i] && (solution.valid >> i & 1) != 0;
            if (!valid[i])
            {
                // Infinity, or a mistake that blst tells: rare enough for one at a time.
                valid[i] = blst_p1_uncompress(&out[i], bytes) == BLST_SUCCESS &&
                           (!G1_ONLY || blst_p1_affine_in_g1(&out[i]));
                continue;
            }
            out[i].x = solution.xs[i];
            const bool larger = (bytes[0] & LARGER_ROOT) != 0;
            blst_fp_cneg(
                &out[i].y, &solution.ys[i], exceeds(solution.y_integers[i], HALF) != larger);
        }
    }

    static bool exceeds(const blst_fp& value, const std::uint64_t (&bound)[6])
    {
        for (std::size_t limb = 6; limb-- > 0;)
        {
            if (value.l[limb] != bound[limb])
                return value.l[limb] > bound[limb];
        }
        return false;
    }

    /// The x-coordinate as an integer. @return  false if it is not below p.
    static bool parse_x(const std::uint8_t* encoded, blst_fp& x)
    {
        for (std::size_t limb = 0; limb < 6; ++limb)
        {
            std::uint64_t value = 0;
            for (std::size_t i = 0; i < 8; ++i)
                value = value << 8 | encoded[8 * (5 - limb) + i];
            x.l[limb] = value;
        }
        x.l[5] &= ~0ULL >> 3;
        return !exceeds(x, GREATEST);
    }
};

}  // namespace ashlar
