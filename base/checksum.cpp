#include "base/checksum.hpp"

#include <isa-l/crc64.h>

namespace ashlar
{

std::uint64_t crc64(std::uint64_t sum, ByteView bytes) noexcept
{
    return ::crc64_ecma_refl(
        sum, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::uint64_t crc64(std::initializer_list<ByteView> parts) noexcept
{
    std::uint64_t sum = 0;
    for (const auto part : parts)
        sum = crc64(sum, part);
    return sum;
}

}  // namespace ashlar
