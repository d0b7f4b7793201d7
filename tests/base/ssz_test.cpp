#include "base/ssz.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "base/merkle.hpp"

namespace ashlar::ssz
{
namespace
{

std::vector<Bytes32> make_chunks(std::size_t count)
{
    std::vector<Bytes32> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(chunk_of(static_cast<std::uint64_t>(i + 1)));
    return out;
}

TEST(ssz, chunks_are_little_endian_and_zero_filled)
{
    EXPECT_EQ(to_hex(chunk_of(std::uint64_t{0x0102})), "0201" + std::string(60, '0'));
    EXPECT_EQ(to_hex(chunk_of(as_byte_view("AB"))), "4142" + std::string(60, '0'));
    EXPECT_EQ(chunk_of(ByteView{}), Bytes32{});
}

TEST(ssz, pack_fills_the_last_chunk)
{
    EXPECT_TRUE(pack({}).empty());
    EXPECT_EQ(pack(Bytes(32)).size(), 1U);
    EXPECT_EQ(pack(Bytes(33)).size(), 2U);
    Bytes bytes(33, std::byte{0xff});
    EXPECT_EQ(to_hex(pack(bytes)[1]), "ff" + std::string(62, '0'));
}

TEST(ssz, merkleize_pads_to_the_limit)
{
    for (const std::uint64_t limit : {1U, 2U, 3U, 8U, 33U})
    {
        for (std::size_t count = 0; count <= limit; ++count)
        {
            auto padded = make_chunks(count);
            padded.resize(std::bit_ceil(limit));
            EXPECT_EQ(merkleize(make_chunks(count), limit), merkle_root(padded))
                << count << " of " << limit;
        }
    }
}

// 2⁴⁰ leaves cannot be built, but their root can be computed level by level.
TEST(ssz, merkleize_takes_limits_too_large_to_build)
{
    auto expected = hash_pair(make_chunks(1)[0], Bytes32{});
    auto zeros = hash_pair(Bytes32{}, Bytes32{});
    for (int level = 1; level < 40; ++level)
    {
        expected = hash_pair(expected, zeros);
        zeros = hash_pair(zeros, zeros);
    }
    EXPECT_EQ(merkleize(make_chunks(1), std::uint64_t{1} << 40), expected);
    EXPECT_EQ(merkleize({}, std::uint64_t{1} << 40), zeros);
}

TEST(ssz, byte_list_root_binds_the_length)
{
    const auto three = as_byte_view("abc");
    Bytes padded(three.begin(), three.end());
    padded.push_back(std::byte{0});

    EXPECT_NE(byte_list_root(three, 1024), byte_list_root(padded, 1024));
    EXPECT_EQ(byte_list_root(three, 32), sha256({chunk_of(three), chunk_of(std::uint64_t{3})}));
    EXPECT_EQ(byte_list_root(three, 1024), mix_in_length(merkleize(pack(three), 32), 3));
}

TEST(ssz, byte_vector_root_of_48_bytes_is_two_chunks)
{
    Bytes bytes(48, std::byte{7});

    EXPECT_EQ(byte_vector_root(bytes), hash_pair(pack(bytes)[0], pack(bytes)[1]));
}

TEST(ssz, uint64_list_packs_four_numbers_a_chunk)
{
    const std::vector<std::uint64_t> values{1, 2, 3, 4, 5};
    Bytes32 first{};
    for (std::size_t i = 0; i < 4; ++i)
        first[8 * i] = static_cast<std::byte>(i + 1);

    EXPECT_EQ(uint64_list_root(values, 8),
        mix_in_length(hash_pair(first, chunk_of(std::uint64_t{5})), 5));
    EXPECT_EQ(uint64_list_root({}, 8), mix_in_length(hash_pair({}, {}), 0));
}

TEST(ssz, container_pads_its_fields_and_list_mixes_in_its_length)
{
    const auto fields = make_chunks(3);

    EXPECT_EQ(container_root(fields),
        hash_pair(hash_pair(fields[0], fields[1]), hash_pair(fields[2], {})));
    EXPECT_EQ(list_root(fields, 4), mix_in_length(container_root(fields), 3));
}

TEST(ssz, chunk_path_leads_to_the_root)
{
    const auto chunks = make_chunks(5);
    for (const std::uint64_t limit : {5U, 8U, 1024U})
    {
        const auto root = merkleize(chunks, limit);
        for (std::uint64_t i = 0; i < chunks.size(); ++i)
            EXPECT_EQ(root_from_path(chunks[i], i, chunk_path(chunks, limit, i)), root);
    }
}

}  // namespace
}  // namespace ashlar::ssz
