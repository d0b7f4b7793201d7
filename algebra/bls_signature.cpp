#include "algebra/bls_signature.hpp"

#include "base/random.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view SIGNATURE_TAG = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
constexpr std::string_view POSSESSION_TAG = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

const byte* raw(ByteView bytes) noexcept
{
    return reinterpret_cast<const byte*>(bytes.data());
}

G2Affine sign_with_tag(const blst_scalar& key, ByteView message, std::string_view tag)
{
    blst_p2 point;
    blst_hash_to_g2(
        &point, raw(message), message.size(), raw(as_byte_view(tag)), tag.size(), nullptr, 0);
    blst_sign_pk_in_g1(&point, &point, &key);
    blst_p2_affine out;
    blst_p2_to_affine(&out, &point);
    return G2Affine{out};
}

Result<void> verify_with_tag(
    const G1Affine& key, ByteView message, const G2Affine& signature, std::string_view tag)
{
    const auto verdict = blst_core_verify_pk_in_g1(&key.raw(), &signature.raw(), true, raw(message),
        message.size(), raw(as_byte_view(tag)), tag.size(), nullptr, 0);
    if (verdict != BLST_SUCCESS)
        return fail(ErrorKind::proof_invalid, "BLS signature does not hold");
    return {};
}

}  // namespace

Result<BlsPublicKey> BlsPublicKey::parse(std::span<const std::byte, 48> bytes)
{
    ASHLAR_TRY(const auto point, G1Affine::decompress(bytes));
    if (point.is_infinity())
        return fail(ErrorKind::invalid_input, "public key is the point at infinity");
    return BlsPublicKey{point, to_array(bytes)};
}

Result<BlsSignature> BlsSignature::parse(std::span<const std::byte, 96> bytes)
{
    ASHLAR_TRY(const auto point, G2Affine::decompress(bytes));
    if (point.is_infinity())
        return fail(ErrorKind::invalid_input, "signature is the point at infinity");
    return BlsSignature{point};
}

BlsSecretKey BlsSecretKey::generate()
{
    Bytes32 material;
    system_random().fill(material);
    blst_scalar scalar;
    blst_keygen(&scalar, raw(material), material.size(), nullptr, 0);
    return BlsSecretKey{scalar};
}

Result<BlsSecretKey> BlsSecretKey::parse(std::span<const std::byte, 32> bytes)
{
    blst_scalar scalar;
    blst_scalar_from_bendian(&scalar, raw(bytes));
    if (!blst_sk_check(&scalar))
        return fail(ErrorKind::invalid_input, "secret key is zero or not below the group order");
    return BlsSecretKey{scalar};
}

BlsSecretKey::BlsSecretKey(BlsSecretKey&& other) noexcept
  : scalar_{std::exchange(other.scalar_, blst_scalar{})}
{}

BlsSecretKey::~BlsSecretKey()
{
    // volatile: a plain memset before the end of life may be optimised away.
    for (volatile auto& limb : scalar_.b)
        limb = 0;
}

Bytes32 BlsSecretKey::to_bytes() const noexcept
{
    Bytes32 out;
    blst_bendian_from_scalar(reinterpret_cast<byte*>(out.data()), &scalar_);
    return out;
}

BlsPublicKey BlsSecretKey::public_key() const
{
    blst_p1 point;
    blst_sk_to_pk_in_g1(&point, &scalar_);
    const auto affine = G1{point}.to_affine();
    return BlsPublicKey{affine, affine.compress()};
}

BlsSignature BlsSecretKey::sign(ByteView message) const
{
    return BlsSignature{sign_with_tag(scalar_, message, SIGNATURE_TAG)};
}

BlsSignature BlsSecretKey::prove_possession() const
{
    return BlsSignature{sign_with_tag(scalar_, public_key().bytes(), POSSESSION_TAG)};
}

Result<void> verify_signature(
    const BlsPublicKey& key, ByteView message, const BlsSignature& signature)
{
    return verify_with_tag(key.point(), message, signature.point(), SIGNATURE_TAG);
}

Result<void> verify_possession(const BlsPublicKey& key, const BlsSignature& proof)
{
    return verify_with_tag(key.point(), key.bytes(), proof.point(), POSSESSION_TAG);
}

Result<BlsSignature> aggregate_signatures(std::span<const BlsSignature> signatures)
{
    blst_p2 sum{};
    for (const auto& signature : signatures)
        blst_p2_add_or_double_affine(&sum, &sum, &signature.point().raw());
    if (blst_p2_is_inf(&sum))
        return fail(ErrorKind::invalid_input, "aggregate of {} signatures is the point at infinity",
            signatures.size());
    blst_p2_affine affine;
    blst_p2_to_affine(&affine, &sum);
    return BlsSignature{G2Affine{affine}};
}

Result<void> verify_aggregate(
    std::span<const BlsPublicKey> keys, ByteView message, const BlsSignature& signature)
{
    G1 sum;
    for (const auto& key : keys)
        sum += key.point();
    // blst's pairing takes an infinite key as "no key", and then anything verifies.
    if (sum.is_infinity())
        return fail(ErrorKind::proof_invalid, "aggregate public key is the point at infinity");
    return verify_with_tag(sum.to_affine(), message, signature.point(), SIGNATURE_TAG);
}

}  // namespace ashlar
