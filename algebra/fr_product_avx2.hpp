#pragma once

/// Products of four elements of Fr by a number that is used many times, by AVX2 and FMA. Internal:
/// for the file that is compiled for AVX2, which runs only after the CPU was asked; fr_lanes.hpp
/// says what it may include.

#include <immintrin.h>

#include "algebra/fr_limbs.hpp"

namespace ashlar
{
namespace
{

// Two digits of radix 2⁵² are multiplied in doubles, and rounding towards zero makes both halves of
// the product exact (N. Emmart, "Faster modular exponentiation using double precision floating
// point arithmetic on the GPU", 2018). Everything but products is 64-bit integers, always carried
// to the end.

/// The loops below are over registers and must unroll.
#define ASHLAR_UNROLL _Pragma("GCC unroll 16")
#define ASHLAR_INLINE [[gnu::always_inline]] inline

/// Four elements.
struct Vector
{
    __m256i limbs[LIMBS];
};

__m256i broadcast64(std::uint64_t x)
{
    return _mm256_set1_epi64x(static_cast<long long>(x));
}

Vector get(const std::uint64_t* words)
{
    Vector out;
    const auto* const registers = reinterpret_cast<const __m256i*>(words);
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm256_load_si256(registers + i);
    return out;
}

void put(const Vector& v, std::uint64_t* words)
{
    auto* const registers = reinterpret_cast<__m256i*>(words);
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i)
        _mm256_store_si256(registers + i, v.limbs[i]);
}

/// TwiddleLimbs, each limb in all lanes.
struct Twiddle
{
    __m256d value[LIMBS];
    __m256d quotient[LIMBS];

    explicit Twiddle(const blst_fr& w)
    {
        const TwiddleLimbs limbs{w};
        for (std::size_t i = 0; i < LIMBS; ++i)
        {
            value[i] = _mm256_set1_pd(static_cast<double>(limbs.value.at[i]));
            quotient[i] = _mm256_set1_pd(static_cast<double>(limbs.quotient.at[i]));
        }
    }
};

/// Products in doubles need this mode; a guard for the length of a call. What it guards is a
/// function of its own, so that no instruction moves out.
class RoundingTowardsZero
{
public:
    RoundingTowardsZero() : before_{_mm_getcsr()} { _mm_setcsr(before_ | _MM_ROUND_TOWARD_ZERO); }
    ~RoundingTowardsZero() { _mm_setcsr(before_); }
    RoundingTowardsZero(const RoundingTowardsZero&) = delete;
    RoundingTowardsZero& operator=(const RoundingTowardsZero&) = delete;

private:
    unsigned before_;
};

/// Carries to the end. The top limb takes what is left.
ASHLAR_INLINE Vector carried(const Vector& v)
{
    const __m256i mask = broadcast64(LIMB_MASK);
    Vector out;
    __m256i limb = v.limbs[0];
    ASHLAR_UNROLL for (std::size_t i = 0; i + 1 < LIMBS; ++i)
    {
        out.limbs[i] = _mm256_and_si256(limb, mask);
        limb = _mm256_add_epi64(v.limbs[i + 1], _mm256_srli_epi64(limb, LIMB_BITS));
    }
    out.limbs[LIMBS - 1] = limb;
    return out;
}

ASHLAR_INLINE Vector plus(const Vector& a, const Vector& b)
{
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm256_add_epi64(a.limbs[i], b.limbs[i]);
    return carried(out);
}

/// a − b + multiple. @pre b is below the multiple
ASHLAR_INLINE Vector minus(const Vector& a, const Vector& b, const Limbs& multiple)
{
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm256_add_epi64(a.limbs[i], _mm256_sub_epi64(broadcast64(multiple.at[i]), b.limbs[i]));
    return carried(out);
}

/// The bits of 2⁵² as a double: those of 2⁵² + x, x < 2⁵², are these and x.
constexpr std::uint64_t BITS_OF_2_52 = 0x4330000000000000;
constexpr std::uint64_t BITS_OF_2_104 = 0x4670000000000000;

struct Doubles
{
    __m256d limbs[LIMBS];
};

ASHLAR_INLINE Doubles to_doubles(const Vector& v)
{
    Doubles out;
    const __m256i offset = broadcast64(BITS_OF_2_52);
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] = _mm256_sub_pd(
        _mm256_castsi256_pd(_mm256_or_si256(v.limbs[i], offset)), _mm256_castsi256_pd(offset));
    return out;
}

/// Adds ⌊a·b/2⁵²⌋ to a column, with the bits of 2¹⁰⁴: those of the sum of both in a double.
/// @pre a, b < 2⁵², as everywhere below
ASHLAR_INLINE __m256i add_high_half(__m256i column, __m256d a, __m256d b)
{
    const __m256d offset = _mm256_castsi256_pd(broadcast64(BITS_OF_2_104));
    return _mm256_add_epi64(column, _mm256_castpd_si256(_mm256_fmadd_pd(a, b, offset)));
}

