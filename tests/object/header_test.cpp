#include "object/header.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "tests/object/fixtures.hpp"

namespace ashlar
{
namespace
{

using test::example_fields;

ObjectHeader example()
{
    return ObjectHeader::make(example_fields()).value();
}

/// The Merkle root by recursion over halves.
Bytes32 naive_root(ByteView leaves)
{
    if (leaves.size() == 32)
        return to_array(leaves.first<32>());
    const auto half = leaves.size() / 2;
    Bytes pair;
    append(pair, naive_root(leaves.first(half)));
    append(pair, naive_root(leaves.subspan(half)));
    return sha256(pair);
}

/// The bytes with leaf `leaf` replaced by `value` at byte `offset`.
HeaderBytes with_byte(const HeaderBytes& bytes, std::size_t leaf, std::size_t offset, int value)
{
    auto out = bytes;
    out[32 * leaf + offset] = static_cast<std::byte>(value);
    return out;
}

void expect_refused(const Result<ObjectHeader>& header, std::string_view word)
{
    ASSERT_FALSE(header) << word;
    EXPECT_EQ(header.error().kind, ErrorKind::invalid_input);
    EXPECT_NE(header.error().message.find(word), std::string::npos) << header.error().message;
}

TEST(header, make_worked_example_has_documented_root)
{
    EXPECT_EQ(to_hex(example().root()),
        "525023ae625e93247c0c1493455b91f13e3f0084fae433c60afc4abd9817150d");

    auto child = example_fields();
    child.copies = 3;
    child.parent_root = example().root();
    child.provenance_root = sha256(as_byte_view("statement"));
    EXPECT_EQ(to_hex(ObjectHeader::make(child)->root()),
        "994ad9c825decc0c65c40fb838516fc6d8dd96595823965e46474a84097f6dac");
}

TEST(header, root_is_the_merkle_root_of_the_bytes)
{
    EXPECT_EQ(example().root(), naive_root(example().bytes()));
}

TEST(header, bytes_hold_the_fields_in_their_leaves)
{
    auto fields = example_fields();
    fields.parent_root = sha256(as_byte_view("parent"));
    fields.provenance_root = sha256(as_byte_view("statement"));
    const auto header = ObjectHeader::make(fields).value();
    const auto leaf = [&](std::size_t i) {
        return to_array(ByteView{header.bytes()}.subspan(32 * i).first<32>());
    };
    const auto integer = [&](std::size_t i) {
        EXPECT_TRUE(is_zero(ByteView{leaf(i)}.subspan(8)));
        return load_little_endian<std::uint64_t>(ByteView{leaf(i)}.first<8>());
    };

    EXPECT_EQ(integer(0), FORMAT_VERSION);
    EXPECT_EQ(integer(1), fields.payload_bytes);
    EXPECT_EQ(integer(2), fields.directory_offset);
    EXPECT_EQ(integer(3), fields.data_blobs);
    EXPECT_EQ(integer(4), fields.parity_blobs);
    EXPECT_EQ(integer(5), fields.group_parities);
    EXPECT_EQ(integer(6), fields.copies);
    EXPECT_TRUE(is_zero(leaf(7)));
    EXPECT_EQ(leaf(8), fields.commitments_root);
    EXPECT_EQ(leaf(9), fields.fold_root);
    EXPECT_EQ(leaf(10), fields.directory_root);
    EXPECT_EQ(leaf(11), fields.group_parity_root);
    EXPECT_EQ(leaf(12), fields.placement_seed);
    EXPECT_EQ(leaf(13), fields.parent_root);
    EXPECT_EQ(leaf(14), fields.provenance_root);
    EXPECT_TRUE(is_zero(leaf(15)));
}

TEST(header, parse_gives_back_what_was_made)
{
    const auto header = example();
    const auto parsed = ObjectHeader::parse(header.bytes());

    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->root(), header.root());
    EXPECT_EQ(parsed->bytes(), header.bytes());
    EXPECT_EQ(parsed->shape(), header.shape());
    EXPECT_EQ(parsed->fields().fold_root, header.fields().fold_root);
    EXPECT_EQ(parsed->shape().data_blobs(), 3U);
}

TEST(header, make_refuses_fields_that_break_a_rule)
{
    struct Case
    {
        std::string_view word;
        std::function<void(HeaderFields&)> spoil;
    };
    const std::vector<Case> cases{
        {"empty payload", [](auto& f) { f.payload_bytes = f.directory_offset = f.data_blobs = 0; }},
        {"empty payload", [](auto& f) { f.payload_bytes = f.directory_offset = 0; }},
        {"data blobs", [](auto& f) { f.data_blobs = 2; }},
        {"data blobs", [](auto& f) { f.data_blobs = 4; }},
        {"data blobs", [](auto& f) { f.payload_bytes = 3 * PAYLOAD_BYTES_PER_BLOB + 1; }},
        {"data blobs", [](auto& f) { f.payload_bytes = 2 * PAYLOAD_BYTES_PER_BLOB; }},
        {"data blobs", [](auto& f) { f.payload_bytes = ~std::uint64_t{0}; }},
        {"directory offset", [](auto& f) { f.directory_offset += 1; }},
        {"directory offset", [](auto& f) { f.directory_offset -= 1; }},
        {"directory offset", [](auto& f) { f.directory_offset += PAYLOAD_BYTES_PER_BLOB; }},
        {"directory offset",
            [](auto& f) { f.payload_bytes = f.directory_offset = 3 * PAYLOAD_BYTES_PER_BLOB; }},
        {"parity", [](auto& f) { f.parity_blobs = 0; }},
        {"parity", [](auto& f) { f.parity_blobs = 17; }},
        {"group parities", [](auto& f) { f.group_parities = 5; }},
        {"group parities", [](auto& f) { f.group_parities = 0; }},
        {"copies", [](auto& f) { f.copies = 0; }},
        {"copies", [](auto& f) { f.copies = 256; }},
        {"seed", [](auto& f) { f.placement_seed[31] ^= std::byte{1}; }},
        {"seed", [](auto& f) { f.placement_seed = {}; }},
        {"seed", [](auto& f) { f.commitments_root[0] ^= std::byte{1}; }},
    };
    for (const auto& [word, spoil] : cases)
    {
        auto fields = example_fields();
        spoil(fields);
        expect_refused(ObjectHeader::make(fields), word);
    }
}

TEST(header, make_accepts_fields_on_the_boundary)
{
    const std::vector<std::function<void(HeaderFields&)>> changes{
        [](auto& f) { f.payload_bytes = 3 * PAYLOAD_BYTES_PER_BLOB; },
        [](auto& f) { f.payload_bytes = f.directory_offset + 1; },
        [](auto& f) { f.directory_offset = 0; },
        [](auto& f) { f.parity_blobs = 1; },
        [](auto& f) { f.group_parities = 4; },
        [](auto& f) { f.group_parities = 0, f.group_parity_root = {}; },
        [](auto& f) { f.copies = 255; },
        [](auto& f) { f.parent_root[0] = std::byte{1}, f.placement_seed = {}; },
    };
    for (const auto& change : changes)
    {
        auto fields = example_fields();
        change(fields);
        const auto header = ObjectHeader::make(fields);
        ASSERT_TRUE(header) << header.error().message;
        EXPECT_TRUE(ObjectHeader::parse_for(header->root(), header->bytes()));
    }
}

TEST(header, make_takes_objects_up_to_the_greatest_domain)
{
    const test::ObjectSpec greatest{.data_blobs = DOMAIN_MAX, .parity_blobs = DOMAIN_MAX};
    EXPECT_TRUE(ObjectHeader::make(test::fields_of(greatest)));

    const test::ObjectSpec beyond{.data_blobs = DOMAIN_MAX + 1, .parity_blobs = 1};
    expect_refused(ObjectHeader::make(test::fields_of(beyond)), "data blobs");
}

TEST(header, parse_refuses_leaves_that_break_a_rule)
{
    const auto bytes = example().bytes();
    expect_refused(ObjectHeader::parse(with_byte(bytes, 0, 0, 0)), "version 0");
    expect_refused(ObjectHeader::parse(with_byte(bytes, 0, 0, 2)), "version 2");
    for (std::size_t leaf = 0; leaf < 7; ++leaf)
    {
        for (const std::size_t offset : {8U, 31U})
            expect_refused(ObjectHeader::parse(with_byte(bytes, leaf, offset, 1)),
                fmt::format("leaf {} is no 64-bit integer", leaf));
    }
    for (const std::size_t leaf : {7U, 15U})
    {
        for (const std::size_t offset : {0U, 31U})
            expect_refused(ObjectHeader::parse(with_byte(bytes, leaf, offset, 1)),
                fmt::format("leaf {} is not zero", leaf));
    }
    expect_refused(ObjectHeader::parse(with_byte(bytes, 6, 0, 0)), "copies");
}

TEST(header, parse_for_tells_a_false_sender_from_a_broken_object)
{
    const auto header = example();
    ASSERT_TRUE(ObjectHeader::parse_for(header.root(), header.bytes()));

    // Valid, but another object.
    const auto other = with_byte(header.bytes(), 9, 0, 0);
    ASSERT_TRUE(ObjectHeader::parse(other));
    const auto exchanged = ObjectHeader::parse_for(header.root(), other);
    ASSERT_FALSE(exchanged);
    EXPECT_EQ(exchanged.error().kind, ErrorKind::proof_invalid);

    // Broken, and not what was asked for: the sender made it up.
    const auto broken = with_byte(header.bytes(), 6, 0, 0);
    const auto made_up = ObjectHeader::parse_for(header.root(), broken);
    ASSERT_FALSE(made_up);
    EXPECT_EQ(made_up.error().kind, ErrorKind::proof_invalid);

    // Broken, but under the root.
    expect_refused(ObjectHeader::parse_for(naive_root(broken), broken), "copies");
}

}  // namespace
}  // namespace ashlar
