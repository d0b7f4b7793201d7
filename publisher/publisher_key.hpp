#pragma once

/// The publisher's Ed25519 key (libsodium): it signs reservations, against which nodes count
/// quotas.

#include <filesystem>

#include "base/bytes.hpp"

namespace ashlar
{

/// A key pair. Wiped on destruction; not copyable.
class PublisherKey
{
public:
    [[nodiscard]] static PublisherKey generate();

    /// Reads the key file: 64 hexadecimal digits of seed, mode 0600.
    /// @return  invalid_input if others may read the file, it is malformed or not there.
    [[nodiscard]] static Result<PublisherKey> load(const std::filesystem::path& path);

    /// As load(), but makes the file if it is not there.
    [[nodiscard]] static Result<PublisherKey> load_or_create(const std::filesystem::path& path);

    PublisherKey(PublisherKey&& other) noexcept;
    PublisherKey& operator=(PublisherKey&&) = delete;
    PublisherKey(const PublisherKey&) = delete;
    PublisherKey& operator=(const PublisherKey&) = delete;
    ~PublisherKey();

    [[nodiscard]] const Bytes32& public_key() const noexcept { return public_key_; }
    [[nodiscard]] Bytes64 sign(ByteView message) const;

private:
    explicit PublisherKey(const Bytes32& seed);

    Bytes32 public_key_{};
    Bytes64 secret_key_{};
};

}  // namespace ashlar
