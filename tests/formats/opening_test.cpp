/// Examples of docs/formats/opening.md and equivalence.md.

#include <gtest/gtest.h>

#include "algebra/msm.hpp"
#include "base/hash.hpp"
#include "commitments/opening.hpp"
#include "tests/formats/example.hpp"
#include "tests/formats/example_object.hpp"

namespace ashlar::test
{
namespace
{

BlobElements elements_of(std::uint64_t blob)
{
    const auto bytes = example_blob(blob);
    return BlobElements::parse(BlobView{bytes.data(), BYTES_PER_BLOB}).value();
}

TEST(example, opening)
{
    const auto example = Example::current();
    const auto payload_byte = example.integer("payload_byte");
    const auto blob = payload_byte / PAYLOAD_BYTES_PER_BLOB;
    const auto within = payload_byte % PAYLOAD_BYTES_PER_BLOB;
    const auto element = within / PAYLOAD_BYTES_PER_ELEMENT;
    example.expect("blob", blob);
    example.expect("element", element);
    example.expect("byte_in_element", 1 + within % PAYLOAD_BYTES_PER_ELEMENT);

    const auto& commitment = example_codeword().at(blob);
    const auto z = blob_domain().point(element);
    const auto opening = open_at(elements_of(blob).values(), z);
    auto versioned_hash = sha256(commitment.bytes());
    versioned_hash[0] = std::byte{1};
    example.expect("z", z);
    example.expect("y", opening.value);
    example.expect("commitment", commitment.bytes());
    example.expect("proof", opening.proof.bytes());
    example.expect("versioned_hash", versioned_hash);

    Bytes input;
    append(input, versioned_hash);
    append(input, z.to_bytes());
    append(input, opening.value.to_bytes());
    append(input, commitment.bytes());
    append(input, opening.proof.bytes());
    example.expect("precompile_input", input);
    EXPECT_TRUE(verify_opening(commitment, z, opening.value, opening.proof));
}

/// γ and z of equivalence.md.
struct EquivalencePoint
{
    Fr gamma;
    Fr z;
};

EquivalencePoint point_of(const Example& example, const Bytes32& object_root)
{
    const auto w = example.bytes("w");
    const auto digest = sha512({as_byte_view("ashlar/equivalence/v1"), object_root,
        big_endian(example.integer("first_blob")), big_endian(example.integer("end_blob")),
        big_endian(static_cast<std::uint32_t>(example.integer("scheme"))),
        big_endian(static_cast<std::uint32_t>(w.size())), w});
    const auto gamma = Fr::reduce(std::span<const std::byte, 64>{digest});
    const auto second = sha512({as_byte_view("ashlar/equivalence/z/v1"), gamma.to_bytes()});
    return {gamma, Fr::reduce(std::span<const std::byte, 64>{second})};
}

TEST(example, equivalence)
{
    const auto example = Example::current();
    example.expect("object_root", example_object().header().root());
    const auto first = example.integer("first_blob");
    const auto end = example.integer("end_blob");
    Bytes covered((end - first) * PAYLOAD_BYTES_PER_BLOB);
    ASSERT_TRUE(example_payload().read(first * PAYLOAD_BYTES_PER_BLOB, covered));
    example.expect("w", sha256(covered));
    const auto [gamma, z] = point_of(example, example_object().header().root());
    example.expect("gamma", gamma);
    example.expect("z", z);

    const auto weights = powers(gamma, end - first);
    Fr y;
    std::vector<Fr> combined(ELEMENTS_PER_BLOB);
    std::vector<G1Affine> points;
    for (auto i = first; i < end; ++i)
    {
        const auto blob = elements_of(i);
        const auto value = evaluate(blob.values(), z);
        example.expect(fmt::format("p_{}_of_z", i), value);
        y += weights[i - first] * value;
        for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
            combined[e] += weights[i - first] * blob.values()[e];
        points.push_back(example_codeword()[i].point());
    }
    const auto commitment = Commitment::from_point(msm(points, weights).to_affine());
    const auto opening = open_at(std::span<const Fr, ELEMENTS_PER_BLOB>{combined}, z);
    EXPECT_EQ(opening.value, y);
    example.expect("y", y);
    example.expect("combined_commitment", commitment.bytes());
    example.expect("proof", opening.proof.bytes());
    EXPECT_TRUE(verify_opening(commitment, z, y, opening.proof));
}

}  // namespace
}  // namespace ashlar::test
