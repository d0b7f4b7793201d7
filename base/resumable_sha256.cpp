// The calls that show their state are deprecated in OpenSSL 3, which offers no others that do.
#define OPENSSL_API_COMPAT 0x10100000L

#include "base/resumable_sha256.hpp"

#include <openssl/sha.h>

namespace ashlar
{
namespace
{

constexpr unsigned BITS_PER_BYTE = 8;
constexpr std::size_t BYTES_PER_WORD = sizeof(SHA_LONG);

}  // namespace

struct ResumableSha256::State
{
    SHA256_CTX context;
};

ResumableSha256::ResumableSha256() : state_{std::make_unique<State>()}
{
    ASHLAR_ASSERT(SHA256_Init(&state_->context) == 1);
}

ResumableSha256::ResumableSha256(const Progress& progress) : ResumableSha256{}
{
    ASHLAR_ASSERT(progress.bytes % BLOCK_BYTES == 0);
    auto& context = state_->context;
    const ByteView words{progress.chaining_value};
    for (std::size_t i = 0; i < std::size(context.h); ++i)
        context.h[i] = load_big_endian<std::uint32_t>(
            words.subspan(i * BYTES_PER_WORD).first<BYTES_PER_WORD>());
    const auto bits = progress.bytes * BITS_PER_BYTE;
    context.Nl = static_cast<SHA_LONG>(bits);
    context.Nh = static_cast<SHA_LONG>(bits >> 32);
}

ResumableSha256::~ResumableSha256() = default;
ResumableSha256::ResumableSha256(ResumableSha256&&) noexcept = default;
ResumableSha256& ResumableSha256::operator=(ResumableSha256&&) noexcept = default;

void ResumableSha256::update(ByteView bytes)
{
    ASHLAR_ASSERT(SHA256_Update(&state_->context, bytes.data(), bytes.size()) == 1);
}

ResumableSha256::Progress ResumableSha256::progress() const
{
    const auto& context = state_->context;
    ASHLAR_ASSERT(context.num == 0);
    Progress out;
    for (std::size_t i = 0; i < std::size(context.h); ++i)
        std::ranges::copy(big_endian(std::uint32_t{context.h[i]}),
            out.chaining_value.begin() + static_cast<std::ptrdiff_t>(i * BYTES_PER_WORD));
    out.bytes = ((std::uint64_t{context.Nh} << 32) | context.Nl) / BITS_PER_BYTE;
    return out;
}

Bytes32 ResumableSha256::finish()
{
    Bytes32 out;
    ASHLAR_ASSERT(
        SHA256_Final(reinterpret_cast<unsigned char*>(out.data()), &state_->context) == 1);
    return out;
}

}  // namespace ashlar
