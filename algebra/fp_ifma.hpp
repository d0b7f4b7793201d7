#pragma once

/// Eight elements of Fp at a time by AVX-512 IFMA. Internal: for the files that are compiled for
/// AVX-512, which run only after the CPU was asked; fp_lanes.hpp says what they may include.

#include <immintrin.h>

#include "algebra/fp_lanes.hpp"

namespace ashlar
{
namespace
{

// Montgomery form with R = 2⁴¹⁶, radix 2⁵²: IFMA multiplies 52-bit limbs and adds the low or the
// high half of the product to a 64-bit lane, so carries wait until the end of a multiplication.
// 416 bits leave 35 above p, so sums and differences need no reduction before they are multiplied.

constexpr std::size_t LIMBS = 8;
constexpr int LIMB_BITS = 52;
constexpr std::uint64_t LIMB_MASK = (1ULL << LIMB_BITS) - 1;

alignas(64) constexpr std::uint64_t P[LIMBS] = {0xeffffffffaaab, 0xfeb153ffffb9f, 0x6b0f6241eabff,
    0x12bf6730d2a0f, 0x764774b84f385, 0x1ba7b6434bacd, 0x1ea397fe69a4b, 0x1a011};

/// k = −1/p mod 2⁵².
constexpr std::uint64_t K = 0x3fffcfffcfffd;

/// (k·p + 1)/2⁵²: a quarter of p.
alignas(64) constexpr std::uint64_t KP_HIGH[LIMBS] = {0x04be07d2027cb, 0xd7786e39002d4,
    0xf51047083c4dd, 0x96079a7670223, 0x04ca513044b79, 0x6615d3780ea11, 0xf9a5623d6a279, 0x6803};

/// 2⁴¹⁶ mod p.
alignas(64) constexpr std::uint64_t ONE[LIMBS] = {0x6480ea8e9b9af, 0x65766c8fe444f, 0x8b540fea96f7d,
    0x3b2ee82efd422, 0xa6723e5f0ade5, 0xff6eb6fdd4230, 0xe06ef23c24a25, 0x14c8e};

/// 2⁴⁴⁸ mod p: multiplying by it turns blst's a·2³⁸⁴ into a·2⁴¹⁶.
alignas(64) constexpr std::uint64_t FROM_BLST[LIMBS] = {0x7fde37dba9366, 0x4e27525bc342b,
    0x1f5b1e9778489, 0xb872b2b91b9dc, 0xb206f497dfcaf, 0x4137cc89a9b0b, 0xd9d20d7e39959, 0x411c};

/// 2³⁸⁴ mod p: and back.
alignas(64) constexpr std::uint64_t TO_BLST[LIMBS] = {0x900000002fffd, 0x0bc40c0002760,
    0x3c758baebf400, 0x57455f4898575, 0xd77ce58537052, 0x071a97a256ec6, 0xec3fa80e4935c, 0x15f65};

/// p as blst has it: 64-bit limbs.
constexpr std::uint64_t P64[6] = {0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624,
    0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a};

/// 0, p, 2p, 3p limb by limb (limbs not carried), for a lookup by permutation.
struct Multiples
{
    alignas(64) std::uint64_t rows[LIMBS][8];
};
constexpr Multiples make_multiples()
{
    Multiples out{};
    for (std::size_t i = 0; i < LIMBS; ++i)
        for (std::size_t k = 0; k < 8; ++k)
            out.rows[i][k] = k * P[i];
    return out;
}
constexpr Multiples MULTIPLES_OF_P = make_multiples();

// The loops below are over registers and must unroll.
#define ASHLAR_UNROLL _Pragma("GCC unroll 16")

struct Ifma
{
    static constexpr std::size_t WIDTH = 8;
    using Mask = __mmask8;

    /// Eight elements, limb by limb. "Carried" if all limbs are below 2⁵²; multiplications take
    /// carried operands below 2¹⁷·p, the rest any. Stored elements are carried and below 1.26·p.
    struct Vector
    {
        __m512i limbs[LIMBS];
    };

    static __m512i broadcast(std::uint64_t x)
    {
        return _mm512_set1_epi64(static_cast<long long>(x));
    }

    static Vector broadcast(const std::uint64_t (&x)[LIMBS])
    {
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] = broadcast(x[i]);
        return out;
    }

