#include "da-node/metadata_check.hpp"

#include <gtest/gtest.h>

#include "tests/da-node/test_node.hpp"

namespace ashlar::test
{
namespace
{

Commitment some_point()
{
    return Commitment::from_point(G1::generator().to_affine());
}

Result<void> check(const SmallObject& object)
{
    ASHLAR_CHECK(check_metadata(object.header(), object.metadata));
    return {};
}

}  // namespace

TEST(metadata_check, true_metadata_passes)
{
    EXPECT_TRUE(check(small_object()));
    EXPECT_TRUE(check(make_small_object({.data_blobs = 1, .group_parities = 0})));
    EXPECT_TRUE(check(make_small_object({.data_blobs = 16, .group_parities = 1})));
}

TEST(metadata_check, object_of_several_layers_passes_and_its_fold_counts)
{
    // 2D = 128 points: one fold to a final layer of 16.
    auto object = make_small_object({.data_blobs = 33});
    EXPECT_TRUE(check(object));
    object.fields.fold_root[0] ^= std::byte{1};
    EXPECT_EQ(kind_of(check(object)), ErrorKind::proof_invalid);
}

TEST(metadata_check, wrong_lengths_are_invalid)
{
    auto object = small_object();
    object.metadata.commitments.push_back(std::byte{0});
    EXPECT_EQ(kind_of(check(object)), ErrorKind::invalid_input);
    object.metadata.commitments.resize(object.metadata.commitments.size() - 2);
    EXPECT_EQ(kind_of(check(object)), ErrorKind::invalid_input);
    object = small_object();
    object.metadata.group_parity_hashes.pop_back();
    EXPECT_EQ(kind_of(check(object)), ErrorKind::invalid_input);
    object.metadata = {};
    EXPECT_EQ(kind_of(check(object)), ErrorKind::invalid_input);
}

TEST(metadata_check, commitment_that_the_header_does_not_bind_is_false)
{
    auto object = small_object();
    std::ranges::copy(some_point().bytes(), object.metadata.commitments.begin());
    EXPECT_EQ(kind_of(check(object)), ErrorKind::proof_invalid);
}

TEST(metadata_check, header_of_other_blobs_is_false)
{
    auto object = make_small_object({.seed = 2});
    object.metadata = small_object().metadata;
    EXPECT_EQ(kind_of(check(object)), ErrorKind::proof_invalid);
}

TEST(metadata_check, each_commitment_off_the_codeword_is_false)
{
    const auto& good = small_object();
    const auto codeword = good.codeword();
    for (std::uint64_t n = 0; n < codeword.size(); ++n)
    {
        if (good.shape().is_virtual(n))
            continue;
        auto object = good;
        auto changed = codeword;
        changed[n] = some_point();
        object.bind(changed);
        EXPECT_EQ(kind_of(check(object)), ErrorKind::proof_invalid) << n;
    }
}

TEST(metadata_check, nonzero_virtual_position_is_false)
{
    // A true codeword of four blobs whose header says three.
    const auto four = make_small_object({.data_blobs = 4});
    auto object = small_object();
    object.bind(four.codeword());
    EXPECT_EQ(kind_of(check(object)), ErrorKind::proof_invalid);
}

TEST(metadata_check, wrong_fold_root_is_false)
{
    auto object = small_object();
    object.fields.fold_root[0] ^= std::byte{1};
    EXPECT_EQ(kind_of(check(object)), ErrorKind::proof_invalid);
}

TEST(metadata_check, wrong_parity_hash_is_false)
{
    auto object = small_object();
    object.metadata.group_parity_hashes.back() ^= std::byte{1};
    EXPECT_EQ(kind_of(check(object)), ErrorKind::proof_invalid);
}

TEST(metadata_check, bad_points_bound_by_the_header_are_refused)
{
    // On the curve but of order 3: the point (0, 2), which is not in G1.
    Bytes48 order_three{std::byte{0x80}};
    Bytes48 not_a_point;
    not_a_point.fill(std::byte{0xff});
    for (const auto& bytes : {order_three, not_a_point})
    {
        auto object = small_object();
        std::ranges::copy(bytes, object.metadata.commitments.begin());
        std::vector<Bytes32> leaves;
        const auto codeword = object.shape();
        std::size_t at = 0;
        for (std::uint64_t n = 0; n < codeword.position_count(); ++n)
        {
            const bool is_virtual = codeword.is_virtual(n);
            leaves.push_back(
                commitment_leaf(is_virtual ? Commitment{}.bytes()
                                           : to_array(ByteView{object.metadata.commitments}
                                                          .subspan(at)
                                                          .first<BYTES_PER_G1>())));
            at += is_virtual ? 0 : BYTES_PER_G1;
        }
        object.fields.commitments_root = merkle_root(leaves);
        object.fields.placement_seed = default_placement_seed(object.fields.commitments_root);
        EXPECT_EQ(kind_of(check(object)), ErrorKind::invalid_input);
    }
}

TEST(service, put_metadata_false_metadata_is_not_kept)
{
    TestNode node;
    auto object = small_object();
    object.fields.fold_root[0] ^= std::byte{1};
    must(node->reserve(node.reservation(object)));
    EXPECT_EQ(
        kind_of(node->put_metadata(object.root(), object.metadata)), ErrorKind::proof_invalid);
    EXPECT_EQ(kind_of(node->metadata(object.root())), ErrorKind::not_found);
    EXPECT_EQ(kind_of(node->sign(object.root(), EXPIRY)), ErrorKind::insufficient);
}

}  // namespace ashlar::test
