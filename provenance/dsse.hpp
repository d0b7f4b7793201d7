#pragma once

/// Dead Simple Signing Envelope v1.0 around in-toto statements.
/// Source: secure-systems-lab/dsse, protocol.md and envelope.md; in-toto/attestation, spec/v1.

#include <string>
#include <vector>

#include "provenance/json.hpp"

namespace ashlar
{

inline constexpr std::string_view IN_TOTO_PAYLOAD_TYPE = "application/vnd.in-toto+json";
inline constexpr std::string_view IN_TOTO_STATEMENT_TYPE = "https://in-toto.io/Statement/v1";

struct DsseSignature
{
    std::string key_id;  ///< A hint: nothing vouches for it.
    Bytes bytes;
};

/// Of an in-toto statement. Nothing in it is verified yet.
struct DsseEnvelope
{
    Bytes payload;  ///< The statement's JSON, byte for byte as it was signed.
    std::vector<DsseSignature> signatures;

    /// What is signed: "DSSEv1" SP length SP type SP length SP payload.
    [[nodiscard]] Bytes signed_bytes() const;
};

/// @return  invalid_input unless it is an envelope of an in-toto statement with a signature.
[[nodiscard]] Result<DsseEnvelope> parse_dsse(const SignedJson& envelope);

[[nodiscard]] SignedJson to_json(const DsseEnvelope& envelope);

}  // namespace ashlar
