#pragma once

/// Public keys and certificates (OpenSSL), as far as signatures over statements need them.

#include <memory>
#include <string>

#include "base/bytes.hpp"

namespace ashlar
{

/// ECDSA over P-256 with SHA-256, P-384 with SHA-384, P-521 with SHA-512, or Ed25519: what OpenSSF
/// model signing knows, and what Ashlar signs with. Immutable.
class PublicKey
{
public:
    /// @return  invalid_input if it is no PEM public key of these kinds.
    [[nodiscard]] static Result<PublicKey> from_pem(std::string_view pem);

    PublicKey(PublicKey&&) noexcept;
    PublicKey& operator=(PublicKey&&) noexcept;
    ~PublicKey();

    /// @param signature  DER for ECDSA, 64 bytes for Ed25519.
    /// @return  proof_invalid unless the signature holds.
    [[nodiscard]] Result<void> verify(ByteView signature, ByteView message) const;

private:
    friend class CertificateChain;
    struct State;
    explicit PublicKey(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

/// A signer's certificate and those that lead from it towards a root. Immutable.
class CertificateChain
{
public:
    /// @param certificates  DER; the signer's first.
    /// @return  invalid_input if one is no certificate, or the signer's key is of another kind.
    [[nodiscard]] static Result<CertificateChain> parse(std::span<const Bytes> certificates);

    CertificateChain(CertificateChain&&) noexcept;
    CertificateChain& operator=(CertificateChain&&) noexcept;
    ~CertificateChain();

    [[nodiscard]] const PublicKey& key() const noexcept;

    /// The distinguished name, as RFC 2253 writes it.
    [[nodiscard]] const std::string& subject() const noexcept;

    /// Leads to one of these roots, at the time when the signer's certificate began to hold (short
    /// ones end long before a model does), and may sign.
    /// @return  proof_invalid, saying why not; invalid_input if the roots are no PEM certificates.
    [[nodiscard]] Result<void> verify(std::string_view root_certificates_pem) const;

private:
    struct State;
    explicit CertificateChain(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

}  // namespace ashlar
