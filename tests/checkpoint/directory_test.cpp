#include "checkpoint/directory.hpp"

#include <chrono>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/hash.hpp"
#include "base/shape.hpp"
#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

using test::BLOB;

FileEntry file(std::string path, std::uint64_t offset, std::uint64_t size)
{
    const auto digest = sha256(as_byte_view(path));
    Bytes20 git{};
    std::copy_n(digest.begin(), git.size(), git.begin());
    return {
        .path = std::move(path), .offset = offset, .size = size, .sha256 = digest, .git_sha1 = git};
}

Tensor tensor(std::string name, std::uint32_t index, std::uint64_t offset, std::uint64_t size)
{
    return {.name = std::move(name),
        .file_index = index,
        .dtype = Dtype{2},
        .shape = {size},
        .offset = offset,
        .size = size};
}

struct Parts
{
    std::vector<FileEntry> files;
    std::vector<Tensor> tensors;
};

Parts sample()
{
    return {{file("a", 0, BLOB + 1), file("b/c", 2 * BLOB, 0), file("b/d", 2 * BLOB, 10)},
        {tensor("t", 0, 7, 100), tensor("t", 2, 2 * BLOB, 10), tensor("u", 0, BLOB + 1, 0)}};
}

Result<Directory> make(Parts parts)
{
    return Directory::from_parts(std::move(parts.files), std::move(parts.tensors));
}

// The tree written out: recursion over all leaves of the full-depth tree, nothing shared with the
// implementation but SHA-256. Subtrees without leaves are taken from a list of zero roots.
namespace twin
{

Bytes32 combine(const Bytes32& a, const Bytes32& b)
{
    Bytes both;
    append(both, a);
    append(both, b);
    return sha256(both);
}

Bytes32 tree(const std::vector<Bytes32>& leaves, std::size_t begin, unsigned depth)
{
    if (begin >= leaves.size())
    {
        Bytes32 zero{};
        for (unsigned i = 0; i < depth; ++i)
            zero = combine(zero, zero);
        return zero;
    }
    if (depth == 0)
        return leaves[begin];
    const auto half = std::size_t{1} << (depth - 1);
    return combine(tree(leaves, begin, depth - 1), tree(leaves, begin + half, depth - 1));
}

Bytes32 number(std::uint64_t value)
{
    Bytes32 out{};
    for (std::size_t i = 0; i < 8; ++i)
        out[i] = static_cast<std::byte>(value >> (8 * i));
    return out;
}

std::vector<Bytes32> chunks(ByteView bytes)
{
    std::vector<Bytes32> out((bytes.size() + 31) / 32);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        out[i / 32][i % 32] = bytes[i];
    return out;
}

Bytes32 bytes_1024(std::string_view text)
{
    return combine(tree(chunks(as_byte_view(text)), 0, 5), number(text.size()));
}

Bytes32 shape(const std::vector<std::uint64_t>& dimensions)
{
    Bytes packed;
    for (const auto d : dimensions)
        append(packed, little_endian(d));
    return combine(tree(chunks(packed), 0, 1), number(dimensions.size()));
}

Bytes32 root(const Directory& directory)
{
    std::vector<Bytes32> files;
    for (const auto& f : directory.files())
        files.push_back(tree(
            {bytes_1024(f.path), number(f.offset), number(f.size), f.sha256, chunks(f.git_sha1)[0]},
            0, 3));
    std::vector<Bytes32> tensors;
    for (const auto& t : directory.tensors())
        tensors.push_back(tree(
            {bytes_1024(t.name), number(t.file_index), number(static_cast<std::uint64_t>(t.dtype)),
                shape(t.shape), number(t.offset), number(t.size)},
            0, 3));
    return combine(combine(tree(files, 0, 20), number(files.size())),
        combine(tree(tensors, 0, 22), number(tensors.size())));
}

}  // namespace twin

