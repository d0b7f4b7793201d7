// Rows of Fr by AVX2 and FMA.

#include "algebra/fr_lanes.hpp"

#if defined(__AVX2__) && defined(__FMA__)

#include <utility>

#include "algebra/fr_product_avx2.hpp"

namespace ashlar
{
namespace
{

// A block is 8 elements: elements 0, 2, 4, 6 and then 1, 3, 5, 7, each four limb by limb.
constexpr std::size_t FOUR_WORDS = LIMBS * 4;
constexpr std::size_t BLOCK_WORDS = 2 * FOUR_WORDS;
constexpr std::size_t BLOCK_BYTES = FR_BLOCK_ELEMENTS * 32;

/// Reverses the bytes of each half; swapping the halves too reverses all 32.
__m256i reversed(__m256i bytes)
{
    const __m256i order = _mm256_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 15,
        14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    return _mm256_permute4x64_epi64(_mm256_shuffle_epi8(bytes, order), 0x4e);
}

/// Rows of four 64-bit words to columns, and back.
void transpose(__m256i (&r)[4])
{
    const __m256i a = _mm256_unpacklo_epi64(r[0], r[1]);
    const __m256i b = _mm256_unpackhi_epi64(r[0], r[1]);
    const __m256i c = _mm256_unpacklo_epi64(r[2], r[3]);
    const __m256i d = _mm256_unpackhi_epi64(r[2], r[3]);
    r[0] = _mm256_permute2x128_si256(a, c, 0x20);
    r[1] = _mm256_permute2x128_si256(b, d, 0x20);
    r[2] = _mm256_permute2x128_si256(a, c, 0x31);
    r[3] = _mm256_permute2x128_si256(b, d, 0x31);
}

/// Elements 0, 2, 4, 6 of a block, or from one element later 1, 3, 5, 7, as columns of words.
struct Words
{
    __m256i columns[4];
};

Words load_words(const std::uint8_t* in)
{
    Words out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < 4; ++i) out.columns[i] =
        reversed(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + 64 * i)));
    transpose(out.columns);
    return out;
}

void store_words(Words words, std::uint8_t* out)
{
    transpose(words.columns);
    ASHLAR_UNROLL for (std::size_t i = 0; i < 4; ++i)
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 64 * i), reversed(words.columns[i]));
}

/// Limb i of four 256-bit integers, in 64-bit lanes.
template <std::size_t I>
__m256i limb_of(const Words& words)
{
    constexpr int BIT = static_cast<int>(I) * LIMB_BITS;
    constexpr std::size_t WORD = BIT / 64;
    constexpr int SHIFT = BIT % 64;
    __m256i limb = _mm256_srli_epi64(words.columns[WORD], SHIFT);
    if constexpr (SHIFT > 64 - LIMB_BITS && WORD + 1 < 4)
        limb = _mm256_or_si256(limb, _mm256_slli_epi64(words.columns[WORD + 1], 64 - SHIFT));
    return _mm256_and_si256(limb, broadcast64(LIMB_MASK));
}

/// Adds limb i, in 64-bit lanes, to four 256-bit integers.
template <std::size_t I>
void add_limb(Words& words, __m256i limb)
{
    constexpr int BIT = static_cast<int>(I) * LIMB_BITS;
    constexpr std::size_t WORD = BIT / 64;
    constexpr int SHIFT = BIT % 64;
    words.columns[WORD] = _mm256_or_si256(words.columns[WORD], _mm256_slli_epi64(limb, SHIFT));
    if constexpr (SHIFT > 64 - LIMB_BITS && WORD + 1 < 4)
        words.columns[WORD + 1] =
            _mm256_or_si256(words.columns[WORD + 1], _mm256_srli_epi64(limb, 64 - SHIFT));
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
    // Words past 2⁶³ are negative to the comparison: their sign is asked for as well.
    const __m256i top = words.columns[3];
    const __m256i below = _mm256_cmpgt_epi64(broadcast64(R64[3]), top);
    return _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_andnot_si256(top, below))) == 0xf;
}

