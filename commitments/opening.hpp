#pragma once

/// Openings of a blob's polynomial at one point (EIP-4844: compute_kzg_proof, verify_kzg_proof).

#include "commitments/commitment.hpp"

namespace ashlar
{

/// A KZG proof: a point of G1.
using Proof = Commitment;

struct Opening
{
    Proof proof;
    Fr value;  ///< y = p(z)
};

/// p(z) by the barycentric formula; exact on the domain too.
[[nodiscard]] Fr evaluate(std::span<const Fr, ELEMENTS_PER_BLOB> elements, const Fr& z);

/// Opening at any z, on the domain or off it.
[[nodiscard]] Opening open_at(std::span<const Fr, ELEMENTS_PER_BLOB> elements, const Fr& z);

/// The specification's compute_kzg_proof.
[[nodiscard]] Result<Opening> compute_kzg_proof(BlobView blob, std::span<const std::byte, 32> z);

/// @return  proof_invalid if p(z) = y does not hold.
[[nodiscard]] Result<void> verify_opening(
    const Commitment& commitment, const Fr& z, const Fr& y, const Proof& proof);

/// The specification's verify_kzg_proof on raw bytes: invalid_input for malformed bytes,
/// proof_invalid for a false proof.
[[nodiscard]] Result<void> verify_kzg_proof(std::span<const std::byte, 48> commitment,
    std::span<const std::byte, 32> z, std::span<const std::byte, 32> y,
    std::span<const std::byte, 48> proof);

}  // namespace ashlar
