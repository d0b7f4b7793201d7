#pragma once

/// AVX-512 in plain C++, so that the AVX-512 IFMA lanes are tested on every machine.
///
/// Included before everything else (-include) in a source written with intrinsics, which is then
/// compiled without the CPU's: each intrinsic that the lanes use is replaced by a loop over eight
/// 64-bit words, written from Intel's Intrinsics Guide and as slow as it is obvious.

// Reserved names, some of them macros already, are what this replaces: no warnings from here.
#pragma GCC system_header

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace avx512_emulation
{

__extension__ using Uint128 = unsigned __int128;

inline constexpr int WORDS = 8;

/// Takes the place of __m512i, which gcc and clang keep for themselves.
struct Vector
{
    std::uint64_t words[WORDS];
};

template <typename Word>
Vector each(Word&& word)
{
    Vector out;
    for (int i = 0; i < WORDS; ++i)
        out.words[i] = word(i);
    return out;
}

template <typename Holds>
std::uint8_t mask_of(Holds&& holds)
{
    unsigned mask = 0;
    for (int i = 0; i < WORDS; ++i)
        mask |= (holds(i) ? 1u : 0u) << i;
    return static_cast<std::uint8_t>(mask);
}

inline bool is_set(std::uint8_t mask, int i)
{
    return (mask >> i & 1) != 0;
}

inline Vector load(const void* from)
{
    Vector out;
    std::memcpy(&out, from, sizeof(out));
    return out;
}

inline void store(void* to, const Vector& a)
{
    std::memcpy(to, &a, sizeof(a));
}

inline Vector set1(long long value)
{
    return each([&](int) { return static_cast<std::uint64_t>(value); });
}

inline Vector setr(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d,
    std::uint64_t e, std::uint64_t f, std::uint64_t g, std::uint64_t h)
{
    return {{a, b, c, d, e, f, g, h}};
}

inline Vector broadcast_quarter(const __m128i& a)
{
    std::uint64_t words[2];
    std::memcpy(words, &a, sizeof(words));
    return each([&](int i) { return words[i % 2]; });
}

inline Vector add(const Vector& a, const Vector& b)
{
    return each([&](int i) { return a.words[i] + b.words[i]; });
}

inline Vector sub(const Vector& a, const Vector& b)
{
    return each([&](int i) { return a.words[i] - b.words[i]; });
}

inline Vector mask_sub(const Vector& source, std::uint8_t mask, const Vector& a, const Vector& b)
{
    return each([&](int i) { return is_set(mask, i) ? a.words[i] - b.words[i] : source.words[i]; });
}

inline Vector mask_mov(const Vector& source, std::uint8_t mask, const Vector& a)
{
    return each([&](int i) { return is_set(mask, i) ? a.words[i] : source.words[i]; });
}

inline Vector bit_and(const Vector& a, const Vector& b)
{
    return each([&](int i) { return a.words[i] & b.words[i]; });
}

inline Vector bit_or(const Vector& a, const Vector& b)
{
    return each([&](int i) { return a.words[i] | b.words[i]; });
}

inline Vector bit_xor(const Vector& a, const Vector& b)
{
    return each([&](int i) { return a.words[i] ^ b.words[i]; });
}

// Counts of 64 and more give zeros, or the sign's copies.

inline Vector shift_left(const Vector& a, unsigned count)
{
    return each([&](int i) { return count < 64 ? a.words[i] << count : 0; });
}

inline Vector shift_right(const Vector& a, unsigned count)
{
    return each([&](int i) { return count < 64 ? a.words[i] >> count : 0; });
}

inline Vector shift_right_signed(const Vector& a, unsigned count)
{
    return each([&](int i) {
        return static_cast<std::uint64_t>(
            static_cast<std::int64_t>(a.words[i]) >> (count < 64 ? count : 63));
    });
}

/// The 104-bit product of the low 52 bits of b and c.
inline Uint128 product52(std::uint64_t b, std::uint64_t c)
{
    constexpr std::uint64_t LOW = (std::uint64_t{1} << 52) - 1;
    return static_cast<Uint128>(b & LOW) * (c & LOW);
}

inline Vector madd52lo(const Vector& a, const Vector& b, const Vector& c)
{
    constexpr std::uint64_t LOW = (std::uint64_t{1} << 52) - 1;
    return each([&](int i) {
        return a.words[i] + (static_cast<std::uint64_t>(product52(b.words[i], c.words[i])) & LOW);
    });
}

inline Vector madd52hi(const Vector& a, const Vector& b, const Vector& c)
{
    return each([&](int i) {
        return a.words[i] + static_cast<std::uint64_t>(product52(b.words[i], c.words[i]) >> 52);
    });
}

inline Vector unpack(const Vector& a, const Vector& b, int high)
{
    return each([&](int i) { return i % 2 == 0 ? a.words[i + high] : b.words[i - 1 + high]; });
}

/// 128-bit quarters: two of a, then two of b.
inline Vector shuffle_quarters(const Vector& a, const Vector& b, int control)
{
    return each([&](int i) {
        const int quarter = control >> (i / 2 * 2) & 3;
        return (i < 4 ? a : b).words[2 * quarter + i % 2];
    });
}

/// Within each half of four words.
inline Vector permute_halves(const Vector& a, int control)
{
    return each([&](int i) { return a.words[i / 4 * 4 + (control >> (i % 4 * 2) & 3)]; });
}

inline Vector permute(const Vector& index, const Vector& a)
{
    return each([&](int i) { return a.words[index.words[i] & 7]; });
}

/// From the words of a, and those of b behind them.
inline Vector permute_two(const Vector& a, const Vector& index, const Vector& b)
{
    return each([&](int i) {
        const auto from = index.words[i];
        return ((from & 8) == 0 ? a : b).words[from & 7];
    });
}

/// Within each quarter of 16 bytes; zero where the control's highest bit is set.
inline Vector shuffle_bytes(const Vector& a, const Vector& control)
{
    std::uint8_t in[64];
    std::uint8_t from[64];
    std::uint8_t out[64];
    std::memcpy(in, &a, sizeof(in));
    std::memcpy(from, &control, sizeof(from));
    for (int i = 0; i < 64; ++i)
        out[i] = (from[i] & 0x80) != 0 ? std::uint8_t{0} : in[i / 16 * 16 + (from[i] & 15)];
    return load(out);
}

inline std::uint8_t test(const Vector& a, const Vector& b)
{
    return mask_of([&](int i) { return (a.words[i] & b.words[i]) != 0; });
}

inline std::uint8_t testn(const Vector& a, const Vector& b)
{
    return mask_of([&](int i) { return (a.words[i] & b.words[i]) == 0; });
}

inline std::uint8_t less(const Vector& a, const Vector& b)
{
    return mask_of([&](int i) { return a.words[i] < b.words[i]; });
}

inline std::uint8_t less_signed(const Vector& a, const Vector& b)
{
    return mask_of([&](int i) {
        return static_cast<std::int64_t>(a.words[i]) < static_cast<std::int64_t>(b.words[i]);
    });
}

}  // namespace avx512_emulation