std::size_t load(const std::uint8_t* in, std::uint64_t* out, std::size_t blocks)
{
    for (std::size_t block = 0; block < blocks; ++block, in += BLOCK_BYTES, out += BLOCK_WORDS)
    {
        const Words even = load_words(in);
        const Words odd = load_words(in + 32);
        if (!surely_below_r(even) || !surely_below_r(odd))
        {
            for (std::size_t e = 0; e < FR_BLOCK_ELEMENTS; ++e)
            {
                if (!below_r(in + 32 * e))
                    return block * FR_BLOCK_ELEMENTS + e;
            }
        }
        put(split_words(even, std::make_index_sequence<LIMBS>{}), out);
        put(split_words(odd, std::make_index_sequence<LIMBS>{}), out + FOUR_WORDS);
    }
    return blocks * FR_BLOCK_ELEMENTS;
}

[[gnu::noinline]] void store_blocks(
    const std::uint64_t* in, const Twiddle& w, std::uint8_t* out, std::size_t blocks)
{
    for (std::size_t i = 0; i < 2 * blocks; ++i, in += FOUR_WORDS)
    {
        const Vector v = canonical(multiply(get(in), w));
        store_words(join_limbs(v, std::make_index_sequence<LIMBS>{}),
            out + i / 2 * BLOCK_BYTES + i % 2 * 32);
    }
}

[[gnu::noinline]] void butterfly_blocks(
    std::uint64_t* a, std::uint64_t* b, const Twiddle& w, std::size_t blocks)
{
    for (std::size_t i = 0; i < 2 * blocks; ++i, a += FOUR_WORDS, b += FOUR_WORDS)
    {
        const Vector product = multiply(get(b), w);
        const Vector first = get(a);
        put(plus(first, product), a);
        put(minus(first, product, TWO_R), b);
    }
}

[[gnu::noinline]] void scale_blocks(std::uint64_t* a, const Twiddle& w, std::size_t blocks)
{
    for (std::size_t i = 0; i < 2 * blocks; ++i, a += FOUR_WORDS)
        put(multiply(get(a), w), a);
}

[[gnu::noinline]] void accumulate_blocks(
    std::uint64_t* a, const std::uint64_t* b, const Twiddle& w, std::size_t blocks)
{
    for (std::size_t i = 0; i < 2 * blocks; ++i, a += FOUR_WORDS, b += FOUR_WORDS)
        put(plus(get(a), multiply(get(b), w)), a);
}

void store(const std::uint64_t* in, const blst_fr* w, std::uint8_t* out, std::size_t blocks)
{
    const Twiddle twiddle{*w};
    const RoundingTowardsZero mode;
    store_blocks(in, twiddle, out, blocks);
}

void butterfly(std::uint64_t* a, std::uint64_t* b, const blst_fr* w, std::size_t blocks)
{
    const Twiddle twiddle{*w};
    const RoundingTowardsZero mode;
    butterfly_blocks(a, b, twiddle, blocks);
}

void add_subtract(std::uint64_t* a, std::uint64_t* b, unsigned bound, std::size_t blocks)
{
    const Limbs& multiple = bound == 2 ? TWO_R : bound == 4 ? FOUR_R : EIGHT_R;
    for (std::size_t i = 0; i < 2 * blocks; ++i, a += FOUR_WORDS, b += FOUR_WORDS)
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
    const RoundingTowardsZero mode;
    scale_blocks(a, twiddle, blocks);
}

void accumulate(std::uint64_t* a, const std::uint64_t* b, const blst_fr* w, std::size_t blocks)
{
    const Twiddle twiddle{*w};
    const RoundingTowardsZero mode;
    accumulate_blocks(a, b, twiddle, blocks);
}

constexpr FrLaneKernels KERNELS = {.name = "avx2fma",
    .block_words = BLOCK_WORDS,
    .load = load,
    .store = store,
    .butterfly = butterfly,
    .add_subtract = add_subtract,
    .scale = scale,
    .accumulate = accumulate};

}  // namespace

const FrLaneKernels* avx2_fr_lanes() noexcept
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &KERNELS : nullptr;
}

}  // namespace ashlar

#undef ASHLAR_INLINE
#undef ASHLAR_UNROLL

#else

namespace ashlar
{

const FrLaneKernels* avx2_fr_lanes() noexcept
{
    return nullptr;
}

}  // namespace ashlar

#endif
