#include "base/hash.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace ashlar
{
namespace
{

const EVP_MD* algorithm(DigestKind kind) noexcept
{
    switch (kind)
    {
        case DigestKind::sha1:
            return EVP_sha1();
        case DigestKind::sha256:
            return EVP_sha256();
        case DigestKind::sha512:
            return EVP_sha512();
    }
    return nullptr;
}

const unsigned char* raw(ByteView bytes) noexcept
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Bytes32 sha256(ByteView bytes)
{
    // The one-shot call skips OpenSSL 3's fetch and context allocation, which cost more than
    // hashing a Merkle node does.
    Bytes32 out;
    SHA256(raw(bytes), bytes.size(), reinterpret_cast<unsigned char*>(out.data()));
    return out;
}

Bytes32 sha256(std::initializer_list<ByteView> parts)
{
    Hasher hasher{DigestKind::sha256};
    for (const auto part : parts)
        hasher.update(part);
    return hasher.finish<32>();
}

Bytes64 sha512(std::initializer_list<ByteView> parts)
{
    Hasher hasher{DigestKind::sha512};
    for (const auto part : parts)
        hasher.update(part);
    return hasher.finish<64>();
}

struct Hasher::State
{
    EVP_MD_CTX* context = EVP_MD_CTX_new();

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }
};

Hasher::Hasher(DigestKind kind) : state_{std::make_unique<State>()}
{
    ASHLAR_ASSERT(EVP_DigestInit_ex(state_->context, algorithm(kind), nullptr) == 1);
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

Hasher& Hasher::update(ByteView bytes)
{
    ASHLAR_ASSERT(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
    return *this;
}

void Hasher::finish_into(std::span<std::byte> out)
{
    ASHLAR_ASSERT(static_cast<std::size_t>(EVP_MD_CTX_get_size(state_->context)) == out.size());
    auto* const digest = reinterpret_cast<unsigned char*>(out.data());
    ASHLAR_ASSERT(EVP_DigestFinal_ex(state_->context, digest, nullptr) == 1);
}

}  // namespace ashlar
