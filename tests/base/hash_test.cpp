#include "base/hash.hpp"

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

// FIPS 180-4's examples.
constexpr std::string_view SHA256_ABC =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view SHA512_ABC =
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
constexpr std::string_view SHA1_ABC = "a9993e364706816aba3e25717850c26c9cd0d89d";

TEST(hash, digests_equal_the_standard_examples)
{
    const auto abc = as_byte_view("abc");

    EXPECT_EQ(to_hex(sha256(abc)), SHA256_ABC);
    EXPECT_EQ(to_hex(sha512({abc})), SHA512_ABC);
    EXPECT_EQ(to_hex(Hasher{DigestKind::sha1}.update(abc).finish<20>()), SHA1_ABC);
    EXPECT_EQ(to_hex(sha256(ByteView{})),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(hash, parts_hash_as_their_concatenation)
{
    const auto a = as_byte_view("a");
    const auto bc = as_byte_view("bc");

    EXPECT_EQ(to_hex(sha256({a, bc})), SHA256_ABC);
    EXPECT_EQ(to_hex(sha256({a, {}, bc})), SHA256_ABC);
    EXPECT_EQ(to_hex(sha512({a, bc})), SHA512_ABC);
    EXPECT_EQ(to_hex(Hasher{DigestKind::sha256}.update(a).update(bc).finish<32>()), SHA256_ABC);
}

TEST(hash, hasher_survives_a_move)
{
    Hasher first{DigestKind::sha256};
    first.update(as_byte_view("ab"));
    Hasher second{std::move(first)};
    second.update(as_byte_view("c"));

    EXPECT_EQ(to_hex(second.finish<32>()), SHA256_ABC);
}

}  // namespace
}  // namespace ashlar
