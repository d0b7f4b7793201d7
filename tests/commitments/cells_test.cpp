#include "commitments/cells.hpp"

#include <gtest/gtest.h>

#include "base/parallel.hpp"
#include "tests/commitments/test_blobs.hpp"
#include "tests/oracle/naive.hpp"
#include "tests/oracle/oracle.hpp"

namespace ashlar
{
namespace
{

/// A blob with its commitment, cells and proofs.
struct Sample
{
    Bytes blob;
    Commitment commitment;
    CellsAndProofs cells_and_proofs;

    [[nodiscard]] CellClaim claim(std::uint64_t cell_index) const
    {
        return {.commitment = commitment,
            .cell_index = cell_index,
            .cell = cells_and_proofs.cells[cell_index],
            .proof = cells_and_proofs.proofs[cell_index]};
    }
};

Sample make_sample(Bytes blob)
{
    const auto commitment = blob_to_kzg_commitment(test::view(blob)).value();
    auto computed = compute_cells_and_kzg_proofs(test::view(blob)).value();
    return {std::move(blob), commitment, std::move(computed)};
}

const Sample& random_sample(std::size_t which)
{
    static const std::array<Sample, 2> samples{
        make_sample(test::random_blob(31)), make_sample(test::random_blob(32))};
    return samples[which];
}

std::vector<Bytes48> bytes_of(const std::vector<Proof>& proofs)
{
    std::vector<Bytes48> out;
    for (const auto& proof : proofs)
        out.push_back(proof.bytes());
    return out;
}

TEST(cells, cells_and_proofs_equal_c_kzg_on_every_kind_of_blob)
{
    for (const auto& blob : test::kinds_of_blobs())
    {
        const auto ours = compute_cells_and_kzg_proofs(test::view(blob));
        const auto theirs = oracle::compute_cells_and_kzg_proofs(test::view(blob));
        ASSERT_TRUE(ours);
        ASSERT_TRUE(theirs);
        EXPECT_EQ(ours->cells, theirs->cells);
        EXPECT_EQ(bytes_of(ours->proofs), theirs->proofs);
        EXPECT_EQ(compute_cells(test::view(blob)).value(), theirs->cells);
    }
}

TEST(cells, single_cell_and_proof_equal_those_of_fk20)
{
    const auto& sample = random_sample(0);
    for (const std::uint64_t i : {0U, 1U, 63U, 64U, 65U, 127U})
    {
        const auto single = compute_cell_and_proof(test::view(sample.blob), i);
        ASSERT_TRUE(single);
        EXPECT_EQ(single->cell, sample.cells_and_proofs.cells[i]) << i;
        EXPECT_EQ(single->proof, sample.cells_and_proofs.proofs[i]) << i;
    }
}

TEST(cells, some_cells_and_proofs_come_in_the_order_asked_for)
{
    const auto& sample = random_sample(0);
    const std::vector<std::uint64_t> indices{65, 0, 65, 127};
    const auto some = compute_some_cells_and_proofs(test::view(sample.blob), indices).value();
    ASSERT_EQ(some.size(), indices.size());
    for (std::size_t i = 0; i < indices.size(); ++i)
    {
        EXPECT_EQ(some[i].cell, sample.cells_and_proofs.cells[indices[i]]);
        EXPECT_EQ(some[i].proof, sample.cells_and_proofs.proofs[indices[i]]);
    }
    EXPECT_TRUE(compute_some_cells_and_proofs(test::view(sample.blob), {}).value().empty());
}

TEST(cells, of_many_blobs_equal_those_of_each_on_one_and_many_threads)
{
    // One more than a group, and blobs whose transforms are full of infinities.
    std::vector<Bytes> blobs{test::random_blob(40), Bytes(BYTES_PER_BLOB), test::random_blob(41)};
    Bytes constant(BYTES_PER_BLOB);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        test::set_element(constant, e, (-Fr::one()).to_bytes());
    blobs.push_back(constant);
    blobs.push_back(test::random_blob(42));
    std::vector<BlobView> views;
    for (const auto& blob : blobs)
        views.push_back(test::view(blob));
    for (const std::size_t threads : {1U, 3U})
    {
        set_thread_count(threads);
        const auto together = compute_cells_and_kzg_proofs(views).value();
        ASSERT_EQ(together.size(), blobs.size());
        for (std::size_t b = 0; b < blobs.size(); ++b)
        {
            const auto alone = compute_cells_and_kzg_proofs(views[b]).value();
            EXPECT_EQ(together[b].cells, alone.cells) << b;
            EXPECT_EQ(together[b].proofs, alone.proofs) << b;
        }
    }
    set_thread_count(0);
    EXPECT_TRUE(compute_cells_and_kzg_proofs(std::span<const BlobView>{}).value().empty());

    test::set_element(blobs[3], 7, test::modulus());
    EXPECT_EQ(compute_cells_and_kzg_proofs(views).error().kind, ErrorKind::invalid_input);
}

TEST(cells, cells_are_values_of_the_polynomial_on_the_double_domain)
{
    const std::vector<Fr> coefficients{Fr::from_u64(4), Fr::from_u64(1), Fr{}, -Fr::one()};
    const auto values = naive::dft<Fr>(coefficients, 2 * ELEMENTS_PER_BLOB);
    Bytes blob(BYTES_PER_BLOB);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        test::set_element(blob, e, values[e].to_bytes());

    const auto cells = compute_cells(test::view(blob)).value();

    ASSERT_EQ(cells.size(), CELLS_PER_EXT_BLOB);
    for (std::size_t n = 0; n < values.size(); ++n)
    {
        const auto element = ByteView{cells[n / ELEMENTS_PER_CELL]}.subspan(
            n % ELEMENTS_PER_CELL * BYTES_PER_ELEMENT, BYTES_PER_ELEMENT);
        ASSERT_TRUE(equal(element, values[n].to_bytes())) << n;
    }
}

TEST(cells, index_below_128_is_accepted_and_128_refused)
{
    const auto& sample = random_sample(0);
    EXPECT_TRUE(compute_cell_and_proof(test::view(sample.blob), 127));
    for (const std::uint64_t index : {std::uint64_t{128}, ~std::uint64_t{0}})
    {
        const auto computed = compute_cell_and_proof(test::view(sample.blob), index);
        ASSERT_FALSE(computed);
        EXPECT_EQ(computed.error().kind, ErrorKind::invalid_input);

        auto claim = sample.claim(127);
        claim.cell_index = index;
        const auto verified = verify_cells(std::span{&claim, 1});
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error().kind, ErrorKind::invalid_input);
    }
}

TEST(cells, malformed_blob_is_refused_everywhere)
{
    auto blob = test::random_blob(33);
    test::set_element(blob, 4095, test::modulus());

    EXPECT_EQ(compute_cells(test::view(blob)).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(
        compute_cells_and_kzg_proofs(test::view(blob)).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(compute_cell_and_proof(test::view(blob), 0).error().kind, ErrorKind::invalid_input);
}

TEST(cells, verify_accepts_no_claims_one_claim_and_a_mix)
{
    EXPECT_TRUE(verify_cells({}));

    std::vector<CellClaim> claims;
    for (const std::uint64_t i : {0U, 1U, 64U, 127U, 64U})
    {
        claims.push_back(random_sample(0).claim(i));
        EXPECT_TRUE(verify_cells(std::span{&claims.back(), 1})) << i;
        claims.push_back(random_sample(1).claim(i));
    }
    EXPECT_TRUE(verify_cells(claims));
}

TEST(cells, verify_refuses_one_false_claim_among_true_ones)
{
    std::vector<CellClaim> claims;
    for (std::uint64_t i = 0; i < 8; ++i)
        claims.push_back(random_sample(i % 2).claim(16 * i));
    ASSERT_TRUE(verify_cells(claims));

    auto changed_cell = random_sample(0).cells_and_proofs.cells[0];
    changed_cell[31] ^= std::byte{1};
    auto false_cell = claims;
    false_cell[0].cell = changed_cell;
    auto false_proof = claims;
    false_proof[3].proof = claims[5].proof;
    auto false_commitment = claims;
    false_commitment[2].commitment = random_sample(1).commitment;
    auto false_index = claims;
    false_index[7].cell_index = 1;
    for (const auto& wrong : {false_cell, false_proof, false_commitment, false_index})
    {
        const auto refused = verify_cells(wrong);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::proof_invalid);
    }
}

// Errors that cancel in a plain sum must not cancel in the weighted one.
TEST(cells, verify_refuses_opposite_errors)
{
    auto claims = std::vector{random_sample(0).claim(5), random_sample(1).claim(5)};
    const auto generator = G1::generator();
    claims[0].proof = Proof::from_point((G1{claims[0].proof.point()} + generator).to_affine());
    claims[1].proof = Proof::from_point((G1{claims[1].proof.point()} - generator).to_affine());

    EXPECT_EQ(verify_cells(claims).error().kind, ErrorKind::proof_invalid);
}

TEST(cells, verify_refuses_an_element_that_is_not_below_the_modulus)
{
    auto cell = random_sample(0).cells_and_proofs.cells[9];
    auto claim = random_sample(0).claim(9);
    claim.cell = cell;
    std::ranges::copy(test::modulus(), cell.end() - BYTES_PER_ELEMENT);

    EXPECT_EQ(verify_cells(std::span{&claim, 1}).error().kind, ErrorKind::invalid_input);
}

TEST(cells, verify_on_bytes_agrees_with_c_kzg)
{
    const auto& sample = random_sample(0);
    const std::vector<std::uint64_t> indices{3, 100};
    const std::vector<Bytes48> commitments(2, sample.commitment.bytes());
    std::vector<Cell> cells{sample.cells_and_proofs.cells[3], sample.cells_and_proofs.cells[100]};
    const std::vector<Bytes48> proofs{
        sample.cells_and_proofs.proofs[3].bytes(), sample.cells_and_proofs.proofs[100].bytes()};

    EXPECT_TRUE(verify_cell_kzg_proof_batch(commitments, indices, cells, proofs));
    EXPECT_EQ(oracle::verify_cell_kzg_proof_batch(commitments, indices, cells, proofs),
        oracle::Verdict::holds);

    std::swap(cells[0], cells[1]);
    EXPECT_EQ(verify_cell_kzg_proof_batch(commitments, indices, cells, proofs).error().kind,
        ErrorKind::proof_invalid);
    EXPECT_EQ(oracle::verify_cell_kzg_proof_batch(commitments, indices, cells, proofs),
        oracle::Verdict::false_claim);
}

TEST(cells, verify_on_bytes_refuses_lists_of_different_lengths)
{
    const auto& sample = random_sample(0);
    const std::vector<Bytes48> commitments{sample.commitment.bytes()};
    const std::vector<std::uint64_t> indices{0};
    const std::vector<Cell> cells{sample.cells_and_proofs.cells[0]};
    const std::vector<Bytes48> proofs{sample.cells_and_proofs.proofs[0].bytes()};

    EXPECT_TRUE(verify_cell_kzg_proof_batch(commitments, indices, cells, proofs));
    for (const auto& refused : {verify_cell_kzg_proof_batch({}, indices, cells, proofs),
             verify_cell_kzg_proof_batch(commitments, {}, cells, proofs),
             verify_cell_kzg_proof_batch(commitments, indices, {}, proofs),
             verify_cell_kzg_proof_batch(commitments, indices, cells, {})})
    {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
    }
}

}  // namespace
}  // namespace ashlar
