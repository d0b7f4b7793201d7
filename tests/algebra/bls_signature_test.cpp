#include "algebra/bls_signature.hpp"

#include <gtest/gtest.h>

namespace ashlar
{
namespace
{

ByteView message()
{
    return as_byte_view("ashlar");
}

BlsSecretKey key(std::uint8_t last_byte)
{
    Bytes32 bytes{};
    bytes[31] = static_cast<std::byte>(last_byte);
    return BlsSecretKey::parse(bytes).value();
}

BlsPublicKey public_key_of(const G1& point)
{
    return BlsPublicKey::parse(point.compress()).value();
}

TEST(bls_signature, secret_key_parse_accepts_one_to_r_minus_one)
{
    auto greatest = (-Fr::one()).to_bytes();
    EXPECT_TRUE(BlsSecretKey::parse(greatest));
    EXPECT_EQ(BlsSecretKey::parse(greatest)->to_bytes(), greatest);
    EXPECT_EQ(key(1).public_key().bytes(), G1::generator().compress());

    auto modulus = greatest;
    modulus[31] |= std::byte{1};
    for (const auto& bytes : {Bytes32{}, modulus})
    {
        const auto refused = BlsSecretKey::parse(bytes);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
    }
}

TEST(bls_signature, generated_keys_differ_and_survive_bytes)
{
    const auto a = BlsSecretKey::generate();
    const auto b = BlsSecretKey::generate();

    EXPECT_NE(a.to_bytes(), b.to_bytes());
    EXPECT_EQ(BlsSecretKey::parse(a.to_bytes())->public_key(), a.public_key());
}

TEST(bls_signature, moved_from_key_is_wiped)
{
    auto original = key(7);
    const auto moved = std::move(original);

    EXPECT_EQ(moved.public_key(), key(7).public_key());
    EXPECT_EQ(original.to_bytes(), Bytes32{});  // NOLINT: the moved-from state is the subject.
}

TEST(bls_signature, verify_accepts_the_signature_and_nothing_else)
{
    const auto signature = key(7).sign(message());

    EXPECT_TRUE(verify_signature(key(7).public_key(), message(), signature));
    for (const auto& refused : {verify_signature(key(8).public_key(), message(), signature),
             verify_signature(key(7).public_key(), as_byte_view("ashlaR"), signature),
             verify_signature(key(7).public_key(), message(), key(8).sign(message()))})
    {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::proof_invalid);
    }
}

TEST(bls_signature, parse_refuses_infinity)
{
    auto key_bytes = Bytes48{};
    key_bytes[0] = std::byte{0xc0};
    auto signature_bytes = Bytes96{};
    signature_bytes[0] = std::byte{0xc0};

    EXPECT_EQ(BlsPublicKey::parse(key_bytes).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(BlsSignature::parse(signature_bytes).error().kind, ErrorKind::invalid_input);
    EXPECT_TRUE(BlsSignature::parse(key(3).sign(message()).bytes()));
}

TEST(bls_signature, possession_proof_is_no_signature_of_the_key_and_belongs_to_one_key)
{
    const auto proof = key(7).prove_possession();
    const auto own = key(7).public_key();

    EXPECT_TRUE(verify_possession(own, proof));
    EXPECT_EQ(verify_possession(key(8).public_key(), proof).error().kind, ErrorKind::proof_invalid);
    EXPECT_FALSE(verify_signature(own, own.bytes(), proof));
    EXPECT_FALSE(verify_possession(own, key(7).sign(own.bytes())));
}

TEST(bls_signature, aggregate_of_all_signers_verifies_and_of_fewer_does_not)
{
    std::vector<BlsPublicKey> keys;
    std::vector<BlsSignature> signatures;
    for (std::uint8_t i = 1; i <= 5; ++i)
    {
        keys.push_back(key(i).public_key());
        signatures.push_back(key(i).sign(message()));
    }
    const auto all = aggregate_signatures(signatures).value();
    const auto fewer = aggregate_signatures(std::span{signatures}.first(4)).value();

    EXPECT_TRUE(verify_aggregate(keys, message(), all));
    EXPECT_TRUE(verify_aggregate(std::span{keys}.first(4), message(), fewer));
    EXPECT_FALSE(verify_aggregate(keys, message(), fewer));
    EXPECT_FALSE(verify_aggregate(std::span{keys}.first(4), message(), all));
    EXPECT_FALSE(verify_aggregate(keys, as_byte_view("other"), all));
}

TEST(bls_signature, aggregate_of_nothing_or_of_opposites_is_refused)
{
    EXPECT_EQ(aggregate_signatures({}).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(verify_aggregate({}, message(), key(1).sign(message())).error().kind,
        ErrorKind::proof_invalid);

    const auto opposite_key = BlsSecretKey::parse((-Fr::from_u64(5)).to_bytes()).value();
    const std::vector<BlsSignature> signatures{
        key(5).sign(message()), opposite_key.sign(message())};
    const std::vector<BlsPublicKey> keys{key(5).public_key(), opposite_key.public_key()};
    EXPECT_EQ(aggregate_signatures(signatures).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(
        verify_aggregate(keys, message(), signatures[0]).error().kind, ErrorKind::proof_invalid);
}

// The attacker registers X = x·G − V, so that V + X is a key of his alone. The aggregate then
// verifies without V's signature: only the possession proof, which he cannot make, stops him.
TEST(bls_signature, rogue_key_has_no_possession_proof)
{
    const auto victim = key(11).public_key();
    const auto attacker = key(12);
    const auto rogue = public_key_of(G1{attacker.public_key().point()} - G1{victim.point()});
    const std::vector<BlsPublicKey> keys{victim, rogue};

    EXPECT_TRUE(verify_aggregate(keys, message(), attacker.sign(message())));

    EXPECT_FALSE(verify_possession(rogue, attacker.prove_possession()));
    EXPECT_FALSE(verify_possession(rogue, key(11).prove_possession()));
}

}  // namespace
}  // namespace ashlar
