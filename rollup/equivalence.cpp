#include "rollup/equivalence.hpp"

#include "base/hash.hpp"
#include "checkpoint/blob_packing.hpp"

namespace ashlar
{
namespace
{

Result<void> check_claim(const ObjectHeader& header, const EquivalenceClaim& claim)
{
    const auto data_blobs = header.shape().data_blobs();
    if (claim.first >= claim.end || claim.end > data_blobs ||
        claim.end - claim.first > EQUIVALENCE_BLOBS_MAX)
        return fail(ErrorKind::invalid_input,
            "blobs {} to {}: give 1 to {} of the data blobs 0 to {}", claim.first, claim.end,
            EQUIVALENCE_BLOBS_MAX, data_blobs - 1);
    const bool is_sha256 =
        claim.scheme == EQUIVALENCE_SCHEME_SHA256 && claim.w.size() == sizeof(Bytes32);
    if (!is_sha256 && claim.scheme < EQUIVALENCE_SCHEMES_PRIVATE)
        return fail(ErrorKind::invalid_input,
            "scheme {} with a commitment of {} bytes is none that is defined", claim.scheme,
            claim.w.size());
    if (claim.w.size() > EQUIVALENCE_W_BYTES_MAX)
        return fail(ErrorKind::invalid_input, "a commitment of {} bytes", claim.w.size());
    return {};
}

/// W of scheme 1: SHA-256 of the blobs' payload bytes.
Result<Bytes32> hash_payload(std::span<const Bytes> blobs)
{
    Hasher hasher{DigestKind::sha256};
    Bytes payload(PAYLOAD_BYTES_PER_BLOB);
    for (const auto& blob : blobs)
    {
        ASHLAR_CHECK(unpack_elements(blob, payload));
        hasher.update(payload);
    }
    return hasher.finish<32>();
}

/// Σ γ^i · blob_i, element by element.
Result<std::vector<Fr>> combine_blobs(std::span<const Bytes> blobs, const Fr& gamma)
{
    std::vector<Fr> sum(ELEMENTS_PER_BLOB);
    Fr factor = Fr::one();
    for (const auto& blob : blobs)
    {
        ASHLAR_TRY(
            const auto elements, BlobElements::parse(ByteView{blob}.first<BYTES_PER_BLOB>()));
        for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
            sum[e] += factor * elements.values()[e];
        factor *= gamma;
    }
    return sum;
}

/// Σ γ^i · C_i.
Commitment combine_commitments(std::span<const Commitment> commitments, const Fr& gamma)
{
    G1 sum;
    Fr factor = Fr::one();
    for (const auto& commitment : commitments)
    {
        sum += G1{commitment.point()} * factor;
        factor *= gamma;
    }
    return Commitment::from_point(sum.to_affine());
}

}  // namespace

EquivalenceChallenge EquivalenceChallenge::of(
    const Bytes32& object_root, const EquivalenceClaim& claim)
{
    const auto gamma = Fr::reduce(sha512({as_byte_view("ashlar/equivalence/v1"), object_root,
        big_endian(claim.first), big_endian(claim.end), big_endian(claim.scheme),
        big_endian(static_cast<std::uint32_t>(claim.w.size())), claim.w}));
    const auto z = Fr::reduce(sha512({as_byte_view("ashlar/equivalence/z/v1"), gamma.to_bytes()}));
    return {.gamma = gamma, .z = z};
}

Result<EquivalenceProof> prove_equivalence(LightObject& object, EquivalenceClaim claim)
{
    // What W is comes last, once the bytes are there: the range is checked before they are asked
    // for.
    const bool wants_w = claim.scheme == EQUIVALENCE_SCHEME_SHA256 && claim.w.empty();
    if (wants_w)
        claim.w.resize(sizeof(Bytes32));
    ASHLAR_CHECK(check_claim(object.header(), claim));
    std::vector<std::uint64_t> positions;
    for (auto i = claim.first; i < claim.end; ++i)
        positions.push_back(i);
    EquivalenceProof proof{.binding = object.binding()};
    ASHLAR_TRY(proof.blobs, object.bind(positions));
    ASHLAR_TRY(const auto blobs, object.blobs(proof.blobs));
    if (claim.scheme == EQUIVALENCE_SCHEME_SHA256)
    {
        ASHLAR_TRY(const auto hash, hash_payload(blobs));
        if (!wants_w && !equal(claim.w, hash))
            return fail(ErrorKind::proof_invalid, "the SHA-256 of these blobs' bytes is {}, not {}",
                to_hex(hash), to_hex(claim.w));
        claim.w.assign(hash.begin(), hash.end());
    }
    const auto& root = object.header().root();
    const auto [gamma, z] = EquivalenceChallenge::of(root, claim);
    ASHLAR_TRY(const auto combined, combine_blobs(blobs, gamma));
    const auto opening = open_at(std::span<const Fr>{combined}.first<ELEMENTS_PER_BLOB>(), z);
    proof.claim = std::move(claim);
    proof.y = opening.value.to_bytes();
    proof.proof = opening.proof.bytes();
    ASHLAR_CHECK(verify_equivalence(root, proof));
    return proof;
}

Result<void> verify_equivalence(const Bytes32& object_root, const EquivalenceProof& proof)
{
    const auto refused = [](std::string_view why) {
        return fail(ErrorKind::proof_invalid, "the proof does not hold: {}", why);
    };
    const auto header = ObjectHeader::parse_for(object_root, proof.binding.header);
    if (!header)
        return refused(header.error().message);
    if (const auto claim = check_claim(*header, proof.claim); !claim)
        return refused(claim.error().message);
    if (proof.blobs.size() != proof.claim.end - proof.claim.first)
        return refused("it has another number of blobs than its range");
    std::vector<Commitment> commitments;
    for (std::size_t i = 0; i < proof.blobs.size(); ++i)
    {
        if (proof.blobs[i].position != proof.claim.first + i)
            return refused("its blobs are not those of its range");
        ASHLAR_TRY(const auto commitment, check_path(*header, proof.blobs[i]));
        commitments.push_back(commitment);
    }
    const auto y = Fr::parse(proof.y);
    const auto point = Proof::parse(proof.proof);
    if (!y || !point)
        return refused("its value or its KZG proof is malformed");
    const auto [gamma, z] = EquivalenceChallenge::of(object_root, proof.claim);
    return verify_opening(combine_commitments(commitments, gamma), z, *y, *point);
}

}  // namespace ashlar
