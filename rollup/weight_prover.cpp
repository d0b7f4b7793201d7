#include "rollup/weight_prover.hpp"

#include "base/parallel.hpp"
#include "checkpoint/blob_packing.hpp"

namespace ashlar
{
namespace
{

Result<void> check_data_blob(const LightObject& object, std::uint64_t blob)
{
    const auto data_blobs = object.header().shape().data_blobs();
    if (blob < data_blobs)
        return {};
    return fail(ErrorKind::invalid_input, "the object has data blobs 0 to {}", data_blobs - 1);
}

Result<std::vector<BoundCommitment>> bind_blobs_of(LightObject& object, const PayloadRange& range)
{
    std::vector<std::uint64_t> positions;
    const auto last = (range.offset + range.size - 1) / PAYLOAD_BYTES_PER_BLOB;
    for (auto blob = range.offset / PAYLOAD_BYTES_PER_BLOB; blob <= last; ++blob)
        positions.push_back(blob);
    return object.bind(positions);
}

/// Openings of consecutive elements, counted over blobs of which the first is blobs[0].
Result<std::vector<ElementOpening>> open_elements(
    std::span<const Bytes> blobs, std::uint64_t first, std::size_t count)
{
    std::vector<BlobElements> parsed;
    for (const auto& blob : blobs)
    {
        ASHLAR_TRY(auto elements, BlobElements::parse(ByteView{blob}.first<BYTES_PER_BLOB>()));
        parsed.push_back(std::move(elements));
    }
    std::vector<ElementOpening> openings(count);
    parallel_for(count, [&](std::size_t i) {
        const auto& blob = parsed[(first + i) / ELEMENTS_PER_BLOB - first / ELEMENTS_PER_BLOB];
        const auto z =
            blob_domain().point(static_cast<std::size_t>((first + i) % ELEMENTS_PER_BLOB));
        const auto opening = open_at(blob.values(), z);
        openings[i] = {.value = opening.value.to_bytes(), .proof = opening.proof.bytes()};
    });
    return openings;
}

/// Fills in blobs and elements for the range, and checks the whole.
Result<WeightProof> finish(LightObject& object, WeightProof proof)
{
    const auto first = element_of(proof.range.offset);
    const auto count = element_of(proof.range.offset + proof.range.size - 1) - first + 1;
    if (count > PROOF_ELEMENTS_MAX)
        return fail(ErrorKind::invalid_input,
            "{} bytes take {} elements; one proof has at most {}: ask for less, or for cells",
            proof.range.size, count, PROOF_ELEMENTS_MAX);
    proof.binding = object.binding();
    ASHLAR_TRY(proof.blobs, bind_blobs_of(object, proof.range));
    ASHLAR_TRY(const auto blobs, object.blobs(proof.blobs));
    ASHLAR_TRY(proof.elements, open_elements(blobs, first, static_cast<std::size_t>(count)));
    ASHLAR_CHECK(verify_weight_proof(object.header().root(), proof));
    return proof;
}

}  // namespace

Result<WeightProof> prove_element(LightObject& object, std::uint64_t blob, std::uint64_t element)
{
    ASHLAR_CHECK(check_data_blob(object, blob));
    if (element >= ELEMENTS_PER_BLOB)
        return fail(ErrorKind::invalid_input, "a blob has elements 0 to {}", ELEMENTS_PER_BLOB - 1);
    WeightProof proof{.kind = WeightProofKind::element};
    proof.range = {.offset = element_begin(blob, element), .size = PAYLOAD_BYTES_PER_ELEMENT};
    return finish(object, std::move(proof));
}

Result<WeightProof> prove_bytes(LightObject& object, const PayloadRange& range)
{
    const auto payload = object.header().fields().payload_bytes;
    if (range.size == 0 || range.offset > payload || range.size > payload - range.offset)
        return fail(ErrorKind::invalid_input,
            "bytes {} and {} more are not in the payload of {} bytes, or none", range.offset,
            range.size, payload);
    WeightProof proof{.kind = WeightProofKind::bytes};
    proof.range = range;
    return finish(object, std::move(proof));
}

Result<WeightProof> prove_tensor(LightObject& object, const Directory& directory,
    const Tensor& tensor, const PayloadRange& within)
{
    if (within.size == 0 || within.offset > tensor.size ||
        within.size > tensor.size - within.offset)
        return fail(ErrorKind::invalid_input,
            "the tensor has {} bytes: {} from {} on are not in it, or none", tensor.size,
            within.size, within.offset);
    const auto index = static_cast<std::size_t>(&tensor - directory.tensors().data());
    ASHLAR_ASSERT(index < directory.tensors().size());
    WeightProof proof{.kind = WeightProofKind::tensor};
    proof.range = {.offset = tensor.offset + within.offset, .size = within.size};
    proof.tensor =
        TensorClaim{.index = index, .tensor = tensor, .path = directory.tensor_path(index)};
    return finish(object, std::move(proof));
}

Result<WeightProof> prove_cell(LightObject& object, std::uint64_t blob, std::uint64_t cell)
{
    ASHLAR_CHECK(check_data_blob(object, blob));
    if (cell >= CELLS_PER_BLOB)
        return fail(ErrorKind::invalid_input, "a blob has cells 0 to {}", CELLS_PER_BLOB - 1);
    WeightProof proof{.kind = WeightProofKind::cell};
    proof.range = {.offset = cell_begin(blob, cell), .size = PAYLOAD_BYTES_PER_CELL};
    proof.binding = object.binding();
    ASHLAR_TRY(proof.blobs, bind_blobs_of(object, proof.range));
    ASHLAR_TRY(const auto opened, object.cell(proof.blobs[0], cell));
    proof.cell_payload.resize(PAYLOAD_BYTES_PER_CELL);
    ASHLAR_CHECK(unpack_elements(opened.cell, proof.cell_payload));
    proof.cell_proof = opened.proof.bytes();
    ASHLAR_CHECK(verify_weight_proof(object.header().root(), proof));
    return proof;
}

}  // namespace ashlar
