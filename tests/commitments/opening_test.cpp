#include "commitments/opening.hpp"

#include <gtest/gtest.h>

#include "tests/commitments/test_blobs.hpp"
#include "tests/oracle/naive.hpp"
#include "tests/oracle/oracle.hpp"

namespace ashlar
{
namespace
{

/// Off the domain, on it (first, second, last point), and the edges of the field.
std::vector<Fr> points_to_open()
{
    return {Fr{}, Fr::one(), Fr::from_u64(5), -Fr::one(), blob_domain().point(1),
        blob_domain().point(2), blob_domain().point(4095), random_fr()};
}

TEST(opening, evaluate_equals_horner_on_and_off_the_domain)
{
    const std::vector<Fr> coefficients{Fr::from_u64(3), -Fr::one(), Fr{}, Fr::from_u64(11)};
    const auto values = naive::dft<Fr>(coefficients, ELEMENTS_PER_BLOB);

    for (const auto& z : points_to_open())
        EXPECT_EQ(evaluate(std::span{values}.first<ELEMENTS_PER_BLOB>(), z),
            naive::evaluate<Fr>(coefficients, z));
}

TEST(opening, equals_c_kzg_on_every_kind_of_blob)
{
    for (const auto& blob : test::kinds_of_blobs())
    {
        const auto commitment = blob_to_kzg_commitment(test::view(blob)).value();
        for (const auto& z : {Fr::from_u64(5), blob_domain().point(77)})
        {
            const auto ours = compute_kzg_proof(test::view(blob), z.to_bytes());
            const auto theirs = oracle::compute_kzg_proof(test::view(blob), z.to_bytes());
            ASSERT_TRUE(ours);
            ASSERT_TRUE(theirs);
            EXPECT_EQ(ours->proof.bytes(), theirs->proof);
            EXPECT_EQ(ours->value.to_bytes(), theirs->value);
            EXPECT_TRUE(verify_opening(commitment, z, ours->value, ours->proof));
        }
    }
}

TEST(opening, holds_at_any_point_and_fails_with_another_value)
{
    const auto blob = test::random_blob(21);
    const auto elements = BlobElements::parse(test::view(blob)).value();
    const auto commitment = commit(elements.values());

    for (const auto& z : points_to_open())
    {
        const auto opening = open_at(elements.values(), z);
        EXPECT_TRUE(verify_opening(commitment, z, opening.value, opening.proof));

        const auto other_value = opening.value + Fr::one();
        const auto refused = verify_opening(commitment, z, other_value, opening.proof);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::proof_invalid);
    }
}

TEST(opening, fails_with_another_commitment_point_or_proof)
{
    const auto blob = test::random_blob(22);
    const auto elements = BlobElements::parse(test::view(blob)).value();
    const auto commitment = commit(elements.values());
    const auto z = Fr::from_u64(9);
    const auto [proof, y] = open_at(elements.values(), z);
    const auto generator = Proof::from_point(G1::generator().to_affine());

    EXPECT_TRUE(verify_opening(commitment, z, y, proof));
    EXPECT_FALSE(verify_opening(generator, z, y, proof));
    EXPECT_FALSE(verify_opening(Commitment{}, z, y, proof));
    EXPECT_FALSE(verify_opening(commitment, z + Fr::one(), y, proof));
    EXPECT_FALSE(verify_opening(commitment, z, y, generator));
    EXPECT_FALSE(verify_opening(commitment, z, y, Proof{}));
}

TEST(opening, of_element_is_its_value)
{
    const auto blob = test::random_blob(23);
    const auto elements = BlobElements::parse(test::view(blob)).value();

    for (const std::size_t e : {0U, 1U, 4095U})
        EXPECT_EQ(open_at(elements.values(), blob_domain().point(e)).value, elements.values()[e]);
}

TEST(opening, verify_on_bytes_tells_malformed_from_false)
{
    const auto infinity = Commitment{}.bytes();
    const Bytes32 zero{};
    const auto one = Fr::one().to_bytes();
    Bytes48 no_point{};

    EXPECT_TRUE(verify_kzg_proof(infinity, one, zero, infinity));
    EXPECT_EQ(
        verify_kzg_proof(infinity, one, one, infinity).error().kind, ErrorKind::proof_invalid);
    for (const auto& refused : {verify_kzg_proof(no_point, one, zero, infinity),
             verify_kzg_proof(infinity, test::modulus(), zero, infinity),
             verify_kzg_proof(infinity, one, test::modulus(), infinity),
             verify_kzg_proof(infinity, one, zero, no_point)})
    {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
    }
}

}  // namespace
}  // namespace ashlar
