#include "rollup/equivalence.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "tests/support/published_model.hpp"

namespace ashlar::test
{
namespace
{

EquivalenceProof proof_of(std::uint64_t first, std::uint64_t end)
{
    auto object = PublishedModel::small().open().value();
    return prove_equivalence(object, {.first = first, .end = end, .scheme = 1, .w = {}}).value();
}

void expect_equivalence_refused(const EquivalenceProof& proof, const char* what)
{
    const auto verified = verify_equivalence(PublishedModel::small().root(), proof);
    ASSERT_FALSE(verified) << what;
    EXPECT_EQ(verified.error().kind, ErrorKind::proof_invalid) << what;
}

// y by the definition: every blob evaluated by itself.
TEST(equivalence, value_is_the_sum_over_blobs)
{
    auto& model = PublishedModel::small();
    auto object = model.open().value();
    const auto proof = proof_of(0, 3);
    const auto [gamma, z] = EquivalenceChallenge::of(model.root(), proof.claim);
    const auto blobs = object.blobs(proof.blobs).value();
    Fr y;
    for (std::size_t i = 0; i < blobs.size(); ++i)
    {
        const auto elements = BlobElements::parse(ByteView{blobs[i]}.first<BYTES_PER_BLOB>());
        y += gamma.pow(i) * evaluate(elements->values(), z);
    }
    EXPECT_EQ(proof.y, y.to_bytes());
    EXPECT_EQ(equal(proof.claim.w, sha256(model.payload(0, 3 * PAYLOAD_BYTES_PER_BLOB))), true);
}

// docs/formats/equivalence.md: the worked example's γ and z follow from its first lines.
TEST(equivalence, challenges_of_the_worked_example)
{
    const auto root =
        array_from_hex<32>("525023ae625e93247c0c1493455b91f13e3f0084fae433c60afc4abd9817150d");
    const auto w = from_hex("f6a7c3dac5be70ab6e32a1d54fd2d316eeeddbbf7dcf80d717cc26f96f6e0951");
    const auto [gamma, z] =
        EquivalenceChallenge::of(*root, {.first = 0, .end = 3, .scheme = 1, .w = *w});
    EXPECT_EQ(to_hex(gamma.to_bytes()),
        "3977dfeed7c2deff0a76017a2c0cd2f29e4c89efea821e5cf5ead58fe3d2af08");
    EXPECT_EQ(
        to_hex(z.to_bytes()), "3ab09f11f6c98ee75d2d970db7fe4b52f19ff716297daa2087b5daebd6d4b9e5");
}

TEST(equivalence, private_schemes_take_any_commitment)
{
    auto object = PublishedModel::small().open().value();
    const auto proof = prove_equivalence(
        object, {.first = 1, .end = 2, .scheme = 1U << 31, .w = Bytes(77, std::byte{5})});
    ASSERT_TRUE(proof);
    EXPECT_TRUE(verify_equivalence(PublishedModel::small().root(), *proof));
}

TEST(equivalence, claims_that_no_contract_takes_are_refused)
{
    auto& model = PublishedModel::small();
    auto object = model.open().value();
    const auto data_blobs = object.header().shape().data_blobs();
    const EquivalenceClaim claims[] = {{.first = 1, .end = 1, .scheme = 1, .w = {}},
        {.first = 2, .end = 1, .scheme = 1, .w = {}},
        {.first = 0, .end = data_blobs + 1, .scheme = 1, .w = {}},
        {.first = 0, .end = 1, .scheme = 0, .w = {}}, {.first = 0, .end = 1, .scheme = 2, .w = {}},
        {.first = 0, .end = 1, .scheme = 1, .w = Bytes(31)}};
    for (const auto& claim : claims)
        EXPECT_EQ(prove_equivalence(object, claim).error().kind, ErrorKind::invalid_input);
    const auto other = prove_equivalence(
        object, {.first = 0, .end = 1, .scheme = 1, .w = Bytes(32, std::byte{1})});
    EXPECT_EQ(other.error().kind, ErrorKind::proof_invalid);

    auto& layered = PublishedModel::layered();
    auto large = layered.open().value();
    EXPECT_TRUE(prove_equivalence(large, {.first = 3, .end = 12, .scheme = 1, .w = {}}));
}

TEST(equivalence, anything_changed_is_refused)
{
    const auto proof = proof_of(0, 2);
    auto changed = proof;
    changed.y[31] ^= std::byte{1};
    expect_equivalence_refused(changed, "y");
    changed = proof;
    changed.y.fill(std::byte{255});
    expect_equivalence_refused(changed, "y beyond r");
    changed = proof;
    changed.claim.w[0] ^= std::byte{1};
    expect_equivalence_refused(changed, "w");
    changed = proof;
    changed.claim.scheme = 1U << 31;
    expect_equivalence_refused(changed, "scheme");
    changed = proof;
    changed.claim.end = 3;
    expect_equivalence_refused(changed, "end");
    changed = proof;
    changed.blobs.pop_back();
    expect_equivalence_refused(changed, "blobs");
    changed = proof;
    std::swap(changed.blobs[0], changed.blobs[1]);
    expect_equivalence_refused(changed, "order");
    changed = proof;
    changed.proof = changed.blobs[0].commitment;
    expect_equivalence_refused(changed, "proof");
    EXPECT_FALSE(verify_equivalence(PublishedModel::layered().root(), proof));
}

}  // namespace
}  // namespace ashlar::test