/// Adds both halves of a·b to a column and to the next one, and with them the bits of 2⁵² and 2¹⁰⁴:
///
///     high = a·b + 2¹⁰⁴, rounded down to a multiple of 2⁵²; low = a·b + (2¹⁰⁴ + 2⁵² − high),
///     exact.
///
/// In assembly, because compilers keep more sums than there are registers, and moves then cost as
/// much as the products.
ASHLAR_INLINE void add_product(__m256d a, const __m256d& b, __m256i& column, __m256i& next)
{
    __m256d half;
    __asm__(
        "vmovapd %[offset], %[half]\n\t"
        "vfmadd231pd %[b], %[a], %[half]\n\t"
        "vpaddq %[half], %[next], %[next]\n\t"
        "vsubpd %[half], %[both], %[half]\n\t"
        "vfmadd231pd %[b], %[a], %[half]\n\t"
        "vpaddq %[half], %[column], %[column]"
        : [column] "+x"(column), [next] "+x"(next), [half] "=&x"(half)
        : [a] "x"(a), [b] "m"(b), [offset] "x"(_mm256_castsi256_pd(broadcast64(BITS_OF_2_104))),
        [both] "x"(_mm256_castsi256_pd(broadcast64(BITS_OF_2_104 | 1))));
}

/// Adds aᵢ·bⱼ over i + j = column. offset_bits() has the bits that come along.
ASHLAR_INLINE void add_products(
    const Doubles& a, const __m256d* b, std::size_t column, __m256i& sum, __m256i& next)
{
    const std::size_t first = column < LIMBS ? 0 : column - LIMBS + 1;
    const std::size_t last = column < LIMBS ? column : LIMBS - 1;
    ASHLAR_UNROLL for (std::size_t i = first; i <= last; ++i)
        add_product(a.limbs[i], b[column - i], sum, next);
}

constexpr std::uint64_t products_in(std::size_t column)
{
    return column < LIMBS ? column + 1 : 2 * LIMBS - 1 - column;
}

/// What a column starts from, so that the bits that halves bring along vanish.
constexpr std::uint64_t offset_bits(std::uint64_t low_halves, std::uint64_t high_halves)
{
    return 0 - low_halves * BITS_OF_2_52 - high_halves * BITS_OF_2_104;
}

/// ⌊a·⌊w·2²⁶⁰/r⌋/2²⁶⁰⌋, which is ⌊a·w/r⌋ or one less. Low halves of column 3 and all below are less
/// than 2⁻⁴⁸ of it and left out.
ASHLAR_INLINE Vector quotient_of(const Doubles& a, const Twiddle& w)
{
    constexpr std::size_t FIRST = LIMBS - 1;
    const __m256i mask = broadcast64(LIMB_MASK);
    __m256i sum = broadcast64(offset_bits(products_in(FIRST), products_in(FIRST - 1)));
    ASHLAR_UNROLL for (std::size_t i = 0; i < FIRST; ++i) sum =
        add_high_half(sum, a.limbs[i], w.quotient[FIRST - 1 - i]);
    Vector q;
    ASHLAR_UNROLL for (std::size_t k = FIRST; k <= 2 * LIMBS - 2; ++k)
    {
        __m256i next = broadcast64(offset_bits(products_in(k + 1), products_in(k)));
        add_products(a, w.quotient, k, sum, next);
        if (k >= LIMBS)
            q.limbs[k - LIMBS] = _mm256_and_si256(sum, mask);
        sum = _mm256_add_epi64(next, _mm256_srli_epi64(sum, LIMB_BITS));
    }
    q.limbs[LIMBS - 1] = sum;
    return q;
}

/// a·w mod r of four elements, below r + a·r/2²⁶⁰ + 2⁻⁴⁸·r.
ASHLAR_INLINE Vector multiply(const Vector& elements, const Twiddle& w)
{
    const __m256i mask = broadcast64(LIMB_MASK);
    __m256d minus_r[LIMBS];
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) minus_r[i] =
        _mm256_set1_pd(static_cast<double>(MINUS_R.at[i]));

    const Doubles a = to_doubles(elements);
    const Vector quotient = quotient_of(a, w);
    __m256i columns[LIMBS + 1];  // The last is past 2²⁶⁰ and nobody's.
    columns[0] = broadcast64(offset_bits(2 * products_in(0), 0));
    // The products of w wait for nothing: they fill the time that the quotient's carries take.
    ASHLAR_UNROLL for (std::size_t k = 0; k < LIMBS; ++k)
    {
        columns[k + 1] = broadcast64(offset_bits(2 * products_in(k + 1), 2 * products_in(k)));
        add_products(a, w.value, k, columns[k], columns[k + 1]);
    }
    const Doubles q = to_doubles(quotient);
    ASHLAR_UNROLL for (std::size_t k = 0; k < LIMBS; ++k)
        add_products(q, minus_r, k, columns[k], columns[k + 1]);
    Vector out;
    ASHLAR_UNROLL for (std::size_t k = 0; k < LIMBS; ++k)
    {
        out.limbs[k] = _mm256_and_si256(columns[k], mask);
        columns[k + 1] = _mm256_add_epi64(columns[k + 1], _mm256_srli_epi64(columns[k], LIMB_BITS));
    }
    return out;
}

/// From a value below 2r to below r.
Vector canonical(const Vector& v)
{
    const __m256i mask = broadcast64(LIMB_MASK);
    Vector difference;
    __m256i borrow = _mm256_setzero_si256();
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i)
    {
        const __m256i limb =
            _mm256_sub_epi64(_mm256_sub_epi64(v.limbs[i], broadcast64(R.at[i])), borrow);
        borrow = _mm256_srli_epi64(limb, 63);
        difference.limbs[i] = _mm256_and_si256(limb, mask);
    }
    const __m256i is_below = _mm256_sub_epi64(_mm256_setzero_si256(), borrow);
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm256_blendv_epi8(difference.limbs[i], v.limbs[i], is_below);
    return out;
}

}  // namespace
}  // namespace ashlar
