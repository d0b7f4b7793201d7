#include "base/resumable_sha256.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"

namespace ashlar
{
namespace
{

Bytes counting_bytes(std::size_t size)
{
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<std::byte>(i * 7 + i / 251);
    return out;
}

}  // namespace

TEST(resumable_sha256, equals_sha256_wherever_it_is_taken_up)
{
    constexpr auto BLOCK = static_cast<std::size_t>(ResumableSha256::BLOCK_BYTES);
    const auto bytes = counting_bytes(5 * BLOCK + 3);
    for (std::size_t cut = 0; cut <= bytes.size(); cut += BLOCK)
    {
        ResumableSha256 first;
        first.update(ByteView{bytes}.first(cut));
        const auto progress = first.progress();
        EXPECT_EQ(progress.bytes, cut);

        ResumableSha256 second{progress};
        second.update(ByteView{bytes}.subspan(cut));

        EXPECT_EQ(second.finish(), sha256(bytes)) << cut;
    }
}

// The count of bits, which ends the input, is in two words.
TEST(resumable_sha256, progress_keeps_counts_beyond_32_bits)
{
    const ResumableSha256::Progress far{
        .chaining_value = sha256(ByteView{}), .bytes = (1ULL << 40) + ResumableSha256::BLOCK_BYTES};

    const auto again = ResumableSha256{far}.progress();

    EXPECT_EQ(again.bytes, far.bytes);
    EXPECT_EQ(again.chaining_value, far.chaining_value);
}

}  // namespace ashlar
