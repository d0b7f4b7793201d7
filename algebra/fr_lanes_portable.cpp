// Rows of Fr by blst, one element at a time: always reduced, so bounds do not matter.

#include <cstring>

#include "algebra/fr_lanes.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t WORDS = 4;
constexpr std::size_t ELEMENT_BYTES = 32;

constexpr std::uint64_t R[WORDS] = {
    0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48};

/// blst keeps no invariant in a blst_fr but that its words are below r, so it carries a plain
/// integer as well as one in Montgomery form.
blst_fr get(const std::uint64_t* words)
{
    blst_fr out;
    std::memcpy(&out, words, sizeof(out));
    return out;
}

void put(const blst_fr& value, std::uint64_t* words)
{
    std::memcpy(words, &value, sizeof(value));
}

bool below_r(const std::uint64_t* words)
{
    for (std::size_t i = WORDS; i-- > 0;)
    {
        if (words[i] != R[i])
            return words[i] < R[i];
    }
    return false;
}

std::size_t load(const std::uint8_t* in, std::uint64_t* out, std::size_t blocks)
{
    for (std::size_t e = 0; e < blocks * FR_BLOCK_ELEMENTS; ++e, in += ELEMENT_BYTES, out += WORDS)
    {
        for (std::size_t i = 0; i < WORDS; ++i)
        {
            std::uint64_t word = 0;
            for (std::size_t k = 0; k < sizeof(word); ++k)
                word = word << 8 | in[(WORDS - 1 - i) * sizeof(word) + k];
            out[i] = word;
        }
        if (!below_r(out))
            return e;
    }
    return blocks * FR_BLOCK_ELEMENTS;
}

void store(const std::uint64_t* in, const blst_fr* w, std::uint8_t* out, std::size_t blocks)
{
    for (std::size_t e = 0; e < blocks * FR_BLOCK_ELEMENTS; ++e, in += WORDS, out += ELEMENT_BYTES)
    {
        blst_fr value = get(in);
        blst_fr_mul(&value, &value, w);
        for (std::size_t i = 0; i < ELEMENT_BYTES; ++i)
            out[i] =
                static_cast<std::uint8_t>(value.l[WORDS - 1 - i / 8] >> (8 * (7 - i % 8)) & 0xff);
    }
}

void add_and_subtract(std::uint64_t* a, std::uint64_t* b, const blst_fr& term)
{
    const blst_fr first = get(a);
    blst_fr sum;
    blst_fr difference;
    blst_fr_add(&sum, &first, &term);
    blst_fr_sub(&difference, &first, &term);
    put(sum, a);
    put(difference, b);
}

void butterfly(std::uint64_t* a, std::uint64_t* b, const blst_fr* w, std::size_t blocks)
{
    const auto* const end = a + blocks * FR_BLOCK_ELEMENTS * WORDS;
    for (; a != end; a += WORDS, b += WORDS)
    {
        blst_fr product = get(b);
        blst_fr_mul(&product, &product, w);
        add_and_subtract(a, b, product);
    }
}

void add_subtract(std::uint64_t* a, std::uint64_t* b, unsigned /*bound*/, std::size_t blocks)
{
    const auto* const end = a + blocks * FR_BLOCK_ELEMENTS * WORDS;
    for (; a != end; a += WORDS, b += WORDS)
        add_and_subtract(a, b, get(b));
}

void scale(std::uint64_t* a, const blst_fr* w, std::size_t blocks)
{
    const auto* const end = a + blocks * FR_BLOCK_ELEMENTS * WORDS;
    for (; a != end; a += WORDS)
    {
        blst_fr value = get(a);
        blst_fr_mul(&value, &value, w);
        put(value, a);
    }
}

void accumulate(std::uint64_t* a, const std::uint64_t* b, const blst_fr* w, std::size_t blocks)
{
    const auto* const end = a + blocks * FR_BLOCK_ELEMENTS * WORDS;
    for (; a != end; a += WORDS, b += WORDS)
    {
        blst_fr sum = get(a);
        blst_fr product = get(b);
        blst_fr_mul(&product, &product, w);
        blst_fr_add(&sum, &sum, &product);
        put(sum, a);
    }
}

constexpr FrLaneKernels KERNELS = {.name = "portable",
    .block_words = FR_BLOCK_ELEMENTS * WORDS,
    .load = load,
    .store = store,
    .butterfly = butterfly,
    .add_subtract = add_subtract,
    .scale = scale,
    .accumulate = accumulate};

}  // namespace

const FrLaneKernels& portable_fr_lanes() noexcept
{
    return KERNELS;
}

const FrLaneKernels& fr_lane_kernels() noexcept
{
    static const FrLaneKernels& fastest = [&]() -> const FrLaneKernels& {
        if (const auto* const ifma = ifma_fr_lanes())
            return *ifma;
        if (const auto* const avx2 = avx2_fr_lanes())
            return *avx2;
        return portable_fr_lanes();
    }();
    return fastest;
}

}  // namespace ashlar
