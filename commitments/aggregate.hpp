#pragma once

/// One opening of many blobs at one point: of Σ γⁱ·pᵢ, which the receiver combines from the
/// blobs' commitments, since commitments are linear.

#include "commitments/opening.hpp"

namespace ashlar
{

/// The openings of all blobs at z in one proof.
struct AggregatedOpening
{
    Proof proof;             ///< Of Σ γⁱ·pᵢ at z.
    std::vector<Fr> values;  ///< pᵢ(z), one a blob.
};

/// Opens blobs, one after another in `blobs`, at z. On all cores.
///
/// γ must not be known before the blobs, z and the values are fixed, or values that are wrong
/// could be chosen to cancel: aggregation_challenge() hashes all of them.
/// @return  invalid_input if the length is no positive multiple of a blob's, or a blob is
///          malformed.
[[nodiscard]] Result<AggregatedOpening> open_many_at(
    ByteView blobs, std::span<const Commitment> commitments, const Fr& z);

/// γ: SHA-512, modulo r, of the tag `ashlar/openings/v1`, the number of blobs as eight bytes,
/// commitments, z and values; everything big-endian.
[[nodiscard]] Fr aggregation_challenge(
    std::span<const Commitment> commitments, const Fr& z, std::span<const Fr> values);

/// @return  invalid_input for lists of different lengths and for none at all; proof_invalid if
///          some value is not its blob's at z.
[[nodiscard]] Result<void> verify_aggregated_opening(
    std::span<const Commitment> commitments, const Fr& z, const AggregatedOpening& opening);

}  // namespace ashlar
