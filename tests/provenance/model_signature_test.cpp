#include "provenance/model_signature.hpp"

#include <functional>
#include <memory>

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/hash.hpp"
#include "provenance/public_key.hpp"
#include "tests/provenance/directory_of.hpp"

namespace ashlar
{
namespace
{

using test::directory_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <typename T>
using Owned = std::unique_ptr<T, std::function<void(T*)>>;

Owned<EVP_PKEY> make_key(const char* type)
{
    auto* const key = std::string_view{type} == "ED25519"
                          ? EVP_PKEY_Q_keygen(nullptr, nullptr, type)
                          : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", type);
    return {key, EVP_PKEY_free};
}

std::string text_of(BIO* bio)
{
    char* text = nullptr;
    const auto length = BIO_get_mem_data(bio, &text);
    return {text, static_cast<std::size_t>(length)};
}

std::string pem_of(EVP_PKEY* key)
{
    const Owned<BIO> bio{BIO_new(BIO_s_mem()), [](BIO* b) { BIO_free(b); }};
    PEM_write_bio_PUBKEY(bio.get(), key);
    return text_of(bio.get());
}

std::string pem_of(X509* certificate)
{
    const Owned<BIO> bio{BIO_new(BIO_s_mem()), [](BIO* b) { BIO_free(b); }};
    PEM_write_bio_X509(bio.get(), certificate);
    return text_of(bio.get());
}

Bytes der_of(X509* certificate)
{
    Bytes out(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
    auto* at = reinterpret_cast<unsigned char*>(out.data());
    i2d_X509(certificate, &at);
    return out;
}

Bytes sign(EVP_PKEY* key, ByteView message, const EVP_MD* digest)
{
    const Owned<EVP_MD_CTX> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key);
    Bytes out(256);
    auto length = out.size();
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length,
        reinterpret_cast<const unsigned char*>(message.data()), message.size());
    out.resize(length);
    return out;
}

/// A certificate for `key`, signed by `issuer`; valid for an hour from `begin` seconds after now.
Owned<X509> make_certificate(EVP_PKEY* key, const char* name, EVP_PKEY* issuer_key,
    const char* issuer_name, const char* extension, long begin = 0)
{
    Owned<X509> certificate{X509_new(), X509_free};
    auto* const c = certificate.get();
    X509_set_version(c, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
    X509_gmtime_adj(X509_getm_notBefore(c), begin);
    X509_gmtime_adj(X509_getm_notAfter(c), begin + 3600);
    const auto set_name = [](X509_NAME* to, const char* text) {
        X509_NAME_add_entry_by_txt(
            to, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(text), -1, -1, 0);
    };
    set_name(X509_get_subject_name(c), name);
    set_name(X509_get_issuer_name(c), issuer_name);
    X509_set_pubkey(c, key);
    const auto nid =
        std::string_view{extension}.starts_with("CA") ? NID_basic_constraints : NID_key_usage;
    const Owned<X509_EXTENSION> made{
        X509V3_EXT_conf_nid(nullptr, nullptr, nid, extension), X509_EXTENSION_free};
    X509_add_ext(c, made.get(), -1);
    X509_sign(c, issuer_key, EVP_sha256());
    return certificate;
}

const test::NamedContents SIGNED_FILES{{".gitattributes", "lfs"}, {".github/x", "y"},
    {"config.json", "{}"}, {"model.safetensors", "w"}, {"model.sig", "?"}};

/// The statement as model_signing writes it, of the files that it signs.
SignedJson statement_of(const test::NamedContents& files)
{
    auto resources = SignedJson::array();
    Hasher hasher{DigestKind::sha256};
    for (const auto& [path, contents] : files)
    {
        const auto digest = sha256(as_byte_view(contents));
        hasher.update(digest);
        resources.push_back({{"name", path}, {"algorithm", "sha256"}, {"digest", to_hex(digest)}});
    }
    return {{"_type", "https://in-toto.io/Statement/v1"},
        {"subject", {{{"name", "m"}, {"digest", {{"sha256", to_hex(hasher.finish<32>())}}}}}},
        {"predicateType", "https://model_signing/signature/v1.0"},
        {"predicate",
            {{"serialization", {{"method", "files"}, {"hash_type", "sha256"},
                                   {"allow_symlinks", false}, {"ignore_paths", {"model.sig"}}}},
                {"resources", resources}}}};
}

SignedJson good_statement()
{
    return statement_of({{"config.json", "{}"}, {"model.safetensors", "w"}});
}

SignedJson bundle_of(const SignedJson& statement, const SignedJson& material, EVP_PKEY* key,
    const EVP_MD* digest = EVP_sha256())
{
    const auto text = statement.dump(2);
    DsseEnvelope envelope{.payload = {}, .signatures = {}};
    append(envelope.payload, as_byte_view(text));
    envelope.signatures.push_back(
        {.key_id = "", .bytes = sign(key, envelope.signed_bytes(), digest)});
    return {{"mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"},
        {"verificationMaterial", material}, {"dsseEnvelope", to_json(envelope)}};
}

Result<ModelSignature> parse(const SignedJson& bundle)
{
    const auto text = bundle.dump();
    return ModelSignature::parse(as_byte_view(text));
}

const SignedJson KEY_MATERIAL = {
    {"publicKey", {{"hint", "abcd"}}}, {"tlogEntries", SignedJson::array()}};

ModelSignatureReport check(const SignedJson& bundle, const SignatureTrust& trust)
{
    return verify_model_signature(parse(bundle).value(), directory_of(SIGNED_FILES), trust);
}

TEST(model_signature, keys_of_all_kinds_verify)
{
    const std::pair<const char*, const EVP_MD*> kinds[] = {{"P-256", EVP_sha256()},
        {"P-384", EVP_sha384()}, {"P-521", EVP_sha512()}, {"ED25519", nullptr}};
    const auto stranger = make_key("P-256");
    for (const auto& [type, digest] : kinds)
    {
        const auto key = make_key(type);
        const auto bundle = bundle_of(good_statement(), KEY_MATERIAL, key.get(), digest);
        const auto good = check(bundle, {.public_key = pem_of(key.get()), .root_certificates = {}});
        EXPECT_EQ(good.verdict, SignatureVerdict::trusted) << type << good.reason;
        EXPECT_EQ(good.signer, "key abcd");
        EXPECT_THAT(good.mismatches, IsEmpty());

        const auto other =
            check(bundle, {.public_key = pem_of(stranger.get()), .root_certificates = {}});
        EXPECT_EQ(other.verdict, SignatureVerdict::broken) << type;
        const auto unknown = check(bundle, {});
        EXPECT_EQ(unknown.verdict, SignatureVerdict::untrusted) << type;
        EXPECT_THAT(unknown.reason, HasSubstr("public key is needed"));
    }
}

TEST(model_signature, keys_of_other_kinds_are_not_used)
{
    const auto key = make_key("P-256");
    const auto bundle = bundle_of(good_statement(), KEY_MATERIAL, key.get());
    const Owned<EVP_PKEY> rsa{
        EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024}), EVP_PKEY_free};
    for (const auto& pem : {pem_of(rsa.get()), std::string{"no key"}})
        EXPECT_EQ(check(bundle, {.public_key = pem, .root_certificates = {}}).verdict,
            SignatureVerdict::untrusted);
}

