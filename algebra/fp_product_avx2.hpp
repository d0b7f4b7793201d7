#pragma once

/// Products of eight elements of Fp by AVX2 and FMA, in digits that are doubles. Internal: for the
/// files that are compiled for AVX2, which run only after the CPU was asked; fp_lanes.hpp says
/// what they may include.

#include <immintrin.h>

#include "algebra/fp_lanes.hpp"

namespace ashlar
{
namespace
{

// AVX2 multiplies integers of 32 bits only, but doubles of 53 bits twice a cycle, and FMA rounds
// once, so a product of integers comes apart exactly (Dekker; Emmart, Zheng and Weems):
//
//     high = fma(a, b, M) − M       the multiple of 2^48 next to a·b, M = 1.5·2^100
//     low  = fma(a, b, −high)       what is left: −2^47 … 2^47
//
// Montgomery form with R = 2³⁸⁴, which is blst's, radix 2⁴⁸, and digits that are integers in
// doubles, of either sign. Signs make differences free, and 5 bits of a double's mantissa are
// left over, so that columns of sixteen products need no carries.
//
// Needs the default rounding mode, to nearest.

constexpr std::size_t DIGITS = 8;
constexpr int DIGIT_BITS = 48;
constexpr double RADIX_INVERSE = 0x1p-48;

/// Adding it rounds to a multiple of the radix: it has no bits below, for sums up to 2⁹⁹.
constexpr double MAGIC = 0x1.8p100;

/// p, least significant digit first.
constexpr double P[DIGITS] = {-21845, -86500641359361, -10839982866433, 113459389855409,
    83034393350847, 73992301405303, -27924617254986, 28591897852288};

/// k = −1/p mod 2⁴⁸: small, by the curve's choice of p.
constexpr double K = -12885098499;

/// (k·p + 1)/2⁴⁸.
constexpr double KP_HIGH[DIGITS] = {-72534179196412, -68635456181239, 121460628512125,
    11698276670028, 2409099498876, 127248567318644, -53058248458658, -1308853186};

// Everything over digits is straight code: loops must unroll.
#define ASHLAR_UNROLL _Pragma("GCC unroll 16")

/// A digit of eight elements.
struct Digit
{
    __m256d half[2];
};

inline Digit broadcast(double x)
{
    return {{_mm256_set1_pd(x), _mm256_set1_pd(x)}};
}
inline Digit plus(const Digit& a, const Digit& b)
{
    return {{_mm256_add_pd(a.half[0], b.half[0]), _mm256_add_pd(a.half[1], b.half[1])}};
}
inline Digit minus(const Digit& a, const Digit& b)
{
    return {{_mm256_sub_pd(a.half[0], b.half[0]), _mm256_sub_pd(a.half[1], b.half[1])}};
}
/// a·b + c.
inline Digit fma(const Digit& a, const Digit& b, const Digit& c)
{
    return {{_mm256_fmadd_pd(a.half[0], b.half[0], c.half[0]),
        _mm256_fmadd_pd(a.half[1], b.half[1], c.half[1])}};
}
/// c − a·b.
inline Digit fnma(const Digit& a, const Digit& b, const Digit& c)
{
    return {{_mm256_fnmadd_pd(a.half[0], b.half[0], c.half[0]),
        _mm256_fnmadd_pd(a.half[1], b.half[1], c.half[1])}};
}
/// x plus a carry, which is a multiple of the radix, out of the digit below.
inline Digit plus_carry(const Digit& x, const Digit& carry)
{
    return fma(carry, broadcast(RADIX_INVERSE), x);
}
/// The multiple of the radix next to x.
inline Digit rounded(const Digit& x)
{
    return minus(plus(x, broadcast(MAGIC)), broadcast(MAGIC));
}

/// A sum of products of digits, as low + (high − MAGIC), the latter a multiple of the radix.
struct Column
{
    Digit low;
    Digit high;

    /// Of the first product.
    [[gnu::always_inline]] Column(const Digit& a, const Digit& b)
      : high{fma(a, b, broadcast(MAGIC))}
    {
        low = fma(a, b, minus(broadcast(MAGIC), high));
    }

    [[gnu::always_inline]] void add(const Digit& a, const Digit& b)
    {
        add_half(0, a.half[0], b);
        add_half(1, a.half[1], b);
    }
    [[gnu::always_inline]] void add(const double& a, const Digit& b)
    {
        const __m256d factor = _mm256_broadcast_sd(&a);
        add_half(0, factor, b);
        add_half(1, factor, b);
    }

    /// What belongs to the next digit: a multiple of the radix.
    [[nodiscard]] Digit carry() const { return minus(high, broadcast(MAGIC)); }

private:
    /// next = a·b + high, low += a·b − (next − high). In assembly, because compilers make up to
    /// twice the instructions of these two steps, and their number is what limits a product.
    [[gnu::always_inline]] void add_half(std::size_t i, __m256d a, const Digit& b)
    {
        __m256d rest;
        __asm__(
            "vmovapd %[high], %[rest]\n\t"
            "vfmadd231pd %[b], %[a], %[high]\n\t"
            "vsubpd %[high], %[rest], %[rest]\n\t"
            "vfmadd231pd %[b], %[a], %[rest]\n\t"
            "vaddpd %[rest], %[low], %[low]"
            : [high] "+x"(high.half[i]), [low] "+x"(low.half[i]), [rest] "=&x"(rest)
            : [a] "x"(a), [b] "m"(b.half[i]));
    }
};

/// Eight elements, digit by digit. "Carried" if all digits are below 2⁴⁷ + 2⁶ in size. Of two
/// factors one must be carried, and the other may be a difference of two that are, or three
/// times one. What is squared must be carried.
struct DigitVector
{
    Digit digits[DIGITS];
};

/// The columns of a·b.
struct ProductColumns
{
    const Digit* a;
    const Digit* b;

