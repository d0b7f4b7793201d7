#include "algebra/fp_lanes_kernels.hpp"

namespace ashlar
{
namespace
{

/// One element at a time by blst: its Montgomery form, always reduced.
struct Portable
{
    static constexpr std::size_t WIDTH = 1;
    using Vector = blst_fp;
    using Mask = bool;

    static Vector zero() { return {}; }

    /// 2³⁸⁴ mod p.
    static Vector one()
    {
        return {{0x760900000002fffd, 0xebf4000bc40c0002, 0x5f48985753c758ba, 0x77ce585370525745,
            0x5c071a97a256ec6d, 0x15f65ec3fa80e493}};
    }

    static bool any(Mask m) { return m; }
    static Mask either(Mask a, Mask b) { return a || b; }
    static Mask both(Mask a, Mask b) { return a && b; }
    static Mask and_not(Mask a, Mask b) { return a && !b; }
    static Mask neither(Mask a, Mask b) { return !a && !b; }
    static Vector select(Mask m, const Vector& yes, const Vector& no) { return m ? yes : no; }

    static Vector sub(const Vector& a, const Vector& b)
    {
        Vector out;
        blst_fp_sub(&out, &a, &b);
        return out;
    }
    static Vector undo_sub(const Vector& d, const Vector& b)
    {
        Vector out;
        blst_fp_add(&out, &d, &b);
        return out;
    }
    static Vector stored(const Vector& v) { return v; }

    static Vector negate_if(const Vector& v, Mask mask)
    {
        Vector out;
        blst_fp_cneg(&out, &v, mask);
        return out;
    }
    static Vector negate(const Vector& v) { return negate_if(v, true); }

    static Mask congruent(const Vector& a, const Vector& b)
    {
        limb_t difference = 0;
        for (std::size_t i = 0; i < 6; ++i)
            difference |= a.l[i] ^ b.l[i];
        return difference == 0;
    }
    static Mask is_infinite(const Vector& x) { return congruent(x, zero()); }

    static Vector mul(const Vector& a, const Vector& b)
    {
        Vector out;
        blst_fp_mul(&out, &a, &b);
        return out;
    }
    static Vector mul_sub(const Vector& a, const Vector& b, const Vector& c)
    {
        return sub(mul(a, b), c);
    }
    static Vector sqr(const Vector& a)
    {
        Vector out;
        blst_fp_sqr(&out, &a);
        return out;
    }
    static Vector sqr_sub(const Vector& a, const Vector& b, const Vector& c)
    {
        return sub(sub(sqr(a), b), c);
    }

    static bool invert(Vector& v)
    {
        if (congruent(v, zero()))
            return false;
        blst_fp_eucl_inverse(&v, &v);
        return true;
    }

    static Vector load(const LaneFp& element)
    {
        Vector out;
        for (std::size_t i = 0; i < 6; ++i)
            out.l[i] = element.limbs[i];
        return out;
    }
    static void store(const Vector& v, LaneFp& element)
    {
        for (std::size_t i = 0; i < 6; ++i)
            element.limbs[i] = v.l[i];
    }
    static void load_points(const PointRef* ref, Vector& x, Vector& y)
    {
        const auto* const point = reinterpret_cast<const LanePoint*>(*ref & ~NEGATED);
        x = load(point->x);
        y = negate_if(load(point->y), (*ref & NEGATED) != 0);
    }
    static void store_points(
        const Vector& x, const Vector& y, LanePoint* out, std::size_t /*lanes*/)
    {
        store(x, out->x);
        store(y, out->y);
    }
};

void to_lanes(const blst_fp* in, LaneFp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        Portable::store(in[i], out[i]);
}

void from_lanes(const LaneFp* in, blst_fp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = Portable::load(in[i]);
}

// Points are two elements each, x first, in both forms.
static_assert(sizeof(LanePoint) == 2 * sizeof(LaneFp));
static_assert(sizeof(blst_p1_affine) == 2 * sizeof(blst_fp));

void points_to_lanes(const blst_p1_affine* in, LanePoint* out, std::size_t count)
{
    to_lanes(&in->x, &out->x, 2 * count);
}

void points_from_lanes(const LanePoint* in, blst_p1_affine* out, std::size_t count)
{
    from_lanes(&in->x, &out->x, 2 * count);
}

void decompress_on_curve(
    const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
{
    constexpr std::size_t ENCODED_BYTES = 48;
    for (std::size_t i = 0; i < count; ++i)
        valid[i] = blst_p1_uncompress(&out[i], encoded + ENCODED_BYTES * i) == BLST_SUCCESS;
}

void in_subgroup(const blst_p1_affine* points, bool* inside, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        inside[i] = blst_p1_affine_in_g1(&points[i]);
}

void decompress(const std::uint8_t* encoded, blst_p1_affine* out, bool* valid, std::size_t count)
{
    decompress_on_curve(encoded, out, valid, count);
    for (std::size_t i = 0; i < count; ++i)
        valid[i] = valid[i] && blst_p1_affine_in_g1(&out[i]);
}

void multiply(const LaneFp* a, const LaneFp* b, LaneFp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        Portable::store(Portable::mul(Portable::load(a[i]), Portable::load(b[i])), out[i]);
}

void square(const LaneFp* a, LaneFp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        Portable::store(Portable::sqr(Portable::load(a[i])), out[i]);
}

void subtract(const LaneFp* a, const LaneFp* b, LaneFp* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        Portable::store(Portable::sub(Portable::load(a[i]), Portable::load(b[i])), out[i]);
}

constexpr LaneKernels KERNELS = {.name = "portable",
    .points_to_lanes = points_to_lanes,
    .points_from_lanes = points_from_lanes,
    .add = LaneAdder<Portable>::add,
    .twice = LaneAdder<Portable>::twice,
    .decompress = decompress,
    .decompress_on_curve = decompress_on_curve,
    .in_subgroup = in_subgroup,
    .to_lanes = to_lanes,
    .from_lanes = from_lanes,
    .multiply = multiply,
    .square = square,
    .subtract = subtract};

}  // namespace

const LaneKernels& portable_lanes() noexcept
{
    return KERNELS;
}

const LaneKernels& lane_kernels() noexcept
{
    static const LaneKernels& fastest = ifma_lanes() != nullptr   ? *ifma_lanes()
                                        : avx2_lanes() != nullptr ? *avx2_lanes()
                                                                  : portable_lanes();
    return fastest;
}

}  // namespace ashlar
