// Rows of Fr by AVX2.

#include "algebra/fr_lanes.hpp"

#if defined(__AVX2__)

#include <immintrin.h>

#include <utility>

namespace ashlar
{
namespace
{

// Radix 2²⁹: AVX2 multiplies 32-bit numbers into 64-bit lanes, and a column of a product, of the
// multiplication and of its reduction together, is below 18·2⁵⁸ and takes no carry before its
// end. Nine limbs make 261 bits, R = 2²⁶¹, six bits above r: room for sums that are never reduced.
//
// A block is 8 elements: limb i of all of them in one register of 32-bit lanes. Multiplications
// take the even lanes, then the odd ones; everything else takes all eight at once.
constexpr std::size_t LIMBS = 9;
constexpr int LIMB_BITS = 29;
constexpr std::uint32_t LIMB_MASK = (1U << LIMB_BITS) - 1;
constexpr std::size_t BLOCK_WORDS = LIMBS * FR_BLOCK_ELEMENTS / 2;
constexpr std::size_t BLOCK_BYTES = FR_BLOCK_ELEMENTS * 32;

/// blst's twiddles are w·2²⁵⁶, ours w·2²⁶¹.
constexpr std::size_t TWIDDLE_SHIFT = 5;

/// The loops below are over registers and must unroll.
#define ASHLAR_UNROLL _Pragma("GCC unroll 16")

/// r in 64-bit words, lowest first.
constexpr std::uint64_t R64[4] = {
    0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48};

struct Limbs
{
    std::uint32_t at[LIMBS];
};

constexpr Limbs split(const std::uint64_t* words)
{
    Limbs out{};
    for (std::size_t i = 0; i < LIMBS; ++i)
    {
        const std::size_t bit = i * LIMB_BITS;
        std::uint64_t limb = words[bit / 64] >> bit % 64;
        if (bit % 64 > 64 - LIMB_BITS && bit / 64 + 1 < 4)
            limb |= words[bit / 64 + 1] << (64 - bit % 64);
        out.at[i] = static_cast<std::uint32_t>(limb & LIMB_MASK);
    }
    return out;
}

constexpr Limbs R = split(R64);
static_assert(R.at[0] == 1, "reduced() relies on −1/r = −1 modulo the radix");

/// times·r with limbs so large that no limb of a carried element exceeds one but the top.
constexpr Limbs borrow_proof(std::uint32_t times)
{
    Limbs out{};
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < LIMBS; ++i)
    {
        const std::uint64_t limb = std::uint64_t{R.at[i]} * times + carry;
        const bool top = i + 1 == LIMBS;
        out.at[i] = static_cast<std::uint32_t>(top ? limb : limb & LIMB_MASK);
        carry = limb >> LIMB_BITS;
    }
    // 2³⁰ of a limb are 2 of the next.
    for (std::size_t i = 0; i < LIMBS; ++i)
    {
        if (i + 1 < LIMBS)
            out.at[i] += 1U << (LIMB_BITS + 1);
        if (i > 0)
            out.at[i] -= 2;
    }
    return out;
}

constexpr Limbs TWO_R = borrow_proof(2);
constexpr Limbs FOUR_R = borrow_proof(4);
constexpr Limbs EIGHT_R = borrow_proof(8);

/// Eight elements as 32-bit lanes, or four as 64-bit lanes.
struct Vector
{
    __m256i limbs[LIMBS];
};

__m256i broadcast64(std::uint64_t x)
{
    return _mm256_set1_epi64x(static_cast<long long>(x));
}

__m256i broadcast32(std::uint32_t x)
{
    return _mm256_set1_epi32(static_cast<int>(x));
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

/// A twiddle, each limb in all 64-bit lanes.
struct Twiddle
{
    alignas(32) __m256i limbs[LIMBS];

    explicit Twiddle(const blst_fr& w)
    {
        blst_fr shifted;
        blst_fr_lshift(&shifted, &w, TWIDDLE_SHIFT);
        const std::uint64_t words[4] = {shifted.l[0], shifted.l[1], shifted.l[2], shifted.l[3]};
        const Limbs split_words = split(words);
        for (std::size_t i = 0; i < LIMBS; ++i)
            limbs[i] = broadcast64(split_words.at[i]);
    }
};

/// Limbs of 32 bits to limbs of 29 and a little: the value stays, carries move up one limb.
Vector carried(const Vector& v)
{
    const __m256i mask = broadcast32(LIMB_MASK);
    Vector out;
    out.limbs[0] = _mm256_and_si256(v.limbs[0], mask);
    ASHLAR_UNROLL for (std::size_t i = 1; i < LIMBS; ++i)
    {
        const __m256i low = i + 1 < LIMBS ? _mm256_and_si256(v.limbs[i], mask) : v.limbs[i];
        out.limbs[i] = _mm256_add_epi32(low, _mm256_srli_epi32(v.limbs[i - 1], LIMB_BITS));
    }
    return out;
}

Vector plus(const Vector& a, const Vector& b)
{
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm256_add_epi32(a.limbs[i], b.limbs[i]);
    return carried(out);
}

/// a − b + multiple. @pre b is below the multiple
Vector minus(const Vector& a, const Vector& b, const Limbs& multiple)
{
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm256_add_epi32(a.limbs[i], _mm256_sub_epi32(broadcast32(multiple.at[i]), b.limbs[i]));
    return carried(out);
}

/// a·w/2²⁶¹ mod r of four elements in 64-bit lanes whose upper halves do not matter: below
/// r + a·r/2²⁶¹, fully carried. Limb of a by limb of a, so that the nine sums stay in registers
/// and a product loads one operand: two loads a cycle are what bounds it.
Vector multiply_lanes(const Vector& a, const Twiddle& w)
{
    const __m256i mask = broadcast64(LIMB_MASK);
    Vector sum;
    ASHLAR_UNROLL for (std::size_t j = 0; j < LIMBS; ++j) sum.limbs[j] = _mm256_setzero_si256();
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i)
    {
        ASHLAR_UNROLL for (std::size_t j = 0; j < LIMBS; ++j) sum.limbs[j] =
            _mm256_add_epi64(sum.limbs[j], _mm256_mul_epu32(a.limbs[i], w.limbs[j]));
        // q makes the lowest limb vanish modulo the radix: −sum, since −1/r = −1. Sum plus q is
        // then the sum rounded up to a multiple of it.
        const __m256i q =
            _mm256_and_si256(_mm256_sub_epi64(_mm256_setzero_si256(), sum.limbs[0]), mask);
        const __m256i carry = _mm256_srli_epi64(_mm256_add_epi64(sum.limbs[0], mask), LIMB_BITS);
        ASHLAR_UNROLL for (std::size_t j = 1; j < LIMBS; ++j) sum.limbs[j - 1] =
            _mm256_add_epi64(sum.limbs[j], _mm256_mul_epu32(q, broadcast64(R.at[j])));
        sum.limbs[0] = _mm256_add_epi64(sum.limbs[0], carry);
        sum.limbs[LIMBS - 1] = _mm256_setzero_si256();
    }
    ASHLAR_UNROLL for (std::size_t j = 0; j + 1 < LIMBS; ++j)
    {
        sum.limbs[j + 1] =
            _mm256_add_epi64(sum.limbs[j + 1], _mm256_srli_epi64(sum.limbs[j], LIMB_BITS));
        sum.limbs[j] = _mm256_and_si256(sum.limbs[j], mask);
    }
    return sum;
}

/// a·w/2²⁶¹ mod r of a block: even lanes, then odd ones.
Vector multiply(const Vector& a, const Twiddle& w)
{
    const Vector even = multiply_lanes(a, w);
    Vector shifted;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) shifted.limbs[i] =
        _mm256_srli_epi64(a.limbs[i], 32);
    const Vector odd = multiply_lanes(shifted, w);
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm256_or_si256(even.limbs[i], _mm256_slli_epi64(odd.limbs[i], 32));
    return out;
}

