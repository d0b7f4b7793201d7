#include "commitments/blob_batch.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/commitments/test_blobs.hpp"

namespace ashlar
{
namespace
{

struct Batch
{
    std::vector<Bytes> blobs;
    std::vector<BlobClaim> claims;
};

/// Claims that hold: every kind of blob, some twice.
Batch true_batch()
{
    Batch batch{.blobs = test::kinds_of_blobs(), .claims = {}};
    batch.blobs.push_back(batch.blobs.front());
    batch.blobs.push_back(test::random_blob(1));
    for (const auto& blob : batch.blobs)
        batch.claims.push_back({.blob = test::view(blob),
            .commitment = blob_to_kzg_commitment(test::view(blob)).value()});
    return batch;
}

TEST(blob_batch, verify_accepts_none_one_and_many)
{
    const auto batch = true_batch();

    EXPECT_TRUE(verify_blobs({}));
    for (const auto& claim : batch.claims)
        EXPECT_TRUE(verify_blobs(std::span{&claim, 1}));
    EXPECT_TRUE(verify_blobs(batch.claims));
    EXPECT_TRUE(find_false_blobs(batch.claims).empty());
}

TEST(blob_batch, verify_refuses_a_change_in_any_slice)
{
    auto batch = true_batch();
    for (const std::size_t element : {0U, 63U, 64U, 2048U, 4095U})
    {
        auto& byte = batch.blobs[4][element * BYTES_PER_ELEMENT + 31];
        byte ^= std::byte{1};
        const auto refused = verify_blobs(batch.claims);
        ASSERT_FALSE(refused) << element;
        EXPECT_EQ(refused.error().kind, ErrorKind::proof_invalid);
        byte ^= std::byte{1};
    }
    EXPECT_TRUE(verify_blobs(batch.claims));
}

TEST(blob_batch, verify_refuses_swapped_commitments)
{
    auto batch = true_batch();
    std::swap(batch.claims[4].commitment, batch.claims[5].commitment);

    EXPECT_EQ(verify_blobs(batch.claims).error().kind, ErrorKind::proof_invalid);
    EXPECT_EQ(find_false_blobs(batch.claims), (std::vector<std::size_t>{4, 5}));
}

TEST(blob_batch, verify_accepts_greatest_element_and_refuses_values_from_the_modulus_on)
{
    const auto batch = true_batch();
    auto next_limb = test::modulus();
    next_limb[15] = static_cast<std::byte>(std::to_integer<unsigned>(next_limb[15]) + 1);
    Bytes32 all_ones;
    all_ones.fill(std::byte{0xff});
    for (const auto& element : {test::modulus(), next_limb, all_ones})
    {
        auto blob = batch.blobs[4];
        test::set_element(blob, 100, element);
        auto claims = batch.claims;
        claims[4].blob = test::view(blob);

        const auto refused = verify_blobs(claims);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
        EXPECT_EQ(find_false_blobs(claims), std::vector<std::size_t>{4});
    }
}

TEST(blob_batch, find_names_first_last_and_neighbouring_false_blobs)
{
    auto batch = true_batch();
    const auto last = batch.claims.size() - 1;
    const auto wrong = Commitment::from_point(G1::generator().to_affine());
    for (const std::vector<std::size_t>& places :
        {std::vector<std::size_t>{0}, {last}, {2, 3}, {0, 4, last}})
    {
        auto claims = batch.claims;
        for (const auto place : places)
            claims[place].commitment = wrong;
        EXPECT_EQ(find_false_blobs(claims), places);
    }
}

// Errors that cancel in a plain sum must not cancel in the weighted one.
TEST(blob_batch, verify_refuses_opposite_errors)
{
    auto batch = true_batch();
    const auto generator = G1::generator();
    auto& first = batch.claims[4].commitment;
    auto& second = batch.claims[5].commitment;
    first = Commitment::from_point((G1{first.point()} + generator).to_affine());
    second = Commitment::from_point((G1{second.point()} - generator).to_affine());

    EXPECT_EQ(verify_blobs(batch.claims).error().kind, ErrorKind::proof_invalid);
}

/// A data blob's payload and the elements that it is packed into.
struct PayloadSample
{
    Bytes payload = Bytes(PAYLOAD_BYTES_PER_BLOB);
    Bytes elements = Bytes(BYTES_PER_BLOB);

