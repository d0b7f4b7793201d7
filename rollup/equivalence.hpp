#pragma once

/// Ties another proof system's commitment to weights to blobs of an object:
/// docs/formats/equivalence.md, and what contracts/src/EquivalenceVerifier.sol takes.

#include "retrieval/light_object.hpp"

namespace ashlar
{

inline constexpr std::uint64_t EQUIVALENCE_BLOBS_MAX = 256;    ///< In one call on chain.
inline constexpr std::uint32_t EQUIVALENCE_SCHEME_SHA256 = 1;  ///< W = SHA-256 of the bytes.
inline constexpr std::uint32_t EQUIVALENCE_SCHEMES_PRIVATE = 1U << 31;
inline constexpr std::size_t EQUIVALENCE_W_BYTES_MAX = 1U << 20;

/// Blobs first ≤ i < end, and W in its scheme.
struct EquivalenceClaim
{
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    std::uint32_t scheme = EQUIVALENCE_SCHEME_SHA256;
    Bytes w;
};

/// What follows from the claim alone: the combination's factor γ and the point z.
struct EquivalenceChallenge
{
    Fr gamma;
    Fr z;

    [[nodiscard]] static EquivalenceChallenge of(
        const Bytes32& object_root, const EquivalenceClaim& claim);
};

/// A proof, from anybody. verify_equivalence() says whether it holds.
struct EquivalenceProof
{
    ObjectBinding binding{};
    EquivalenceClaim claim{};
    std::vector<BoundCommitment> blobs{};  ///< first … end − 1.
    Bytes32 y{};                           ///< Σγ^(i−first)·p_i(z)
    Bytes48 proof{};                       ///< Of the combination at z.
};

/// Makes a proof and verifies it.
///
/// @param claim  Under scheme 1, W may be left empty and is then computed.
/// @return  invalid_input for a range that is empty, over EQUIVALENCE_BLOBS_MAX or beyond K, or a
///          scheme or W that the page refuses; proof_invalid if a W of scheme 1 is not that of the
///          bytes; or an error of LightObject.
[[nodiscard]] Result<EquivalenceProof> prove_equivalence(
    LightObject& object, EquivalenceClaim claim);

/// Makes every check of EquivalenceVerifier but what stands behind the root.
/// @return  proof_invalid if anything does not hold.
[[nodiscard]] Result<void> verify_equivalence(
    const Bytes32& object_root, const EquivalenceProof& proof);

}  // namespace ashlar
