// Rows of Fr by AVX-512 IFMA.

#include "algebra/fr_lanes.hpp"

#if defined(__AVX512IFMA__)

#include <immintrin.h>

#include <utility>

#include "algebra/fr_limbs.hpp"

namespace ashlar
{
namespace
{

// IFMA multiplies 52-bit limbs, whatever lies above them, and adds the low or the high half of the
// product to a 64-bit lane: a column sums all its halves before it is carried.

// The loops below are over registers and must unroll.
#define ASHLAR_UNROLL _Pragma("GCC unroll 16")
#define ASHLAR_INLINE [[gnu::always_inline]] inline

/// Eight elements, a block: 0, 2, 4, 6, 1, 3, 5, 7.
struct Vector
{
    __m512i limbs[LIMBS];
};

constexpr std::size_t BLOCK_WORDS = LIMBS * FR_BLOCK_ELEMENTS;
constexpr std::size_t BLOCK_BYTES = FR_BLOCK_ELEMENTS * 32;

__m512i broadcast64(std::uint64_t x)
{
    return _mm512_set1_epi64(static_cast<long long>(x));
}

ASHLAR_INLINE Vector get(const std::uint64_t* words)
{
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm512_load_si512(words + i * FR_BLOCK_ELEMENTS);
    return out;
}

ASHLAR_INLINE void put(const Vector& v, std::uint64_t* words)
{
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i)
        _mm512_store_si512(words + i * FR_BLOCK_ELEMENTS, v.limbs[i]);
}

Vector broadcast(const Limbs& limbs)
{
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] = broadcast64(limbs.at[i]);
    return out;
}

/// TwiddleLimbs, each limb in all lanes.
struct Twiddle
{
    Vector value;
    Vector quotient;

    explicit Twiddle(const blst_fr& w)
    {
        const TwiddleLimbs limbs{w};
        value = broadcast(limbs.value);
        quotient = broadcast(limbs.quotient);
    }
};

/// Carries to the end. The top limb takes what is left.
ASHLAR_INLINE Vector carried(const Vector& v)
{
    const __m512i mask = broadcast64(LIMB_MASK);
    Vector out;
    __m512i limb = v.limbs[0];
    ASHLAR_UNROLL for (std::size_t i = 0; i + 1 < LIMBS; ++i)
    {
        out.limbs[i] = _mm512_and_si512(limb, mask);
        limb = _mm512_add_epi64(v.limbs[i + 1], _mm512_srli_epi64(limb, LIMB_BITS));
    }
    out.limbs[LIMBS - 1] = limb;
    return out;
}

ASHLAR_INLINE Vector plus(const Vector& a, const Vector& b)
{
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm512_add_epi64(a.limbs[i], b.limbs[i]);
    return carried(out);
}

/// a − b + multiple. @pre b is below the multiple
ASHLAR_INLINE Vector minus(const Vector& a, const Vector& b, const Limbs& multiple)
{
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm512_add_epi64(a.limbs[i], _mm512_sub_epi64(broadcast64(multiple.at[i]), b.limbs[i]));
    return carried(out);
}

/// Adds the halves of aᵢ·bⱼ, i + j = column, to a column and to the next one.
ASHLAR_INLINE void add_products(
    const Vector& a, const Vector& b, std::size_t column, __m512i& sum, __m512i& next)
{
    const std::size_t first = column < LIMBS ? 0 : column - LIMBS + 1;
    const std::size_t last = column < LIMBS ? column : LIMBS - 1;
    ASHLAR_UNROLL for (std::size_t i = first; i <= last; ++i)
    {
        sum = _mm512_madd52lo_epu64(sum, a.limbs[i], b.limbs[column - i]);
        next = _mm512_madd52hi_epu64(next, a.limbs[i], b.limbs[column - i]);
    }
}

/// ⌊a·⌊w·2²⁶⁰/r⌋/2²⁶⁰⌋, which is ⌊a·w/r⌋ or one less, with carries left above its limbs. Low halves
/// of column 3 and all below are less than 2⁻⁴⁸ of it and left out.
ASHLAR_INLINE Vector quotient_of(const Vector& a, const Twiddle& w)
{
    constexpr std::size_t FIRST = LIMBS - 1;
    __m512i columns[LIMBS + 2] = {};
    ASHLAR_UNROLL for (std::size_t i = 0; i < FIRST; ++i) columns[0] =
        _mm512_madd52hi_epu64(columns[0], a.limbs[i], w.quotient.limbs[FIRST - 1 - i]);
    ASHLAR_UNROLL for (std::size_t k = 0; k < LIMBS; ++k)
        add_products(a, w.quotient, FIRST + k, columns[k], columns[k + 1]);
    Vector q;
    ASHLAR_UNROLL for (std::size_t k = 0; k < LIMBS; ++k)
    {
        columns[k + 1] = _mm512_add_epi64(columns[k + 1], _mm512_srli_epi64(columns[k], LIMB_BITS));
        q.limbs[k] = columns[k + 1];
    }
    return q;
}

