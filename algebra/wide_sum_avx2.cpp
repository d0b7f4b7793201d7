// Wide sums by AVX2, four elements at a time. This file may use AVX2 whatever else the build
// targets, so it must not instantiate anything that other files share.

#include "algebra/wide_sum.hpp"
#include "algebra/wide_sum_kernels.hpp"

#if defined(__AVX2__)

#include <immintrin.h>

namespace ashlar
{
namespace
{

#if defined(__clang__)
#define ASHLAR_UNROLL _Pragma("clang loop unroll(full)")
#else
#define ASHLAR_UNROLL _Pragma("GCC unroll 16")
#endif

constexpr std::size_t GAMMA_LIMBS = SpreadCoefficient::LIMBS;
constexpr std::size_t HALF_BYTES = BYTES_PER_INTEGER / 2;

/// Two words of 64 bits of each of four integers.
struct Words
{
    __m256i low, high;
};

__m256i load_halves(const std::byte* first, const std::byte* second)
{
    const auto low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first));
    const auto high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(second));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

/// Which 16 bytes of an integer.
enum class Half
{
    upper,  ///< The more significant ones, which come first.
    lower,
};

/// The words in a half of each integer.
template <std::size_t WIDTH, Half HALF>
Words load_words(const std::byte* integers)
{
    const auto* const at = integers + (HALF == Half::upper ? 0 : WIDTH - HALF_BYTES);
    auto even = load_halves(at, at + 2 * WIDTH);
    auto odd = load_halves(at + WIDTH, at + 3 * WIDTH);
    if (WIDTH == BYTES_PER_SHORT_INTEGER && HALF == Half::upper)
    {
        // The most significant byte is a zero that is not in memory.
        even = _mm256_slli_si256(even, 1);
        odd = _mm256_slli_si256(odd, 1);
    }
    const auto reversed = _mm256_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8,
        9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    return {.low = _mm256_shuffle_epi8(_mm256_unpackhi_epi64(even, odd), reversed),
        .high = _mm256_shuffle_epi8(_mm256_unpacklo_epi64(even, odd), reversed)};
}

/// Might an integer with these most significant words not be below r?
bool is_suspicious(__m256i top)
{
    // The comparison is signed: a word with its top bit set is caught by that bit.
    const auto limit = _mm256_set1_epi64x(static_cast<long long>(MODULUS_TOP - 1));
    const auto beyond = _mm256_or_si256(_mm256_cmpgt_epi64(top, limit), top);
    return _mm256_movemask_pd(_mm256_castsi256_pd(beyond)) != 0;
}

struct Columns
{
    __m256i sums[WIDE_SUM_COLUMNS];
};

/// columns += γ·(limb AT and AT + 1 of the integers). Multiplications look at 32 bits only.
template <std::size_t AT>
[[gnu::always_inline]] inline void add_products(
    Columns& columns, const __m256i* gamma, __m256i word)
{
    const auto upper = _mm256_srli_epi64(word, 32);
    ASHLAR_UNROLL for (std::size_t j = 0; j < GAMMA_LIMBS; ++j) columns.sums[AT + j] =
        _mm256_add_epi64(columns.sums[AT + j], _mm256_mul_epu32(word, gamma[j]));
    ASHLAR_UNROLL for (std::size_t j = 0; j < GAMMA_LIMBS; ++j) columns.sums[AT + 1 + j] =
        _mm256_add_epi64(columns.sums[AT + 1 + j], _mm256_mul_epu32(upper, gamma[j]));
}

void carry_into(WideSums& sums, const Columns& columns)
{
    const auto mask = _mm256_set1_epi64x(0xffffffff);
    ASHLAR_UNROLL for (std::size_t k = 0; k < WIDE_SUM_COLUMNS; ++k)
    {
        auto* const low = reinterpret_cast<__m256i*>(sums.low[k]);
        auto* const high = reinterpret_cast<__m256i*>(sums.high[k]);
        _mm256_store_si256(
            low, _mm256_add_epi64(_mm256_load_si256(low), _mm256_and_si256(columns.sums[k], mask)));
        _mm256_store_si256(high,
            _mm256_add_epi64(_mm256_load_si256(high), _mm256_srli_epi64(columns.sums[k], 32)));
    }
}

