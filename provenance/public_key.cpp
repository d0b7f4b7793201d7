#include "provenance/public_key.hpp"

#include <ctime>
#include <vector>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace ashlar
{
namespace
{

/// Frees an OpenSSL object with its own function.
template <auto FREE>
struct Free
{
    template <typename T>
    void operator()(T* object) const noexcept
    {
        FREE(object);
    }
};

using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate509 = std::unique_ptr<X509, Free<X509_free>>;
using Store = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>>;

constexpr std::size_t PEM_BYTES_MAX = std::size_t{1} << 20;

Result<Bio> open_pem(std::string_view pem)
{
    if (pem.size() > PEM_BYTES_MAX)
        return fail(ErrorKind::invalid_input, "a PEM file over {} bytes", PEM_BYTES_MAX);
    Bio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    ASHLAR_ASSERT(bio != nullptr);
    return bio;
}

/// @return  invalid_input for keys of other kinds; a null digest for Ed25519, which has its own.
Result<const EVP_MD*> digest_for(const EVP_PKEY* key)
{
    const EVP_MD* const ed25519 = nullptr;
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519)
        return ed25519;
    char group[32] = {};
    const bool named = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
                       EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) == 1;
    const std::string_view curve{group};
    if (named && curve == "prime256v1")
        return EVP_sha256();
    if (named && curve == "secp384r1")
        return EVP_sha384();
    if (named && curve == "secp521r1")
        return EVP_sha512();
    return fail(ErrorKind::invalid_input, "only keys on P-256, P-384, P-521 and Ed25519 are known");
}

std::string name_of(const X509_NAME* name)
{
    const Bio bio{BIO_new(BIO_s_mem())};
    ASHLAR_ASSERT(bio != nullptr);
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
    char* text = nullptr;
    const auto length = BIO_get_mem_data(bio.get(), &text);
    return length > 0 ? std::string{text, static_cast<std::size_t>(length)} : std::string{};
}

Result<Certificate509> parse_certificate(const Bytes& der)
{
    if (der.size() > PEM_BYTES_MAX)
        return fail(ErrorKind::invalid_input, "a certificate over {} bytes", PEM_BYTES_MAX);
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const auto* const end = at + der.size();
    Certificate509 certificate{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
    if (certificate == nullptr || at != end)
        return fail(ErrorKind::invalid_input, "not an X.509 certificate");
    return certificate;
}

/// Roots from PEM text: as many certificates as it holds.
Result<Store> make_store(std::string_view pem)
{
    ASHLAR_TRY(const auto bio, open_pem(pem));
    Store store{X509_STORE_new()};
    ASHLAR_ASSERT(store != nullptr);
    std::size_t count = 0;
    for (;;)
    {
        const Certificate509 root{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
        if (root == nullptr)
            break;
        ASHLAR_ASSERT(X509_STORE_add_cert(store.get(), root.get()) == 1);
        ++count;
    }
    ERR_clear_error();
    if (count == 0)
        return fail(ErrorKind::invalid_input, "no PEM certificates are given as roots");
    return store;
}

/// It must say so itself: OpenSSL answers "anything" for an extension that is not there.
bool may_sign(X509* certificate)
{
    const auto flags = X509_get_extension_flags(certificate);
    const bool by_usage = (flags & EXFLAG_KUSAGE) != 0 &&
                          (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) != 0;
    const bool by_purpose = (flags & EXFLAG_XKUSAGE) != 0 &&
                            (X509_get_extended_key_usage(certificate) & XKU_CODE_SIGN) != 0;
    return by_usage || by_purpose;
}

}  // namespace

struct PublicKey::State
{
    Key key;
    const EVP_MD* digest;
};

PublicKey::PublicKey(std::unique_ptr<State> state) noexcept : state_{std::move(state)}
{}
PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

Result<PublicKey> PublicKey::from_pem(std::string_view pem)
{
    ASHLAR_TRY(const auto bio, open_pem(pem));
    Key key{PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr)};
    ERR_clear_error();
    if (key == nullptr)
        return fail(ErrorKind::invalid_input, "not a PEM public key");
    ASHLAR_TRY(const auto* const digest, digest_for(key.get()));
    return PublicKey{std::make_unique<State>(std::move(key), digest)};
}