/// a·w mod r, below r + a·r/2²⁶⁰ + 2⁻⁴⁸·r.
ASHLAR_INLINE Vector multiply(const Vector& a, const Twiddle& w)
{
    const __m512i mask = broadcast64(LIMB_MASK);
    const Vector minus_r = broadcast(MINUS_R);
    const Vector quotient = quotient_of(a, w);
    __m512i columns[LIMBS + 1] = {};  // The last is past 2²⁶⁰ and nobody's.
    // The products of w wait for nothing: they fill the time that the quotient's carries take.
    ASHLAR_UNROLL for (std::size_t k = 0; k < LIMBS; ++k)
        add_products(a, w.value, k, columns[k], columns[k + 1]);
    ASHLAR_UNROLL for (std::size_t k = 0; k < LIMBS; ++k)
        add_products(quotient, minus_r, k, columns[k], columns[k + 1]);
    Vector out;
    ASHLAR_UNROLL for (std::size_t k = 0; k < LIMBS; ++k)
    {
        out.limbs[k] = _mm512_and_si512(columns[k], mask);
        columns[k + 1] = _mm512_add_epi64(columns[k + 1], _mm512_srli_epi64(columns[k], LIMB_BITS));
    }
    return out;
}

/// From a value below 2r to below r.
ASHLAR_INLINE Vector canonical(const Vector& v)
{
    const __m512i mask = broadcast64(LIMB_MASK);
    Vector difference;
    __m512i borrow = _mm512_setzero_si512();
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i)
    {
        const __m512i limb =
            _mm512_sub_epi64(_mm512_sub_epi64(v.limbs[i], broadcast64(R.at[i])), borrow);
        borrow = _mm512_srli_epi64(limb, 63);
        difference.limbs[i] = _mm512_and_si512(limb, mask);
    }
    const __mmask8 is_below = _mm512_test_epi64_mask(borrow, borrow);
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm512_mask_mov_epi64(difference.limbs[i], is_below, v.limbs[i]);
    return out;
}

/// A block as columns of 64-bit words, lowest first.
struct Words
{
    __m512i columns[4];
};

/// Reverses the bytes of each half.
__m512i reversed(__m512i bytes)
{
    const __m512i order =
        _mm512_broadcast_i32x4(_mm_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    return _mm512_permutex_epi64(_mm512_shuffle_epi8(bytes, order), 0x4e);
}

/// In each half, rows of four 64-bit words to columns, and back.
void transpose(__m512i (&r)[4])
{
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    const __m512i a = _mm512_unpacklo_epi64(r[0], r[1]);
    const __m512i b = _mm512_unpackhi_epi64(r[0], r[1]);
    const __m512i c = _mm512_unpacklo_epi64(r[2], r[3]);
    const __m512i d = _mm512_unpackhi_epi64(r[2], r[3]);
    r[0] = _mm512_permutex2var_epi64(a, low, c);
    r[1] = _mm512_permutex2var_epi64(b, low, d);
    r[2] = _mm512_permutex2var_epi64(a, high, c);
    r[3] = _mm512_permutex2var_epi64(b, high, d);
}

Words load_words(const std::uint8_t* in)
{
    Words out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < 4; ++i) out.columns[i] =
        reversed(_mm512_loadu_si512(in + 64 * i));
    transpose(out.columns);
    return out;
}

void store_words(Words words, std::uint8_t* out)
{
    transpose(words.columns);
    ASHLAR_UNROLL for (std::size_t i = 0; i < 4; ++i)
        _mm512_storeu_si512(out + 64 * i, reversed(words.columns[i]));
}

/// Limb i of 256-bit integers.
template <std::size_t I>
__m512i limb_of(const Words& words)
{
    constexpr int BIT = static_cast<int>(I) * LIMB_BITS;
    constexpr std::size_t WORD = BIT / 64;
    constexpr int SHIFT = BIT % 64;
    __m512i limb = _mm512_srli_epi64(words.columns[WORD], SHIFT);
    if constexpr (SHIFT > 64 - LIMB_BITS && WORD + 1 < 4)
        limb = _mm512_or_si512(limb, _mm512_slli_epi64(words.columns[WORD + 1], 64 - SHIFT));
    return _mm512_and_si512(limb, broadcast64(LIMB_MASK));
}

