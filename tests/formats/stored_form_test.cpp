/// Examples of docs/formats/stored-form.md.

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "checkpoint/stored_form.hpp"
#include "tests/formats/example.hpp"

namespace ashlar::test
{
namespace
{

Bytes decoded(const Bytes& form, std::optional<PayloadBlob> parent)
{
    Bytes out(PAYLOAD_BYTES_PER_BLOB);
    const auto done = StoredFormDecoder{}.decode(form, parent,
        std::span<std::byte, PAYLOAD_BYTES_PER_BLOB>{out.data(), PAYLOAD_BYTES_PER_BLOB});
    EXPECT_TRUE(done);
    return out;
}

std::vector<StoredRun> runs_of(const Example& example)
{
    const auto widths = example.integers("run_widths");
    const auto bytes = example.integers("run_bytes");
    std::vector<StoredRun> runs;
    for (std::size_t i = 0; i < widths.size(); ++i)
        runs.push_back({.bytes = static_cast<std::uint32_t>(bytes.at(i)),
            .width = static_cast<std::uint8_t>(widths[i]),
            .texture = Texture::weights});
    return runs;
}

TEST(example, stored_form)
{
    const auto example = Example::current();
    auto payload = pattern(9, 21);
    example.expect("payload_begin", payload);
    payload.resize(PAYLOAD_BYTES_PER_BLOB);
    example.expect("payload_sha256", sha256(payload));
    const auto runs = runs_of(example);
    EXPECT_EQ(decoded(example.bytes("form"), {}), payload);

    Bytes zeros(runs.back().bytes);
    ASSERT_TRUE(ZstdDecoder{}.decompress(example.bytes("frame"), zeros));
    EXPECT_TRUE(is_zero(zeros));

    // The encoder agrees up to the frame, whose bytes are zstd's choice.
    const PayloadBlob blob{payload.data(), PAYLOAD_BYTES_PER_BLOB};
    const auto form = StoredFormEncoder{}.encode(blob, runs);
    EXPECT_TRUE(equal(ByteView{form}.first(24), ByteView{example.bytes("form")}.first(24)));
    EXPECT_EQ(decoded(form, {}), payload);
}

TEST(example, stored_form_difference)
{
    const auto example = Example::current();
    const auto parent = pattern(1, PAYLOAD_BYTES_PER_BLOB);
    const PayloadBlob parent_blob{parent.data(), PAYLOAD_BYTES_PER_BLOB};
    auto payload = parent;
    for (std::size_t i = 0; i < 4; ++i)
        payload[i] ^= static_cast<std::byte>(i + 1);
    example.expect("payload_sha256", sha256(payload));
    EXPECT_EQ(decoded(example.bytes("form"), parent_blob), payload);
    EXPECT_EQ(runs_of(example).size(), 2);
    EXPECT_TRUE(summarize_stored_form(example.bytes("form")).value().is_difference);
}

}  // namespace
}  // namespace ashlar::test
