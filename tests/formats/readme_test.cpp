/// Examples of docs/formats/README.md.

#include <gtest/gtest.h>

#include "algebra/g1.hpp"
#include "algebra/g2.hpp"
#include "base/hash.hpp"
#include "base/merkle.hpp"
#include "base/shape.hpp"
#include "base/ssz.hpp"
#include "tests/formats/example.hpp"

namespace ashlar::test
{
namespace
{

TEST(example, constants)
{
    const auto example = Example::current();
    // r itself is no element; r − 1, which is −1, is the greatest.
    auto modulus = (-Fr::one()).to_bytes();
    modulus.back() |= std::byte{1};
    example.expect("r", modulus);
    EXPECT_FALSE(Fr::parse(modulus));
    example.expect("root_of_unity_32", root_of_unity(5));
    example.expect("root_of_unity_4096", root_of_unity(12));
    example.expect("rev_12_of_1", reverse_bits(1, 12));
    example.expect("rev_12_of_6", reverse_bits(6, 12));
    example.expect("rev_5_of_6", reverse_bits(6, 5));
    example.expect("pattern_3_8", pattern(3, 8));
    example.expect("pattern_0_300_sha256", sha256(pattern(0, 300)));
}

TEST(example, points)
{
    const auto example = Example::current();
    const auto generator = G1::generator();
    example.expect("g1_generator", generator.compress());
    example.expect("g1_generator_doubled", (generator + generator).compress());
    example.expect("g1_generator_negated", (-generator).compress());
    example.expect("g1_infinity", (generator - generator).compress());
    example.expect("g2_generator", G2Affine::generator().compress());
}

TEST(example, merkle)
{
    const auto example = Example::current();
    std::vector<Bytes32> leaves;
    for (const auto byte : {std::byte{0}, std::byte{1}, std::byte{2}})
        leaves.push_back(sha256(ByteView{&byte, 1}));
    example.expect("leaf_0", leaves[0]);
    example.expect("leaf_1", leaves[1]);
    example.expect("leaf_2", leaves[2]);
    const auto tree = MerkleTree::make(leaves);
    example.expect("root", tree.root());
    example.expect_list("path_of_2", tree.path(2));
    EXPECT_TRUE(verify_merkle_path(tree.root(), leaves[2], 2, 2, tree.path(2)));
}

TEST(example, ssz)
{
    const auto example = Example::current();
    const std::array<std::uint64_t, 2> numbers{7, 8};
    const std::array<Bytes32, 3> chunks{ssz::chunk_of(1), ssz::chunk_of(2), ssz::chunk_of(3)};
    example.expect("uint64_258_chunk", ssz::chunk_of(258));
    example.expect("byte_list_abc_limit_1024_root", ssz::byte_list_root(as_byte_view("abc"), 1024));
    example.expect("byte_list_empty_limit_1024_root", ssz::byte_list_root({}, 1024));
    example.expect("byte_vector_pattern_0_48_root", ssz::byte_vector_root(pattern(0, 48)));
    example.expect("uint64_list_7_8_limit_8_root", ssz::uint64_list_root(numbers, 8));
    example.expect("container_of_chunks_1_2_3_root", ssz::container_root(chunks));
}

}  // namespace
}  // namespace ashlar::test