    explicit PayloadSample(std::uint64_t seed)
    {
        SeededRandom{seed}.fill(payload);
        for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
            std::ranges::copy(ByteView{payload}.subspan(31 * e, 31),
                elements.begin() + static_cast<std::ptrdiff_t>(32 * e + 1));
    }
    [[nodiscard]] BlobClaim claim() const
    {
        return {.blob = PayloadBlob{payload},
            .commitment = blob_to_kzg_commitment(test::view(elements)).value()};
    }
};

TEST(blob_batch, payloads_are_checked_as_the_blobs_that_they_are)
{
    auto batch = true_batch();
    PayloadSample first{1};
    PayloadSample second{2};
    batch.claims.insert(batch.claims.begin() + 3, first.claim());
    batch.claims.push_back(second.claim());
    const auto last = batch.claims.size() - 1;
    EXPECT_TRUE(verify_blobs(batch.claims));
    for (const std::size_t at :
        {std::size_t{0}, PAYLOAD_BYTES_PER_BLOB / 2, PAYLOAD_BYTES_PER_BLOB - 1})
    {
        second.payload[at] ^= std::byte{1};
        EXPECT_EQ(verify_blobs(batch.claims).error().kind, ErrorKind::proof_invalid) << at;
        EXPECT_EQ(find_false_blobs(batch.claims), std::vector{last}) << at;
        second.payload[at] ^= std::byte{1};
    }
}

/// The claims taken in by two threads, one at a time by one and all the rest at once by the other.
Result<void> running_check_of(std::span<const BlobClaim> claims)
{
    RunningBlobCheck check;
    const auto half = claims.size() / 2;
    {
        const std::jthread one{[&] {
            for (std::size_t i = 0; i < half; ++i)
                check.add(claims.subspan(i, 1));
        }};
        check.add(claims.subspan(half));
    }
    return check.finish();
}

TEST(running_blob_check, says_what_verify_blobs_says)
{
    const auto batch = true_batch();
    EXPECT_TRUE(running_check_of({}));
    EXPECT_TRUE(running_check_of(batch.claims));

    for (const std::size_t place : {std::size_t{0}, batch.claims.size() - 1})
    {
        auto blob = batch.blobs[place];
        blob[blob.size() - 1] ^= std::byte{1};
        auto claims = batch.claims;
        claims[place].blob = test::view(blob);
        EXPECT_EQ(running_check_of(claims).error().kind, verify_blobs(claims).error().kind);

        test::set_element(blob, 100, test::modulus());
        EXPECT_EQ(running_check_of(claims).error().kind, verify_blobs(claims).error().kind);
    }
}

/// Forty claims of few blobs, each read into the room that it gets.
Result<void> read_check_of(std::span<const BlobClaim> claims, std::vector<std::atomic<int>>& reads)
{
    RunningBlobCheck check;
    ASHLAR_CHECK(check.add_read(reads.size(),
        [&](std::size_t i, std::span<std::byte, BYTES_PER_BLOB> room) -> Result<BlobClaim> {
            ++reads[i];
            const auto& claim = claims[i % claims.size()];
            std::ranges::copy(claim.blob.elements(), room.begin());
            return BlobClaim{BlobView{room}, claim.commitment};
        }));
    return check.finish();
}

TEST(running_blob_check, takes_in_claims_as_they_are_read)
{
    const auto batch = true_batch();
    for (const std::size_t count : {0U, 1U, 16U, 17U, 40U})
    {
        std::vector<std::atomic<int>> reads(count);
        EXPECT_TRUE(read_check_of(batch.claims, reads)) << count;
        EXPECT_TRUE(std::ranges::all_of(reads, [](int times) { return times == 1; })) << count;
    }
    auto claims = batch.claims;
    std::swap(claims.front().commitment, claims.back().commitment);
    std::vector<std::atomic<int>> reads(40);
    EXPECT_EQ(read_check_of(claims, reads).error().kind, ErrorKind::proof_invalid);

    RunningBlobCheck check;
    const auto added = check.add_read(40, [&](std::size_t i, auto) -> Result<BlobClaim> {
        if (i == 33)
            return fail(ErrorKind::not_found, "no blob {}", i);
        return batch.claims.front();
    });
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace ashlar
