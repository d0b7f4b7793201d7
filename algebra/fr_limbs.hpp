#pragma once

/// Fr in radix 2⁵², as the lanes of AVX2 and AVX-512 have it: numbers that are known when the
/// program is built, and those of a twiddle. Internal: for the files that are compiled for these
/// CPUs; fr_lanes.hpp says what they may include.

#include "algebra/fr_lanes.hpp"

namespace ashlar
{
namespace
{

// Five limbs make 260 bits, five above r: room for sums that are not reduced.
constexpr std::size_t LIMBS = 5;
constexpr int LIMB_BITS = 52;
constexpr std::uint64_t LIMB_MASK = (std::uint64_t{1} << LIMB_BITS) - 1;

/// r in 64-bit words, lowest first.
constexpr std::uint64_t R64[4] = {
    0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48};

struct Limbs
{
    std::uint64_t at[LIMBS];
};

template <std::size_t WORDS>
constexpr Limbs split(const std::uint64_t (&words)[WORDS])
{
    Limbs out{};
    for (std::size_t i = 0; i < LIMBS; ++i)
    {
        const std::size_t bit = i * LIMB_BITS;
        std::uint64_t limb = words[bit / 64] >> bit % 64;
        if (bit % 64 > 64 - LIMB_BITS && bit / 64 + 1 < WORDS)
            limb |= words[bit / 64 + 1] << (64 - bit % 64);
        out.at[i] = limb & LIMB_MASK;
    }
    return out;
}

constexpr Limbs R = split(R64);

/// 2²⁶⁰ − r: adding a multiple of it subtracts one of r, modulo 2²⁶⁰.
constexpr Limbs complement_of_r()
{
    Limbs out{};
    for (std::size_t i = 0; i < LIMBS; ++i)
        out.at[i] = LIMB_MASK - R.at[i] + (i == 0 ? 1 : 0);
    return out;
}

constexpr Limbs MINUS_R = complement_of_r();

/// times·r, every limb but the top one with 2 of the next limb lent to it: no limb of an element
/// exceeds one.
constexpr Limbs borrow_proof(std::uint64_t times)
{
    Limbs out{};
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < LIMBS; ++i)
    {
        const std::uint64_t limb = R.at[i] * times + carry;
        const bool top = i + 1 == LIMBS;
        carry = limb >> LIMB_BITS;
        out.at[i] = (top ? limb : limb & LIMB_MASK) + (top ? 0 : std::uint64_t{2} << LIMB_BITS) -
                    (i > 0 ? 2 : 0);
    }
    return out;
}

constexpr Limbs TWO_R = borrow_proof(2);
constexpr Limbs FOUR_R = borrow_proof(4);
constexpr Limbs EIGHT_R = borrow_proof(8);

/// Words of an integer modulo 2³²⁰.
struct Wide
{
    std::uint64_t words[5];
};

constexpr Wide product(const Wide& a, const Wide& b)
{
    __extension__ using Uint128 = unsigned __int128;
    Wide out{};
    for (std::size_t i = 0; i < 5; ++i)
    {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; i + j < 5; ++j)
        {
            const auto sum = Uint128{a.words[i]} * b.words[j] + out.words[i + j] + carry;
            out.words[i + j] = static_cast<std::uint64_t>(sum);
            carry = static_cast<std::uint64_t>(sum >> 64);
        }
    }
    return out;
}

/// −1/r modulo 2³²⁰, by Newton's iteration: x ← x·(2 + r·x) doubles the bits that are right.
constexpr Wide minus_inverse_of_r()
{
    constexpr std::uint64_t ONES = ~std::uint64_t{0};
    const Wide r{{R64[0], R64[1], R64[2], R64[3], 0}};
    Wide x{{ONES, ONES, ONES, ONES, ONES}};  // −1: right modulo 2³², where r is 1.
    for (int bits = 32; bits < 320; bits *= 2)
    {
        Wide factor = product(r, x);
        std::uint64_t carry = 2;
        for (auto& word : factor.words)
        {
            word += carry;
            carry = word < carry ? 1 : 0;
        }
        x = product(x, factor);
    }
    return x;
}

constexpr Wide MINUS_INVERSE_OF_R = minus_inverse_of_r();

/// A twiddle w and ⌊w·2²⁶⁰/r⌋, with which a·w mod r needs no division: Shoup's way for factors that
/// are used many times (D. Harvey, "Faster arithmetic for number-theoretic transforms", 2014). With
/// the quotient q of a·w and r known, a·w − q·r is small, so its lower half is all of it.
struct TwiddleLimbs
{
    Limbs value;
    Limbs quotient;

    explicit TwiddleLimbs(const blst_fr& w)
    {
        std::uint64_t plain[4];
        blst_uint64_from_fr(plain, &w);
        value = split(plain);
        // w·2²⁶⁰ less its remainder is r times the quotient, and modulo 2²⁶⁰ less the remainder is
        // all that is left of it. The remainder is blst's form, w·2²⁵⁶ mod r, times 2⁴.
        blst_fr shifted;
        blst_fr_lshift(&shifted, &w, 4);
        const Wide remainder{{shifted.l[0], shifted.l[1], shifted.l[2], shifted.l[3], 0}};
        quotient = split(product(remainder, MINUS_INVERSE_OF_R).words);
    }
};

/// Is a canonical big-endian integer below r?
inline bool below_r(const std::uint8_t* element)
{
    for (std::size_t i = 0; i < 32; ++i)
    {
        const auto byte = static_cast<std::uint8_t>(R64[3 - i / 8] >> (8 * (7 - i % 8)) & 0xff);
        if (element[i] != byte)
            return element[i] < byte;
    }
    return false;
}

}  // namespace
}  // namespace ashlar
