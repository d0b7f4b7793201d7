#include "da-node/tls_certificate.hpp"

#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace ashlar
{
namespace
{

constexpr long CERTIFICATE_SECONDS = 10L * 365 * 24 * 3600;

/// Clocks of clients may be behind the node's.
constexpr long BACKDATED_SECONDS = 24L * 3600;

template <auto FREE>
struct Free
{
    template <typename T>
    void operator()(T* object) const
    {
        FREE(object);
    }
};

using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate509 = std::unique_ptr<X509, Free<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Stream = std::unique_ptr<BIO, Free<BIO_free_all>>;

tl::unexpected<Error> openssl_failure(const char* doing)
{
    return fail(ErrorKind::unavailable, "OpenSSL cannot {}", doing);
}

bool add_extension(X509* certificate, int kind, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool fill_in(X509* certificate, EVP_PKEY* key, const std::string& server_name)
{
    std::uint64_t serial = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1)
        return false;
    auto* name = X509_get_subject_name(certificate);
    const auto* common_name = reinterpret_cast<const unsigned char*>(server_name.c_str());
    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -BACKDATED_SECONDS) != nullptr &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), CERTIFICATE_SECONDS) != nullptr &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           // It is the root of its own chain, so it must be allowed to sign itself.
           add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, NID_subject_alt_name, "DNS:" + server_name) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

std::string text_of(BIO* stream)
{
    char* data = nullptr;
    const auto size = BIO_get_mem_data(stream, &data);
    return {data, static_cast<std::size_t>(size)};
}

Stream stream_of(const std::string& text)
{
    return Stream{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

}  // namespace

Result<TlsKeyPair> make_tls_key_pair(const std::string& server_name)
{
    const Key key{EVP_EC_gen("P-256")};
    const Certificate509 certificate{X509_new()};
    if (!key || !certificate || !fill_in(certificate.get(), key.get(), server_name))
        return openssl_failure("make a certificate");
    const Stream key_text{BIO_new(BIO_s_mem())};
    const Stream certificate_text{BIO_new(BIO_s_mem())};
    if (!key_text || !certificate_text ||
        PEM_write_bio_PrivateKey(
            key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
        PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1)
        return openssl_failure("write a certificate");
    return TlsKeyPair{
        .key = text_of(key_text.get()), .certificate = text_of(certificate_text.get())};
}

Result<void> check_tls_key_pair(const TlsKeyPair& pair)
{
    const auto key_text = stream_of(pair.key);
    const auto certificate_text = stream_of(pair.certificate);
    const Key key{PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr)};
    const Certificate509 certificate{
        PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr)};
    if (!key || !certificate || X509_check_private_key(certificate.get(), key.get()) != 1)
        return fail(ErrorKind::corrupted, "the TLS key is not that of the certificate");
    return {};
}

}  // namespace ashlar
