#include "rollup/calldata.hpp"

#include "chain/abi.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view VERIFY_ELEMENT =
    "verifyElement(bytes32,bytes32[16],uint256,uint256,(bytes,bytes32[]),(uint256,bytes))";
constexpr std::string_view VERIFY_BYTES =
    "verifyBytes(bytes32,bytes32[16],uint256,uint256,(bytes,bytes32[])[],(uint256,bytes)[])";
constexpr std::string_view VERIFY_TENSOR =
    "verifyTensor(bytes32,bytes32[16],"
    "(uint256,bytes,uint32,uint8,uint64[],uint64,uint64,bytes32[]),uint256,uint256,"
    "(bytes,bytes32[])[],(uint256,bytes)[])";
constexpr std::string_view VERIFY_CELL =
    "verifyCell(bytes32,bytes32[16],uint256,uint256,(uint256,uint256,uint256,uint256),bytes32[],"
    "bytes,(uint256,uint256,uint256,uint256))";
constexpr std::string_view VERIFY_EQUIVALENCE =
    "verify(bytes32,bytes32[16],(uint64,uint64,uint32,bytes),"
    "((uint256,uint256,uint256,uint256)[],bytes32[],uint256,bytes))";
constexpr std::string_view CHALLENGE =
    "challenge(bytes32,bytes32[16],(uint256,uint256,bytes,bytes,bytes32))";
constexpr std::string_view ANSWER = "answer(uint256,bytes32[16],bytes,bytes32[],uint256,bytes)";
constexpr std::string_view ANCHOR_ARGUMENTS =
    "(bytes32,bytes32,bytes32[16],(uint256,uint64,bytes,(uint256[8])),string)";

using Abi = AbiValue;

Abi abi_tuple(std::initializer_list<Abi> members)
{
    return Abi::tuple({members.begin(), members.size()});
}

template <typename T, typename Convert>
Abi abi_array(const std::vector<T>& items, const Convert& convert)
{
    std::vector<Abi> converted;
    for (const auto& item : items)
        converted.push_back(convert(item));
    return Abi::array(converted);
}

Abi abi_path(const std::vector<Bytes32>& path)
{
    return abi_array(path, [](const Bytes32& sibling) { return Abi::word(sibling); });
}

std::vector<Bytes32> header_leaves(const HeaderBytes& header)
{
    std::vector<Bytes32> leaves;
    for (std::size_t at = 0; at < header.size(); at += sizeof(Bytes32))
        leaves.push_back(to_array(ByteView{header}.subspan(at).first<sizeof(Bytes32)>()));
    return leaves;
}

Abi abi_header(const HeaderBytes& header)
{
    // bytes32[16] has fixed length: its words stand where the array stands.
    std::vector<Abi> leaves;
    for (const auto& leaf : header_leaves(header))
        leaves.push_back(Abi::word(leaf));
    return Abi::tuple(leaves);
}

Bytes32 root_of_header(const HeaderBytes& header)
{
    return merkle_root(header_leaves(header));
}

/// A field element of 48 bytes as EIP-2537 has it: 64 bytes, two words.
void append_coordinate(std::vector<Abi>& words, ByteView coordinate)
{
    Bytes padded(16);
    append(padded, coordinate);
    for (const auto half : {std::size_t{0}, sizeof(Bytes32)})
        words.push_back(Abi::word(to_array(ByteView{padded}.subspan(half).first<32>())));
}

/// Bls.G1Point: x, then y; zeros for infinity.
Abi abi_g1(const Bytes48& compressed)
{
    const auto point = G1Affine::decompress(compressed);
    ASHLAR_ASSERT(point);
    ByteArray<2 * BYTES_PER_G1> coordinates{};
    if (!point->is_infinity())
        blst_p1_affine_serialize(
            reinterpret_cast<std::uint8_t*>(coordinates.data()), &point->raw());
    std::vector<Abi> words;
    for (std::size_t at = 0; at < coordinates.size(); at += BYTES_PER_G1)
        append_coordinate(words, ByteView{coordinates}.subspan(at, BYTES_PER_G1));
    return Abi::tuple(words);
}

/// Bls.G2Point: x.c0, x.c1, y.c0, y.c1; blst has c1 before c0.
Abi abi_g2(const G2Affine& point)
{
    ByteArray<2 * BYTES_PER_G2> coordinates{};
    if (!point.is_infinity())
        blst_p2_affine_serialize(reinterpret_cast<std::uint8_t*>(coordinates.data()), &point.raw());
    std::vector<Abi> words;
    for (const std::size_t part : {1U, 0U, 3U, 2U})
        append_coordinate(words, ByteView{coordinates}.subspan(part * BYTES_PER_G1, BYTES_PER_G1));
    return Abi::tuple(words);
}

Abi abi_blob(const BoundCommitment& bound)
{
    return abi_tuple({Abi::bytes(bound.commitment), abi_path(bound.path)});
}

Abi abi_element(const ElementOpening& opening)
{
    return abi_tuple({Abi::word(opening.value), Abi::bytes(opening.proof)});
}

