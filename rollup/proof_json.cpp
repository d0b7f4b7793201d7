#include "rollup/proof_json.hpp"

#include <nlohmann/json.hpp>

namespace ashlar
{
namespace
{

using ProofJson = nlohmann::ordered_json;

constexpr const char* WEIGHT_FORMAT = "ashlar/weight-proof/v1";
constexpr const char* EQUIVALENCE_FORMAT = "ashlar/equivalence-proof/v1";

constexpr std::array WEIGHT_KINDS{WeightProofKind::element, WeightProofKind::bytes,
    WeightProofKind::tensor, WeightProofKind::cell};

std::string hex_text(ByteView bytes)
{
    return "0x" + to_hex(bytes);
}

ProofJson path_json(std::span<const Bytes32> path)
{
    auto out = ProofJson::array();
    for (const auto& sibling : path)
        out.push_back(hex_text(sibling));
    return out;
}

void put_binding(ProofJson& out, const ObjectBinding& binding)
{
    out["header"] = hex_text(binding.header);
    out["fold_record"] = hex_text(binding.fold_record);
    if (binding.certificate)
        out["certificate"] = hex_text(binding.certificate->encode());
}

void put_blobs(ProofJson& out, std::span<const BoundCommitment> blobs)
{
    out["blobs"] = ProofJson::array();
    for (const auto& blob : blobs)
        out["blobs"].push_back({{"blob", blob.position}, {"commitment", hex_text(blob.commitment)},
            {"path", path_json(blob.path)}, {"walk", hex_text(blob.walk)}});
}

ProofJson tensor_json(const TensorClaim& claim)
{
    const auto& tensor = claim.tensor;
    return {{"index", claim.index}, {"name", tensor.name}, {"file_index", tensor.file_index},
        {"dtype", static_cast<unsigned>(tensor.dtype)}, {"shape", tensor.shape},
        {"offset", tensor.offset}, {"size", tensor.size}, {"path", path_json(claim.path)}};
}

tl::unexpected<Error> malformed_field(std::string_view name)
{
    return fail(ErrorKind::invalid_input, "the proof's \"{}\" is missing or malformed", name);
}

Result<const ProofJson*> member_of(const ProofJson& object, const char* name)
{
    const auto found = object.find(name);
    if (!object.is_object() || found == object.end())
        return malformed_field(name);
    return &*found;
}

Result<std::uint64_t> read_number(const ProofJson& object, const char* name, std::uint64_t max)
{
    ASHLAR_TRY(const auto* const value, member_of(object, name));
    if (!value->is_number_unsigned() || value->get<std::uint64_t>() > max)
        return malformed_field(name);
    return value->get<std::uint64_t>();
}

Result<std::string> read_text(const ProofJson& object, const char* name)
{
    ASHLAR_TRY(const auto* const value, member_of(object, name));
    if (!value->is_string())
        return malformed_field(name);
    return value->get<std::string>();
}

Result<Bytes> read_bytes(const ProofJson& object, const char* name)
{
    ASHLAR_TRY(const auto text, read_text(object, name));
    auto bytes = from_hex(text);
    if (!bytes)
        return malformed_field(name);
    return bytes;
}

template <std::size_t N>
Result<ByteArray<N>> read_array(const ProofJson& object, const char* name)
{
    ASHLAR_TRY(const auto text, read_text(object, name));
    auto bytes = array_from_hex<N>(text);
    if (!bytes)
        return malformed_field(name);
    return bytes;
}

/// Items of a list, each read by `read`; no longer than `count_max`.
template <typename Read>
auto read_list(const ProofJson& object, const char* name, std::size_t count_max, const Read& read)
    -> Result<std::vector<typename decltype(read(object))::value_type>>
{
    ASHLAR_TRY(const auto* const list, member_of(object, name));
    if (!list->is_array() || list->size() > count_max)
        return malformed_field(name);
    std::vector<typename decltype(read(object))::value_type> out;
    for (const auto& item : *list)
    {
        ASHLAR_TRY(auto value, read(item));
        out.push_back(std::move(value));
    }
    return out;
}

Result<std::vector<Bytes32>> read_path(const ProofJson& object)
{
    constexpr std::size_t SIBLINGS_MAX = 64;
    return read_list(object, "path", SIBLINGS_MAX, [](const ProofJson& item) -> Result<Bytes32> {
        if (!item.is_string())
            return malformed_field("path");
        return array_from_hex<32>(item.get<std::string>());
    });
}

Result<ObjectBinding> read_binding(const ProofJson& json)
{
    ObjectBinding binding;
    ASHLAR_TRY(binding.header, read_array<BYTES_PER_HEADER>(json, "header"));
    ASHLAR_TRY(binding.fold_record, read_bytes(json, "fold_record"));
    if (json.contains("certificate"))
    {
        ASHLAR_TRY(const auto bytes, read_bytes(json, "certificate"));
        ASHLAR_TRY(binding.certificate, Certificate::parse(bytes));
    }
    return binding;
}

Result<std::vector<BoundCommitment>> read_blobs(const ProofJson& json)
{
    return read_list(
        json, "blobs", EQUIVALENCE_BLOBS_MAX, [](const ProofJson& item) -> Result<BoundCommitment> {
            BoundCommitment blob{};
            ASHLAR_TRY(blob.position, read_number(item, "blob", 2 * DOMAIN_MAX));
            ASHLAR_TRY(blob.commitment, read_array<BYTES_PER_G1>(item, "commitment"));
            ASHLAR_TRY(blob.path, read_path(item));
            ASHLAR_TRY(blob.walk, read_bytes(item, "walk"));
            return blob;
        });
}

Result<TensorClaim> read_tensor(const ProofJson& json)
{
    constexpr auto U64_MAX = std::numeric_limits<std::uint64_t>::max();
    TensorClaim claim{};
    auto& tensor = claim.tensor;
    ASHLAR_TRY(claim.index, read_number(json, "index", TENSORS_MAX));
    ASHLAR_TRY(tensor.name, read_text(json, "name"));
    ASHLAR_TRY(const auto file, read_number(json, "file_index", FILES_MAX));
    tensor.file_index = static_cast<std::uint32_t>(file);
    ASHLAR_TRY(const auto dtype, read_number(json, "dtype", 255));
    tensor.dtype = Dtype{static_cast<std::uint8_t>(dtype)};
    ASHLAR_TRY(tensor.shape, read_list(json, "shape", TENSOR_RANK_MAX,
                                 [](const ProofJson& item) -> Result<std::uint64_t> {
                                     if (!item.is_number_unsigned())
                                         return malformed_field("shape");
                                     return item.get<std::uint64_t>();
                                 }));
    ASHLAR_TRY(tensor.offset, read_number(json, "offset", U64_MAX));
    ASHLAR_TRY(tensor.size, read_number(json, "size", U64_MAX));
    ASHLAR_TRY(claim.path, read_path(json));
    return claim;
}

Result<WeightProofKind> read_kind(const ProofJson& json)
{
    ASHLAR_TRY(const auto name, read_text(json, "kind"));
    const auto* const found =
        std::ranges::find(WEIGHT_KINDS, name, [](WeightProofKind kind) { return to_string(kind); });
    if (found == WEIGHT_KINDS.end())
        return malformed_field("kind");
    return *found;
}

Result<AnyProof> read_weight_proof(const ProofJson& json)
{
    // Far above any payload, and low enough that sums of two stay in range.
    constexpr auto BYTES_MAX = std::uint64_t{1} << 62;
    WeightProof proof;
    ASHLAR_TRY(proof.kind, read_kind(json));
    ASHLAR_TRY(proof.binding, read_binding(json));
    ASHLAR_TRY(proof.range.offset, read_number(json, "offset", BYTES_MAX));
    ASHLAR_TRY(proof.range.size, read_number(json, "size", BYTES_MAX));
    ASHLAR_TRY(proof.blobs, read_blobs(json));
    if (proof.kind == WeightProofKind::cell)
    {
        ASHLAR_TRY(proof.cell_payload, read_bytes(json, "cell"));
        ASHLAR_TRY(proof.cell_proof, read_array<BYTES_PER_G1>(json, "cell_proof"));
        return proof;
    }
    ASHLAR_TRY(
        proof.elements, read_list(json, "elements", PROOF_ELEMENTS_MAX,
                            [](const ProofJson& item) -> Result<ElementOpening> {
                                ElementOpening opening{};
                                ASHLAR_TRY(opening.value, read_array<BYTES_PER_ELEMENT>(item, "y"));
                                ASHLAR_TRY(opening.proof, read_array<BYTES_PER_G1>(item, "proof"));
                                return opening;
                            }));
    if (proof.kind == WeightProofKind::tensor)
    {
        ASHLAR_TRY(const auto* const tensor, member_of(json, "tensor"));
        ASHLAR_TRY(proof.tensor, read_tensor(*tensor));
    }
    return proof;
}

Result<AnyProof> read_equivalence_proof(const ProofJson& json)
{
    EquivalenceProof proof;
    ASHLAR_TRY(proof.binding, read_binding(json));
    ASHLAR_TRY(proof.claim.first, read_number(json, "first_blob", DOMAIN_MAX));
    ASHLAR_TRY(proof.claim.end, read_number(json, "end_blob", DOMAIN_MAX));
    ASHLAR_TRY(
        const auto scheme, read_number(json, "scheme", std::numeric_limits<std::uint32_t>::max()));
    proof.claim.scheme = static_cast<std::uint32_t>(scheme);
    ASHLAR_TRY(proof.claim.w, read_bytes(json, "w"));
    ASHLAR_TRY(proof.blobs, read_blobs(json));
    ASHLAR_TRY(proof.y, read_array<BYTES_PER_ELEMENT>(json, "y"));
    ASHLAR_TRY(proof.proof, read_array<BYTES_PER_G1>(json, "proof"));
    return proof;
}

}  // namespace

std::string to_json(const WeightProof& proof)
{
    ProofJson out{{"format", WEIGHT_FORMAT}, {"kind", to_string(proof.kind)}};
    put_binding(out, proof.binding);
    out["offset"] = proof.range.offset;
    out["size"] = proof.range.size;
    put_blobs(out, proof.blobs);
    if (proof.tensor)
        out["tensor"] = tensor_json(*proof.tensor);
    if (proof.kind == WeightProofKind::cell)
    {
        out["cell"] = hex_text(proof.cell_payload);
        out["cell_proof"] = hex_text(proof.cell_proof);
        return out.dump();
    }
    out["elements"] = ProofJson::array();
    for (const auto& element : proof.elements)
        out["elements"].push_back(
            {{"y", hex_text(element.value)}, {"proof", hex_text(element.proof)}});
    return out.dump();
}

std::string to_json(const EquivalenceProof& proof)
{
    ProofJson out{{"format", EQUIVALENCE_FORMAT}};
    put_binding(out, proof.binding);
    out["first_blob"] = proof.claim.first;
    out["end_blob"] = proof.claim.end;
    out["scheme"] = proof.claim.scheme;
    out["w"] = hex_text(proof.claim.w);
    put_blobs(out, proof.blobs);
    out["y"] = hex_text(proof.y);
    out["proof"] = hex_text(proof.proof);
    return out.dump();
}

Result<AnyProof> parse_proof(std::string_view json)
{
    if (json.size() > PROOF_JSON_BYTES_MAX)
        return fail(ErrorKind::invalid_input, "a proof of over {} bytes", PROOF_JSON_BYTES_MAX);
    const auto document = ProofJson::parse(json, nullptr, false);
    ASHLAR_TRY(const auto format, read_text(document, "format"));
    if (format == WEIGHT_FORMAT)
        return read_weight_proof(document);
    if (format == EQUIVALENCE_FORMAT)
        return read_equivalence_proof(document);
    return malformed_field("format");
}

}  // namespace ashlar
