#include "checkpoint/stored_form.hpp"

#include <cmath>
#include <fstream>
#include <iostream>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zstd.h>
#include <nlohmann/json.hpp>

#include "base/random.hpp"
#include "tests/checkpoint/fixtures.hpp"
#include "tests/support/vectors.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint32_t PAYLOAD = PAYLOAD_BYTES_PER_BLOB;
constexpr Dtype BF16{9};
constexpr Dtype F32{12};
constexpr Dtype U8{2};

const std::vector<StoredRun> WORDS{{.bytes = PAYLOAD, .width = 2, .texture = Texture::weights}};
const std::vector<StoredRun> FLOATS{{.bytes = PAYLOAD, .width = 4, .texture = Texture::weights}};

PayloadBlob as_blob(const Bytes& bytes)
{
    return PayloadBlob{bytes.data(), PAYLOAD};
}

Bytes random_bytes(std::size_t count, std::uint64_t seed)
{
    Bytes out(count);
    SeededRandom{seed}.fill(out);
    return out;
}

/// Normal numbers of deviation 0.02, as float bits.
std::vector<std::uint32_t> normal_floats(std::size_t count, std::uint64_t seed)
{
    const auto bytes = random_bytes(count * 8, seed);
    std::vector<std::uint32_t> out(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        const auto at = [&](std::size_t offset) {
            return (1.0 + load_little_endian<std::uint32_t>(
                              std::span<const std::byte, 4>{bytes.data() + 8 * i + offset, 4})) /
                   4294967297.0;
        };
        const auto number = 0.02 * std::sqrt(-2 * std::log(at(0))) * std::cos(6.283185307 * at(4));
        out[i] = std::bit_cast<std::uint32_t>(static_cast<float>(number));
    }
    return out;
}

Bytes bf16_weights(std::uint64_t seed)
{
    Bytes out;
    for (const auto bits : normal_floats(PAYLOAD / 2, seed))
        append(out, little_endian(static_cast<std::uint16_t>(bits >> 16)));
    return out;
}

Bytes fp32_weights(std::uint64_t seed)
{
    Bytes out;
    for (const auto bits : normal_floats(PAYLOAD / 4, seed))
        append(out, little_endian(bits));
    return out;
}

Bytes decoded(ByteView form, std::optional<PayloadBlob> parent = {})
{
    Bytes out(PAYLOAD);
    const auto done = StoredFormDecoder{}.decode(
        form, parent, std::span<std::byte, PAYLOAD_BYTES_PER_BLOB>{out.data(), PAYLOAD});
    EXPECT_TRUE(done) << done.error().message;
    return out;
}

Result<void> try_decode(ByteView form)
{
    Bytes out(PAYLOAD);
    return StoredFormDecoder{}.decode(
        form, {}, std::span<std::byte, PAYLOAD_BYTES_PER_BLOB>{out.data(), PAYLOAD});
}

/// The format's page, one byte after the other: what decode() must agree with on raw planes.
Bytes slow_form(const Bytes& payload, std::span<const StoredRun> runs)
{
    Bytes form{std::byte{1}, std::byte{0}, static_cast<std::byte>(runs.size()), std::byte{0}};
    Bytes planes;
    Bytes bodies;
    std::size_t at = 0;
    for (const auto& run : runs)
    {
        form.push_back(std::byte{run.width});
        append(form, little_endian(run.bytes));
        for (unsigned p = 0; p < run.width; ++p)
        {
            planes.push_back(std::byte{0});
            append(planes, little_endian(run.bytes / run.width));
            for (std::uint32_t i = 0; i < run.bytes; i += run.width)
            {
                std::uint64_t word = 0;
                for (unsigned b = 0; b < run.width; ++b)
                    word |= std::to_integer<std::uint64_t>(payload[at + i + b]) << (8 * b);
                const auto bits = 8u * run.width;
                if (run.width > 1)
                    word = (word << 1 | word >> (bits - 1)) & ((std::uint64_t{1} << bits) - 1);
                bodies.push_back(static_cast<std::byte>(word >> (8 * p)));
            }
        }
        at += run.bytes;
    }
    append(form, planes);
    append(form, bodies);
    return form;
}