TEST(directory, encode_of_nothing_is_two_offsets)
{
    const Directory empty;
    EXPECT_EQ(to_hex(empty.encode()), "0800000008000000");
    EXPECT_EQ(empty.offset(), 0);
    EXPECT_EQ(Directory::parse(empty.encode()).value(), empty);
    EXPECT_TRUE(empty.validate_layout(8, 0));
}

// Worked by hand from the SSZ rules.
TEST(directory, encode_of_one_file_and_tensor_is_the_worked_example)
{
    auto one = file("f", 0, 4);
    one.sha256.fill(std::byte{0xaa});
    one.git_sha1.fill(std::byte{0xbb});
    const auto directory = make({{one}, {tensor("w", 0, 1, 3)}}).value();
    std::string expected =
        "08000000 55000000 "                             // the lists begin at 8 and 85
        "04000000 "                                      // files: the first at 4
        "48000000 0000000000000000 0400000000000000 "    // path at 72, offset, size
        + std::string(64, 'a') + std::string(40, 'b') +  // hashes
        "66 "                                            // "f"
        "04000000 "                                      // tensors: the first at 4
        "1d000000 00000000 02 1e000000 "                 // name at 29, file, U8, shape at 30
        "0100000000000000 0300000000000000 "             // offset, size
        "77 0300000000000000";                           // "w", [3]
    std::erase(expected, ' ');
    EXPECT_EQ(to_hex(directory.encode()), expected);
    EXPECT_EQ(directory.encoded_bytes(), expected.size() / 2);
    EXPECT_EQ(to_hex(directory.root()),
        "ba0fc0296ea0c136684ee625f4c1fe53e65890c5fbc302dac1c5aa178349b920");
}

TEST(directory, root_is_the_root_of_the_tree_written_out)
{
    EXPECT_EQ(Directory{}.root(), twin::root(Directory{}));
    const auto directory = make(sample()).value();
    EXPECT_EQ(directory.root(), twin::root(directory));
    auto other = sample();
    other.files[2].size = 11;
    EXPECT_NE(make(std::move(other)).value().root(), directory.root());
}

TEST(directory, parse_gives_back_what_was_encoded)
{
    const auto directory = make(sample()).value();
    EXPECT_EQ(Directory::parse(directory.encode()).value(), directory);
}

TEST(directory, parse_refuses_truncated_and_extended_bytes)
{
    auto parts = sample();
    parts.tensors.pop_back();  // Its shape [0] may grow to [0, 0]: the other's may not.
    const auto bytes = make(std::move(parts)).value().encode();
    const auto without_tensors = load_little_endian<std::uint32_t>(ByteView{bytes}.subspan<4, 4>());
    for (std::size_t count = 0; count < bytes.size(); ++count)
    {
        const auto parsed = Directory::parse(ByteView{bytes}.first(count));
        // Cut between the lists, it is a directory of files alone.
        ASSERT_EQ(parsed.has_value(), count == without_tensors) << count;
    }
    for (const std::size_t more : {1u, 4u, 8u})
    {
        auto longer = bytes;
        longer.resize(bytes.size() + more);
        EXPECT_FALSE(Directory::parse(longer)) << more;
    }
}

TEST(directory, parse_accepts_one_encoding_per_directory)
{
    const auto bytes = make(sample()).value().encode();
    for (std::size_t at = 0; at < bytes.size(); ++at)
    {
        for (const auto flip : {0x01, 0x80, 0xff})
        {
            auto changed = bytes;
            changed[at] ^= static_cast<std::byte>(flip);
            const auto parsed = Directory::parse(changed);
            ASSERT_TRUE(!parsed || parsed->encode() == changed) << at;
        }
    }
}

TEST(directory, parse_allocates_nothing_for_a_count_without_bytes)
{
    auto bytes = Directory{}.encode();
    append(bytes, little_endian(std::uint32_t{1u << 22}));  // A list of 2²⁰ tensors …
    bytes.resize(bytes.size() + 64);                        // … in 68 bytes.
    EXPECT_FALSE(Directory::parse(bytes));
}