Abi abi_tensor(const TensorClaim& claim)
{
    const auto& tensor = claim.tensor;
    return abi_tuple({Abi::number(claim.index), Abi::bytes(as_byte_view(tensor.name)),
        Abi::number(tensor.file_index), Abi::number(static_cast<std::uint8_t>(tensor.dtype)),
        abi_array(tensor.shape, [](std::uint64_t size) { return Abi::number(size); }),
        Abi::number(tensor.offset), Abi::number(tensor.size), abi_path(claim.path)});
}

Bytes cell_calldata(const Abi& root, const Abi& header, const WeightProof& proof)
{
    const auto& blob = proof.blobs[0];
    const auto cell = proof.range.offset % PAYLOAD_BYTES_PER_BLOB / PAYLOAD_BYTES_PER_CELL;
    return encode_call(
        VERIFY_CELL, std::array{root, header, Abi::number(blob.position), Abi::number(cell),
                         abi_g1(blob.commitment), abi_path(blob.path),
                         Abi::bytes(proof.cell_payload), abi_g1(proof.cell_proof)});
}

/// Siblings at the edges of [first, end) in the commitment tree, level by level upwards, the left
/// one before the right one, out of the paths of the first and the last position.
std::vector<Bytes32> edge_siblings(std::span<const BoundCommitment> blobs)
{
    std::vector<Bytes32> siblings;
    const auto& first = blobs.front();
    const auto& last = blobs.back();
    for (std::size_t level = 0; level < first.path.size(); ++level)
    {
        if ((first.position >> level) % 2 == 1)
            siblings.push_back(first.path[level]);
        if ((last.position >> level) % 2 == 0)
            siblings.push_back(last.path[level]);
    }
    return siblings;
}

}  // namespace

Bytes weight_calldata(const WeightProof& proof)
{
    const auto root = Abi::word(root_of_header(proof.binding.header));
    const auto header = abi_header(proof.binding.header);
    const auto& [offset, size] = proof.range;
    switch (proof.kind)
    {
        case WeightProofKind::element:
            return encode_call(
                VERIFY_ELEMENT, std::array{root, header, Abi::number(proof.blobs[0].position),
                                    Abi::number(element_of(offset) % ELEMENTS_PER_BLOB),
                                    abi_blob(proof.blobs[0]), abi_element(proof.elements[0])});
        case WeightProofKind::cell:
            return cell_calldata(root, header, proof);
        case WeightProofKind::bytes:
            return encode_call(VERIFY_BYTES,
                std::array{root, header, Abi::number(offset), Abi::number(size),
                    abi_array(proof.blobs, abi_blob), abi_array(proof.elements, abi_element)});
        case WeightProofKind::tensor:
            break;
    }
    return encode_call(VERIFY_TENSOR,
        std::array{root, header, abi_tensor(*proof.tensor),
            Abi::number(offset - proof.tensor->tensor.offset), Abi::number(size),
            abi_array(proof.blobs, abi_blob), abi_array(proof.elements, abi_element)});
}

Bytes equivalence_calldata(const EquivalenceProof& proof)
{
    const auto& [first, end, scheme, w] = proof.claim;
    const auto commitment = [](const BoundCommitment& blob) { return abi_g1(blob.commitment); };
    return encode_call(VERIFY_EQUIVALENCE,
        std::array{Abi::word(root_of_header(proof.binding.header)),
            abi_header(proof.binding.header),
            abi_tuple({Abi::number(first), Abi::number(end), Abi::number(scheme), Abi::bytes(w)}),
            abi_tuple({abi_array(proof.blobs, commitment), abi_path(edge_siblings(proof.blobs)),
                Abi::word(proof.y), Abi::bytes(proof.proof)})});
}

Bytes challenge_calldata(const CustodyClaim& claim)
{
    return encode_call(CHALLENGE,
        std::array{Abi::word(root_of_header(claim.header)), abi_header(claim.header),
            abi_tuple(
                {Abi::number(claim.member), Abi::number(claim.stored), Abi::bytes(claim.signers),
                    Abi::bytes(claim.table), Abi::word(claim.members_root)})});
}

Bytes answer_calldata(std::uint64_t challenge_id, const CustodyAnswer& answer)
{
    return encode_call(
        ANSWER, std::array{Abi::number(challenge_id), abi_header(answer.header),
                    Abi::bytes(answer.blob.commitment), abi_path(answer.blob.path),
                    Abi::word(answer.opening.value), Abi::bytes(answer.opening.proof)});
}

Result<Bytes> anchor_calldata(
    const ObjectHeader& header, const Certificate& certificate, const Anchoring& anchoring)
{
    ASHLAR_TRY(const auto signature, BlsSignature::parse(certificate.signature));
    const auto function =
        fmt::format("{}{}", anchoring.is_fork ? "anchorFork" : "anchor", ANCHOR_ARGUMENTS);
    return encode_call(function,
        std::array{Abi::word(anchoring.model_id), Abi::word(header.root()),
            abi_header(header.bytes()),
            abi_tuple({Abi::number(anchoring.epoch), Abi::number(certificate.expiry_unix_seconds),
                Abi::bytes(certificate.signers), abi_g2(signature.point())}),
            Abi::bytes(as_byte_view(anchoring.uri))});
}

}  // namespace ashlar
