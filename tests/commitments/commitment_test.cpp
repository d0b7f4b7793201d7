#include "commitments/commitment.hpp"

#include <gtest/gtest.h>

#include "base/parallel.hpp"
#include "tests/commitments/test_blobs.hpp"
#include "tests/oracle/naive.hpp"
#include "tests/oracle/oracle.hpp"

namespace ashlar
{
namespace
{

TEST(commitment, equals_c_kzg_on_every_kind_of_blob)
{
    for (const auto& blob : test::kinds_of_blobs())
    {
        const auto ours = blob_to_kzg_commitment(test::view(blob));
        ASSERT_TRUE(ours);
        EXPECT_EQ(ours->bytes(), oracle::blob_to_kzg_commitment(test::view(blob)));
    }
}

// What weights look like: few distinct values in long runs, zero pages, one byte in many places.
TEST(commitment, equals_c_kzg_on_skewed_blobs)
{
    auto half_zero = test::random_blob(4);
    std::fill(half_zero.begin() + BYTES_PER_BLOB / 2, half_zero.end(), std::byte{0});
    auto runs = test::random_blob(5);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        if (e % 512 != 0)
            std::copy_n(runs.begin() + static_cast<std::ptrdiff_t>((e - 1) * BYTES_PER_ELEMENT),
                BYTES_PER_ELEMENT,
                runs.begin() + static_cast<std::ptrdiff_t>(e * BYTES_PER_ELEMENT));
    Bytes opposite(BYTES_PER_BLOB);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        test::set_element(
            opposite, e, (e % 2 == 0 ? Fr::from_u64(1234567) : -Fr::from_u64(1234567)).to_bytes());
    Bytes repeated_byte(BYTES_PER_BLOB, std::byte{0x3c});
    Bytes alternating_bits(BYTES_PER_BLOB, std::byte{0x55});
    // Constant, and all but constant at either end.
    Bytes largest(BYTES_PER_BLOB);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        test::set_element(largest, e, (-Fr::one()).to_bytes());
    auto first_differs = largest;
    test::set_element(first_differs, 0, Fr::one().to_bytes());
    auto last_differs = repeated_byte;
    test::set_element(last_differs, ELEMENTS_PER_BLOB - 1, Fr{}.to_bytes());
    for (const auto& blob : {half_zero, runs, opposite, repeated_byte, alternating_bits, largest,
             first_differs, last_differs})
        EXPECT_EQ(blob_to_kzg_commitment(test::view(blob)).value().bytes(),
            oracle::blob_to_kzg_commitment(test::view(blob)));
}

TEST(commitment, of_zero_blob_is_infinity)
{
    const Bytes blob(BYTES_PER_BLOB);

    const auto commitment = blob_to_kzg_commitment(test::view(blob)).value();

    EXPECT_TRUE(commitment.is_infinity());
    EXPECT_EQ(commitment, Commitment{});
    EXPECT_EQ(commitment.bytes(), Commitment{}.point().compress());
}

TEST(commitment, of_malformed_blob_is_refused_as_by_c_kzg)
{
    auto blob = test::random_blob(9);
    test::set_element(blob, 17, test::modulus());

    const auto ours = blob_to_kzg_commitment(test::view(blob));

    ASSERT_FALSE(ours);
    EXPECT_EQ(ours.error().kind, ErrorKind::invalid_input);
    EXPECT_FALSE(oracle::blob_to_kzg_commitment(test::view(blob)));

    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        test::set_element(blob, e, test::modulus());
    EXPECT_EQ(blob_to_kzg_commitment(test::view(blob)).error().kind, ErrorKind::invalid_input);
}

TEST(commitment, of_many_blobs_equal_those_of_each_on_one_and_many_threads)
{
    std::vector<Bytes> blobs;
    std::vector<BlobView> views;
    std::vector<Commitment> expected;
    for (std::uint64_t i = 0; i < 5; ++i)
        blobs.push_back(test::random_blob(20 + i));
    for (const auto& blob : blobs)
    {
        views.push_back(test::view(blob));
        expected.push_back(blob_to_kzg_commitment(views.back()).value());
    }
    for (const std::size_t threads : {1U, 3U})
    {
        set_thread_count(threads);
        EXPECT_EQ(blobs_to_kzg_commitments(views).value(), expected);
    }
    set_thread_count(0);
    EXPECT_TRUE(blobs_to_kzg_commitments({}).value().empty());

    test::set_element(blobs[2], 7, test::modulus());
    const auto refused = blobs_to_kzg_commitments(views);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
    EXPECT_NE(refused.error().message.find("blob 2"), std::string::npos);
}

TEST(commitment, commit_equals_naive_sum)
{
    const auto blob = test::sparse_blob();
    const auto elements = BlobElements::parse(test::view(blob)).value();

    const auto sum = naive::sum_of_products(TrustedSetup::ethereum().lagrange(), elements.values());

    EXPECT_EQ(commit(elements.values()).point(), sum.to_affine());
}

TEST(commitment, parse_keeps_bytes_and_refuses_what_is_no_point)
{
    const auto bytes = G1::generator().compress();
    EXPECT_EQ(Commitment::parse(bytes).value().bytes(), bytes);

    auto changed = bytes;
    changed[47] ^= std::byte{1};
    const auto refused = Commitment::parse(changed);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
}

TEST(commitment, parse_commitments_names_the_first_bad_index)
{
    const auto good = G1::generator().compress();
    Bytes many;
    for (int i = 0; i < 40; ++i)
        append(many, good);
    const auto parsed = parse_commitments(many);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->size(), 40U);

    many[7 * 48] = std::byte{0};
    many[30 * 48] = std::byte{0};
    const auto refused = parse_commitments(many);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
    EXPECT_NE(refused.error().message.find("point 7"), std::string::npos);
}

TEST(commitment, parse_commitments_takes_whole_points_only)
{
    EXPECT_TRUE(parse_commitments({}).value().empty());
    EXPECT_FALSE(parse_commitments(Bytes(47)));
    EXPECT_FALSE(parse_commitments(Bytes(49)));
}

}  // namespace
}  // namespace ashlar
