#include "algebra/g1.hpp"

#include "algebra/fp_lanes.hpp"
#include "base/parallel.hpp"

namespace ashlar
{

Result<G1Affine> G1Affine::decompress_trusted(std::span<const std::byte, 48> bytes)
{
    blst_p1_affine point;
    // blst refuses wrong flags, x ≥ p, infinity with a body and x off the curve.
    if (blst_p1_uncompress(&point, reinterpret_cast<const byte*>(bytes.data())) != BLST_SUCCESS)
        return fail(ErrorKind::invalid_input, "not the compressed form of a G1 curve point");
    return G1Affine{point};
}

Result<G1Affine> G1Affine::decompress(std::span<const std::byte, 48> bytes)
{
    ASHLAR_TRY(const auto point, decompress_trusted(bytes));
    // The pairing check binds only the prime-order subgroup, and the curve has other points.
    if (!blst_p1_affine_in_g1(&point.raw()))
        return fail(ErrorKind::invalid_input, "curve point is outside G1");
    return point;
}

Bytes48 G1Affine::compress() const noexcept
{
    Bytes48 out;
    blst_p1_affine_compress(reinterpret_cast<byte*>(out.data()), &value_);
    return out;
}

bool G1Affine::is_infinity() const noexcept
{
    return blst_p1_affine_is_inf(&value_);
}

G1Affine G1::to_affine() const noexcept
{
    blst_p1_affine out;
    blst_p1_to_affine(&out, &value_);
    return G1Affine{out};
}

Bytes48 G1::compress() const noexcept
{
    Bytes48 out;
    blst_p1_compress(reinterpret_cast<byte*>(out.data()), &value_);
    return out;
}

G1 operator*(const G1& point, const Fr& scalar) noexcept
{
    constexpr std::size_t SCALAR_BITS = 255;
    const auto integer = scalar.to_scalar();
    G1 out;
    blst_p1_mult(&out.value_, &point.value_, integer.b, SCALAR_BITS);
    return out;
}

std::vector<G1Affine> to_affine(std::span<const G1> points)
{
    // blst's batch conversion shares one inversion but does not take infinities.
    std::vector<const blst_p1*> finite;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < points.size(); ++i)
    {
        if (points[i].is_infinity())
            continue;
        finite.push_back(&points[i].raw());
        places.push_back(i);
    }
    std::vector<blst_p1_affine> converted(finite.size());
    if (!finite.empty())
        blst_p1s_to_affine(converted.data(), finite.data(), finite.size());
    std::vector<G1Affine> out(points.size());
    for (std::size_t i = 0; i < places.size(); ++i)
        out[places[i]] = G1Affine{converted[i]};
    return out;
}

namespace
{

/// Points decompressed together: some vectors of lanes, and still many tasks.
constexpr std::size_t POINTS_PER_TASK = 128;

/// Decompresses up to POINTS_PER_TASK points, the first of which is number `first` of all.
Result<void> decompress_some(ByteView bytes, std::size_t first, std::span<G1Affine> out)
{
    std::array<blst_p1_affine, POINTS_PER_TASK> points;
    std::array<bool, POINTS_PER_TASK> valid;
    lane_kernels().decompress(reinterpret_cast<const std::uint8_t*>(bytes.data()), points.data(),
        valid.data(), out.size());
    for (std::size_t i = 0; i < out.size(); ++i)
    {
        if (!valid[i])
        {
            // Once more, for the reason.
            auto point =
                G1Affine::decompress(bytes.subspan(i * BYTES_PER_G1).first<BYTES_PER_G1>());
            ASHLAR_ASSERT(!point);
            return within(fmt::format("point {}", first + i), std::move(point).error());
        }
        out[i] = G1Affine{points[i]};
    }
    return {};
}

}  // namespace

Result<std::vector<G1Affine>> decompress_all(ByteView bytes)
{
    if (bytes.size() % BYTES_PER_G1 != 0)
        return fail(
            ErrorKind::invalid_input, "{} bytes are no whole number of points", bytes.size());
    std::vector<G1Affine> out(bytes.size() / BYTES_PER_G1);
    const auto tasks = (out.size() + POINTS_PER_TASK - 1) / POINTS_PER_TASK;
    ASHLAR_CHECK(try_parallel_for(tasks, [&](std::size_t task) {
        const auto first = task * POINTS_PER_TASK;
        const auto count = std::min(POINTS_PER_TASK, out.size() - first);
        return decompress_some(bytes.subspan(first * BYTES_PER_G1, count * BYTES_PER_G1), first,
            std::span{out}.subspan(first, count));
    }));
    return out;
}

}  // namespace ashlar
