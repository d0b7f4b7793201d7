#include "base/checksum.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace ashlar
{
namespace
{

/// Bit by bit.
std::uint64_t slow_crc64(ByteView bytes)
{
    constexpr std::uint64_t REFLECTED_POLYNOMIAL = 0xC96C5795D7870F42;
    auto sum = ~std::uint64_t{0};
    for (const auto byte : bytes)
    {
        sum ^= std::to_integer<std::uint64_t>(byte);
        for (int bit = 0; bit < 8; ++bit)
            sum = (sum >> 1) ^ ((sum & 1) != 0 ? REFLECTED_POLYNOMIAL : 0);
    }
    return ~sum;
}

// Published check value of CRC-64/XZ.
TEST(checksum, crc64_of_the_nine_digits)
{
    EXPECT_EQ(crc64(0, as_byte_view("123456789")), 0x995DC9BBDF1939FA);
}

TEST(checksum, crc64_agrees_with_the_bitwise_one_and_may_be_taken_in_parts)
{
    Bytes bytes(1000);
    system_random().fill(bytes);
    for (const std::size_t size : {0u, 1u, 7u, 8u, 15u, 16u, 127u, 128u, 129u, 255u, 256u, 1000u})
    {
        const auto whole = ByteView{bytes}.first(size);
        EXPECT_EQ(crc64(0, whole), slow_crc64(whole)) << size;
        EXPECT_EQ(crc64({whole.first(size / 3), {}, whole.subspan(size / 3)}), slow_crc64(whole))
            << size;
    }
}

}  // namespace
}  // namespace ashlar
