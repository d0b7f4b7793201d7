#pragma once

/// One sample: asking a holder for it, and checking what came.

#include <memory>

#include "sampling-client/evidence.hpp"
#include "sampling-client/member_book.hpp"

namespace ashlar
{

/// Asks the draw's holders in its order until one answers. One request asks for one sample, so
/// requests tell nobody which of them belong together. What comes is not checked yet.
/// @return  nothing if no holder answers.
[[nodiscard]] std::optional<SampleAnswer> ask_holders(
    MemberBook& book, const Bytes32& object_root, const Draw& draw, SampleMode mode);

/// An answer with what it must match.
struct SampleClaim
{
    const Draw& draw;
    const SampleAnswer& answer;
    const Commitment& commitment;  ///< One that counts: full check or walk passed.
};

/// Why a claim is false; nothing where it holds.
using ClaimFault = std::optional<std::string>;

/// Checks the claims together, and where together they fail each alone. Uses all cores.
/// @return  one entry a claim.
[[nodiscard]] std::vector<ClaimFault> check_claims(
    std::span<const SampleClaim> claims, SampleMode mode);

}  // namespace ashlar