TEST(stored_form, bf16_weights_take_at_most_70_percent)
{
    const auto weights = bf16_weights(1);
    const auto form = StoredFormEncoder{}.encode(as_blob(weights), WORDS);
    const auto share = static_cast<double>(form.size()) / PAYLOAD;
    std::cout << "bf16 normal weights at rest: " << 100 * share << " % of raw\n";
    EXPECT_LE(share, 0.70);
    EXPECT_EQ(decoded(form), weights);
}

TEST(stored_form, fp32_weights_take_less_than_raw)
{
    const auto weights = fp32_weights(1);
    const auto form = StoredFormEncoder{}.encode(as_blob(weights), FLOATS);
    EXPECT_LE(form.size(), PAYLOAD * 86 / 100);
    EXPECT_EQ(decoded(form), weights);
}

TEST(stored_form, random_bytes_are_stored_raw)
{
    const auto noise = random_bytes(PAYLOAD, 7);
    for (const auto& runs : {WORDS, FLOATS})
    {
        const auto form = StoredFormEncoder{}.encode(as_blob(noise), runs);
        EXPECT_LE(form.size(), STORED_FORM_BYTES_MAX);
        EXPECT_EQ(decoded(form), noise);
    }
}

TEST(stored_form, difference_is_used_where_it_is_smaller)
{
    const auto parent = bf16_weights(1);
    auto child = parent;
    for (std::size_t i = 0; i < child.size(); i += 5000)
        child[i] ^= std::byte{0x11};
    StoredFormEncoder encoder;

    const auto form = encoder.encode(as_blob(child), WORDS, as_blob(parent));
    EXPECT_TRUE(summarize_stored_form(form).value().is_difference);
    EXPECT_LE(form.size(), PAYLOAD / 100);
    EXPECT_EQ(decoded(form, as_blob(parent)), child);
    EXPECT_EQ(try_decode(form).error().kind, ErrorKind::insufficient);

    const auto stranger = bf16_weights(2);
    const auto alone = encoder.encode(as_blob(stranger), WORDS, as_blob(parent));
    EXPECT_FALSE(summarize_stored_form(alone).value().is_difference);
    EXPECT_EQ(decoded(alone), stranger);
}

TEST(stored_form, decode_reads_what_the_page_says)
{
    const auto payload = random_bytes(PAYLOAD, 3);
    const std::vector<StoredRun> mixed{{.bytes = 3, .width = 1, .texture = Texture::text},
        {.bytes = 4000, .width = 4, .texture = Texture::weights},
        {.bytes = 10, .width = 2, .texture = Texture::weights},
        {.bytes = PAYLOAD - 4013, .width = 1, .texture = Texture::text}};
    for (const auto& runs : {mixed, WORDS})
    {
        const auto form = slow_form(payload, runs);
        if (form.size() <= STORED_FORM_BYTES_MAX)
            EXPECT_EQ(decoded(form), payload);
        else
            EXPECT_FALSE(try_decode(form));
    }
}

TEST(stored_form, encode_begins_as_the_page_says)
{
    const auto weights = bf16_weights(4);
    const auto form = StoredFormEncoder{}.encode(as_blob(weights), WORDS);
    const auto slow = slow_form(weights, WORDS);
    // Head and run, then plane 0, which is random and stays raw, then plane 1.
    EXPECT_TRUE(equal(ByteView{form}.first(14), ByteView{slow}.first(14)));
    EXPECT_EQ(form[14], std::byte{1});
    EXPECT_TRUE(
        equal(ByteView{form}.subspan(19, PAYLOAD / 2), ByteView{slow}.subspan(19, PAYLOAD / 2)));
}

