#include "provenance/model_signature.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "provenance/public_key.hpp"
#include "provenance/statement.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view MEDIA_TYPE_BEGIN = "application/vnd.dev.sigstore.bundle";
constexpr std::string_view PREDICATE_TYPE = "https://model_signing/signature/v1.0";
constexpr std::size_t CERTIFICATES_MAX = 16;

/// Never signed: git's own, by the specification.
constexpr std::string_view ALWAYS_IGNORED[] = {".git", ".gitignore", ".gitattributes", ".github"};

Result<void> take_certificates(const SignedJson& list, std::vector<Bytes>& certificates)
{
    if (!list.is_array() || list.empty() || list.size() > CERTIFICATES_MAX)
        return fail(ErrorKind::invalid_input, "a chain has 1 to {} certificates", CERTIFICATES_MAX);
    for (const auto& certificate : list)
    {
        ASHLAR_TRY(auto der, from_base64(text_member(certificate, "rawBytes")));
        certificates.push_back(std::move(der));
    }
    return {};
}

Result<void> take_signer(const SignedJson& material, ModelSignature& signature)
{
    const auto& log = member(material, "tlogEntries");
    signature.transparency_log = log.is_array() && !log.empty();
    if (const auto& key = member(material, "publicKey"); key.is_object())
    {
        signature.signer = ModelSignerKind::public_key;
        signature.key_hint = text_member(key, "hint");
        return {};
    }
    signature.signer = ModelSignerKind::certificate;
    if (const auto& one = member(material, "certificate"); one.is_object())
        return take_certificates(SignedJson::array({one}), signature.certificates);
    return take_certificates(
        member(member(material, "x509CertificateChain"), "certificates"), signature.certificates);
}

Result<void> take_files(const SignedJson& predicate, ModelSignature& signature)
{
    const auto& serialization = member(predicate, "serialization");
    if (text_member(serialization, "method") != "files" ||
        text_member(serialization, "hash_type") != "sha256")
        return fail(ErrorKind::invalid_input,
            "only signatures over SHA-256s of whole files can be compared with an object");
    if (const auto& ignored = member(serialization, "ignore_paths"); ignored.is_array())
    {
        for (const auto& path : ignored)
        {
            if (path.is_string())
                signature.ignored_paths.push_back(path.get<std::string>());
        }
    }
    const auto& resources = member(predicate, "resources");
    if (!resources.is_array())
        return fail(ErrorKind::invalid_input, "it lists no resources");
    for (const auto& resource : resources)
    {
        const auto digest = array_from_hex<32>(text_member(resource, "digest"));
        if (text_member(resource, "algorithm") != "sha256" || !digest)
            return fail(ErrorKind::invalid_input, "a resource has no SHA-256");
        signature.files.push_back({.name = text_member(resource, "name"), .sha256 = *digest});
    }
    return {};
}

/// The subject's digest is the hash of all digests in their order.
Result<void> check_subject(const SignedJson& statement, ModelSignature& signature)
{
    const auto& subjects = member(statement, "subject");
    if (!subjects.is_array() || subjects.size() != 1)
        return fail(ErrorKind::invalid_input, "a model signature has one subject");
    signature.model_name = text_member(subjects[0], "name");
    Hasher hasher{DigestKind::sha256};
    for (const auto& file : signature.files)
        hasher.update(file.sha256);
    if (text_member(member(subjects[0], "digest"), "sha256") != to_hex(hasher.finish<32>()))
        return fail(ErrorKind::invalid_input, "its resources do not hash to its subject");
    const auto twice = [&] {
        auto names = signature.files;
        std::ranges::sort(names, {}, &SignedFile::name);
        return std::ranges::adjacent_find(names, {}, &SignedFile::name) != names.end();
    };
    if (twice())
        return fail(ErrorKind::invalid_input, "it lists a file twice");
    return {};
}

bool is_ignored(const ModelSignature& signature, std::string_view path)
{
    const auto covers = [&](std::string_view ignored) {
        return path == ignored ||
               (path.starts_with(ignored) && path.substr(ignored.size())[0] == '/');
    };
    // Ashlar's own statement comes later and has a signature of its own.
    return path == MODEL_SIGNATURE_FILE || path == STATEMENT_FILE ||
           std::ranges::any_of(ALWAYS_IGNORED, covers) ||
           std::ranges::any_of(signature.ignored_paths, covers);
}