/// From a fully carried value below 2r to below r.
Vector canonical(const Vector& v)
{
    Vector difference;
    __m256i borrow = _mm256_setzero_si256();
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i)
    {
        const __m256i limb =
            _mm256_add_epi32(_mm256_sub_epi32(v.limbs[i], broadcast32(R.at[i])), borrow);
        borrow = _mm256_srai_epi32(limb, 31);
        difference.limbs[i] = _mm256_and_si256(limb, broadcast32(LIMB_MASK));
    }
    Vector out;
    ASHLAR_UNROLL for (std::size_t i = 0; i < LIMBS; ++i) out.limbs[i] =
        _mm256_blendv_epi8(difference.limbs[i], v.limbs[i], borrow);
    return out;
}

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
Vector split_block(const Words& even, const Words& odd, std::index_sequence<I...> /*limbs*/)
{
    Vector out;
    ((out.limbs[I] = _mm256_or_si256(limb_of<I>(even), _mm256_slli_epi64(limb_of<I>(odd), 32))),
        ...);
    return out;
}

template <std::size_t... I>
void join_block(const Vector& v, Words& even, Words& odd, std::index_sequence<I...> /*limbs*/)
{
    const __m256i low = broadcast64(0xffffffff);
    (add_limb<I>(even, _mm256_and_si256(v.limbs[I], low)), ...);
    (add_limb<I>(odd, _mm256_srli_epi64(v.limbs[I], 32)), ...);
}

/// Are all top words below r's? Then so are the elements; else one may still be.
bool surely_below_r(const Words& words)
{
    // Words past 2⁶³ are negative to the comparison: their sign is asked for as well.
    const __m256i top = words.columns[3];
    const __m256i below = _mm256_cmpgt_epi64(broadcast64(R64[3]), top);
    return _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_andnot_si256(top, below))) == 0xf;
}

bool below_r(const std::uint8_t* element)
{
    for (std::size_t i = 0; i < 32; ++i)
    {
        const auto byte = static_cast<std::uint8_t>(R64[3 - i / 8] >> (8 * (7 - i % 8)) & 0xff);
        if (element[i] != byte)
            return element[i] < byte;
    }
    return false;
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
        put(split_block(even, odd, std::make_index_sequence<LIMBS>{}), out);
    }
    return blocks * FR_BLOCK_ELEMENTS;
}

void store(const std::uint64_t* in, const blst_fr* w, std::uint8_t* out, std::size_t blocks)
{
    const Twiddle twiddle{*w};
    for (std::size_t block = 0; block < blocks; ++block, in += BLOCK_WORDS, out += BLOCK_BYTES)
    {
        const Vector v = canonical(multiply(get(in), twiddle));
        Words even{};
        Words odd{};
        join_block(v, even, odd, std::make_index_sequence<LIMBS>{});
        store_words(even, out);
        store_words(odd, out + 32);
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

constexpr FrLaneKernels KERNELS = {.name = "avx2",
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
    return __builtin_cpu_supports("avx2") ? &KERNELS : nullptr;
}

}  // namespace ashlar

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