TEST(directory, from_parts_refuses_files_that_lie)
{
    const auto with = [](auto change) {
        auto parts = sample();
        change(parts.files);
        return make(std::move(parts));
    };
    EXPECT_TRUE(with([](auto&) {}));
    EXPECT_FALSE(with([](auto& f) { std::swap(f[1], f[2]); }));
    EXPECT_FALSE(with([](auto& f) { f[1].path = "a"; }));
    EXPECT_FALSE(with([](auto& f) { f[2].path = "b/../d"; }));
    EXPECT_FALSE(with([](auto& f) { f[2].path = "b/c/d"; }));
    EXPECT_FALSE(with([](auto& f) { f[0].offset = 1; }));
    EXPECT_FALSE(with([](auto& f) { f[2].offset = 0; }));
    EXPECT_FALSE(with([](auto& f) { f[2].offset += BLOB; }));
    EXPECT_FALSE(with([](auto& f) { f[1].offset = 0; }));
    EXPECT_FALSE(with([](auto& f) { f[2].size = ~std::uint64_t{0}; }));
}

TEST(directory, from_parts_refuses_tensors_that_lie)
{
    const auto with = [](auto change) {
        auto parts = sample();
        change(parts.tensors);
        return make(std::move(parts));
    };
    EXPECT_FALSE(with([](auto& t) { std::swap(t[0], t[1]); }));
    EXPECT_FALSE(with([](auto& t) { t[1] = t[0]; }));
    EXPECT_FALSE(with([](auto& t) { t[2].file_index = 3; }));
    EXPECT_FALSE(with([](auto& t) { t[2].name = std::string(1025, 'x'); }));
    EXPECT_TRUE(with([](auto& t) { t[2].name = std::string(1024, 'x'); }));
    EXPECT_FALSE(with([](auto& t) { t[2].name = "x\xff"; }));
    EXPECT_FALSE(with([](auto& t) { t[2].shape = std::vector<std::uint64_t>(9, 0); }));
    EXPECT_TRUE(with([](auto& t) { t[2].shape = std::vector<std::uint64_t>(8, 0); }));
    EXPECT_FALSE(with([](auto& t) { t[0].size = 99; }));
    EXPECT_FALSE(with([](auto& t) { t[0].dtype = Dtype{6}; }));
    EXPECT_FALSE(with([](auto& t) { t[0].dtype = Dtype{23}; }));
    EXPECT_TRUE(with([](auto& t) { t[0].dtype = Dtype::unknown; }));
    EXPECT_TRUE(with([](auto& t) { t[0].dtype = Dtype{255}; }));
    EXPECT_FALSE(with([](auto& t) {
        t[0].dtype = Dtype::unknown;
        t[0].shape = {std::uint64_t{1} << 32, std::uint64_t{1} << 32};
    }));
}

TEST(directory, from_parts_keeps_tensors_inside_their_file)
{
    const auto placed = [](std::uint64_t offset, std::uint64_t size) {
        return make({{file("a", 0, 5), file("b", BLOB, 10)}, {tensor("t", 1, offset, size)}});
    };
    EXPECT_TRUE(placed(BLOB, 10));
    EXPECT_TRUE(placed(BLOB + 10, 0));
    EXPECT_FALSE(placed(BLOB - 1, 1));
    EXPECT_FALSE(placed(BLOB + 1, 10));
    EXPECT_FALSE(placed(BLOB + 11, 0));
    EXPECT_FALSE(placed(BLOB, 11));
    EXPECT_FALSE(placed(~std::uint64_t{0}, 2));
}

TEST(directory, from_parts_accepts_the_largest_object_and_refuses_one_byte_more)
{
    constexpr auto MAX = DOMAIN_MAX * BLOB;
    EXPECT_TRUE(make({{file("a", 0, MAX)}, {}}));
    EXPECT_FALSE(make({{file("a", 0, MAX + 1)}, {}}));
    EXPECT_FALSE(make({{file("a", 0, MAX), file("b", MAX, 1)}, {}}));
}