    /// Σ aᵢ·bⱼ over i + j = first + last, i and j from first to last.
    [[gnu::always_inline]] [[nodiscard]] Column between(std::size_t first, std::size_t last) const
    {
        Column out{a[first], b[last]};
        ASHLAR_UNROLL for (std::size_t i = first + 1; i <= last; ++i)
            out.add(a[i], b[first + last - i]);
        return out;
    }
};

/// The columns of a²: products of two different digits are needed once.
struct SquareColumns
{
    const Digit* a;
    Digit doubled[DIGITS];

    explicit SquareColumns(const Digit* digits) : a{digits}
    {
        ASHLAR_UNROLL for (std::size_t i = 0; i < DIGITS; ++i) doubled[i] = plus(a[i], a[i]);
    }

    [[gnu::always_inline]] [[nodiscard]] Column between(std::size_t first, std::size_t last) const
    {
        Column out{a[first], first == last ? a[last] : doubled[last]};
        ASHLAR_UNROLL for (std::size_t i = 1; 2 * i <= last - first; ++i)
            out.add(a[first + i], 2 * i == last - first ? a[last - i] : doubled[last - i]);
        return out;
    }
};

/// Settles column k but for its product with the digit of round k − 1: −2⁴⁷ … 2⁴⁷.
/// @param carry  Into the column; then out of it.
[[gnu::always_inline]] inline Digit settled(
    const Digit& column, const Digit* rounds, std::size_t k, Digit& carry)
{
    Digit value = plus_carry(column, carry);
    carry = broadcast(0);
    if (k > 1)
    {
        Column multiples{broadcast(KP_HIGH[k - 1]), rounds[0]};
        ASHLAR_UNROLL for (std::size_t i = 1; i + 1 < k; ++i)
            multiples.add(KP_HIGH[k - 1 - i], rounds[i]);
        value = plus(value, multiples.low);
        carry = multiples.carry();
    }
    const Digit whole = rounded(value);
    carry = plus(carry, whole);
    return minus(value, whole);
}

/// Replaces t by t·k mod 2⁴⁸. @return  t + (t·k mod 2⁴⁸)·p₀, a multiple of the radix
[[gnu::always_inline]] inline Digit last_multiple(Digit& t)
{
    const Column times{broadcast(K), t};
    const Column multiple{broadcast(P[0]), times.low};
    const Digit low = plus(multiple.low, t);
    t = times.low;
    return plus(low, multiple.carry());
}

/// (the columns' value + a multiple of p)/2³⁸⁴, not carried: below value/2³⁸⁴ + 0.51·p in size.
///
/// A round for each of the lower digits makes it zero. All but the last add t·k·p, whose lowest
/// digit is −t without a multiplication, for a digit t. As these alone would end 2³³·p too high,
/// the last adds (t·k mod 2⁴⁸)·p as usual.
template <typename Columns>
[[gnu::always_inline]] inline DigitVector reduced(const Columns& product)
{
    Digit columns[2 * DIGITS];
    Digit upper_carry = broadcast(0);
    ASHLAR_UNROLL for (std::size_t k = 0; k < DIGITS; ++k)
    {
        const Column column = product.between(0, k);
        columns[k] = plus_carry(column.low, upper_carry);
        upper_carry = column.carry();
    }

    // Rounds wait for one another, so only what depends on the round before is in the way: the
    // product with its digit. Not carried again, digits are up to 2⁴⁸. An upper column, which
    // depends on no round, fills the time.
    Digit rounds[DIGITS];
    Digit carry = rounded(columns[0]);
    rounds[0] = minus(columns[0], carry);
    ASHLAR_UNROLL for (std::size_t k = 1; k < DIGITS; ++k)
    {
        const Digit rest = settled(columns[k], rounds, k, carry);
        const Column last{broadcast(KP_HIGH[0]), rounds[k - 1]};
        rounds[k] = plus(rest, last.low);
        carry = plus(carry, last.carry());

        const Column column = product.between(k, DIGITS - 1);
        columns[k + DIGITS - 1] = plus_carry(column.low, upper_carry);
        upper_carry = column.carry();
    }

    carry = plus(carry, last_multiple(rounds[DIGITS - 1]));
    DigitVector out;
    ASHLAR_UNROLL for (std::size_t k = 0; k + 1 < DIGITS; ++k)
    {
        Column multiples{broadcast(KP_HIGH[DIGITS - 1]), rounds[k]};
        ASHLAR_UNROLL for (std::size_t i = 1; i + k + 1 < DIGITS; ++i)
            multiples.add(KP_HIGH[DIGITS - 1 - i], rounds[k + i]);
        multiples.add(P[k + 1], rounds[DIGITS - 1]);  // Last: it comes late.
        out.digits[k] = plus(plus_carry(columns[DIGITS + k], carry), multiples.low);
        carry = multiples.carry();
    }
    out.digits[DIGITS - 1] = plus_carry(broadcast(0), plus(carry, upper_carry));
    return out;
}

/// Functions, not in line: straight code of two thousand instructions each.
[[gnu::noinline]] DigitVector montgomery_product(const DigitVector& a, const DigitVector& b)
{
    return reduced(ProductColumns{a.digits, b.digits});
}
[[gnu::noinline]] DigitVector montgomery_square(const DigitVector& a)
{
    return reduced(SquareColumns{a.digits});
}

}  // namespace
}  // namespace ashlar
