#include "publisher/publisher_key.hpp"

#include <sodium.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t KEY_FILE_BYTES_MAX = 256;

const unsigned char* raw(ByteView bytes) noexcept
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

template <std::size_t N>
unsigned char* raw_output(ByteArray<N>& bytes) noexcept
{
    return reinterpret_cast<unsigned char*>(bytes.data());
}

Result<void> check_private(const std::filesystem::path& path)
{
    struct stat info
    {
    };
    if (::stat(path.c_str(), &info) == 0 && (info.st_mode & 077) != 0)
        return fail(ErrorKind::invalid_input,
            "key file {} may be read by others: run chmod 600 on it", printable(path.native()));
    return {};
}

}  // namespace

PublisherKey::PublisherKey(const Bytes32& seed)
{
    static_assert(crypto_sign_SEEDBYTES == 32 && crypto_sign_SECRETKEYBYTES == 64);
    ASHLAR_ASSERT(
        crypto_sign_seed_keypair(raw_output(public_key_), raw_output(secret_key_), raw(seed)) == 0);
}

PublisherKey::PublisherKey(PublisherKey&& other) noexcept
  : public_key_{other.public_key_}, secret_key_{other.secret_key_}
{
    sodium_memzero(other.secret_key_.data(), other.secret_key_.size());
}

PublisherKey::~PublisherKey()
{
    sodium_memzero(secret_key_.data(), secret_key_.size());
}

PublisherKey PublisherKey::generate()
{
    Bytes32 seed;
    system_random().fill(seed);
    PublisherKey key{seed};
    sodium_memzero(seed.data(), seed.size());
    return key;
}

Result<PublisherKey> PublisherKey::load_or_create(const std::filesystem::path& path)
{
    if (!std::filesystem::exists(path))
    {
        Bytes32 seed;
        system_random().fill(seed);
        if (path.has_parent_path())
            ASHLAR_CHECK(make_folders(path.parent_path()));
        ASHLAR_CHECK(write_file_atomically(path, as_byte_view(to_hex(seed) + "\n"), true));
        return PublisherKey{seed};
    }
    return load(path);
}

Result<PublisherKey> PublisherKey::load(const std::filesystem::path& path)
{
    ASHLAR_CHECK(check_private(path));
    ASHLAR_TRY(const auto bytes, read_file(path, KEY_FILE_BYTES_MAX));
    auto text = as_text(bytes);
    while (text.ends_with('\n'))
        text.remove_suffix(1);
    const auto seed = array_from_hex<32>(text);
    if (!seed)
        return fail(ErrorKind::invalid_input, "key file {} is not 64 hexadecimal digits",
            printable(path.native()));
    return PublisherKey{*seed};
}

Bytes64 PublisherKey::sign(ByteView message) const
{
    Bytes64 signature;
    ASHLAR_ASSERT(crypto_sign_detached(raw_output(signature), nullptr, raw(message), message.size(),
                      raw(secret_key_)) == 0);
    return signature;
}

}  // namespace ashlar