#define __AVX512IFMA__ 1
#define __builtin_cpu_supports(feature) true
#define __m512i avx512_emulation::Vector

#define _mm512_add_epi64 avx512_emulation::add
#define _mm512_and_si512 avx512_emulation::bit_and
#define _mm512_broadcast_i32x4 avx512_emulation::broadcast_quarter
#define _mm512_cmplt_epi64_mask avx512_emulation::less_signed
#define _mm512_cmplt_epu64_mask avx512_emulation::less
#define _mm512_load_si512 avx512_emulation::load
#define _mm512_loadu_si512 avx512_emulation::load
#define _mm512_madd52hi_epu64 avx512_emulation::madd52hi
#define _mm512_madd52lo_epu64 avx512_emulation::madd52lo
#define _mm512_mask_mov_epi64 avx512_emulation::mask_mov
#define _mm512_mask_sub_epi64 avx512_emulation::mask_sub
#define _mm512_maskz_mov_epi64(mask, a) \
    avx512_emulation::mask_mov(avx512_emulation::set1(0), mask, a)
#define _mm512_or_si512 avx512_emulation::bit_or
#define _mm512_permutex_epi64 avx512_emulation::permute_halves
#define _mm512_permutex2var_epi64 avx512_emulation::permute_two
#define _mm512_permutexvar_epi64 avx512_emulation::permute
#define _mm512_set1_epi64 avx512_emulation::set1
#define _mm512_setr_epi64 avx512_emulation::setr
#define _mm512_setzero_si512() avx512_emulation::set1(0)
#define _mm512_shuffle_epi8 avx512_emulation::shuffle_bytes
#define _mm512_shuffle_i64x2 avx512_emulation::shuffle_quarters
#define _mm512_slli_epi64 avx512_emulation::shift_left
#define _mm512_srai_epi64 avx512_emulation::shift_right_signed
#define _mm512_srli_epi64 avx512_emulation::shift_right
#define _mm512_store_si512 avx512_emulation::store
#define _mm512_storeu_si512 avx512_emulation::store
#define _mm512_sub_epi64 avx512_emulation::sub
#define _mm512_test_epi64_mask avx512_emulation::test
#define _mm512_testn_epi64_mask avx512_emulation::testn
#define _mm512_unpackhi_epi64(a, b) avx512_emulation::unpack(a, b, 1)
#define _mm512_unpacklo_epi64(a, b) avx512_emulation::unpack(a, b, 0)
#define _mm512_xor_si512 avx512_emulation::bit_xor