TEST(model_signature, changed_statement_is_broken)
{
    const auto key = make_key("P-256");
    auto bundle = bundle_of(good_statement(), KEY_MATERIAL, key.get());
    const auto other = statement_of({{"config.json", "{}"}});
    bundle["dsseEnvelope"]["payload"] = to_base64(as_byte_view(other.dump()));
    EXPECT_EQ(check(bundle, {.public_key = pem_of(key.get()), .root_certificates = {}}).verdict,
        SignatureVerdict::broken);
}

TEST(model_signature, files_are_compared_with_the_directory)
{
    const auto key = make_key("P-256");
    const auto bundle =
        bundle_of(statement_of({{"config.json", "other"}, {"gone", ""}}), KEY_MATERIAL, key.get());
    EXPECT_THAT(check(bundle, {}).mismatches,
        ElementsAre("\"config.json\" is not as it was signed", "\"gone\" is signed but not there",
            "\"model.safetensors\" is not signed"));
    auto ignoring = statement_of({{"config.json", "{}"}});
    ignoring["predicate"]["serialization"]["ignore_paths"].push_back("model.safetensors");
    EXPECT_THAT(check(bundle_of(ignoring, KEY_MATERIAL, key.get()), {}).mismatches, IsEmpty());
}

TEST(model_signature, certificates_lead_to_given_roots)
{
    const auto root_key = make_key("P-256");
    const auto leaf_key = make_key("P-384");
    const auto root = make_certificate(root_key.get(), "root", root_key.get(), "root", "CA:TRUE");
    const auto stranger_key = make_key("P-256");
    const auto stranger =
        make_certificate(stranger_key.get(), "root", stranger_key.get(), "root", "CA:TRUE");
    const auto report_for = [&](const char* usage, const std::string& roots, EVP_PKEY* signer) {
        const auto leaf = make_certificate(leaf_key.get(), "signer", root_key.get(), "root", usage);
        const auto bundle = bundle_of(good_statement(),
            {{"x509CertificateChain",
                {{"certificates", {{{"rawBytes", to_base64(der_of(leaf.get()))}}}}}}},
            signer, EVP_sha384());
        return check(bundle, {.public_key = {}, .root_certificates = roots});
    };
    const auto good = report_for("digitalSignature", pem_of(root.get()), leaf_key.get());
    EXPECT_EQ(good.verdict, SignatureVerdict::trusted) << good.reason;
    EXPECT_EQ(good.signer, "certificate of CN=signer");

    EXPECT_EQ(
        report_for("digitalSignature", {}, leaf_key.get()).verdict, SignatureVerdict::untrusted);
    EXPECT_EQ(report_for("digitalSignature", pem_of(stranger.get()), leaf_key.get()).verdict,
        SignatureVerdict::untrusted);
    EXPECT_EQ(report_for("keyAgreement", pem_of(root.get()), leaf_key.get()).verdict,
        SignatureVerdict::untrusted);
    const auto other_key = make_key("P-384");
    EXPECT_EQ(report_for("digitalSignature", pem_of(root.get()), other_key.get()).verdict,
        SignatureVerdict::broken);
}