    static Vector zero() { return Vector{}; }
    static Vector one() { return broadcast(ONE); }

    // Masks.
    static bool any(Mask m) { return m != 0; }
    static Mask either(Mask a, Mask b) { return static_cast<Mask>(a | b); }
    static Mask both(Mask a, Mask b) { return static_cast<Mask>(a & b); }
    static Mask and_not(Mask a, Mask b) { return static_cast<Mask>(a & ~b); }
    static Mask neither(Mask a, Mask b) { return static_cast<Mask>(~(a | b)); }

    static Vector select(Mask m, const Vector& yes, const Vector& no)
    {
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
            _mm512_mask_mov_epi64(no.limbs[i], m, yes.limbs[i]);
        return out;
    }

    /// Signed carries upwards: the value stays, limbs come into 0 … 2⁵² − 1 if it is positive.
    static Vector carried(Vector v)
    {
        const __m512i mask = broadcast(LIMB_MASK);
        ASHLAR_UNROLL for (std::size_t i = 0; i + 1 < LIMBS; ++i)
        {
            v.limbs[i + 1] =
                _mm512_add_epi64(v.limbs[i + 1], _mm512_srai_epi64(v.limbs[i], LIMB_BITS));
            v.limbs[i] = _mm512_and_si512(v.limbs[i], mask);
        }
        return v;
    }

    static Vector minus(const Vector& a, const Vector& b)
    {
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
            _mm512_sub_epi64(a.limbs[i], b.limbs[i]);
        return out;
    }

    /// Adds p as often as brings a value of −3p … 1.26·p above zero, judging by the top limb. Not
    /// yet carried limbs make that wrong by under 2⁷ of p's 2¹⁶·⁷, and MARGIN allows for it: a
    /// value just above zero may get a p more (zero does), one below never goes without.
    static Vector stored(Vector v)
    {
        constexpr std::uint64_t MARGIN = 128;
        constexpr std::uint64_t TOP = P[LIMBS - 1];
        const __m512i top = v.limbs[LIMBS - 1];
        const auto below = [top](std::uint64_t limit) {
            return _mm512_cmplt_epi64_mask(top, broadcast(limit));
        };
        __m512i times = _mm512_maskz_mov_epi64(below(MARGIN), broadcast(1));
        times = _mm512_mask_mov_epi64(times, below(MARGIN - TOP), broadcast(2));
        times = _mm512_mask_mov_epi64(times, below(MARGIN - 2 * TOP), broadcast(3));
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) v.limbs[i] = _mm512_add_epi64(
            v.limbs[i], _mm512_permutexvar_epi64(times, _mm512_load_si512(MULTIPLES_OF_P.rows[i])));
        return carried(v);
    }

    /// a − b + 2p, carried. @pre b ≤ 2p
    static Vector sub(const Vector& a, const Vector& b)
    {
        Vector out = minus(a, b);
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
            _mm512_add_epi64(out.limbs[i], broadcast(2 * P[i]));
        return carried(out);
    }

    /// a from d = sub(a, b), not carried.
    static Vector undo_sub(const Vector& d, const Vector& b)
    {
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
            _mm512_sub_epi64(_mm512_add_epi64(d.limbs[i], b.limbs[i]), broadcast(2 * P[i]));
        return out;
    }

