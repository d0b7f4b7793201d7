#pragma once

/// Eight elements of Fp at a time by AVX2 and FMA. Internal: for the files that are compiled for
/// AVX2, which run only after the CPU was asked; fp_lanes.hpp says what they may include.

#include "algebra/fp_product_avx2.hpp"

namespace ashlar
{
namespace
{

/// 2³⁸⁴ − p: one.
constexpr double ONE[DIGITS] = {218450, 20581483461642, 108399828664333, -8693991711466,
    14080996623494, 104501916078935, -2228804160799, -4444001812223};

/// p as blst has it: 64-bit limbs.
constexpr std::uint64_t P64[6] = {0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624,
    0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a};

struct Avx2
{
    static constexpr std::size_t WIDTH = 8;

    /// All bits of a lane, or none.
    struct Mask
    {
        __m256d half[2];
    };

    /// Stored elements are carried, and below 0.51·p in size.
    using Vector = DigitVector;

    static Vector broadcast(const double (&x)[DIGITS])
    {
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < DIGITS; ++i) out.digits[i] =
            ashlar::broadcast(x[i]);
        return out;
    }

    static Vector zero() { return Vector{}; }
    static Vector one() { return broadcast(ONE); }

    // Masks.
    static bool any(const Mask& m)
    {
        return _mm256_movemask_pd(_mm256_or_pd(m.half[0], m.half[1])) != 0;
    }
    static Mask either(const Mask& a, const Mask& b)
    {
        return {{_mm256_or_pd(a.half[0], b.half[0]), _mm256_or_pd(a.half[1], b.half[1])}};
    }
    static Mask both(const Mask& a, const Mask& b)
    {
        return {{_mm256_and_pd(a.half[0], b.half[0]), _mm256_and_pd(a.half[1], b.half[1])}};
    }
    static Mask and_not(const Mask& a, const Mask& b)
    {
        return {{_mm256_andnot_pd(b.half[0], a.half[0]), _mm256_andnot_pd(b.half[1], a.half[1])}};
    }
    static Mask neither(const Mask& a, const Mask& b)
    {
        const __m256d all = _mm256_castsi256_pd(_mm256_set1_epi64x(-1));
        return and_not({{all, all}}, either(a, b));
    }

    static Vector select(const Mask& m, const Vector& yes, const Vector& no)
    {
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < DIGITS; ++i)
        {
            const Digit& a = no.digits[i];
            const Digit& b = yes.digits[i];
            out.digits[i] = {{_mm256_blendv_pd(a.half[0], b.half[0], m.half[0]),
                _mm256_blendv_pd(a.half[1], b.half[1], m.half[1])}};
        }
        return out;
    }

    /// One pass of carries, all at once: digits up to 2⁵³ become carried.
    static Vector carried(const Vector& v)
    {
        Vector out;
        Digit carry = ashlar::broadcast(0);
        ASHLAR_UNROLL for (std::size_t i = 0; i + 1 < DIGITS; ++i)
        {
            const Digit multiple = rounded(v.digits[i]);
            out.digits[i] = plus(minus(v.digits[i], multiple), carry);
            carry = plus_carry(ashlar::broadcast(0), multiple);
        }
        out.digits[DIGITS - 1] = plus(v.digits[DIGITS - 1], carry);
        return out;
    }

    /// Takes away the multiple of p next to a value up to some hundred p, judging by its highest
    /// digit: the rest is up to 0.51·p in size.
    static Vector stored(Vector v)
    {
        v = carried(v);
        const Digit whole = ashlar::broadcast(0x1.8p52);  // Adding it rounds to an integer.
        const Digit times =
            minus(fma(v.digits[DIGITS - 1], ashlar::broadcast(1 / P[DIGITS - 1]), whole), whole);
        ASHLAR_UNROLL for (std::size_t i = 0; i < DIGITS; ++i) v.digits[i] =
            fnma(times, ashlar::broadcast(P[i]), v.digits[i]);
        return carried(v);
    }

