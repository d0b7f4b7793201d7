#include "rollup/custody.hpp"

#include <gtest/gtest.h>

#include "base/merkle.hpp"
#include "base/ssz.hpp"
#include "tests/support/published_model.hpp"

namespace ashlar::test
{
namespace
{

TEST(custody, claim_names_a_holder_that_signed)
{
    auto& model = PublishedModel::small();
    const auto object = model.open().value();
    const auto& committee = model.network().committee();
    const Placement placement{object.header(), committee};
    for (std::uint64_t stored = 0; stored < 4; ++stored)
    {
        const auto claim = make_custody_claim(object, committee, stored, std::nullopt).value();
        EXPECT_EQ(claim.member, placement.holders(stored)[0]);
        EXPECT_EQ(claim.signers, object.binding().certificate->signers);
        EXPECT_EQ(
            hash_pair(claim.members_root, ssz::byte_vector_root(claim.table)), committee.root());
    }
}

TEST(custody, who_holds_no_copy_is_not_accused)
{
    auto& model = PublishedModel::small();
    const auto object = model.open().value();
    const auto& committee = model.network().committee();
    const Placement placement{object.header(), committee};
    for (std::size_t m = 0; m < committee.size(); ++m)
    {
        const auto holders = placement.holders(0);
        const bool holds = std::ranges::find(holders, m) != holders.end();
        EXPECT_EQ(make_custody_claim(object, committee, 0, m).has_value(), holds);
    }
    const auto stored = object.header().shape().stored_count();
    EXPECT_EQ(make_custody_claim(object, committee, stored, std::nullopt).error().kind,
        ErrorKind::invalid_input);
}

TEST(custody, answers_open_data_and_parity)
{
    auto object = PublishedModel::small().open().value();
    const auto& shape = object.header().shape();
    for (const auto stored : {std::uint64_t{0}, shape.stored_count() - 1})
    {
        const auto position = shape.position_of(stored);
        const auto answer = answer_challenge(object, position, 4095).value();
        EXPECT_EQ(answer.blob.position, position);
        const auto z = root_of_unity(12).pow(reverse_bits(4095, 12)).to_bytes();
        EXPECT_TRUE(verify_kzg_proof(
            answer.blob.commitment, z, answer.opening.value, answer.opening.proof));
    }
    EXPECT_FALSE(answer_challenge(object, 0, 4096));
    EXPECT_FALSE(answer_challenge(object, shape.position_count(), 0));
    EXPECT_FALSE(answer_challenge(object, shape.data_blobs(), 0));
}

}  // namespace
}  // namespace ashlar::test
