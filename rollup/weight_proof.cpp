#include "rollup/weight_proof.hpp"

#include "base/parallel.hpp"
#include "base/ssz.hpp"
#include "checkpoint/blob_packing.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t TENSOR_PATH_SIBLINGS = 24;  ///< 22 in the list, its length, the files.
static_assert(TENSORS_MAX == std::size_t{1} << (TENSOR_PATH_SIBLINGS - 2));

tl::unexpected<Error> refuse(std::string_view why)
{
    return fail(ErrorKind::proof_invalid, "the proof does not hold: {}", why);
}

/// The range is one that WeightVerifier takes for the kind, and the payload's.
Result<void> check_range(const ObjectHeader& header, const WeightProof& proof)
{
    const auto& [offset, size] = proof.range;
    const auto payload = header.fields().payload_bytes;
    const auto in_blob = offset % PAYLOAD_BYTES_PER_BLOB;
    const auto whole = [&](std::uint64_t unit) {
        const bool in_data = offset / PAYLOAD_BYTES_PER_BLOB < header.shape().data_blobs();
        return in_data && in_blob % unit == 0 && size == unit;
    };
    switch (proof.kind)
    {
        case WeightProofKind::element:
            if (whole(PAYLOAD_BYTES_PER_ELEMENT))
                return {};
            break;
        case WeightProofKind::cell:
            if (whole(PAYLOAD_BYTES_PER_CELL))
                return {};
            break;
        case WeightProofKind::bytes:
        case WeightProofKind::tensor:
            if (size > 0 && offset <= payload && size <= payload - offset)
                return {};
            break;
    }
    return refuse("its range is not one of this object");
}

/// Exactly the data blobs that the range touches, each bound to the root.
Result<std::vector<Commitment>> check_blobs(const ObjectHeader& header, const WeightProof& proof)
{
    const auto first = proof.range.offset / PAYLOAD_BYTES_PER_BLOB;
    const auto last = (proof.range.offset + proof.range.size - 1) / PAYLOAD_BYTES_PER_BLOB;
    if (proof.blobs.size() != last - first + 1)
        return refuse("it has another number of blobs than its range");
    std::vector<Commitment> commitments;
    for (std::size_t i = 0; i < proof.blobs.size(); ++i)
    {
        if (proof.blobs[i].position != first + i)
            return refuse("its blobs are not those of its range");
        ASHLAR_TRY(const auto commitment, check_path(header, proof.blobs[i]));
        commitments.push_back(commitment);
    }
    return commitments;
}

Result<void> check_element(
    const Commitment& commitment, std::uint64_t element, const ElementOpening& opening)
{
    if (opening.value[0] != std::byte{0})
        return refuse("an element is not below 2^248");
    const auto proof = Proof::parse(opening.proof);
    if (!proof)
        return refuse("a KZG proof is no point of G1");
    ASHLAR_TRY(const auto value, Fr::parse(opening.value));
    return verify_opening(
        commitment, blob_domain().point(static_cast<std::size_t>(element)), value, *proof);
}

/// The elements hold; their bytes within the range.
Result<Bytes> check_elements(std::span<const Commitment> commitments, const WeightProof& proof)
{
    const auto first = element_of(proof.range.offset);
    const auto last = element_of(proof.range.offset + proof.range.size - 1);
    if (proof.elements.size() != last - first + 1 || proof.elements.size() > PROOF_ELEMENTS_MAX)
        return refuse("it has another number of elements than its range");
    ASHLAR_CHECK(try_parallel_for(proof.elements.size(), [&](std::size_t i) {
        const auto blob = (first + i) / ELEMENTS_PER_BLOB - first / ELEMENTS_PER_BLOB;
        return check_element(commitments[blob], (first + i) % ELEMENTS_PER_BLOB, proof.elements[i]);
    }));
    Bytes packed;
    for (const auto& element : proof.elements)
        append(packed, element.value);
    Bytes payload(PAYLOAD_BYTES_PER_ELEMENT * proof.elements.size());
    ASHLAR_CHECK(unpack_elements(packed, payload));
    const auto skip = proof.range.offset % PAYLOAD_BYTES_PER_BLOB % PAYLOAD_BYTES_PER_ELEMENT;
    const auto bytes = ByteView{payload}.subspan(skip, proof.range.size);
    return Bytes{bytes.begin(), bytes.end()};
}