TEST(model_signature, short_certificates_are_judged_at_their_beginning)
{
    const auto key = make_key("P-256");
    // As Sigstore's: over long ago, but the root held then.
    const auto root = make_certificate(key.get(), "root", key.get(), "root", "CA:TRUE", -9000);
    const auto leaf =
        make_certificate(key.get(), "leaf", key.get(), "root", "digitalSignature", -8000);
    const auto bundle = bundle_of(good_statement(),
        {{"certificate", {{"rawBytes", to_base64(der_of(leaf.get()))}}},
            {"tlogEntries", {{{"logIndex", "1"}}}}},
        key.get());
    const auto report = check(bundle, {.public_key = {}, .root_certificates = pem_of(root.get())});
    EXPECT_EQ(report.verdict, SignatureVerdict::trusted);
    EXPECT_THAT(report.reason, HasSubstr("transparency log was not checked"));
}

TEST(model_signature, parse_refuses_bundles_that_break_a_rule)
{
    const auto key = make_key("P-256");
    const auto with_statement = [&](const std::function<void(SignedJson&)>& change) {
        auto statement = good_statement();
        change(statement);
        return parse(bundle_of(statement, KEY_MATERIAL, key.get())).has_value();
    };
    EXPECT_TRUE(with_statement([](SignedJson&) {}));
    EXPECT_FALSE(with_statement([](SignedJson& s) { s["_type"] = "x"; }));
    EXPECT_FALSE(with_statement([](SignedJson& s) { s["predicateType"] = "x"; }));
    EXPECT_FALSE(with_statement([](SignedJson& s) { s["subject"] = SignedJson::array(); }));
    EXPECT_FALSE(with_statement(
        [](SignedJson& s) { s["subject"][0]["digest"]["sha256"] = std::string(64, '0'); }));
    EXPECT_FALSE(with_statement(
        [](SignedJson& s) { s["predicate"]["serialization"]["method"] = "shards"; }));
    EXPECT_FALSE(with_statement(
        [](SignedJson& s) { s["predicate"]["resources"][0]["algorithm"] = "blake3"; }));
    EXPECT_FALSE(parse(bundle_of(statement_of({{"a", "1"}, {"a", "1"}}), KEY_MATERIAL, key.get())));

    auto bundle = bundle_of(good_statement(), KEY_MATERIAL, key.get());
    bundle["mediaType"] = "text/plain";
    EXPECT_FALSE(parse(bundle));
    EXPECT_FALSE(parse(bundle_of(good_statement(), SignedJson::object(), key.get())));
    EXPECT_FALSE(parse(SignedJson::array()));
    EXPECT_FALSE(ModelSignature::parse({}));
}

TEST(model_signature, certificates_that_are_none_are_broken)
{
    const auto key = make_key("P-256");
    const auto bundle =
        bundle_of(good_statement(), {{"certificate", {{"rawBytes", "Zm9v"}}}}, key.get());
    EXPECT_EQ(check(bundle, {}).verdict, SignatureVerdict::broken);
}

}  // namespace
}  // namespace ashlar
