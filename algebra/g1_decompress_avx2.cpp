// Decompression of G1 points and their subgroup checks by AVX2 and FMA: sixteen at a time, as two
// vectors of eight in turn, because a chain of dependent multiplications keeps the CPU half idle.

#include "algebra/fp_lanes.hpp"

#if defined(__AVX2__) && defined(__FMA__)

#include "algebra/fp_avx2.hpp"
#include "algebra/g1_decompress_kernels.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t VECTORS = 2;

/// 2⁷⁶⁸ mod p: from integers to Montgomery form.
constexpr double FROM_INTEGER[DIGITS] = {34308671958171, 97293977139936, -69608873990489,
    42556495451621, 67227514073345, 125129180185460, -3228483873073, -9244950963893};

/// And back.
constexpr double TO_INTEGER[DIGITS] = {1};

/// 4, of y² = x³ + 4.
constexpr double FOUR[DIGITS] = {851955, -4174707512793, -140190621630413, 78683423009547,
    139358379844823, -70949987700269, -36839833898180, 10815890603396};

/// The cube root of unity β for which (β·x, −y) = [z²](x, y) in G1.
constexpr double BETA[DIGITS] = {59491631129832, 139424741077233, 131906829606315, 24914203166229,
    52744161133211, 106034629624426, 107065854310246, 5616284935195};

/// Elements of all points, vector by vector; carried.
struct Elements
{
    DigitVector vectors[VECTORS];
};

Elements mul(const Elements& a, const Elements& b)
{
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
        out.vectors[c] = Avx2::mul(a.vectors[c], b.vectors[c]);
    return out;
}

Elements sqr(const Elements& a)
{
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
        out.vectors[c] = Avx2::sqr(a.vectors[c]);
    return out;
}

Elements add(const Elements& a, const Elements& b)
{
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
        out.vectors[c] = Avx2::stored(Avx2::undo_sub(a.vectors[c], b.vectors[c]));
    return out;
}

/// a − 2^SHIFT·b. Digits have signs, so no multiple of p needs adding.
template <unsigned SHIFT, std::uint64_t /*MULTIPLE*/>
Elements sub_shifted(const Elements& a, const Elements& b)
{
    constexpr double FACTOR = 1U << SHIFT;
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
    {
        Avx2::Vector& vector = out.vectors[c];
        for (std::size_t i = 0; i < DIGITS; ++i)
            vector.digits[i] =
                fnma(broadcast(FACTOR), b.vectors[c].digits[i], a.vectors[c].digits[i]);
        vector = Avx2::stored(vector);
    }
    return out;
}

Elements constant(const double (&x)[DIGITS])
{
    Elements out;
    for (auto& vector : out.vectors)
        vector = Avx2::broadcast(x);
    return out;
}

Elements negate(const Elements& a)
{
    return sub_shifted<0, 0>(Elements{}, a);
}

/// Bit i: do the two elements of point i agree?
unsigned congruent(const Elements& a, const Elements& b)
{
    unsigned out = 0;
    for (std::size_t c = 0; c < VECTORS; ++c)
    {
        const Avx2::Mask mask = Avx2::congruent(a.vectors[c], b.vectors[c]);
        const auto bits = static_cast<unsigned>(
            _mm256_movemask_pd(mask.half[0]) | _mm256_movemask_pd(mask.half[1]) << 4);
        out |= bits << (c * Avx2::WIDTH);
    }
    return out;
}

struct Avx2Points
{
    using Elements = ashlar::Elements;
    static constexpr std::size_t POINTS = VECTORS * Avx2::WIDTH;

    static Elements one() { return constant(ONE); }
    static Elements four() { return constant(FOUR); }
    static Elements beta() { return constant(BETA); }

    static Elements from_blst(const blst_fp (&in)[POINTS])
    {
        Elements out;
        for (std::size_t c = 0; c < VECTORS; ++c)
        {
            LaneFp lanes[Avx2::WIDTH];
            for (std::size_t i = 0; i < Avx2::WIDTH; ++i)
                lanes[i] = Avx2::to_digits(in[c * Avx2::WIDTH + i]);
            out.vectors[c] = Avx2::stored(Avx2::load_elements(lanes, Avx2::WIDTH));
        }
        return out;
    }
    static void to_blst(const Elements& elements, blst_fp (&out)[POINTS])
    {
        for (std::size_t c = 0; c < VECTORS; ++c)
        {
            LaneFp lanes[Avx2::WIDTH];
            Avx2::store_elements(elements.vectors[c], lanes, Avx2::WIDTH);
            for (std::size_t i = 0; i < Avx2::WIDTH; ++i)
                out[c * Avx2::WIDTH + i] = Avx2::from_digits(lanes[i]);
        }
    }

    // blst's Montgomery form is ours: integers are it, multiplied by a constant.
    static Elements from_integers(const blst_fp (&in)[POINTS])
    {
        return mul(from_blst(in), constant(FROM_INTEGER));
    }
    static void to_integers(const Elements& elements, blst_fp (&out)[POINTS])
    {
        to_blst(mul(elements, constant(TO_INTEGER)), out);
    }
};

}  // namespace

void decompress_by_avx2(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
{
    LanePoints<Avx2Points>::decompress<true>(encoded, out, valid, count);
}

void decompress_on_curve_by_avx2(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
{
    LanePoints<Avx2Points>::decompress<false>(encoded, out, valid, count);
}

void in_subgroup_by_avx2(const blst_p1_affine* points, bool* inside, std::size_t count)
{
    LanePoints<Avx2Points>::check_subgroup(points, inside, count);
}

}  // namespace ashlar

#endif