RC_GTEST_PROP(stored_form, decode_gives_back_what_was_encoded, ())
{
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto cut = *rc::gen::inRange<std::uint32_t>(1, PAYLOAD / 4);
    const auto width = *rc::gen::element<std::uint8_t>(1, 2, 4);
    const auto bytes = 4 * cut;
    std::vector<StoredRun> runs{{.bytes = bytes, .width = width, .texture = Texture::weights}};
    if (bytes < PAYLOAD)
        runs.push_back({.bytes = PAYLOAD - bytes, .width = 1, .texture = Texture::text});
    auto payload = bf16_weights(seed);
    std::fill_n(payload.end() - (PAYLOAD - bytes) / 2, (PAYLOAD - bytes) / 2, std::byte{'x'});
    const auto parent = random_bytes(PAYLOAD, seed + 1);
    const auto with_parent = *rc::gen::arbitrary<bool>();

    const auto form = StoredFormEncoder{}.encode(
        as_blob(payload), runs, with_parent ? std::optional{as_blob(parent)} : std::nullopt);

    RC_ASSERT(form.size() <= STORED_FORM_BYTES_MAX);
    RC_ASSERT(decoded(form, as_blob(parent)) == payload);
}

TEST(stored_form, decode_refuses_every_truncation_of_its_head)
{
    const auto form = StoredFormEncoder{}.encode(as_blob(bf16_weights(5)), WORDS);
    for (std::size_t bytes = 0; bytes < 32; ++bytes)
        EXPECT_FALSE(try_decode(ByteView{form}.first(bytes))) << bytes;
    EXPECT_FALSE(try_decode(ByteView{form}.first(form.size() - 1)));
    auto longer = form;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(try_decode(longer));
}

TEST(stored_form, decode_refuses_fields_that_break_a_rule)
{
    const auto form = StoredFormEncoder{}.encode(as_blob(bf16_weights(6)), WORDS);
    // Offset in the form, and the byte that must not stand there.
    const std::pair<std::size_t, std::uint8_t> wrong[] = {{0, 0}, {0, 2}, {1, 2}, {1, 0x80}, {2, 0},
        {2, 2}, {2, 65}, {3, 1}, {4, 0}, {4, 3}, {4, 8}, {4, 1}, {4, 4}, {5, 1}, {8, 1}, {9, 1},
        {9, 2}, {10, 1}, {14, 0}, {14, 2}, {18, 0xff}};
    for (const auto& [offset, byte] : wrong)
    {
        auto bad = form;
        bad[offset] = std::byte{byte};
        EXPECT_FALSE(try_decode(bad)) << offset << " " << int{byte};
    }
}

Directory directory_of(std::vector<Tensor> tensors, std::uint64_t file_bytes = 4 * PAYLOAD)
{
    return Directory::from_parts(
        {{.path = "m", .offset = 0, .size = file_bytes, .sha256 = {}, .git_sha1 = {}}},
        std::move(tensors))
        .value();
}

Tensor tensor_at(std::string name, Dtype dtype, std::uint64_t offset, std::uint64_t elements)
{
    const auto size = tensor_bytes(*describe(dtype), std::vector{elements}).value();
    return {.name = std::move(name),
        .file_index = 0,
        .dtype = dtype,
        .shape = {elements},
        .offset = offset,
        .size = size};
}

StoredRun words(std::uint32_t bytes)
{
    return {.bytes = bytes, .width = 2, .texture = Texture::weights};
}

StoredRun text(std::uint32_t bytes)
{
    return {.bytes = bytes, .width = 1, .texture = Texture::text};
}

TEST(stored_layout, runs_follow_the_tensors)
{
    using Runs = std::vector<StoredRun>;
    const StoredLayout layout{
        directory_of({tensor_at("a", BF16, 101, 1000), tensor_at("b", BF16, 2101, 50),
            tensor_at("c", F32, 2203, PAYLOAD / 4), tensor_at("d", U8, 3 * PAYLOAD, 10)})};
    const StoredRun first{
        .bytes = (PAYLOAD - 2203) / 4 * 4, .width = 4, .texture = Texture::weights};
    EXPECT_EQ(layout.runs_of(0), (Runs{text(101), words(2100), text(2), first, text(1)}));
    // The float that straddles the blobs is in no run of floats.
    const StoredRun rest{.bytes = 2203 - 3, .width = 4, .texture = Texture::weights};
    EXPECT_EQ(layout.runs_of(1), (Runs{text(3), rest, text(PAYLOAD - 2203)}));
    EXPECT_EQ(layout.runs_of(2), (Runs{text(PAYLOAD)}));
    EXPECT_EQ(layout.runs_of(3),
        (Runs{{.bytes = 10, .width = 1, .texture = Texture::weights}, text(PAYLOAD - 10)}));
    EXPECT_EQ(layout.runs_of(1000), (Runs{text(PAYLOAD)}));
}

