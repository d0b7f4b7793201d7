#pragma once

/// OpenSSF model signing v1.0: the file `model.sig`, a Sigstore bundle around a signed list of a
/// model's files and their SHA-256s.
///
/// Source: ossf/model-signing-spec, spec/v1.0.md; sigstore/protobuf-specs, bundle v0.3. Read
/// offline: certificates are checked up to roots that the caller gives, transparency logs are not.

#include <optional>

#include "checkpoint/directory.hpp"
#include "provenance/dsse.hpp"

namespace ashlar
{

inline constexpr std::string_view MODEL_SIGNATURE_FILE = "model.sig";

enum class ModelSignerKind : std::uint8_t
{
    public_key,   ///< The bundle names the key by a hash; the key itself must be known.
    certificate,  ///< The bundle holds the signer's certificate and perhaps its chain.
};

struct SignedFile
{
    std::string name;
    Bytes32 sha256;
};

/// A parsed bundle: consistent in itself, signed by nobody yet. Immutable.
struct ModelSignature
{
    DsseEnvelope envelope;
    std::string model_name;
    ModelSignerKind signer;
    std::string key_hint;             ///< SHA-256 of the key's PEM, as hexadecimal; may be empty.
    std::vector<Bytes> certificates;  ///< DER; the signer's first.
    bool transparency_log = false;    ///< The bundle has log entries, which are not looked at.
    std::vector<SignedFile> files;
    std::vector<std::string> ignored_paths;

    /// @return  invalid_input if it is no v1.0 bundle with hashes of whole files, or its list does
    ///          not hash to its subject.
    [[nodiscard]] static Result<ModelSignature> parse(ByteView bundle);
};

/// Whom the caller trusts; both as PEM text.
struct SignatureTrust
{
    std::string
        public_key;  ///< For signers with a key: ECDSA over P-256, P-384, P-521, or Ed25519.
    std::string root_certificates;  ///< For signers with a certificate.
};

enum class SignatureVerdict : std::uint8_t
{
    trusted,    ///< The signature holds, by someone whom the caller trusts.
    untrusted,  ///< Nothing is wrong, but the signer is not known: see the reason.
    broken,     ///< The signature does not hold, or by someone else.
};

struct ModelSignatureReport
{
    SignatureVerdict verdict;
    std::string signer;  ///< "key 1f2e…", "certificate of CN=…".
    std::string reason;  ///< Why not trusted; what was not checked. May be empty.

    /// Files that are not as signed, not signed, or not there; a sentence each.
    std::vector<std::string> mismatches;
};

/// Checks the signature, and the signed list against the directory's SHA-256s, which are the
/// publisher's claim: fetch and verify compare them with the bytes.
[[nodiscard]] ModelSignatureReport verify_model_signature(
    const ModelSignature& signature, const Directory& directory, const SignatureTrust& trust);

}  // namespace ashlar