Result<Bytes> check_cell(const Commitment& commitment, const WeightProof& proof)
{
    if (proof.cell_payload.size() != PAYLOAD_BYTES_PER_CELL || !proof.elements.empty())
        return refuse("a cell has 1984 bytes and no elements");
    Cell cell;
    pack_elements(proof.cell_payload, cell);
    const auto point = Proof::parse(proof.cell_proof);
    if (!point)
        return refuse("the cell's proof is no point of G1");
    const auto index = proof.range.offset % PAYLOAD_BYTES_PER_BLOB / PAYLOAD_BYTES_PER_CELL;
    const CellClaim claim{commitment, index, cell, *point};
    ASHLAR_CHECK(verify_cells({&claim, 1}));
    return proof.cell_payload;
}

/// The tensor stands in the directory under the header's root, and the range lies in it.
Result<void> check_tensor(const ObjectHeader& header, const WeightProof& proof)
{
    const auto is_tensor = proof.kind == WeightProofKind::tensor;
    if (proof.tensor.has_value() != is_tensor)
        return refuse("a tensor is named exactly in proofs of tensors");
    if (!is_tensor)
        return {};
    const auto& [index, tensor, path] = *proof.tensor;
    if (path.size() != TENSOR_PATH_SIBLINGS)
        return refuse("the tensor's path has another length");
    // Sibling 22 is the list's length: entries beyond it do not exist.
    const auto length =
        load_little_endian<std::uint64_t>(std::span{path[22]}.first<sizeof(std::uint64_t)>());
    if (path[22] != ssz::chunk_of(length) || length > TENSORS_MAX || index >= length)
        return refuse("the tensor's index is not in the directory");
    if (tensor.shape.size() > TENSOR_RANK_MAX || tensor.name.size() > TENSOR_NAME_BYTES_MAX)
        return refuse("the tensor's name or shape is too long");
    // In the list, then left of its length, then right of the files.
    const auto place = index | std::uint64_t{1} << (TENSOR_PATH_SIBLINGS - 1);
    if (root_from_path(tensor_root(tensor), place, path) != header.fields().directory_root)
        return refuse("the directory has no such tensor there");
    const auto directory = header.fields().directory_offset;
    if (tensor.offset > directory || tensor.size > directory - tensor.offset)
        return refuse("the tensor is declared to lie in the directory");
    const auto& [offset, size] = proof.range;
    if (offset < tensor.offset || offset - tensor.offset > tensor.size ||
        size > tensor.size - (offset - tensor.offset))
        return refuse("its range leaves the tensor");
    return {};
}

}  // namespace

std::string_view to_string(WeightProofKind kind) noexcept
{
    switch (kind)
    {
        case WeightProofKind::element:
            return "element";
        case WeightProofKind::bytes:
            return "bytes";
        case WeightProofKind::tensor:
            return "tensor";
        case WeightProofKind::cell:
            break;
    }
    return "cell";
}

std::uint64_t element_of(std::uint64_t payload_byte) noexcept
{
    return payload_byte / PAYLOAD_BYTES_PER_BLOB * ELEMENTS_PER_BLOB +
           payload_byte % PAYLOAD_BYTES_PER_BLOB / PAYLOAD_BYTES_PER_ELEMENT;
}

std::uint64_t element_begin(std::uint64_t blob, std::uint64_t element) noexcept
{
    return blob * PAYLOAD_BYTES_PER_BLOB + element * PAYLOAD_BYTES_PER_ELEMENT;
}

std::uint64_t cell_begin(std::uint64_t blob, std::uint64_t cell) noexcept
{
    return blob * PAYLOAD_BYTES_PER_BLOB + cell * PAYLOAD_BYTES_PER_CELL;
}

Result<Bytes> verify_weight_proof(const Bytes32& object_root, const WeightProof& proof)
{
    const auto header = ObjectHeader::parse_for(object_root, proof.binding.header);
    if (!header)
        return refuse(header.error().message);
    ASHLAR_CHECK(check_range(*header, proof));
    ASHLAR_TRY(const auto commitments, check_blobs(*header, proof));
    ASHLAR_CHECK(check_tensor(*header, proof));
    if (proof.kind == WeightProofKind::cell)
        return check_cell(commitments[0], proof);
    return check_elements(commitments, proof);
}

}  // namespace ashlar