Result<void> PublicKey::verify(ByteView signature, ByteView message) const
{
    const std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>> context{EVP_MD_CTX_new()};
    ASHLAR_ASSERT(context != nullptr);
    const bool holds =
        EVP_DigestVerifyInit(context.get(), nullptr, state_->digest, nullptr, state_->key.get()) ==
            1 &&
        EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
            signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
            message.size()) == 1;
    ERR_clear_error();
    if (!holds)
        return fail(ErrorKind::proof_invalid, "the signature does not hold");
    return {};
}

struct CertificateChain::State
{
    std::vector<Certificate509> certificates;
    PublicKey key;
    std::string subject;
};

CertificateChain::CertificateChain(std::unique_ptr<State> state) noexcept : state_{std::move(state)}
{}
CertificateChain::CertificateChain(CertificateChain&&) noexcept = default;
CertificateChain& CertificateChain::operator=(CertificateChain&&) noexcept = default;
CertificateChain::~CertificateChain() = default;

const PublicKey& CertificateChain::key() const noexcept
{
    return state_->key;
}

const std::string& CertificateChain::subject() const noexcept
{
    return state_->subject;
}

Result<CertificateChain> CertificateChain::parse(std::span<const Bytes> certificates)
{
    std::vector<Certificate509> chain;
    for (const auto& der : certificates)
    {
        ASHLAR_TRY(auto certificate, parse_certificate(der));
        chain.push_back(std::move(certificate));
    }
    if (chain.empty())
        return fail(ErrorKind::invalid_input, "there is no certificate");
    Key key{X509_get_pubkey(chain.front().get())};
    ERR_clear_error();
    if (key == nullptr)
        return fail(ErrorKind::invalid_input, "a certificate without a key");
    ASHLAR_TRY(const auto* const digest, digest_for(key.get()));
    auto subject = name_of(X509_get_subject_name(chain.front().get()));
    return CertificateChain{std::make_unique<State>(std::move(chain),
        PublicKey{std::make_unique<PublicKey::State>(std::move(key), digest)}, std::move(subject))};
}

Result<void> CertificateChain::verify(std::string_view root_certificates_pem) const
{
    ASHLAR_TRY(const auto store, make_store(root_certificates_pem));
    auto* const leaf = state_->certificates.front().get();
    const auto free_stack = [](STACK_OF(X509) * stack) { sk_X509_free(stack); };
    const std::unique_ptr<STACK_OF(X509), decltype(free_stack)> between{
        sk_X509_new_null(), free_stack};
    for (std::size_t i = 1; i < state_->certificates.size(); ++i)
        ASHLAR_ASSERT(sk_X509_push(between.get(), state_->certificates[i].get()) > 0);
    const StoreContext context{X509_STORE_CTX_new()};
    ASHLAR_ASSERT(context != nullptr &&
                  X509_STORE_CTX_init(context.get(), store.get(), leaf, between.get()) == 1);
    std::tm began{};
    if (ASN1_TIME_to_tm(X509_get0_notBefore(leaf), &began) != 1)
        return fail(ErrorKind::proof_invalid, "the certificate says not from when it holds");
    X509_STORE_CTX_set_time(context.get(), 0, ::timegm(&began));
    const bool rooted = X509_verify_cert(context.get()) == 1;
    const auto code = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    if (!rooted)
        return fail(ErrorKind::proof_invalid, "its chain does not hold: {}",
            X509_verify_cert_error_string(code));
    if (!may_sign(leaf))
        return fail(ErrorKind::proof_invalid, "its certificate is not for signing");
    return {};
}

}  // namespace ashlar