TEST(directory, validate_layout_requires_the_exact_numbers)
{
    const auto directory = make(sample()).value();
    const auto offset = 3 * BLOB;
    const auto payload = offset + directory.encoded_bytes();
    EXPECT_EQ(directory.offset(), offset);
    EXPECT_TRUE(directory.validate_layout(payload, offset));
    EXPECT_FALSE(directory.validate_layout(payload + 1, offset));
    EXPECT_FALSE(directory.validate_layout(payload, offset + BLOB));
    EXPECT_FALSE(directory.validate_layout(payload + BLOB, offset + BLOB));
}

TEST(directory, find_returns_entries_by_name)
{
    const auto directory = make(sample()).value();
    ASSERT_NE(directory.find_file("b/c"), nullptr);
    EXPECT_EQ(directory.find_file("b/c")->size, 0);
    EXPECT_EQ(directory.find_file("b"), nullptr);
    EXPECT_EQ(directory.find_tensors("t").size(), 2);
    EXPECT_EQ(directory.find_tensors("u").size(), 1);
    EXPECT_TRUE(directory.find_tensors("v").empty());
}

TEST(directory, lay_out_gives_empty_files_no_room)
{
    std::vector<FileEntry> files{file("a", 9, 0), file("b", 9, 1), file("c", 9, BLOB),
        file("d", 9, 0), file("e", 9, BLOB + 1), file("f", 9, 0)};
    ASSERT_TRUE(lay_out(files));
    std::vector<std::uint64_t> offsets;
    for (const auto& f : files)
        offsets.push_back(f.offset / BLOB);
    EXPECT_EQ(offsets, (std::vector<std::uint64_t>{0, 0, 1, 2, 2, 4}));
    EXPECT_EQ(make({files, {}}).value().offset(), 4 * BLOB);
}

RC_GTEST_PROP(directory, parse_inverts_encode, ())
{
    const auto names = *rc::gen::container<std::set<std::string>>(
        rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', 'e'))));
    Parts parts;
    for (const auto& name : names)
        parts.files.push_back(file("x" + name, 0, *rc::gen::inRange<std::uint64_t>(0, 3 * BLOB)));
    RC_ASSERT(lay_out(parts.files).has_value());
    for (const auto& name : names)
    {
        const auto index = *rc::gen::inRange<std::size_t>(0, parts.files.size());
        const auto& in = parts.files[index];
        const auto size = *rc::gen::inRange<std::uint64_t>(0, in.size + 1);
        const auto at = in.offset + *rc::gen::inRange<std::uint64_t>(0, in.size - size + 1);
        parts.tensors.push_back(tensor(name, static_cast<std::uint32_t>(index), at, size));
    }
    const auto directory = make(parts).value();
    const auto bytes = directory.encode();
    RC_ASSERT(bytes.size() == directory.encoded_bytes());
    const auto parsed = Directory::parse(bytes);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == directory);
    RC_ASSERT(parsed->root() == twin::root(directory));
}

// As many tensors as the largest models have. The time goes into the test's record, for the eye;
// the bound is for a mistake of an order, not for a slow day.
TEST(directory, handles_140000_tensors_quickly)
{
    Parts parts{{file("model.safetensors", 0, 140'000 * 1000)}, {}};
    for (std::uint64_t i = 0; i < 140'000; ++i)
    {
        parts.tensors.push_back(
            tensor(fmt::format("model.layers.{:06}.mlp.experts.7.down_proj.weight", i), 0, i * 1000,
                1000));
        parts.tensors.back().shape = {10, 100};
    }
    const auto start = std::chrono::steady_clock::now();
    const auto directory = make(std::move(parts)).value();
    const auto bytes = directory.encode();
    const auto parsed = Directory::parse(bytes).value();
    const auto root = parsed.root();
    const auto took = std::chrono::steady_clock::now() - start;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    RecordProperty("milliseconds", static_cast<int>(ms));
    std::printf("encode, parse and root of 140,000 tensors: %d ms\n", static_cast<int>(ms));
    EXPECT_EQ(root, directory.root());
    EXPECT_LT(ms, 30'000);
}

}  // namespace
}  // namespace ashlar