/// Will soon read one of a term's blocks. The CPU does not foresee the order of the terms.
void prefetch_block(const PackedIntegers& integers, std::size_t block)
{
    const auto* const at = integers.first + block * WIDE_SUM_ELEMENTS * integers.width;
    _mm_prefetch(reinterpret_cast<const char*>(at), _MM_HINT_T0);
    _mm_prefetch(
        reinterpret_cast<const char*>(at + WIDE_SUM_ELEMENTS / 2 * integers.width), _MM_HINT_T0);
}

/// columns += γ·(a block of integers).
/// @return  false if one is not below r
template <std::size_t WIDTH>
[[gnu::always_inline]] inline bool add_block(
    Columns& columns, const __m256i* gamma, const PackedIntegers& integers, std::size_t block)
{
    const auto* const at = integers.first + block * WIDE_SUM_ELEMENTS * WIDTH;
    const auto lower = load_words<WIDTH, Half::lower>(at);
    add_products<0>(columns, gamma, lower.low);
    add_products<2>(columns, gamma, lower.high);
    const auto upper = load_words<WIDTH, Half::upper>(at);
    add_products<4>(columns, gamma, upper.low);
    add_products<6>(columns, gamma, upper.high);
    return WIDTH < BYTES_PER_INTEGER || !is_suspicious(upper.high) || all_below_modulus(at);
}

/// Adds at most TERMS_PER_CARRY terms, from `first` on.
void add_some(const WideSumTerms& terms, std::size_t first, std::size_t count)
{
    __m256i gammas[TERMS_PER_CARRY][GAMMA_LIMBS];
    for (std::size_t i = 0; i < count; ++i)
    {
        const auto* const limbs = reinterpret_cast<const std::uint32_t*>(&terms.gammas[first + i]);
        for (std::size_t j = 0; j < GAMMA_LIMBS; ++j)
            gammas[i][j] = _mm256_set1_epi64x(limbs[j]);
    }
    for (std::size_t block = 0; block < terms.blocks; ++block)
    {
        Columns columns;
        ASHLAR_UNROLL for (std::size_t k = 0; k < WIDE_SUM_COLUMNS; ++k) columns.sums[k] =
            _mm256_setzero_si256();
        for (std::size_t i = 0; i < count; ++i)
        {
            if (first + i + TERMS_PER_CARRY < terms.count)
                prefetch_block(terms.integers[first + i + TERMS_PER_CARRY], block);
            const auto& integers = terms.integers[first + i];
            const bool are_below_r =
                integers.width == BYTES_PER_SHORT_INTEGER
                    ? add_block<BYTES_PER_SHORT_INTEGER>(columns, gammas[i], integers, block)
                    : add_block<BYTES_PER_INTEGER>(columns, gammas[i], integers, block);
            if (!are_below_r)
                terms.not_below_r[first + i] = true;
        }
        carry_into(terms.sums[block], columns);
    }
}

void add_by_avx2(const WideSumTerms& terms) noexcept
{
    for (std::size_t first = 0; first < terms.count; first += TERMS_PER_CARRY)
    {
        const auto left = terms.count - first;
        add_some(terms, first, left < TERMS_PER_CARRY ? left : TERMS_PER_CARRY);
    }
}

#undef ASHLAR_UNROLL

}  // namespace

WideSumKernel avx2_wide_sum() noexcept
{
    return __builtin_cpu_supports("avx2") ? add_by_avx2 : nullptr;
}

}  // namespace ashlar

#else

namespace ashlar
{

WideSumKernel avx2_wide_sum() noexcept
{
    return nullptr;
}

}  // namespace ashlar

#endif