std::vector<std::string> compare_files(const ModelSignature& signature, const Directory& directory)
{
    std::vector<std::string> mismatches;
    std::vector<std::string_view> names;
    for (const auto& file : signature.files)
    {
        names.emplace_back(file.name);
        const auto* const there = directory.find_file(file.name);
        if (there == nullptr)
            mismatches.push_back(
                fmt::format("\"{}\" is signed but not there", printable(file.name)));
        else if (there->sha256 != file.sha256)
            mismatches.push_back(
                fmt::format("\"{}\" is not as it was signed", printable(file.name)));
    }
    std::ranges::sort(names);
    for (const auto& file : directory.files())
    {
        if (!std::ranges::binary_search(names, std::string_view{file.path}) &&
            !is_ignored(signature, file.path))
            mismatches.push_back(fmt::format("\"{}\" is not signed", printable(file.path)));
    }
    return mismatches;
}

ModelSignatureReport judge_key(const ModelSignature& signature, const SignatureTrust& trust)
{
    ModelSignatureReport report{.verdict = SignatureVerdict::untrusted,
        .signer = "key " + printable(signature.key_hint),
        .reason = "the signer's public key is needed to check the signature",
        .mismatches = {}};
    if (trust.public_key.empty())
        return report;
    const auto key = PublicKey::from_pem(trust.public_key);
    report.reason = key ? std::string{} : key.error().message;
    if (!key)
        return report;
    const auto verified =
        key->verify(signature.envelope.signatures.front().bytes, signature.envelope.signed_bytes());
    report.verdict = verified ? SignatureVerdict::trusted : SignatureVerdict::broken;
    if (!verified)
        report.reason = "it is not signed by the key that was given";
    return report;
}

ModelSignatureReport judge_certificate(const ModelSignature& signature, const SignatureTrust& trust)
{
    ModelSignatureReport report{.verdict = SignatureVerdict::broken,
        .signer = "a certificate",
        .reason = {},
        .mismatches = {}};
    const auto chain = CertificateChain::parse(signature.certificates);
    if (!chain)
    {
        report.reason = chain.error().message;
        return report;
    }
    report.signer = "certificate of " + printable(chain->subject());
    const auto verified = chain->key().verify(
        signature.envelope.signatures.front().bytes, signature.envelope.signed_bytes());
    if (!verified)
    {
        report.reason = "the certificate's key did not sign it";
        return report;
    }
    const auto rooted = chain->verify(trust.root_certificates);
    report.verdict = rooted ? SignatureVerdict::trusted : SignatureVerdict::untrusted;
    report.reason = rooted                            ? std::string{}
                    : trust.root_certificates.empty() ? "root certificates are needed to check it"
                                                      : rooted.error().message;
    if (signature.transparency_log)
        report.reason += report.reason.empty() ? "its transparency log was not checked"
                                               : "; its transparency log was not checked";
    return report;
}

}  // namespace

Result<ModelSignature> ModelSignature::parse(ByteView bundle)
{
    ASHLAR_TRY(const auto json, parse_signed_json(bundle));
    if (!text_member(json, "mediaType").starts_with(MEDIA_TYPE_BEGIN))
        return fail(ErrorKind::invalid_input, "it is no Sigstore bundle");
    ModelSignature signature{};
    ASHLAR_CHECK(take_signer(member(json, "verificationMaterial"), signature));
    ASHLAR_TRY(signature.envelope, parse_dsse(member(json, "dsseEnvelope")));
    if (signature.envelope.signatures.size() != 1)
        return fail(ErrorKind::invalid_input, "a model signature has one signature");
    ASHLAR_TRY(const auto statement, parse_signed_json(signature.envelope.payload));
    if (text_member(statement, "_type") != IN_TOTO_STATEMENT_TYPE ||
        text_member(statement, "predicateType") != PREDICATE_TYPE)
        return fail(ErrorKind::invalid_input, "it is no model signature of version 1.0");
    ASHLAR_CHECK(take_files(member(statement, "predicate"), signature));
    ASHLAR_CHECK(check_subject(statement, signature));
    return signature;
}

ModelSignatureReport verify_model_signature(
    const ModelSignature& signature, const Directory& directory, const SignatureTrust& trust)
{
    auto report = signature.signer == ModelSignerKind::public_key
                      ? judge_key(signature, trust)
                      : judge_certificate(signature, trust);
    report.mismatches = compare_files(signature, directory);
    return report;
}

}  // namespace ashlar