/// Adds limb i to 256-bit integers.
template <std::size_t I>
void add_limb(Words& words, __m512i limb)
{
    constexpr int BIT = static_cast<int>(I) * LIMB_BITS;
    constexpr std::size_t WORD = BIT / 64;
    constexpr int SHIFT = BIT % 64;
    words.columns[WORD] = _mm512_or_si512(words.columns[WORD], _mm512_slli_epi64(limb, SHIFT));
    if constexpr (SHIFT > 64 - LIMB_BITS && WORD + 1 < 4)
        words.columns[WORD + 1] =
            _mm512_or_si512(words.columns[WORD + 1], _mm512_srli_epi64(limb, 64 - SHIFT));
}

template <std::size_t... I>
Vector split_words(const Words& words, std::index_sequence<I...> /*limbs*/)
{
    Vector out;
    ((out.limbs[I] = limb_of<I>(words)), ...);
    return out;
}

template <std::size_t... I>
Words join_limbs(const Vector& v, std::index_sequence<I...> /*limbs*/)
{
    Words out{};
    (add_limb<I>(out, v.limbs[I]), ...);
    return out;
}

/// Are all top words below r's? Then so are the elements; else one may still be.
bool surely_below_r(const Words& words)
{
    return _mm512_cmplt_epu64_mask(words.columns[3], broadcast64(R64[3])) == 0xff;
}

std::size_t load(const std::uint8_t* in, std::uint64_t* out, std::size_t blocks)
{
    for (std::size_t block = 0; block < blocks; ++block, in += BLOCK_BYTES, out += BLOCK_WORDS)
    {
        const Words words = load_words(in);
        if (!surely_below_r(words))
        {
            for (std::size_t e = 0; e < FR_BLOCK_ELEMENTS; ++e)
            {
                if (!below_r(in + 32 * e))
                    return block * FR_BLOCK_ELEMENTS + e;
            }
        }
        put(split_words(words, std::make_index_sequence<LIMBS>{}), out);
    }
    return blocks * FR_BLOCK_ELEMENTS;
}

void store(const std::uint64_t* in, const blst_fr* w, std::uint8_t* out, std::size_t blocks)
{
    const Twiddle twiddle{*w};
    for (std::size_t i = 0; i < blocks; ++i, in += BLOCK_WORDS, out += BLOCK_BYTES)
    {
        const Vector v = canonical(multiply(get(in), twiddle));
        store_words(join_limbs(v, std::make_index_sequence<LIMBS>{}), out);
    }
}

void butterfly(std::uint64_t* a, std::uint64_t* b, const blst_fr* w, std::size_t blocks)
{
    const Twiddle twiddle{*w};
    for (std::size_t i = 0; i < blocks; ++i, a += BLOCK_WORDS, b += BLOCK_WORDS)
    {
        const Vector product = multiply(get(b), twiddle);
        const Vector first = get(a);
        put(plus(first, product), a);
        put(minus(first, product, TWO_R), b);
    }
}

void add_subtract(std::uint64_t* a, std::uint64_t* b, unsigned bound, std::size_t blocks)
{
    const Limbs& multiple = bound == 2 ? TWO_R : bound == 4 ? FOUR_R : EIGHT_R;
    for (std::size_t i = 0; i < blocks; ++i, a += BLOCK_WORDS, b += BLOCK_WORDS)
    {
        const Vector first = get(a);
        const Vector second = get(b);
        put(plus(first, second), a);
        put(minus(first, second, multiple), b);
    }
}

void scale(std::uint64_t* a, const blst_fr* w, std::size_t blocks)
{
    const Twiddle twiddle{*w};
    for (std::size_t i = 0; i < blocks; ++i, a += BLOCK_WORDS)
        put(multiply(get(a), twiddle), a);
}

void accumulate(std::uint64_t* a, const std::uint64_t* b, const blst_fr* w, std::size_t blocks)
{
    const Twiddle twiddle{*w};
    for (std::size_t i = 0; i < blocks; ++i, a += BLOCK_WORDS, b += BLOCK_WORDS)
        put(plus(get(a), multiply(get(b), twiddle)), a);
}

constexpr FrLaneKernels KERNELS = {.name = "avx512ifma",
    .block_words = BLOCK_WORDS,
    .load = load,
    .store = store,
    .butterfly = butterfly,
    .add_subtract = add_subtract,
    .scale = scale,
    .accumulate = accumulate};

}  // namespace

const FrLaneKernels* ifma_fr_lanes() noexcept
{
    const bool usable = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512ifma");
    return usable ? &KERNELS : nullptr;
}

}  // namespace ashlar

#undef ASHLAR_INLINE
#undef ASHLAR_UNROLL

#else

namespace ashlar
{

const FrLaneKernels* ifma_fr_lanes() noexcept
{
    return nullptr;
}

}  // namespace ashlar

#endif
