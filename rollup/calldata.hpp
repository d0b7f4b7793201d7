#pragma once

/// Calldata of the contracts in contracts/src, from proofs that were verified before.

#include "rollup/custody.hpp"
#include "rollup/equivalence.hpp"

namespace ashlar
{

/// WeightVerifier.verifyElement, verifyBytes, verifyTensor or verifyCell, by the proof's kind.
/// @pre verify_weight_proof() passed
[[nodiscard]] Bytes weight_calldata(const WeightProof& proof);

/// EquivalenceVerifier.verify.
/// @pre verify_equivalence() passed
[[nodiscard]] Bytes equivalence_calldata(const EquivalenceProof& proof);

/// CustodyChallenge.challenge; the bond goes with the transaction.
[[nodiscard]] Bytes challenge_calldata(const CustodyClaim& claim);

/// CustodyChallenge.answer, to the challenge of that number.
[[nodiscard]] Bytes answer_calldata(std::uint64_t challenge_id, const CustodyAnswer& answer);

/// What an object is anchored as.
struct Anchoring
{
    Bytes32 model_id{};
    std::uint64_t epoch = 0;  ///< Of the committee that signed.
    std::string uri;          ///< How to fetch the object.
    bool is_fork = false;     ///< Its parent is not the model's current root.
};

/// ModelRegistry.anchor or anchorFork.
/// @pre the certificate holds
/// @return  invalid_input if its signature is malformed.
[[nodiscard]] Result<Bytes> anchor_calldata(
    const ObjectHeader& header, const Certificate& certificate, const Anchoring& anchoring);

}  // namespace ashlar
