#include <gtest/gtest.h>

#include "chain/keccak.hpp"

namespace ashlar::test
{
namespace
{

TEST(keccak, digests_of_known_texts)
{
    // ethers.id() of the same texts.
    EXPECT_EQ(
        to_hex(keccak256({})), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(to_hex(keccak256(as_byte_view("abc"))),
        "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    EXPECT_EQ(to_hex(keccak256(as_byte_view("Transfer(address,address,uint256)"))),
        "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
}

// One below, at and above the rate of 136 bytes, and two blocks: "aa…".
TEST(keccak, digests_around_the_block_length)
{
    const std::pair<std::size_t, const char*> cases[] = {
        {135, "34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446"},
        {136, "a6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e"},
        {137, "d869f639c7046b4929fc92a4d988a8b22c55fbadb802c0c66ebcd484f1915f39"},
        {272, "cf7fcd4f705ee749930d19ca84561a9bf62516bd90a471545fa2f49fdc7e63c8"},
        {1000, "b6a4ac1f51884d71f30fa397a5e155de3099e11fc0edef5d08b646e621e19de9"},
    };
    for (const auto& [size, digest] : cases)
        EXPECT_EQ(to_hex(keccak256(as_byte_view(std::string(size, 'a')))), digest) << size;
}

}  // namespace
}  // namespace ashlar::test
