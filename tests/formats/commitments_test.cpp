/// Examples of docs/formats/commitments.md.

#include <gtest/gtest.h>

#include "commitments/codeword.hpp"
#include "commitments/trusted_setup.hpp"
#include "tests/formats/example.hpp"
#include "tests/formats/example_object.hpp"

namespace ashlar::test
{
namespace
{

Bytes48 commit_to(const std::vector<Fr>& elements)
{
    return commit(std::span<const Fr, ELEMENTS_PER_BLOB>{elements}).bytes();
}

TEST(example, setup)
{
    const auto example = Example::current();
    const auto& setup = TrustedSetup::ethereum();
    // The page counts in natural order, the class in a blob's.
    for (const std::uint64_t k : {0U, 1U, 2048U})
        example.expect(
            fmt::format("g1_lagrange_{}", k), setup.lagrange()[reverse_bits(k, 12)].compress());
    example.expect("tau_g2", setup.monomial_g2()[1].compress());
}

TEST(example, commitment_units)
{
    const auto example = Example::current();
    const std::vector<Fr> zeros(ELEMENTS_PER_BLOB);
    auto first = zeros;
    first[0] = Fr::one();
    auto second = zeros;
    second[1] = Fr::one();
    example.expect("only_element_0_is_1", commit_to(first));
    example.expect("only_element_1_is_1", commit_to(second));
    example.expect(
        "all_elements_5", commit_to(std::vector<Fr>(ELEMENTS_PER_BLOB, Fr::from_u64(5))));
    example.expect("all_elements_0", commit_to(zeros));
}

TEST(example, object_commitments)
{
    const auto example = Example::current();
    const auto& codeword = example_codeword();
    for (const std::size_t n : {0U, 1U, 2U, 3U, 16U, 31U})
        example.expect(fmt::format("commitment_{}", n), codeword[n].bytes());
    example.expect("leaf_1", commitment_leaf(codeword[1].bytes()));
    const auto tree = commitment_tree(codeword);
    example.expect("commitments_root", tree.root());
    example.expect_list("path_of_1", tree.path(1));
    EXPECT_EQ(example_object().header().fields().commitments_root, tree.root());
    EXPECT_TRUE(full_check(example_object().header().shape(), codeword));
}

}  // namespace
}  // namespace ashlar::test
