#pragma once

/// Making proofs of weights. Each one is verified before it is returned.

#include "retrieval/light_object.hpp"
#include "rollup/weight_proof.hpp"

namespace ashlar
{

/// One element of a data blob.
/// @return  invalid_input for a blob ≥ K or an element ≥ 4096, or an error of LightObject.
[[nodiscard]] Result<WeightProof> prove_element(
    LightObject& object, std::uint64_t blob, std::uint64_t element);

/// Payload bytes.
/// @return  invalid_input for a range that is empty, leaves the payload or touches more than
///          PROOF_ELEMENTS_MAX elements, or an error of LightObject.
[[nodiscard]] Result<WeightProof> prove_bytes(LightObject& object, const PayloadRange& range);

/// Bytes of a tensor, and that it lies there as declared.
///
/// @param tensor  One of directory.tensors().
/// @param within  Counted from the tensor's first byte.
/// @return  as prove_bytes(); proof_invalid if the directory is not the header's.
[[nodiscard]] Result<WeightProof> prove_tensor(LightObject& object, const Directory& directory,
    const Tensor& tensor, const PayloadRange& within);

/// A whole cell of a data blob: 1,984 payload bytes.
/// @return  invalid_input for a blob ≥ K or a cell ≥ 64, or an error of LightObject.
[[nodiscard]] Result<WeightProof> prove_cell(
    LightObject& object, std::uint64_t blob, std::uint64_t cell);

}  // namespace ashlar
