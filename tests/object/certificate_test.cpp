#include "object/certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "tests/object/fixtures.hpp"

namespace ashlar
{
namespace
{

using testing::ElementsAre;

constexpr std::uint64_t EXPIRY = 1'893'456'000;

Bytes32 object_root()
{
    return ObjectHeader::make(test::example_fields()).value().root();
}

MemberSignature signature_of(const Committee& committee, std::size_t member,
    const Bytes32& root = object_root(), std::uint64_t expiry = EXPIRY)
{
    return {.member = member,
        .signature =
            test::secret_key(member + 1).sign(certificate_digest(committee, root, expiry))};
}

std::vector<MemberSignature> signatures_of(
    const Committee& committee, std::initializer_list<std::size_t> members)
{
    std::vector<MemberSignature> out;
    for (const auto member : members)
        out.push_back(signature_of(committee, member));
    return out;
}

Certificate certificate_of(const Committee& committee, std::initializer_list<std::size_t> members)
{
    return make_certificate(committee, object_root(), EXPIRY, signatures_of(committee, members))
        .value();
}

void expect_refused(
    const Committee& committee, const Certificate& certificate, std::string_view word = "")
{
    const auto signers = verify_certificate(committee, object_root(), certificate);
    ASSERT_FALSE(signers) << word;
    EXPECT_EQ(signers.error().kind, ErrorKind::proof_invalid);
    EXPECT_NE(signers.error().message.find(word), std::string::npos) << signers.error().message;
}

Certificate with_bitmap(Certificate certificate, std::initializer_list<int> bytes)
{
    certificate.signers.clear();
    for (const auto byte : bytes)
        certificate.signers.push_back(static_cast<std::byte>(byte));
    return certificate;
}

Committee rebound(const Committee& committee, ChainBinding binding)
{
    return Committee::make({.binding = binding,
                               .members = committee.members(),
                               .shards = committee.shards(),
                               .records = {}})
        .value();
}

/// a + b as signatures, whether or not they verify.
BlsSignature sum(const BlsSignature& a, const BlsSignature& b)
{
    return aggregate_signatures(std::array{a, b}).value();
}

BlsSignature difference(const BlsSignature& a, const BlsSignature& b)
{
    return BlsSignature::parse((a.point() - b.point()).compress()).value();
}

TEST(certificate, documented_examples)
{
    const auto committee = test::example_committee();
    EXPECT_EQ(to_hex(certificate_digest(committee, object_root(), EXPIRY)),
        "219cb442a13c15d3641372e9de7db970d2aa84818c0b1632e07565a74026cac0");
    EXPECT_EQ(to_hex(certificate_of(committee, {0, 1, 3}).encode()),
        "0000000070dbd88082f507d3cecf555e2af2752a7dd1318d27d2557dae144b81d2226d2335102f89c5c2e2f9"
        "c17ff478a8852e739a63a338028fc2a159d9708a0a9cd358e90c2902547039add3824ea207ed254e97face79"
        "10e9f24f7210e52fbf65460499424e280b");

    const auto registry = array_from_hex<20>("000102030405060708090a0b0c0d0e0f10111213").value();
    EXPECT_EQ(to_hex(certificate_digest(
                  rebound(committee, {.chain_id = 11'155'111, .registry = registry}), object_root(),
                  EXPIRY)),
        "9aca70703663ecdfc162e75f5892e2128231ba69f34e280b6eac8768f5366f9b");
}

TEST(certificate, verify_gives_the_signers)
{
    const auto committee = test::equal_committee(9);
    for (const auto& members : {std::initializer_list<std::size_t>{0}, {8}, {0, 3, 7, 8}, {4, 1}})
    {
        const auto signers =
            verify_certificate(committee, object_root(), certificate_of(committee, members));
        ASSERT_TRUE(signers) << signers.error().message;
        std::vector<std::size_t> sorted{members};
        std::ranges::sort(sorted);
        EXPECT_EQ(*signers, sorted);
    }
}

TEST(certificate, parse_gives_back_what_was_encoded)
{
    const auto certificate = certificate_of(test::equal_committee(9), {2, 8});
    const auto bytes = certificate.encode();
    EXPECT_EQ(bytes.size(), 8U + 96U + 2U);
    EXPECT_EQ(Certificate::parse(bytes).value(), certificate);
}

TEST(certificate, parse_refuses_lengths_of_no_committee)
{
    for (const std::size_t size : {0U, 104U, 104U + 513U})
    {
        const auto certificate = Certificate::parse(Bytes(size));
        ASSERT_FALSE(certificate) << size;
        EXPECT_EQ(certificate.error().kind, ErrorKind::invalid_input);
    }
    for (const std::size_t size : {105U, 104U + 512U})
        EXPECT_EQ(Certificate::parse(Bytes(size)).value().encode(), Bytes(size));
}

TEST(certificate, verify_refuses_another_chain_registry_committee_object_or_expiry)
{
    const auto committee = test::equal_committee(4);
    const auto certificate = certificate_of(committee, {0, 1, 2});
    ASSERT_TRUE(verify_certificate(committee, object_root(), certificate));

    expect_refused(rebound(committee, {.chain_id = 1, .registry = {}}), certificate);
    expect_refused(rebound(committee, {.chain_id = 0, .registry = {std::byte{1}}}), certificate);

    auto shards = committee.shards();
    std::swap(shards[0], shards[1]);
    const auto moved = Committee::make({.binding = {},
        .members = committee.members(),
        .shards = std::move(shards),
        .records = {}});
    expect_refused(*moved, certificate);

    auto other_root = object_root();
    other_root[31] ^= std::byte{1};
    EXPECT_FALSE(verify_certificate(committee, other_root, certificate));

    auto later = certificate;
    later.expiry_unix_seconds += 1;
    expect_refused(committee, later);
}

TEST(certificate, verify_refuses_other_signers_than_signed)
{
    const auto committee = test::equal_committee(9);
    const auto certificate = certificate_of(committee, {0, 1, 8});
    ASSERT_TRUE(verify_certificate(committee, object_root(), with_bitmap(certificate, {3, 1})));

    expect_refused(committee, with_bitmap(certificate, {7, 1}));  // One more.
    expect_refused(committee, with_bitmap(certificate, {1, 1}));  // One missing.
    expect_refused(committee, with_bitmap(certificate, {5, 1}));  // Another.
}

TEST(certificate, verify_refuses_malformed_bitmaps)
{
    const auto committee = test::equal_committee(9);
    const auto certificate = certificate_of(committee, {0, 1, 8});

    expect_refused(committee, with_bitmap(certificate, {}), "0 bytes");
    expect_refused(committee, with_bitmap(certificate, {3}), "1 bytes");
    expect_refused(committee, with_bitmap(certificate, {3, 1, 0}), "3 bytes");
    expect_refused(committee, with_bitmap(certificate, {0, 0}), "no signers");
    expect_refused(committee, with_bitmap(certificate, {3, 3}), "member 9 of only 9");
    expect_refused(committee, with_bitmap(certificate, {3, 0x81}), "member 15 of only 9");
}

TEST(certificate, verify_refuses_signatures_that_are_no_points_of_g2)
{
    const auto committee = test::equal_committee(4);
    auto certificate = certificate_of(committee, {0, 1});
    certificate.signature = G2Affine{}.compress();
    expect_refused(committee, certificate, "infinity");
    certificate.signature = {};
    expect_refused(committee, certificate, "signature");
}

TEST(certificate, verify_refuses_infinity_for_keys_that_cancel)
{
    // Keys x and −x both have possession proofs; their sum is infinity, which pairs with anything.
    const auto x = BlsSecretKey::parse(Fr::from_u64(5).to_bytes()).value();
    const auto minus_x = BlsSecretKey::parse((-Fr::from_u64(5)).to_bytes()).value();
    std::vector<Member> members;
    for (const auto* key : {&x, &minus_x})
        members.push_back(
            {key->public_key(), key->prove_possession().bytes(), test::operator_named(0), 1});
    const auto committee = Committee::make(
        {.binding = {}, .members = std::move(members), .shards = {}, .records = {}});
    ASSERT_TRUE(committee);

    Certificate certificate{.expiry_unix_seconds = EXPIRY,
        .signature = G2Affine{}.compress(),
        .signers = {std::byte{3}}};
    expect_refused(*committee, certificate);
    certificate.signature = x.sign(as_byte_view("anything")).bytes();
    expect_refused(*committee, certificate, "infinity");

    const auto digest = certificate_digest(*committee, object_root(), EXPIRY);
    const auto made = make_certificate(*committee, object_root(), EXPIRY,
        std::array{MemberSignature{0, x.sign(digest)}, MemberSignature{1, minus_x.sign(digest)}});
    EXPECT_FALSE(made);
}

TEST(certificate, make_refuses_none_repeated_and_unknown_members)
{
    const auto committee = test::equal_committee(4);
    const auto kind_of = [&](std::span<const MemberSignature> signatures) {
        return make_certificate(committee, object_root(), EXPIRY, signatures).error().kind;
    };
    EXPECT_EQ(kind_of({}), ErrorKind::invalid_input);
    EXPECT_EQ(kind_of(signatures_of(committee, {1, 2, 1})), ErrorKind::invalid_input);

    auto unknown = signatures_of(committee, {1});
    unknown[0].member = 4;
    EXPECT_EQ(kind_of(unknown), ErrorKind::invalid_input);
}

TEST(certificate, make_blames_the_member_whose_signature_is_false)
{
    const auto committee = test::equal_committee(4);
    const auto expect_blamed = [&](const MemberSignature& bad, std::string_view name) {
        auto signatures = signatures_of(committee, {0, 1});
        signatures.push_back(bad);
        const auto made = make_certificate(committee, object_root(), EXPIRY, signatures);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().kind, ErrorKind::proof_invalid);
        EXPECT_NE(made.error().message.find(name), std::string::npos) << made.error().message;
    };
    expect_blamed(signature_of(committee, 2, sha256({})), "member 2");
    expect_blamed(signature_of(committee, 2, object_root(), EXPIRY + 1), "member 2");
    expect_blamed({.member = 3, .signature = signature_of(committee, 2).signature}, "member 3");
}

TEST(certificate, make_blames_members_whose_errors_cancel)
{
    // S1 + S' and S2 − S' sum to S1 + S2, so the aggregate would hold.
    const auto committee = test::equal_committee(4);
    auto signatures = signatures_of(committee, {0, 1, 2});
    const auto error = test::secret_key(99).sign(as_byte_view("S'"));
    signatures[1].signature = sum(signatures[1].signature, error);
    signatures[2].signature = difference(signatures[2].signature, error);

    auto blamed = make_certificate(committee, object_root(), EXPIRY, signatures);
    ASSERT_FALSE(blamed);
    EXPECT_NE(blamed.error().message.find("member 1"), std::string::npos);

    signatures[1] = signature_of(committee, 1);
    blamed = make_certificate(committee, object_root(), EXPIRY, signatures);
    ASSERT_FALSE(blamed);
    EXPECT_NE(blamed.error().message.find("member 2"), std::string::npos);

    signatures[2] = signature_of(committee, 2);
    EXPECT_TRUE(make_certificate(committee, object_root(), EXPIRY, signatures));
}

}  // namespace
}  // namespace ashlar
