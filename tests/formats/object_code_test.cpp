/// Examples of docs/formats/object-code.md.

#include <gtest/gtest.h>

#include "algebra/fft.hpp"
#include "base/hash.hpp"
#include "base/merkle.hpp"
#include "erasure/group_code.hpp"
#include "tests/formats/example.hpp"
#include "tests/formats/example_object.hpp"

namespace ashlar::test
{
namespace
{

void check_shape(std::uint64_t data_blobs)
{
    const auto example = Example::current();
    const auto parity_blobs = ObjectShape::default_parity_blobs(data_blobs);
    const auto shape = ObjectShape::make({.data_blobs = data_blobs,
                                             .parity_blobs = parity_blobs,
                                             .group_parities = example.integer("group_parities")})
                           .value();
    example.expect("data_blobs", data_blobs);
    example.expect("domain", shape.domain());
    example.expect("default_parity_blobs", parity_blobs);
    example.expect("stored", shape.stored_count());
    example.expect("run_blobs", shape.run_blobs());
    example.expect("runs", shape.run_count());
    example.expect("stripes", shape.stripe_count());
    example.expect("groups_in_last_stripe", shape.groups_in_stripe(shape.stripe_count() - 1));
    example.expect("local_parities", shape.local_parity_count());
}

TEST(example, shape_1)
{
    check_shape(1);
}

TEST(example, shape_3)
{
    check_shape(3);
}

TEST(example, shape_17)
{
    check_shape(17);
}

TEST(example, shape_40000)
{
    check_shape(40'000);
}

TEST(example, shape_65537)
{
    check_shape(65'537);
}

TEST(example, shape_5423000)
{
    check_shape(5'423'000);
}

TEST(example, row)
{
    const auto example = Example::current();
    std::vector<Fr> values;
    for (const auto value : example.integers("values"))
        values.push_back(Fr::from_u64(value));
    EXPECT_EQ(values.size(), example.integer("data_blobs"));
    values.resize(16);
    extend_to_coset(Elements<Fr>{values}, FftDomain{16});
    for (const std::size_t position : {16U, 17U, 31U})
        example.expect(fmt::format("value_at_{}", position), values[position - 16]);
}

/// The local parities of members that begin with these bytes and go on with zeros.
std::vector<Bytes> encode(const std::vector<Bytes>& beginnings)
{
    std::vector<Bytes> blobs;
    GroupMembers members;
    blobs.reserve(members.size());
    for (std::size_t i = 0; i < members.size(); ++i)
    {
        blobs.push_back(beginnings.at(i));
        blobs.back().resize(BYTES_PER_BLOB);
        members[i].emplace(ConstBlobBuffer{blobs.back().data(), BYTES_PER_BLOB});
    }
    std::vector<Bytes> parities(GROUP_PARITIES_MAX, Bytes(BYTES_PER_BLOB));
    std::vector<BlobBuffer> buffers;
    for (auto& parity : parities)
        buffers.emplace_back(parity.data(), BYTES_PER_BLOB);
    encode_group(members, buffers);
    return parities;
}

TEST(example, group_parity)
{
    const auto example = Example::current();
    std::vector<Bytes> members;
    std::vector<Bytes> units;
    for (std::size_t i = 0; i < RUNS_PER_STRIPE; ++i)
    {
        members.push_back(pattern(16 * i, 4));
        // Byte i of member i alone is 1, so parity l begins with its coefficients.
        units.emplace_back(RUNS_PER_STRIPE);
        units.back()[i] = std::byte{1};
    }
    example.expect_list("members", members);
    const auto parities = encode(members);
    const auto coefficients = encode(units);
    for (std::size_t l = 0; l < GROUP_PARITIES_MAX; ++l)
    {
        example.expect(fmt::format("parity_{}", l), ByteView{parities[l]}.first(4));
        example.expect(
            fmt::format("coefficients_{}", l), ByteView{coefficients[l]}.first(RUNS_PER_STRIPE));
    }
}

TEST(example, object_parity)
{
    const auto example = Example::current();
    const auto& header = example_object().header();
    const auto& shape = header.shape();
    example.expect("parity_blobs", shape.parity_blobs());
    example.expect("stored", shape.stored_count());
    for (const std::uint64_t position : {16U, 31U})
        example.expect(fmt::format("position_{}_sha256", position),
            sha256(example_blob(shape.stored_index_of(position).value())));

    std::vector<Bytes32> hashes;
    for (std::uint64_t g = 0; g < shape.local_parity_count(); ++g)
        hashes.push_back(sha256(example_blob(shape.stored_count() + g)));
    example.expect_list("local_parity_sha256", hashes);
    example.expect("group_parity_root", merkle_root(hashes));
    EXPECT_EQ(header.fields().group_parity_root, merkle_root(hashes));
}

}  // namespace
}  // namespace ashlar::test
