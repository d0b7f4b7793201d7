/// Examples of docs/formats/certificate.md and reservation.md.

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "publisher/publisher_key.hpp"
#include "tests/formats/example.hpp"
#include "tests/formats/example_object.hpp"
#include "transport/node_api.hpp"

namespace ashlar::test
{
namespace
{

/// The example's committee and object, under the chain that the example states.
Bytes32 digest_of(const Example& example)
{
    const auto& known = example_committee();
    EXPECT_EQ(known.root(), example.array<32>("committee_root"));
    EXPECT_EQ(example_object().header().root(), example.array<32>("object_root"));
    const auto committee = Committee::make(
        {.binding = {.chain_id = example.integer("chain_id"),
             .registry = example.array<20>("registry")},
            .members = known.members(),
            .shards = known.shards(),
            .records = {}}).value();
    return certificate_digest(
        committee, example.array<32>("object_root"), example.integer("expiry"));
}

TEST(example, certificate)
{
    const auto example = Example::current();
    const auto digest = digest_of(example);
    example.expect("digest", digest);
    EXPECT_EQ(digest, sha256(example.bytes("preimage")));
    Bytes preimage;
    append(preimage, as_byte_view("ashlar/certificate/v1"));
    append(preimage, big_endian(example.integer("chain_id")));
    append(preimage, example.bytes("registry"));
    append(preimage, example.bytes("committee_root"));
    append(preimage, example.bytes("object_root"));
    append(preimage, big_endian(example.integer("expiry")));
    example.expect("preimage", preimage);

    // Under the secret key 1 the signature is the hashed message itself.
    example.expect("digest_hashed_to_g2", example_key(0).sign(digest).bytes());
    std::vector<MemberSignature> signatures;
    G1 key_sum;
    for (const auto member : example.integers("signers"))
    {
        const auto& secret = example_key(member);
        signatures.push_back({.member = member, .signature = secret.sign(digest)});
        key_sum += secret.public_key().point();
        example.expect(fmt::format("signature_of_{}", member), signatures.back().signature.bytes());
    }
    example.expect("aggregate_key", key_sum.compress());

    const auto root = example_object().header().root();
    const auto certificate =
        make_certificate(example_committee(), root, example.integer("expiry"), signatures).value();
    example.expect("bitmap", certificate.signers);
    example.expect("aggregate_signature", certificate.signature);
    example.expect("encoding", certificate.encode());
    const auto parsed = Certificate::parse(example.bytes("encoding")).value();
    const auto signers = verify_certificate(example_committee(), root, parsed).value();
    EXPECT_EQ(signers, (std::vector<std::size_t>{0, 1, 3}));
}

TEST(example, certificate_chain)
{
    const auto example = Example::current();
    example.expect("digest", digest_of(example));
}

struct Survivors
{
    std::uint64_t on_signers = 0;
    std::uint64_t at_worst = ~std::uint64_t{0};
};

/// The count of certificate.md, by trying every set A.
Survivors count_survivors(
    const ObjectHeader& header, std::span<const std::size_t> signers, std::uint64_t weight_max)
{
    const Placement placement{header, example_committee()};
    const auto& members = example_committee().members();
    std::uint64_t signer_set = 0;
    for (const auto member : signers)
        signer_set |= std::uint64_t{1} << member;
    Survivors out;
    for (std::uint64_t hostile = 0; hostile < std::uint64_t{1} << members.size(); ++hostile)
    {
        std::uint64_t weight = 0;
        for (std::size_t i = 0; i < members.size(); ++i)
            weight += (hostile >> i & 1) != 0 ? members[i].weight : 0;
        if (weight > weight_max)
            continue;
        std::uint64_t left = 0;
        for (std::uint64_t t = 0; t < header.shape().stored_count(); ++t)
        {
            const auto holders = placement.holders(t);
            left += std::ranges::any_of(holders,
                [&](std::uint16_t member) { return ((signer_set & ~hostile) >> member & 1) != 0; });
        }
        if (hostile == 0)
            out.on_signers = left;
        out.at_worst = std::min(out.at_worst, left);
    }
    return out;
}

void check_counting()
{
    const auto example = Example::current();
    const auto header = example_header_with_copies(example.integer("copies"));
    const auto total = example_committee().total_weight();
    const WeightShare share{.numerator = example.integer("share_numerator"),
        .denominator = example.integer("share_denominator")};
    const auto weight_max = total * share.numerator / share.denominator;
    example.expect("total_weight", total);
    example.expect("weight_of_a_at_most", weight_max);

    const auto listed = example.integers("signers");
    const std::vector<std::size_t> signers{listed.begin(), listed.end()};
    const auto survivors = count_survivors(header, signers, weight_max);
    example.expect("positions_on_signers", survivors.on_signers);
    example.expect("positions_left_at_worst", survivors.at_worst);

    // The library's bound may be low, never high.
    const auto tolerance = tolerance_at(header, example_committee(), signers, share);
    EXPECT_LE(tolerance.surviving_positions_min, survivors.at_worst);
    EXPECT_TRUE(tolerance.recoverable);
}

TEST(example, counting_1)
{
    check_counting();
}

TEST(example, counting_2)
{
    check_counting();
}

TEST(example, reservation)
{
    const auto example = Example::current();
    const auto digest = reservation_digest(example.array<32>("committee_root"),
        example.array<32>("object_root"), example.integer("expiry"));
    example.expect("digest", digest);

    const auto path = work_folder() / "publisher.key";
    const auto seed = to_hex(example.bytes("seed"));
    ASSERT_TRUE(write_file_atomically(path, as_byte_view(seed), true));
    const auto key = PublisherKey::load_or_create(path).value();
    example.expect("public_key", key.public_key());
    example.expect("signature", key.sign(digest));
}

}  // namespace
}  // namespace ashlar::test
