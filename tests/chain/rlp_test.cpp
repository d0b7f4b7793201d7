#include "chain/rlp.hpp"

#include <gtest/gtest.h>

namespace ashlar::test
{
namespace
{

Bytes rlp_bytes(std::string_view hex)
{
    return from_hex(hex).value();
}

// The examples of the Ethereum wiki's page on RLP.
TEST(rlp, strings_numbers_and_lists_are_encoded_as_published)
{
    EXPECT_EQ(rlp_string(as_byte_view("dog")), rlp_bytes("83646f67"));
    EXPECT_EQ(rlp_string({}), rlp_bytes("80"));
    EXPECT_EQ(rlp_string(rlp_bytes("0f")), rlp_bytes("0f"));
    EXPECT_EQ(rlp_string(rlp_bytes("80")), rlp_bytes("8180"));
    EXPECT_EQ(rlp_number(rlp_bytes("00000400")), rlp_bytes("820400"));
    EXPECT_EQ(rlp_number(rlp_bytes("0000")), rlp_bytes("80"));
    EXPECT_EQ(rlp_list(rlp_bytes("8363617483646f67")), rlp_bytes("c88363617483646f67"));
    EXPECT_EQ(rlp_list({}), rlp_bytes("c0"));
    const auto lorem = as_byte_view("Lorem ipsum dolor sit amet, consectetur adipisicing elit");
    ASSERT_EQ(lorem.size(), 56u);
    EXPECT_EQ(to_hex(rlp_string(lorem)).substr(0, 8), "b8384c6f");
    EXPECT_EQ(to_hex(rlp_string(lorem.first(55))).substr(0, 6), "b74c6f");
}

TEST(rlp, what_is_encoded_is_read_back)
{
    for (const auto size : std::initializer_list<std::size_t>{0, 1, 2, 55, 56, 255, 256, 65536})
    {
        const Bytes content(size, std::byte{0x7f});
        for (const bool is_list : {false, true})
        {
            const auto encoded = is_list ? rlp_list(content) : rlp_string(content);
            const auto item = parse_rlp(encoded).value();
            EXPECT_EQ(item.is_list, is_list) << size;
            EXPECT_TRUE(equal(item.payload, content)) << size;
            EXPECT_TRUE(equal(item.encoding, encoded)) << size;
            EXPECT_FALSE(parse_rlp(ByteView{encoded}.first(encoded.size() - 1))) << size;
        }
    }
}

TEST(rlp, lists_give_their_items)
{
    const auto encoded = rlp_bytes("c88363617483646f67");
    const auto items = parse_rlp_list(parse_rlp(encoded).value(), 2).value();
    ASSERT_EQ(items.size(), 2u);
    EXPECT_EQ(as_text(items[0].payload), "cat");
    EXPECT_EQ(as_text(items[1].payload), "dog");
    EXPECT_FALSE(parse_rlp_list(parse_rlp(encoded).value(), 1));
    EXPECT_FALSE(parse_rlp_list(items[0], 2));
}

TEST(rlp, other_than_canonical_forms_are_refused)
{
    for (const auto* hex : {
             "",                      // nothing
             "8100",                  // a length before a byte that needs none
             "817f",                  //
             "83646f",                // ends early
             "83646f6767",            // goes on
             "b800",                  // a long length of nothing
             "b801ff",                // a long length where a short one does
             "b90038",                // a length with leading zeros
             "b8",                    // a length that is not there
             "bfffffffffffffffff00",  // longer than anything
             "f800",                  //
             "c183646f67",            // goes on
             "c4",                    // ends early
             "ffffffffffffffffff",    //
         })
        EXPECT_FALSE(parse_rlp(rlp_bytes(hex))) << hex;
    // Items of a list are held to the same.
    EXPECT_FALSE(parse_rlp_list(parse_rlp(rlp_bytes("c28100")).value(), 9));
    EXPECT_FALSE(parse_rlp_list(parse_rlp(rlp_bytes("c183")).value(), 9));
}

}  // namespace
}  // namespace ashlar::test