    static Vector sub(const Vector& a, const Vector& b)
    {
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < DIGITS; ++i) out.digits[i] =
            minus(a.digits[i], b.digits[i]);
        return out;
    }

    /// a from d = sub(a, b).
    static Vector undo_sub(const Vector& d, const Vector& b)
    {
        Vector out;
        ASHLAR_UNROLL for (std::size_t i = 0; i < DIGITS; ++i) out.digits[i] =
            plus(d.digits[i], b.digits[i]);
        return out;
    }

    static Vector negate_if(Vector v, const Mask& mask)
    {
        const __m256d sign = _mm256_set1_pd(-0.0);
        const __m256d flips[2] = {
            _mm256_and_pd(mask.half[0], sign), _mm256_and_pd(mask.half[1], sign)};
        ASHLAR_UNROLL for (std::size_t i = 0; i < DIGITS; ++i)
            v.digits[i] = {{_mm256_xor_pd(v.digits[i].half[0], flips[0]),
            _mm256_xor_pd(v.digits[i].half[1], flips[1])}};
        return v;
    }
    static Vector negate(const Vector& v) { return sub(zero(), v); }

    static Mask is_zero(const Vector& v)
    {
        __m256d bits[2] = {v.digits[0].half[0], v.digits[0].half[1]};
        ASHLAR_UNROLL for (std::size_t i = 1; i < DIGITS; ++i)
        {
            bits[0] = _mm256_or_pd(bits[0], v.digits[i].half[0]);
            bits[1] = _mm256_or_pd(bits[1], v.digits[i].half[1]);
        }
        // Zeros have two signs. Digits of other values are far from subnormal, which an OR of
        // exponents could not turn into zero anyway.
        const __m256d zero = _mm256_setzero_pd();
        return {
            {_mm256_cmp_pd(bits[0], zero, _CMP_EQ_OQ), _mm256_cmp_pd(bits[1], zero, _CMP_EQ_OQ)}};
    }

    /// Of an x-coordinate: is the point infinity?
    static Mask is_infinite(const Vector& x) { return is_zero(x); }

    /// Products are below p in size, and carried digits of zero are zeros.
    static Mask congruent(const Vector& a, const Vector& b)
    {
        return is_zero(mul(one(), sub(a, b)));
    }

    static Vector mul(const Vector& a, const Vector& b)
    {
        return carried(montgomery_product(a, b));
    }
    static Vector sqr(const Vector& a) { return carried(montgomery_square(a)); }

    /// a·b − c, stored.
    static Vector mul_sub(const Vector& a, const Vector& b, const Vector& c)
    {
        return stored(sub(montgomery_product(a, b), c));
    }

    /// a² − b − c, stored. Not by montgomery_square(): both would not fit the cache of decoded
    /// instructions beside the rest of an addition.
    static Vector sqr_sub(const Vector& a, const Vector& b, const Vector& c)
    {
        return stored(sub(sub(montgomery_product(a, a), b), c));
    }

    /// Four rows of four to columns.
    static void transpose(__m256d (&r)[4])
    {
        const __m256d low01 = _mm256_unpacklo_pd(r[0], r[1]);
        const __m256d high01 = _mm256_unpackhi_pd(r[0], r[1]);
        const __m256d low23 = _mm256_unpacklo_pd(r[2], r[3]);
        const __m256d high23 = _mm256_unpackhi_pd(r[2], r[3]);
        r[0] = _mm256_permute2f128_pd(low01, low23, 0x20);
        r[1] = _mm256_permute2f128_pd(high01, high23, 0x20);
        r[2] = _mm256_permute2f128_pd(low01, low23, 0x31);
        r[3] = _mm256_permute2f128_pd(high01, high23, 0x31);
    }

    static const double* digits_of(const LaneFp& element)
    {
        return reinterpret_cast<const double*>(element.limbs);
    }

    /// Elements that lie where at(lane) says.
    template <typename At>
    [[gnu::always_inline]] static inline Vector gather(const At& at)
    {
        Vector out;
        ASHLAR_UNROLL for (std::size_t h = 0; h < 2; ++h)
        {
            ASHLAR_UNROLL for (std::size_t d = 0; d < DIGITS; d += 4)
            {
                __m256d rows[4];
                ASHLAR_UNROLL for (std::size_t i = 0; i < 4; ++i) rows[i] =
                    _mm256_load_pd(digits_of(at(4 * h + i)) + d);
                transpose(rows);
                ASHLAR_UNROLL for (std::size_t i = 0; i < 4; ++i) out.digits[d + i].half[h] =
                    rows[i];
            }
        }
        return out;
    }

    /// The first `lanes` elements to where at(lane) says.
    template <typename At>
    [[gnu::always_inline]] static inline void scatter(
        const Vector& v, const At& at, std::size_t lanes)
    {
        ASHLAR_UNROLL for (std::size_t h = 0; h < 2; ++h)
        {
            ASHLAR_UNROLL for (std::size_t d = 0; d < DIGITS; d += 4)
            {
                __m256d rows[4];
                ASHLAR_UNROLL for (std::size_t i = 0; i < 4; ++i) rows[i] = v.digits[d + i].half[h];
                transpose(rows);
                ASHLAR_UNROLL for (std::size_t i = 0; i < 4; ++i)
                {
                    if (4 * h + i < lanes)
                        _mm256_store_pd(
                            reinterpret_cast<double*>(at(4 * h + i).limbs) + d, rows[i]);
                }
            }
        }
    }

    /// Coordinates of the points of every second reference, y with its sign.
    static void load_points(const PointRef* refs, Vector& x, Vector& y)
    {
        const LanePoint* points[WIDTH];
        double negative[WIDTH];
        ASHLAR_UNROLL for (std::size_t lane = 0; lane < WIDTH; ++lane)
        {
            const PointRef ref = refs[2 * lane];
            points[lane] = reinterpret_cast<const LanePoint*>(ref & ~NEGATED);
            negative[lane] = (ref & NEGATED) != 0 ? 1 : 0;
        }
        x = gather([&](std::size_t lane) -> const LaneFp& { return points[lane]->x; });
        y = gather([&](std::size_t lane) -> const LaneFp& { return points[lane]->y; });
        const __m256d zero = _mm256_setzero_pd();
        y = negate_if(y, {{_mm256_cmp_pd(_mm256_loadu_pd(negative), zero, _CMP_NEQ_OQ),
                             _mm256_cmp_pd(_mm256_loadu_pd(negative + 4), zero, _CMP_NEQ_OQ)}});
    }

    static void store_points(const Vector& x, const Vector& y, LanePoint* out, std::size_t lanes)
    {
        scatter(
            x, [out](std::size_t lane) -> LaneFp& { return out[lane].x; }, lanes);
        scatter(
            y, [out](std::size_t lane) -> LaneFp& { return out[lane].y; }, lanes);
    }

    /// Up to eight elements; lanes past the count repeat the last.
    static Vector load_elements(const LaneFp* first, std::size_t count)
    {
        return gather([=](std::size_t lane) -> const LaneFp& {
            return first[lane < count ? lane : count - 1];
        });
    }

    static void store_elements(const Vector& v, LaneFp* first, std::size_t count)
    {
        scatter(
            v, [first](std::size_t lane) -> LaneFp& { return first[lane]; }, count);
    }

    /// Replaces every lane by its inverse, with one inversion of the product of all.
    /// @return  false if a lane is zero.
    static bool invert(Vector& v)
    {
        LaneFp lanes[WIDTH];
        store_elements(v, lanes, WIDTH);
        blst_fp values[WIDTH];
        blst_fp prefixes[WIDTH];
        for (std::size_t i = 0; i < WIDTH; ++i)
        {
            values[i] = from_digits(lanes[i]);
            if (i == 0)
                prefixes[i] = values[i];
            else
                blst_fp_mul(&prefixes[i], &prefixes[i - 1], &values[i]);
        }
        blst_fp inverse = prefixes[WIDTH - 1];
        limb_t bits = 0;
        for (const auto limb : inverse.l)
            bits |= limb;
        if (bits == 0)
            return false;
        blst_fp_eucl_inverse(&inverse, &inverse);
        for (std::size_t i = WIDTH; i-- > 1;)
        {
            blst_fp out;
            blst_fp_mul(&out, &inverse, &prefixes[i - 1]);
            blst_fp_mul(&inverse, &inverse, &values[i]);
            lanes[i] = to_digits(out);
        }
        lanes[0] = to_digits(inverse);
        v = stored(load_elements(lanes, WIDTH));
        return true;
    }

    /// The same integer: digits 0 … 2⁴⁸ − 1, then of either sign.
    static LaneFp to_digits(const blst_fp& in)
    {
        LaneFp out;
        std::int64_t carry = 0;
        for (std::size_t i = 0; i < DIGITS; ++i)
        {
            const std::size_t bit = DIGIT_BITS * i;
            std::uint64_t piece = in.l[bit / 64] >> (bit % 64);
            if (bit % 64 > 64 - DIGIT_BITS)
                piece |= in.l[bit / 64 + 1] << (64 - bit % 64);
            piece &= (std::uint64_t{1} << DIGIT_BITS) - 1;
            std::int64_t digit = static_cast<std::int64_t>(piece) + carry;
            carry = digit >> (DIGIT_BITS - 1);  // The highest digit is below 2⁴⁵.
            digit -= carry << DIGIT_BITS;
            const auto number = static_cast<double>(digit);
            __builtin_memcpy(&out.limbs[i], &number, sizeof(number));
        }
        return out;
    }

    /// And back, reduced. @pre the value is carried and from −2p to 2p
    static blst_fp from_digits(const LaneFp& in)
    {
        // As unsigned digits of the value plus 2p, joined to 64-bit limbs as they come.
        blst_fp out = {};
        std::int64_t carry = 0;
        for (std::size_t i = 0; i < DIGITS; ++i)
        {
            double number;
            __builtin_memcpy(&number, &in.limbs[i], sizeof(number));
            const std::int64_t sum = static_cast<std::int64_t>(number + 2 * P[i]) + carry;
            carry = sum >> DIGIT_BITS;
            const auto piece =
                static_cast<std::uint64_t>(sum) & ((std::uint64_t{1} << DIGIT_BITS) - 1);
            const std::size_t bit = DIGIT_BITS * i;
            out.l[bit / 64] |= piece << (bit % 64);
            if (bit % 64 > 64 - DIGIT_BITS)
                out.l[bit / 64 + 1] |= piece >> (64 - bit % 64);
        }
        for (int times = 0; times < 3; ++times)
            subtract_p_if_not_below(out);
        return out;
    }

    static void subtract_p_if_not_below(blst_fp& value)
    {
        std::uint64_t difference[6];
        std::uint64_t borrow = 0;
        for (std::size_t i = 0; i < 6; ++i)
        {
            const std::uint64_t partial = value.l[i] - P64[i];
            difference[i] = partial - borrow;
            borrow = static_cast<std::uint64_t>(value.l[i] < P64[i]) |
                     static_cast<std::uint64_t>(partial < borrow);
        }
        for (std::size_t i = 0; i < 6; ++i)
            value.l[i] = borrow != 0 ? value.l[i] : difference[i];
    }
};

}  // namespace

// Of g1_decompress_avx2.cpp; see LaneKernels.
void decompress_by_avx2(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count);
void decompress_on_curve_by_avx2(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count);
void in_subgroup_by_avx2(const blst_p1_affine* points, bool* inside, std::size_t count);

}  // namespace ashlar
