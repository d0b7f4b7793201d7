#include "commitments/codeword.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "tests/support/memory_blobs.hpp"
#include "tests/support/scalar_codeword.hpp"

namespace ashlar
{
namespace
{

ObjectShape grouped_shape_of(std::uint64_t data)
{
    return ObjectShape::make({.data_blobs = data,
                                 .parity_blobs = ObjectShape::default_parity_blobs(data),
                                 .group_parities = 2})
        .value();
}

}  // namespace

// The encoding proves itself: committing the encoded parity equals encoding the commitments.
TEST(codeword, encode_then_commit_equals_commit_then_encode)
{
    const auto shape = grouped_shape_of(3);
    test::MemoryBlobs blobs{shape.stored_count()};
    SeededRandom random{1};
    for (std::uint64_t t = 0; t < shape.data_blobs(); ++t)
        test::fill_payload_blob(blobs[t], random);
    ASSERT_TRUE(encode_object(shape, blobs, blobs));
    std::vector<Commitment> data;
    for (std::uint64_t t = 0; t < shape.data_blobs(); ++t)
        data.push_back(blob_to_kzg_commitment(BlobView{blobs[t]}).value());

    const auto codeword = extend_commitments(shape, data);

    ASSERT_EQ(codeword.size(), shape.position_count());
    for (std::uint64_t t = 0; t < shape.stored_count(); ++t)
        EXPECT_EQ(
            codeword[shape.position_of(t)], blob_to_kzg_commitment(BlobView{blobs[t]}).value())
            << "stored blob " << t;
    for (auto n = shape.data_blobs(); n < shape.domain(); ++n)
        EXPECT_TRUE(codeword[n].is_infinity());
}

TEST(codeword, extend_equals_scalar_extension)
{
    const auto shape = grouped_shape_of(21);
    SeededRandom random{2};
    const auto expected = test::commitments_of(test::scalar_codeword(shape, random));

    EXPECT_EQ(extend_commitments(shape, std::span{expected}.first(21)), expected);
}

TEST(codeword, full_check_accepts_codewords)
{
    SeededRandom random{3};
    for (const auto data : {1u, 16u, 17u, 40u})
    {
        const auto shape = grouped_shape_of(data);
        const auto codeword = test::commitments_of(test::scalar_codeword(shape, random));
        EXPECT_TRUE(full_check(shape, codeword)) << data;
    }
}

TEST(codeword, full_check_refuses_one_wrong_point_anywhere)
{
    const auto shape = grouped_shape_of(20);
    SeededRandom random{4};
    const auto good = test::commitments_of(test::scalar_codeword(shape, random));
    for (std::size_t n = 0; n < good.size(); ++n)
    {
        auto bad = good;
        bad[n] = Commitment::from_point((G1{good[n].point()} + G1::generator()).to_affine());
        const auto checked = full_check(shape, bad);
        ASSERT_FALSE(checked) << "position " << n;
        EXPECT_EQ(checked.error().kind, ErrorKind::proof_invalid);
    }
}

// A true codeword that does not vanish at virtual positions carries bytes nobody stores.
TEST(codeword, full_check_refuses_codeword_with_values_at_virtual_positions)
{
    const auto wide = grouped_shape_of(32);
    const auto narrow = grouped_shape_of(17);
    ASSERT_EQ(wide.domain(), narrow.domain());
    SeededRandom random{5};
    const auto codeword = test::commitments_of(test::scalar_codeword(wide, random));
    ASSERT_TRUE(full_check(wide, codeword));

    const auto checked = full_check(narrow, codeword);

    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().message.find("virtual position 17"), std::string::npos);
}

TEST(codeword, full_check_refuses_wrong_count)
{
    const auto shape = grouped_shape_of(16);
    SeededRandom random{6};
    auto codeword = test::commitments_of(test::scalar_codeword(shape, random));
    codeword.pop_back();

    const auto checked = full_check(shape, codeword);

    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, ErrorKind::invalid_input);
    EXPECT_FALSE(full_check(shape, {}));
}

TEST(codeword, tree_leaf_is_hash_of_padded_commitment)
{
    const auto shape = grouped_shape_of(1);
    SeededRandom random{7};
    const auto codeword = test::commitments_of(test::scalar_codeword(shape, random));
    const auto tree = commitment_tree(codeword);

    Bytes padded{codeword[9].bytes().begin(), codeword[9].bytes().end()};
    padded.resize(64);
    EXPECT_EQ(tree.depth(), 5u);
    EXPECT_TRUE(verify_merkle_path(tree.root(), sha256(padded), 9, 5, tree.path(9)));
}

}  // namespace ashlar
