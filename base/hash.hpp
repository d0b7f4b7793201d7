#pragma once

/// SHA-2 and SHA-1 over OpenSSL. SHA-1 only names files as git does; nothing rests on it.

#include <initializer_list>
#include <memory>

#include "base/bytes.hpp"

namespace ashlar
{

[[nodiscard]] Bytes32 sha256(ByteView bytes);

/// SHA-256 of the concatenation of the parts.
[[nodiscard]] Bytes32 sha256(std::initializer_list<ByteView> parts);

/// SHA-512 of the concatenation of the parts.
[[nodiscard]] Bytes64 sha512(std::initializer_list<ByteView> parts);

enum class DigestKind : std::uint8_t
{
    sha1,
    sha256,
    sha512,
};

/// A running hash. Not thread-safe; finish() may be called once.
class Hasher
{
public:
    explicit Hasher(DigestKind kind);
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;

    Hasher& update(ByteView bytes);

    /// @pre N is the digest's size: 20, 32 or 64.
    template <std::size_t N>
    [[nodiscard]] ByteArray<N> finish()
    {
        ByteArray<N> out;
        finish_into(out);
        return out;
    }

private:
    void finish_into(std::span<std::byte> out);

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ashlar
