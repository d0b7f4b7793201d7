#pragma once

/// One sample: asking a holder for it, and checking what came. One request asks for one sample, so
/// requests tell nobody which of them belong together.

#include "sampling-client/evidence.hpp"
#include "sampling-client/member_book.hpp"

namespace ashlar
{

/// Asks for the draw's cell or blob. What comes is not checked yet.
/// @pre draw.stored
[[nodiscard]] Result<NodeAnswer> ask_sample(
    LightNodeApi& node, const Bytes32& object_root, const Draw& draw, SampleMode mode);

/// An answer with what it must match.
struct SampleClaim
{
    const Draw& draw;
    const NodeAnswer& answer;
    const Commitment& commitment;  ///< One that counts: full check or walk passed.
};

/// Why a claim is false; nothing where it holds.
using ClaimFault = std::optional<std::string>;

/// Checks the claims together, and where together they fail each alone. Uses all cores.
/// @return  one entry a claim.
[[nodiscard]] std::vector<ClaimFault> check_claims(
    std::span<const SampleClaim> claims, SampleMode mode);

}  // namespace ashlar
