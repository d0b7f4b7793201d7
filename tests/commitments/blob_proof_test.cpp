#include <gtest/gtest.h>

#include "commitments/kzg.hpp"
#include "tests/commitments/test_blobs.hpp"
#include "tests/oracle/oracle.hpp"

namespace ashlar
{
namespace
{

struct Proven
{
    Bytes blobs;
    std::vector<Bytes48> commitments;
    std::vector<Bytes48> proofs;
};

/// Blobs of every kind with proofs from c-kzg.
Proven proven_blobs()
{
    Proven out;
    for (const auto& blob : test::kinds_of_blobs())
    {
        append(out.blobs, blob);
        out.commitments.push_back(oracle::blob_to_kzg_commitment(test::view(blob)).value());
        out.proofs.push_back(
            oracle::compute_blob_kzg_proof(test::view(blob), out.commitments.back()).value());
    }
    return out;
}

BlobView blob_at(const Proven& proven, std::size_t i)
{
    return ByteView{proven.blobs}.subspan(i * BYTES_PER_BLOB).first<BYTES_PER_BLOB>();
}

TEST(blob_proof, equals_ckzg_and_verifies)
{
    const auto proven = proven_blobs();
    for (std::size_t i = 0; i < proven.proofs.size(); ++i)
    {
        const auto proof = compute_blob_kzg_proof(blob_at(proven, i), proven.commitments[i]);
        EXPECT_EQ(proof.value().bytes(), proven.proofs[i]) << i;
        EXPECT_TRUE(
            verify_blob_kzg_proof(blob_at(proven, i), proven.commitments[i], proven.proofs[i]));
    }
    EXPECT_TRUE(verify_blob_kzg_proof_batch(proven.blobs, proven.commitments, proven.proofs));
}

TEST(blob_proof, batch_of_nothing_holds_and_lists_must_pair_up)
{
    EXPECT_TRUE(verify_blob_kzg_proof_batch({}, {}, {}));
    const auto proven = proven_blobs();
    for (const auto& refused : {verify_blob_kzg_proof_batch({}, proven.commitments, proven.proofs),
             verify_blob_kzg_proof_batch(proven.blobs, {}, proven.proofs),
             verify_blob_kzg_proof_batch(proven.blobs, proven.commitments, {})})
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
}

// Errors that cancel in a plain sum of the proofs.
TEST(blob_proof, batch_refuses_forged_proofs)
{
    auto proven = proven_blobs();
    const auto shifted = [](const Bytes48& bytes, const G1& by) {
        return (G1{G1Affine::decompress(bytes).value()} + by).compress();
    };
    proven.proofs[4] = shifted(proven.proofs[4], G1::generator());
    proven.proofs[5] = shifted(proven.proofs[5], -G1::generator());
    EXPECT_EQ(
        verify_blob_kzg_proof_batch(proven.blobs, proven.commitments, proven.proofs).error().kind,
        ErrorKind::proof_invalid);
    EXPECT_EQ(oracle::verify_blob_kzg_proof_batch(proven.blobs, proven.commitments, proven.proofs),
        oracle::Verdict::false_claim);
}

TEST(blob_proof, malformed_bytes_are_refused_before_any_verdict)
{
    const auto proven = proven_blobs();
    auto bad = proven;
    bad.proofs[0][47] ^= std::byte{1};
    bad.blobs[5 * BYTES_PER_BLOB] = std::byte{0xff};
    EXPECT_EQ(verify_blob_kzg_proof_batch(bad.blobs, bad.commitments, bad.proofs).error().kind,
        ErrorKind::invalid_input);
    EXPECT_EQ(compute_blob_kzg_proof(blob_at(proven, 0), Bytes48{}).error().kind,
        ErrorKind::invalid_input);
}

TEST(aggregated_opening, verifies_and_every_part_is_bound)
{
    const auto proven = proven_blobs();
    const auto commitments =
        parse_commitments(std::as_bytes(std::span{proven.commitments})).value();
    // On the domain and off it.
    for (const auto& z : {Fr::from_u64(12345), blob_domain().point(77)})
    {
        const auto opening = open_many_at(proven.blobs, commitments, z).value();
        ASSERT_TRUE(verify_aggregated_opening(commitments, z, opening));
        for (std::size_t i = 0; i < commitments.size(); ++i)
        {
            const auto elements = BlobElements::parse(blob_at(proven, i)).value();
            EXPECT_EQ(opening.values[i], evaluate(elements.values(), z)) << i;
            auto wrong = opening;
            wrong.values[i] += Fr::one();
            EXPECT_FALSE(verify_aggregated_opening(commitments, z, wrong)) << i;
        }
        EXPECT_FALSE(verify_aggregated_opening(commitments, z + Fr::one(), opening));
        auto swapped = commitments;
        std::swap(swapped[4], swapped[5]);
        EXPECT_FALSE(verify_aggregated_opening(swapped, z, opening));
        EXPECT_FALSE(verify_aggregated_opening(std::span{commitments}.first(3), z, opening));
    }
}

TEST(aggregated_opening, of_one_blob_is_its_opening_and_of_none_is_refused)
{
    const auto blob = test::random_blob(1);
    const std::vector<Commitment> commitments{blob_to_kzg_commitment(test::view(blob)).value()};
    const auto z = Fr::from_u64(99);
    const auto opening = open_many_at(blob, commitments, z).value();
    EXPECT_EQ(opening.proof.bytes(),
        oracle::compute_kzg_proof(test::view(blob), z.to_bytes()).value().proof);

    EXPECT_EQ(open_many_at({}, {}, z).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(verify_aggregated_opening({}, z, {}).error().kind, ErrorKind::invalid_input);
}

}  // namespace
}  // namespace ashlar