TEST(stored_layout, runs_of_overlapping_tensors_still_fill_the_blob)
{
    std::vector<Tensor> tensors;
    for (std::uint64_t i = 0; i < 1000; ++i)
        tensors.push_back(tensor_at(fmt::format("{:04}", i), i % 2 == 0 ? BF16 : F32,
            i * 377 % (3 * PAYLOAD), 100 + i % 7));
    const StoredLayout layout{directory_of(std::move(tensors))};
    for (std::uint64_t blob = 0; blob < 5; ++blob)
    {
        const auto runs = layout.runs_of(blob);
        std::uint64_t total = 0;
        for (const auto& run : runs)
        {
            EXPECT_EQ(run.bytes % run.width, 0);
            total += run.bytes;
        }
        EXPECT_EQ(total, PAYLOAD);
        EXPECT_LE(runs.size(), STORED_RUNS_MAX);
        const auto payload = random_bytes(PAYLOAD, blob);
        EXPECT_EQ(decoded(StoredFormEncoder{}.encode(as_blob(payload), runs)), payload);
    }
}

/// For how many sizes a plane of that many bytes takes the frame: the least ones, a blob's, and
/// what the frame itself declares.
std::size_t accepted_sizes(const std::string& frame)
{
    std::set<std::size_t> sizes{0, 1, 2, 3, 4096, PAYLOAD};
    if (const auto declared = ZSTD_getFrameContentSize(frame.data(), frame.size());
        declared <= (1 << 20))
        sizes.insert(declared);
    std::size_t accepted = 0;
    for (const auto expected : sizes)
    {
        Bytes out(expected);
        const auto done = ZstdDecoder{}.decompress(as_byte_view(frame), out);
        accepted += done ? 1 : 0;
        EXPECT_TRUE(done || done.error().kind == ErrorKind::invalid_input);
    }
    return accepted;
}

TEST(zstd_plane, decompress_judges_the_hostile_frames_as_the_manifest)
{
    const auto folder = test::vectors_folder("hostile/zstd");
    if (!folder)
        return;
    std::ifstream stream{*folder / "manifest.json"};
    const auto manifest = nlohmann::json::parse(stream);
    EXPECT_GE(manifest.size(), 12);
    EXPECT_EQ(manifest.size() + 1, test::sorted_entries(*folder).size());
    for (const auto& entry : manifest)
    {
        const auto name = entry.at("file").get<std::string>();
        const auto expected = entry.at("expect").get<std::string>();
        // Where the manifest leaves the choice, a plane is stricter than zstd: one frame, no more.
        const bool accept =
            expected.starts_with("accept") && expected.find("or reject") == std::string::npos;
        EXPECT_EQ(accepted_sizes(test::contents_of(*folder / name)), accept ? 1 : 0) << name;
    }
}

TEST(zstd_plane, compress_gives_up_where_nothing_is_gained)
{
    Bytes out(100);
    EXPECT_EQ(ZstdEncoder{}.compress(random_bytes(100, 1), Texture::weights, out), 0);
    EXPECT_EQ(ZstdEncoder{}.compress({}, Texture::text, out), 0);
    EXPECT_EQ(ZstdEncoder{}.compress(Bytes(1), Texture::text, out), 0);
    EXPECT_GT(ZstdEncoder{}.compress(Bytes(100), Texture::text, out), 0);
    EXPECT_EQ(ZstdEncoder{}.compress(Bytes(100), Texture::text, {}), 0);
}

}  // namespace
}  // namespace ashlar
