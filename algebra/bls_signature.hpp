#pragma once

/// BLS signatures, public keys in G1 (minimal-pubkey-size), proof-of-possession scheme.
///
/// Source: draft-irtf-cfrg-bls-signature, ciphersuite
/// BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_, as Ethereum's consensus layer uses it.

#include "algebra/g2.hpp"

namespace ashlar
{

/// A validated public key: in G1 and not infinity.
class BlsPublicKey
{
public:
    /// @return  invalid_input for a bad encoding, a point outside G1, or infinity.
    [[nodiscard]] static Result<BlsPublicKey> parse(std::span<const std::byte, 48> bytes);

    [[nodiscard]] const Bytes48& bytes() const noexcept { return bytes_; }
    [[nodiscard]] const G1Affine& point() const noexcept { return point_; }

    friend bool operator==(const BlsPublicKey& a, const BlsPublicKey& b) noexcept
    {
        return a.bytes_ == b.bytes_;
    }

private:
    friend class BlsSecretKey;
    BlsPublicKey(const G1Affine& point, const Bytes48& bytes) : point_{point}, bytes_{bytes} {}

    G1Affine point_;
    Bytes48 bytes_;
};

/// A validated signature: in G2 and not infinity.
class BlsSignature
{
public:
    [[nodiscard]] static Result<BlsSignature> parse(std::span<const std::byte, 96> bytes);

    [[nodiscard]] Bytes96 bytes() const noexcept { return point_.compress(); }
    [[nodiscard]] const G2Affine& point() const noexcept { return point_; }

private:
    friend class BlsSecretKey;
    friend Result<BlsSignature> aggregate_signatures(std::span<const BlsSignature>);
    explicit BlsSignature(const G2Affine& point) : point_{point} {}

    G2Affine point_;
};

/// A secret key. Wiped on destruction; not copyable.
class BlsSecretKey
{
public:
    /// From the system's randomness.
    [[nodiscard]] static BlsSecretKey generate();

    /// Big-endian, as EIP-2333 writes keys.
    /// @return  invalid_input unless 0 < key < r.
    [[nodiscard]] static Result<BlsSecretKey> parse(std::span<const std::byte, 32> bytes);

    BlsSecretKey(BlsSecretKey&& other) noexcept;
    BlsSecretKey& operator=(BlsSecretKey&&) = delete;
    BlsSecretKey(const BlsSecretKey&) = delete;
    BlsSecretKey& operator=(const BlsSecretKey&) = delete;
    ~BlsSecretKey();

    [[nodiscard]] Bytes32 to_bytes() const noexcept;
    [[nodiscard]] BlsPublicKey public_key() const;
    [[nodiscard]] BlsSignature sign(ByteView message) const;

    /// Proof that whoever published the public key holds this key (POP tag).
    [[nodiscard]] BlsSignature prove_possession() const;

private:
    explicit BlsSecretKey(const blst_scalar& scalar) : scalar_{scalar} {}

    blst_scalar scalar_;
};

/// @return  proof_invalid if the signature does not hold.
[[nodiscard]] Result<void> verify_signature(
    const BlsPublicKey& key, ByteView message, const BlsSignature& signature);

/// @return  proof_invalid if the possession proof does not hold.
[[nodiscard]] Result<void> verify_possession(const BlsPublicKey& key, const BlsSignature& proof);

/// Sum of signatures. @return invalid_input for none at all or if they sum to infinity.
[[nodiscard]] Result<BlsSignature> aggregate_signatures(std::span<const BlsSignature> signatures);

/// One message signed by all keys (FastAggregateVerify).
/// @pre possession of every key was proven, else rogue keys could cancel others.
/// @return  proof_invalid if it does not hold, if there are no keys or they sum to infinity.
[[nodiscard]] Result<void> verify_aggregate(
    std::span<const BlsPublicKey> keys, ByteView message, const BlsSignature& signature);

}  // namespace ashlar
