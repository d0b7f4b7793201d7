#include "algebra/g2.hpp"

namespace ashlar
{

Result<G2Affine> G2Affine::decompress(std::span<const std::byte, 96> bytes)
{
    blst_p2_affine point;
    if (blst_p2_uncompress(&point, reinterpret_cast<const byte*>(bytes.data())) != BLST_SUCCESS)
        return fail(ErrorKind::invalid_input, "not the compressed form of a G2 curve point");
    if (!blst_p2_affine_in_g2(&point))
        return fail(ErrorKind::invalid_input, "curve point is outside G2");
    return G2Affine{point};
}

Bytes96 G2Affine::compress() const noexcept
{
    Bytes96 out;
    blst_p2_affine_compress(reinterpret_cast<byte*>(out.data()), &value_);
    return out;
}

G2Affine operator*(const G2Affine& point, const Fr& scalar) noexcept
{
    constexpr std::size_t SCALAR_BITS = 255;
    blst_p2 product;
    blst_p2_from_affine(&product, &point.value_);
    const auto integer = scalar.to_scalar();
    blst_p2_mult(&product, &product, integer.b, SCALAR_BITS);
    G2Affine out;
    blst_p2_to_affine(&out.value_, &product);
    return out;
}

G2Affine operator-(const G2Affine& a, const G2Affine& b) noexcept
{
    blst_p2 minuend;
    blst_p2 subtrahend;
    blst_p2_from_affine(&minuend, &a.value_);
    blst_p2_from_affine(&subtrahend, &b.value_);
    blst_p2_cneg(&subtrahend, true);
    blst_p2_add_or_double(&minuend, &minuend, &subtrahend);
    G2Affine out;
    blst_p2_to_affine(&out.value_, &minuend);
    return out;
}

bool pairings_equal(const G1Affine& a1, const G2Affine& a2, const G1Affine& b1, const G2Affine& b2)
{
    const auto miller = [](const G1Affine& p, const G2Affine& q) {
        // blst's Miller loop does not take infinities, which pair to one.
        if (p.is_infinity() || q.is_infinity())
            return *blst_fp12_one();
        blst_fp12 out;
        blst_miller_loop(&out, &q.raw(), &p.raw());
        return out;
    };
    const auto left = miller(a1, a2);
    const auto right = miller(b1, b2);
    return blst_fp12_finalverify(&left, &right);
}

}  // namespace ashlar
