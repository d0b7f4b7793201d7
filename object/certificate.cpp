#include "object/certificate.hpp"

#include "base/hash.hpp"
#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t EXPIRY_BYTES = 8;
constexpr std::size_t SIGNATURE_BYTES = 96;
constexpr std::size_t BITMAP_OFFSET = EXPIRY_BYTES + SIGNATURE_BYTES;

std::size_t bitmap_bytes(std::size_t members)
{
    return (members + 7) / 8;
}

Result<std::vector<std::size_t>> members_in(ByteView bitmap, std::size_t member_count)
{
    if (bitmap.size() != bitmap_bytes(member_count))
        return fail(ErrorKind::proof_invalid,
            "the certificate's bitmap has {} bytes, but {} members take {}", bitmap.size(),
            member_count, bitmap_bytes(member_count));
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < 8 * bitmap.size(); ++i)
    {
        if (((bitmap[i / 8] >> (i % 8)) & std::byte{1}) != std::byte{0})
            out.push_back(i);
    }
    if (out.empty())
        return fail(ErrorKind::proof_invalid, "the certificate has no signers");
    if (out.back() >= member_count)
        return fail(ErrorKind::proof_invalid, "the certificate is signed by member {} of only {}",
            out.back(), member_count);
    return out;
}

Result<Bytes> bitmap_of(std::span<const MemberSignature> signatures, std::size_t member_count)
{
    Bytes out(bitmap_bytes(member_count));
    for (const auto& [member, signature] : signatures)
    {
        if (member >= member_count)
            return fail(ErrorKind::invalid_input, "a signature of member {} of only {}", member,
                member_count);
        const auto bit = std::byte{1} << (member % 8);
        if ((out[member / 8] & bit) != std::byte{0})
            return fail(ErrorKind::invalid_input, "two signatures of member {}", member);
        out[member / 8] |= bit;
    }
    return out;
}

}  // namespace

Bytes32 certificate_digest(
    const Committee& committee, const Bytes32& object_root, std::uint64_t expiry_unix_seconds)
{
    const auto& [chain_id, registry] = committee.binding();
    return sha256({as_byte_view("ashlar/certificate/v1"), big_endian(chain_id), registry,
        committee.root(), object_root, big_endian(expiry_unix_seconds)});
}

Bytes Certificate::encode() const
{
    Bytes out;
    out.reserve(BITMAP_OFFSET + signers.size());
    append(out, big_endian(expiry_unix_seconds));
    append(out, signature);
    append(out, signers);
    return out;
}

Result<Certificate> Certificate::parse(ByteView bytes)
{
    if (bytes.size() <= BITMAP_OFFSET || bytes.size() > BITMAP_OFFSET + bitmap_bytes(MEMBERS_MAX))
        return fail(ErrorKind::invalid_input, "a certificate has {} to {} bytes, not {}",
            BITMAP_OFFSET + 1, BITMAP_OFFSET + bitmap_bytes(MEMBERS_MAX), bytes.size());
    const auto bitmap = bytes.subspan(BITMAP_OFFSET);
    return Certificate{
        .expiry_unix_seconds = load_big_endian<std::uint64_t>(bytes.first<EXPIRY_BYTES>()),
        .signature = to_array(bytes.subspan<EXPIRY_BYTES, SIGNATURE_BYTES>()),
        .signers = {bitmap.begin(), bitmap.end()},
    };
}

Result<Certificate> make_certificate(const Committee& committee, const Bytes32& object_root,
    std::uint64_t expiry_unix_seconds, std::span<const MemberSignature> signatures)
{
    if (signatures.empty())
        return fail(ErrorKind::invalid_input, "no signatures to make a certificate of");
    ASHLAR_TRY(auto signers, bitmap_of(signatures, committee.size()));

    // One by one: the errors of two colluding members can cancel in the sum.
    const auto digest = certificate_digest(committee, object_root, expiry_unix_seconds);
    ASHLAR_CHECK(try_parallel_for(signatures.size(), [&](std::size_t i) -> Result<void> {
        const auto& [member, signature] = signatures[i];
        if (!verify_signature(committee.members()[member].key, digest, signature))
            return fail(
                ErrorKind::proof_invalid, "the signature of member {} does not hold", member);
        return {};
    }));

    std::vector<BlsSignature> points;
    points.reserve(signatures.size());
    for (const auto& [member, signature] : signatures)
        points.push_back(signature);
    ASHLAR_TRY(const auto sum, aggregate_signatures(points));
    return Certificate{.expiry_unix_seconds = expiry_unix_seconds,
        .signature = sum.bytes(),
        .signers = std::move(signers)};
}

Result<std::vector<std::size_t>> verify_certificate(
    const Committee& committee, const Bytes32& object_root, const Certificate& certificate)
{
    ASHLAR_TRY(auto signers, members_in(certificate.signers, committee.size()));
    const auto signature = BlsSignature::parse(certificate.signature);
    if (!signature)
        return fail(
            ErrorKind::proof_invalid, "the certificate's signature: {}", signature.error().message);
    std::vector<BlsPublicKey> keys;
    keys.reserve(signers.size());
    for (const auto member : signers)
        keys.push_back(committee.members()[member].key);
    const auto digest = certificate_digest(committee, object_root, certificate.expiry_unix_seconds);
    ASHLAR_CHECK(verify_aggregate(keys, digest, *signature));
    return signers;
}

}  // namespace ashlar
