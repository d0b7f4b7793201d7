#include "commitments/aggregate.hpp"

#include "algebra/msm.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"

namespace ashlar
{

Fr aggregation_challenge(
    std::span<const Commitment> commitments, const Fr& z, std::span<const Fr> values)
{
    Hasher hasher{DigestKind::sha512};
    hasher.update(as_byte_view("ashlar/openings/v1"));
    hasher.update(big_endian(std::uint64_t{commitments.size()}));
    for (const auto& commitment : commitments)
        hasher.update(commitment.bytes());
    hasher.update(z.to_bytes());
    for (const auto& value : values)
        hasher.update(value.to_bytes());
    return Fr::reduce(std::span<const std::byte, 64>{hasher.finish<64>()});
}

Result<AggregatedOpening> open_many_at(
    ByteView blobs, std::span<const Commitment> commitments, const Fr& z)
{
    const auto count = commitments.size();
    if (count == 0 || blobs.size() != count * BYTES_PER_BLOB)
        return fail(ErrorKind::invalid_input, "{} bytes of blobs and {} commitments do not pair up",
            blobs.size(), count);
    const auto blob_at = [&](std::size_t i) {
        return BlobElements::parse(blobs.subspan(i * BYTES_PER_BLOB).first<BYTES_PER_BLOB>());
    };
    AggregatedOpening out;
    out.values.resize(count);
    ASHLAR_CHECK(try_parallel_for(count, [&](std::size_t i) -> Result<void> {
        ASHLAR_TRY(const auto elements, blob_at(i));
        out.values[i] = evaluate(elements.values(), z);
        return {};
    }));

    // Parsed again rather than kept: a blob's elements take as much memory as the blob.
    const auto factors = powers(aggregation_challenge(commitments, z, out.values), count);
    std::vector<Fr> combined(ELEMENTS_PER_BLOB);
    for (std::size_t i = 0; i < count; ++i)
    {
        ASHLAR_TRY(const auto elements, blob_at(i));
        for (std::size_t e = 0; e < combined.size(); ++e)
            combined[e] += factors[i] * elements.values()[e];
    }
    out.proof = open_at(std::span{combined}.first<ELEMENTS_PER_BLOB>(), z).proof;
    return out;
}

Result<void> verify_aggregated_opening(
    std::span<const Commitment> commitments, const Fr& z, const AggregatedOpening& opening)
{
    const auto count = commitments.size();
    if (count == 0 || opening.values.size() != count)
        return fail(ErrorKind::invalid_input, "{} commitments and {} values do not pair up", count,
            opening.values.size());
    const auto factors = powers(aggregation_challenge(commitments, z, opening.values), count);
    std::vector<G1Affine> points;
    Fr value;
    for (std::size_t i = 0; i < count; ++i)
    {
        points.push_back(commitments[i].point());
        value += factors[i] * opening.values[i];
    }
    const auto combined = Commitment::from_point(parallel_msm(points, factors).to_affine());
    return verify_opening(combined, z, value, opening.proof);
}

}  // namespace ashlar
