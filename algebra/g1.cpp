#include "algebra/g1.hpp"

#include "algebra/g1_subgroup.hpp"
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

/// Points decompressed together: the more, the cheaper their subgroup check; and still many tasks.
constexpr std::size_t POINTS_PER_TASK = 4096;

/// Why the first of the points that is not valid is not.
///
/// @param encoded  48 bytes a point, of which the first is number `first` of all.
/// @pre some point is not valid
Error first_bad(ByteView encoded, std::size_t first)
{
    for (std::size_t i = 0;; ++i)
    {
        ASHLAR_ASSERT(i < encoded.size() / BYTES_PER_G1);
        auto point = G1Affine::decompress(encoded.subspan(i * BYTES_PER_G1).first<BYTES_PER_G1>());
        if (!point)
            return within(fmt::format("point {}", first + i), std::move(point).error()).value();
    }
}

/// Decompresses up to POINTS_PER_TASK points, the first of which is number `first` of all.
Result<void> decompress_some(ByteView encoded, std::size_t first, std::span<G1Affine> out)
{
    const auto& kernels = lane_kernels();
    std::vector<blst_p1_affine> points(out.size());
    const auto valid = std::make_unique<bool[]>(out.size());
    kernels.decompress_on_curve(reinterpret_cast<const std::uint8_t*>(encoded.data()),
        points.data(), valid.get(), out.size());
    const bool on_curve =
        std::all_of(valid.get(), valid.get() + out.size(), [](bool one) { return one; });
    if (!on_curve || !all_in_g1(points, kernels))
        return tl::unexpected<Error>(first_bad(encoded, first));
    std::ranges::transform(
        points, out.begin(), [](const blst_p1_affine& point) { return G1Affine{point}; });
    return {};
}

}  // namespace

Result<std::vector<G1Affine>> decompress_all(ByteView bytes)
{
    if (bytes.size() % BYTES_PER_G1 != 0)
        return fail(
            ErrorKind::invalid_input, "{} bytes are no whole number of points", bytes.size());
    std::vector<G1Affine> out(bytes.size() / BYTES_PER_G1);
    if (out.empty())
        return out;
    const auto tasks =
        std::max(thread_count(), (out.size() + POINTS_PER_TASK - 1) / POINTS_PER_TASK);
    const auto points_per_task = (out.size() + tasks - 1) / tasks;
    ASHLAR_CHECK(try_parallel_for(tasks, [&](std::size_t task) {
        const auto first = std::min(task * points_per_task, out.size());
        const auto count = std::min(points_per_task, out.size() - first);
        return decompress_some(bytes.subspan(first * BYTES_PER_G1, count * BYTES_PER_G1), first,
            std::span{out}.subspan(first, count));
    }));
    return out;
}

}  // namespace ashlar
