#include "commitments/commitment.hpp"

#include <fmt/format.h>

#include "base/parallel.hpp"
#include "commitments/setup_msm.hpp"

namespace ashlar
{
namespace
{

/// Are all elements the same bytes?
bool is_constant(BlobView blob)
{
    return std::ranges::equal(
        blob.subspan<BYTES_PER_ELEMENT>(), blob.first<BYTES_PER_BLOB - BYTES_PER_ELEMENT>());
}

}  // namespace

Commitment::Commitment() noexcept : bytes_{std::byte{0xc0}}
{}

Result<Commitment> Commitment::parse(std::span<const std::byte, 48> bytes)
{
    ASHLAR_TRY(const auto point, G1Affine::decompress(bytes));
    return Commitment{point, to_array(bytes)};
}

Result<std::vector<Commitment>> parse_commitments(ByteView bytes)
{
    if (bytes.size() % BYTES_PER_G1 != 0)
        return fail(
            ErrorKind::invalid_input, "{} bytes are no whole number of commitments", bytes.size());
    auto points = decompress_all(bytes);
    if (!points)
        return within("commitments", std::move(points).error());
    std::vector<Commitment> out;
    out.reserve(points->size());
    for (const auto& point : *points)
    {
        const auto encoded = bytes.subspan(out.size() * BYTES_PER_G1).first<BYTES_PER_G1>();
        out.push_back(Commitment{point, to_array(encoded)});
    }
    return out;
}

Result<Commitment> blob_to_kzg_commitment(BlobView blob)
{
    if (is_constant(blob))
    {
        // The Lagrange polynomials sum to one. Files hold whole pages of one value, mostly zeros.
        ASHLAR_TRY(const auto value, Fr::parse(blob.first<BYTES_PER_ELEMENT>()));
        return Commitment::from_point((G1::generator() * value).to_affine());
    }
    // The sum takes integers: no way round by Montgomery form and back.
    std::vector<blst_scalar> elements(ELEMENTS_PER_BLOB);
    for (std::size_t e = 0; e < elements.size(); ++e)
    {
        const auto bytes = blob.subspan(e * BYTES_PER_ELEMENT).first<BYTES_PER_ELEMENT>();
        if (!Fr::parse_scalar(bytes, elements[e]))
            return fail(ErrorKind::invalid_input, "blob element {} is not below the modulus", e);
    }
    return Commitment::from_point(lagrange_msm().sum(elements).to_affine());
}

Result<std::vector<Commitment>> blobs_to_kzg_commitments(std::span<const BlobView> blobs)
{
    std::vector<Commitment> out(blobs.size());
    ASHLAR_CHECK(try_parallel_for(blobs.size(), [&](std::size_t i) -> Result<void> {
        auto commitment = blob_to_kzg_commitment(blobs[i]);
        if (!commitment)
            return within(fmt::format("blob {}", i), std::move(commitment).error());
        out[i] = *commitment;
        return {};
    }));
    return out;
}

Commitment commit(std::span<const Fr, ELEMENTS_PER_BLOB> elements)
{
    return Commitment::from_point(lagrange_msm().sum(elements).to_affine());
}

}  // namespace ashlar