    /// p − v of a stored v where the mask says so: −0.26·p … 1.26·p, not carried.
    static Vector negate_if(Vector v, Mask mask)
    {
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) v.limbs[i] =
            _mm512_mask_sub_epi64(v.limbs[i], mask, broadcast(P[i]), v.limbs[i]);
        return v;
    }
    static Vector negate(const Vector& v) { return negate_if(v, 0xff); }

    static Mask equal_limbs(const Vector& v, const std::uint64_t (&x)[LIMBS])
    {
        __m512i difference = _mm512_setzero_si512();
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) difference =
            _mm512_or_si512(difference, _mm512_xor_si512(v.limbs[i], broadcast(x[i])));
        return _mm512_testn_epi64_mask(difference, difference);
    }

    /// Of an x-coordinate: is the point infinity?
    static Mask is_infinite(const Vector& x)
    {
        __m512i bits = x.limbs[0];
        ASHLAR_UNROLL for (std::size_t i = 1; i < LIMBS; ++i) bits =
            _mm512_or_si512(bits, x.limbs[i]);
        return _mm512_testn_epi64_mask(bits, bits);
    }

    static Mask congruent(const Vector& a, const Vector& b)
    {
        // Both are in −0.26·p … 1.26·p, so a difference that is a multiple of p comes out as p.
        return equal_limbs(stored(minus(a, b)), P);
    }

    /// The product's limbs, low half first, not carried: at most 16 · 2⁵² each.
    struct Wide
    {
        __m512i limbs[2 * LIMBS];
    };

    static void multiply_add(__m512i& low, __m512i& high, __m512i a, __m512i b)
    {
        low = _mm512_madd52lo_epu64(low, a, b);
        high = _mm512_madd52hi_epu64(high, a, b);
    }

    /// t/2⁴¹⁶ mod p, not carried: below 1.26·p for products of operands below 2⁹·p.
    ///
    /// Each round makes the lowest limb zero. All but the last add t₀·k·p, whose lowest limb is
    /// −t₀ without a multiplication: the next round need not wait for one. These alone would end
    /// below k·p/2⁵² + …, with one limb too many; the last adds (t₀·k mod 2⁵²)·p as usual.
    static Vector reduced(Wide t)
    {
        ASHLAR_UNROLL for (std::size_t i = 0; i + 1 < LIMBS; ++i)
        {
            const __m512i low = t.limbs[i];  // Multiplications look at its lowest 52 bits only.
            t.limbs[i + 1] = _mm512_add_epi64(t.limbs[i + 1], _mm512_srli_epi64(low, LIMB_BITS));
            ASHLAR_UNROLL for (std::size_t j = 0; j < LIMBS; ++j)
                multiply_add(t.limbs[i + 1 + j], t.limbs[i + 2 + j], low, broadcast(KP_HIGH[j]));
        }
        const __m512i low = t.limbs[LIMBS - 1];
        const __m512i q = _mm512_madd52lo_epu64(_mm512_setzero_si512(), low, broadcast(K));
        ASHLAR_UNROLL for (std::size_t j = 0; j < LIMBS; ++j)
            multiply_add(t.limbs[LIMBS - 1 + j], t.limbs[LIMBS + j], q, broadcast(P[j]));
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] = t.limbs[LIMBS + i];
        out.limbs[0] =
            _mm512_add_epi64(out.limbs[0], _mm512_srli_epi64(t.limbs[LIMBS - 1], LIMB_BITS));
        return out;
    }

    /// Column by column: row by row, clang 16 spills most of the sixteen sums.
    static Wide wide_product(const Vector& a, const Vector& b)
    {
        Wide t{};
        ASHLAR_UNROLL for (std::size_t k = 0; k < 2 * LIMBS - 1; ++k)
        {
            ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i)
            {
                if (i <= k && k - i < LIMBS)
                    multiply_add(t.limbs[k], t.limbs[k + 1], a.limbs[i], b.limbs[k - i]);
            }
        }
        return t;
    }

    static Wide wide_square(const Vector& a)
    {
        Wide t{};
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i)
            ASHLAR_UNROLL for (std::size_t j = i + 1; j < LIMBS; ++j)
                multiply_add(t.limbs[i + j], t.limbs[i + j + 1], a.limbs[i], a.limbs[j]);
        ASHLAR_UNROLL for (std::size_t i = 1; i < 2 * LIMBS; ++i) t.limbs[i] =
            _mm512_add_epi64(t.limbs[i], t.limbs[i]);
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i)
            multiply_add(t.limbs[2 * i], t.limbs[2 * i + 1], a.limbs[i], a.limbs[i]);
        return t;
    }

    static Vector mul(const Vector& a, const Vector& b)
    {
        return carried(reduced(wide_product(a, b)));
    }

    static Vector sqr(const Vector& a) { return carried(reduced(wide_square(a))); }

    /// a − 2^SHIFT·b + TIMES·p, carried. @pre 2^SHIFT·b ≤ TIMES·p
    template <unsigned SHIFT, std::uint64_t TIMES>
    static Vector sub_shifted(const Vector& a, const Vector& b)
    {
        static_assert(TIMES <= 16);
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
            _mm512_add_epi64(_mm512_sub_epi64(a.limbs[i], _mm512_slli_epi64(b.limbs[i], SHIFT)),
                broadcast(TIMES * P[i]));
        return carried(out);
    }

    static Vector add(const Vector& a, const Vector& b)
    {
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
            _mm512_add_epi64(a.limbs[i], b.limbs[i]);
        return carried(out);
    }

    /// a·b − c, stored. @pre c ≤ 2p
    static Vector mul_sub(const Vector& a, const Vector& b, const Vector& c)
    {
        return stored(minus(reduced(wide_product(a, b)), c));
    }

    /// a² − b − c, stored. @pre b + c ≤ 3p
    static Vector sqr_sub(const Vector& a, const Vector& b, const Vector& c)
    {
        return stored(minus(minus(reduced(wide_square(a)), b), c));
    }

    /// Rows of eight 64-bit words to columns.
    static void transpose(__m512i (&r)[8])
    {
        __m512i pairs[8];
        ASHLAR_UNROLL for (std::size_t i = 0; i < 8; i += 2)
        {
            pairs[i] = _mm512_unpacklo_epi64(r[i], r[i + 1]);
            pairs[i + 1] = _mm512_unpackhi_epi64(r[i], r[i + 1]);
        }
        __m512i quads[8];
        ASHLAR_UNROLL for (std::size_t i = 0; i < 2; ++i)
        {
            ASHLAR_UNROLL for (std::size_t h = 0; h < 8; h += 4)
            {
                quads[h + i] = _mm512_shuffle_i64x2(pairs[h + i], pairs[h + i + 2], 0x88);
                quads[h + i + 2] = _mm512_shuffle_i64x2(pairs[h + i], pairs[h + i + 2], 0xdd);
            }
        }
        ASHLAR_UNROLL for (std::size_t i = 0; i < 4; ++i)
        {
            r[i] = _mm512_shuffle_i64x2(quads[i], quads[i + 4], 0x88);
            r[i + 4] = _mm512_shuffle_i64x2(quads[i], quads[i + 4], 0xdd);
        }
    }

    /// Coordinates of the points of every second reference, y with its sign.
    static void load_points(const PointRef* refs, Vector& x, Vector& y)
    {
        Mask negative = 0;
        ASHLAR_UNROLL for (std::size_t lane = 0; lane < WIDTH; ++lane)
        {
            const PointRef ref = refs[2 * lane];
            const auto* const point = reinterpret_cast<const LanePoint*>(ref & ~NEGATED);
            negative = static_cast<Mask>(negative | ((ref & NEGATED) << lane));
            x.limbs[lane] = _mm512_load_si512(point->x.limbs);
            y.limbs[lane] = _mm512_load_si512(point->y.limbs);
        }
        transpose(x.limbs);
        transpose(y.limbs);
        y = negate_if(y, negative);
    }

    static void store_points(Vector x, Vector y, LanePoint* out, std::size_t lanes)
    {
        transpose(x.limbs);
        transpose(y.limbs);
        if (lanes == WIDTH)
        {
            ASHLAR_UNROLL for (std::size_t i = 0; i < WIDTH; ++i)
            {
                _mm512_store_si512(out[i].x.limbs, x.limbs[i]);
                _mm512_store_si512(out[i].y.limbs, y.limbs[i]);
            }
            return;
        }
        for (std::size_t i = 0; i < lanes; ++i)
        {
            _mm512_store_si512(out[i].x.limbs, x.limbs[i]);
            _mm512_store_si512(out[i].y.limbs, y.limbs[i]);
        }
    }

    static Vector load_elements(const LaneFp* first, std::size_t lanes)
    {
        Vector out = zero();
        for (std::size_t i = 0; i < lanes; ++i)
            out.limbs[i] = _mm512_load_si512(first[i].limbs);
        transpose(out.limbs);
        return out;
    }

    static void store_elements(Vector v, LaneFp* first, std::size_t lanes)
    {
        transpose(v.limbs);
        for (std::size_t i = 0; i < lanes; ++i)
            _mm512_store_si512(first[i].limbs, v.limbs[i]);
    }

    /// Lanes moved by a distance of 4, 2 or 1, in pairs that trade places.
    template <int DISTANCE>
    static Vector swapped(const Vector& v)
    {
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i)
        {
            if constexpr (DISTANCE == 4)
                out.limbs[i] = _mm512_shuffle_i64x2(v.limbs[i], v.limbs[i], 0x4e);
            else
                out.limbs[i] = _mm512_permutex_epi64(v.limbs[i], DISTANCE == 2 ? 0x4e : 0xb1);
        }
        return out;
    }

    /// Replaces every lane by its inverse, with one inversion of the product of all.
    /// @return  false if a lane is zero.
    static bool invert(Vector& v)
    {
        const Vector by_two = mul(v, swapped<4>(v));
        const Vector by_four = mul(by_two, swapped<2>(by_two));
        const Vector by_eight = mul(by_four, swapped<1>(by_four));
        blst_fp product;
        vector_from_lanes(by_eight, &product, 1);
        std::uint64_t bits = 0;
        for (const auto limb : product.l)
            bits |= limb;
        if (bits == 0)
            return false;
        blst_fp_eucl_inverse(&product, &product);
        const blst_fp repeated[WIDTH] = {
            product, product, product, product, product, product, product, product};
        const Vector inverse = vector_to_lanes(repeated, WIDTH);
        const Vector of_four = mul(inverse, swapped<1>(by_four));
        const Vector of_two = mul(of_four, swapped<2>(by_two));
        v = mul(of_two, swapped<4>(v));
        return true;
    }

    /// Up to eight elements from blst's form; lanes past the count are zero.
    static Vector vector_to_lanes(const blst_fp* in, std::size_t count)
    {
        return mul(split(in, count), broadcast(FROM_BLST));
    }

    static void vector_from_lanes(const Vector& v, blst_fp* out, std::size_t count)
    {
        join(mul(v, broadcast(TO_BLST)), out, count);
    }

    /// Six 64-bit limbs a lane to eight of 52 bits: the same integers.
    static Vector split(const blst_fp* in, std::size_t count)
    {
        Vector rows = zero();
        for (std::size_t lane = 0; lane < count; ++lane)
        {
            const auto& l = in[lane].l;
            const LaneFp row = {{l[0], (l[0] >> 52) | (l[1] << 12), (l[1] >> 40) | (l[2] << 24),
                (l[2] >> 28) | (l[3] << 36), (l[3] >> 16) | (l[4] << 48), l[4] >> 4,
                (l[4] >> 56) | (l[5] << 8), l[5] >> 44}};
            rows.limbs[lane] = _mm512_and_si512(_mm512_load_si512(row.limbs), broadcast(LIMB_MASK));
        }
        transpose(rows.limbs);
        return rows;
    }

    /// And back, reduced. @pre v is carried and below 2p
    static void join(Vector rows, blst_fp* out, std::size_t count)
    {
        transpose(rows.limbs);
        for (std::size_t lane = 0; lane < count; ++lane)
        {
            LaneFp row;
            _mm512_store_si512(row.limbs, rows.limbs[lane]);
            const auto& l = row.limbs;
            const std::uint64_t joined[6] = {l[0] | (l[1] << 52), (l[1] >> 12) | (l[2] << 40),
                (l[2] >> 24) | (l[3] << 28), (l[3] >> 36) | (l[4] << 16),
                (l[4] >> 48) | (l[5] << 4) | (l[6] << 56), (l[6] >> 8) | (l[7] << 44)};
            subtract_p_once(joined, out[lane].l);
        }
    }

    /// From below 2p to below p.
    static void subtract_p_once(const std::uint64_t (&in)[6], limb_t (&out)[6])
    {
        std::uint64_t difference[6];
        std::uint64_t borrow = 0;
        for (std::size_t i = 0; i < 6; ++i)
        {
            const std::uint64_t partial = in[i] - P64[i];
            difference[i] = partial - borrow;
            borrow = static_cast<std::uint64_t>(in[i] < P64[i]) |
                     static_cast<std::uint64_t>(partial < borrow);
        }
        for (std::size_t i = 0; i < 6; ++i)
            out[i] = borrow != 0 ? in[i] : difference[i];
    }
};

}  // namespace

// LaneKernels::decompress, decompress_on_curve and in_subgroup of this path.

void decompress_by_ifma(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count);

void decompress_on_curve_by_ifma(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count);

void in_subgroup_by_ifma(const blst_p1_affine* points, bool* inside, std::size_t count);

}  // namespace ashlar

#undef ASHLAR_UNROLL
