#pragma once

/// Proofs as JSON documents: what `ashlar prove` writes and `ashlar verify-proof` reads. Byte
/// strings are hexadecimal with "0x". docs/rollup.md lists the fields.

#include <variant>

#include "rollup/equivalence.hpp"
#include "rollup/weight_proof.hpp"

namespace ashlar
{

/// Greatest document: an equivalence over 256 blobs of the largest object, walks included.
inline constexpr std::size_t PROOF_JSON_BYTES_MAX = 8U << 20;

using AnyProof = std::variant<WeightProof, EquivalenceProof>;

/// One line, without an end of line.
[[nodiscard]] std::string to_json(const WeightProof& proof);
[[nodiscard]] std::string to_json(const EquivalenceProof& proof);

/// A proof from anybody. Whether it holds is for verify_weight_proof() and verify_equivalence().
/// @return  invalid_input naming what is malformed.
[[nodiscard]] Result<AnyProof> parse_proof(std::string_view json);

}  // namespace ashlar
