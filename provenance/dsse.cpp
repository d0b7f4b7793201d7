#include "provenance/dsse.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t SIGNATURES_MAX = 16;

}  // namespace

Bytes DsseEnvelope::signed_bytes() const
{
    const auto head = fmt::format(
        "DSSEv1 {} {} {} ", IN_TOTO_PAYLOAD_TYPE.size(), IN_TOTO_PAYLOAD_TYPE, payload.size());
    const auto view = as_byte_view(head);
    Bytes out{view.begin(), view.end()};
    append(out, payload);
    return out;
}

Result<DsseEnvelope> parse_dsse(const SignedJson& envelope)
{
    if (text_member(envelope, "payloadType") != IN_TOTO_PAYLOAD_TYPE)
        return fail(ErrorKind::invalid_input, "it is no DSSE envelope of an in-toto statement");
    const auto& signatures = member(envelope, "signatures");
    if (!signatures.is_array() || signatures.empty() || signatures.size() > SIGNATURES_MAX)
        return fail(ErrorKind::invalid_input, "an envelope has 1 to {} signatures", SIGNATURES_MAX);
    DsseEnvelope out;
    ASHLAR_TRY(out.payload, from_base64(text_member(envelope, "payload")));
    for (const auto& signature : signatures)
    {
        ASHLAR_TRY(auto bytes, from_base64(text_member(signature, "sig")));
        out.signatures.push_back(
            {.key_id = text_member(signature, "keyid"), .bytes = std::move(bytes)});
    }
    return out;
}

SignedJson to_json(const DsseEnvelope& envelope)
{
    auto signatures = SignedJson::array();
    for (const auto& signature : envelope.signatures)
        signatures.push_back({{"keyid", signature.key_id}, {"sig", to_base64(signature.bytes)}});
    return {{"payloadType", IN_TOTO_PAYLOAD_TYPE}, {"payload", to_base64(envelope.payload)},
        {"signatures", std::move(signatures)}};
}

}  // namespace ashlar
