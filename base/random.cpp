#include "base/random.hpp"

#include <sodium.h>

namespace ashlar
{
namespace
{

class SystemRandom final : public RandomSource
{
public:
    SystemRandom() { ASHLAR_ASSERT(sodium_init() >= 0); }
    void fill(std::span<std::byte> out) override
    {
        // libsodium declares the pointer non-null, and an empty span may hold a null one.
        if (!out.empty())
            randombytes_buf(out.data(), out.size());
    }
};

}  // namespace

std::uint64_t RandomSource::below(std::uint64_t bound)
{
    ASHLAR_ASSERT(bound > 0);
    // Values under 2^64 mod bound would make small results likelier.
    const std::uint64_t reject_below = (0 - bound) % bound;
    for (;;)
    {
        ByteArray<8> bytes;
        fill(bytes);
        const auto value = load_little_endian<std::uint64_t>(bytes);
        if (value >= reject_below)
            return value % bound;
    }
}

RandomSource& system_random()
{
    static SystemRandom source;
    return source;
}

void SeededRandom::fill(std::span<std::byte> out)
{
    static_assert(randombytes_SEEDBYTES == 32);
    if (out.empty())
        return;
    ByteArray<32> key{};
    std::ranges::copy(little_endian(seed_), key.begin());
    std::ranges::copy(little_endian(counter_++), key.begin() + 8);
    randombytes_buf_deterministic(
        out.data(), out.size(), reinterpret_cast<const unsigned char*>(key.data()));
}

}  // namespace ashlar
