#pragma once

/// Proofs that bytes of a checkpoint are what they are, against an object root: what
/// contracts/src/WeightVerifier.sol takes, and how to check it without a chain.
/// docs/formats/opening.md.

#include "checkpoint/directory.hpp"
#include "retrieval/fetch.hpp"
#include "rollup/binding.hpp"

namespace ashlar
{

/// Elements in one proof: a thousandth of a second of checking each, and beyond a block's gas long
/// before. Cells are cheaper from about 15 on.
inline constexpr std::size_t PROOF_ELEMENTS_MAX = 1024;

/// One element and its KZG proof at ω₄₀₉₆^rev₁₂(e).
struct ElementOpening
{
    Bytes32 value;  ///< y, below 2²⁴⁸.
    Bytes48 proof;
};

/// A tensor as its publisher declares it, with its place in the directory.
struct TensorClaim
{
    std::uint64_t index;  ///< In the directory's list.
    Tensor tensor;
    std::vector<Bytes32> path;  ///< Directory::tensor_path()
};

/// Which call of WeightVerifier a proof is for.
enum class WeightProofKind : std::uint8_t
{
    element,  ///< One element of a data blob, whole.
    bytes,    ///< Payload bytes, over as many elements and blobs as needed.
    tensor,   ///< That a named tensor lies there, and bytes of it.
    cell,     ///< A whole cell of EIP-7594.
};

[[nodiscard]] std::string_view to_string(WeightProofKind kind) noexcept;

/// A proof, from anybody. verify_weight_proof() says whether it holds.
struct WeightProof
{
    WeightProofKind kind = WeightProofKind::bytes;
    ObjectBinding binding{};
    PayloadRange range{};                  ///< The bytes proven. An element's or a cell's may pass
                                           ///< the payload's end by zeros.
    std::vector<BoundCommitment> blobs{};  ///< Every data blob that the range touches, in order.
    std::vector<ElementOpening> elements{};  ///< Every element that it touches; none for cells.
    std::optional<TensorClaim> tensor{};     ///< For tensors alone.
    Bytes cell_payload{};                    ///< For cells alone: 1,984 bytes.
    Bytes48 cell_proof{};                    ///< For cells alone.
};

/// Elements, counted over all data blobs in a row, 4,096 each: ⌊q/126976⌋·4096 + ⌊(q mod
/// 126976)/31⌋.
[[nodiscard]] std::uint64_t element_of(std::uint64_t payload_byte) noexcept;

/// Payload byte at which an element, or a cell, begins.
[[nodiscard]] std::uint64_t element_begin(std::uint64_t blob, std::uint64_t element) noexcept;
[[nodiscard]] std::uint64_t cell_begin(std::uint64_t blob, std::uint64_t cell) noexcept;

/// Makes every check of WeightVerifier but what stands behind the root: header, paths, KZG proofs,
/// the tensor's entry in the directory.
///
/// @return  the bytes of proof.range; proof_invalid if anything does not hold.
[[nodiscard]] Result<Bytes> verify_weight_proof(
    const Bytes32& object_root, const WeightProof& proof);

}  // namespace ashlar
