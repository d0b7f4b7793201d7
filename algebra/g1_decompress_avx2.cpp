// Decompression of G1 points by AVX2 and FMA: sixteen at a time, as two vectors of eight in turn,
// because a chain of dependent multiplications keeps the CPU half idle.

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

/// a − b, carried too.
Elements sub(const Elements& a, const Elements& b)
{
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
        out.vectors[c] = Avx2::stored(Avx2::sub(a.vectors[c], b.vectors[c]));
    return out;
}

Elements constant(const double (&x)[DIGITS])
{
    Elements out;
    for (auto& vector : out.vectors)
        vector = Avx2::broadcast(x);
    return out;
}

/// As many elements as fill the vectors.
Elements from_integers(const blst_fp* in)
{
    Elements out;
    for (std::size_t c = 0; c < VECTORS; ++c)
    {
        LaneFp lanes[Avx2::WIDTH];
        for (std::size_t i = 0; i < Avx2::WIDTH; ++i)
            lanes[i] = Avx2::to_digits(in[c * Avx2::WIDTH + i]);
        out.vectors[c] = Avx2::carried(Avx2::load_elements(lanes, Avx2::WIDTH));
    }
    return out;
}

/// The Montgomery form, as integers below p.
void to_integers(const Elements& elements, blst_fp* out)
{
    for (std::size_t c = 0; c < VECTORS; ++c)
    {
        LaneFp lanes[Avx2::WIDTH];
        Avx2::store_elements(elements.vectors[c], lanes, Avx2::WIDTH);
        for (std::size_t i = 0; i < Avx2::WIDTH; ++i)
            out[c * Avx2::WIDTH + i] = Avx2::from_digits(lanes[i]);
    }
}

struct Curve
{
    static constexpr std::size_t POINTS = VECTORS * Avx2::WIDTH;

    struct Solution
    {
        blst_fp xs[POINTS];
        blst_fp ys[POINTS];
        blst_fp y_integers[POINTS];
        unsigned valid;
    };

    static Solution solve(const blst_fp (&x_integers)[POINTS])
    {
        const Elements x = mul(from_integers(x_integers), constant(FROM_INTEGER));
        const Elements minus_four = sub(constant({}), constant(FOUR));
        const Elements square = sub(mul(sqr(x), x), minus_four);
        const Elements y = root_of(square, constant(ONE));
        Solution out;
        out.valid = zeros(mul(sub(sqr(y), square), constant(ONE)));
        to_integers(x, out.xs);
        to_integers(y, out.ys);
        to_integers(mul(y, constant(TO_INTEGER)), out.y_integers);
        return out;
    }

    static bool is_member(const blst_p1_affine&) { return true; }

private:
    /// Bit i: is element i zero? @pre they are products
    static unsigned zeros(const Elements& elements)
    {
        unsigned out = 0;
        for (std::size_t c = 0; c < VECTORS; ++c)
        {
            const Avx2::Mask mask = Avx2::is_zero(elements.vectors[c]);
            const auto bits = static_cast<unsigned>(
                _mm256_movemask_pd(mask.half[0]) | _mm256_movemask_pd(mask.half[1]) << 4);
            out |= bits << (c * Avx2::WIDTH);
        }
        return out;
    }
};

}  // namespace

void decompress_on_curve_by_avx2(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
{
    PointDecompressor<Curve>::run(encoded, out, valid, count);
}

void decompress_by_avx2(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
{
    decompress_on_curve_by_avx2(encoded, out, valid, count);
    for (std::size_t i = 0; i < count; ++i)
        valid[i] = valid[i] && blst_p1_affine_in_g1(&out[i]);
}

}  // namespace ashlar

#endif
