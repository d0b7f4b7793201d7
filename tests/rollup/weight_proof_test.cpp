#include "rollup/weight_proof.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "rollup/tensor_slice.hpp"
#include "rollup/weight_prover.hpp"
#include "tests/support/published_model.hpp"

namespace ashlar::test
{
namespace
{

/// The blob that the tensors begin in. Of a constant blob every opening would hold everywhere.
constexpr std::uint64_t TENSOR_BLOB = 2;

WeightProof element_proof()
{
    auto object = PublishedModel::small().open().value();
    return prove_element(object, TENSOR_BLOB, 5).value();
}

/// Byte of the payload at which the first weight begins that straddles two elements.
WeightProof straddling_proof()
{
    auto& model = PublishedModel::small();
    auto object = model.open().value();
    return prove_bytes(object, {.offset = model.straddling_offset(), .size = 2}).value();
}

WeightProof row_proof(PublishedModel& model)
{
    auto object = model.open().value();
    const auto within = tensor_slice(model.rows(), "5").value();
    return prove_tensor(object, model.directory(), model.rows(), within).value();
}

void expect_refused(const WeightProof& proof, const char* what)
{
    const auto verified = verify_weight_proof(PublishedModel::small().root(), proof);
    ASSERT_FALSE(verified) << what;
    EXPECT_EQ(verified.error().kind, ErrorKind::proof_invalid) << what;
}

TEST(weight_proof, element_gives_its_bytes_and_passes_as_the_precompile_takes_it)
{
    auto& model = PublishedModel::small();
    const auto proof = element_proof();
    const auto bytes = verify_weight_proof(model.root(), proof);
    ASSERT_TRUE(bytes);
    const auto offset = element_begin(TENSOR_BLOB, 5);
    EXPECT_EQ(*bytes, model.payload(offset, PAYLOAD_BYTES_PER_ELEMENT));
    const auto z = root_of_unity(12).pow(reverse_bits(5, 12)).to_bytes();
    EXPECT_TRUE(verify_kzg_proof(
        proof.blobs[0].commitment, z, proof.elements[0].value, proof.elements[0].proof));
}

TEST(weight_proof, weight_that_straddles_two_elements_takes_both)
{
    auto& model = PublishedModel::small();
    const auto proof = straddling_proof();
    EXPECT_EQ(proof.elements.size(), 2u);
    EXPECT_EQ(verify_weight_proof(model.root(), proof).value(),
        model.payload(model.straddling_offset(), 2));
}

TEST(weight_proof, range_over_two_blobs)
{
    auto& model = PublishedModel::small();
    auto object = model.open().value();
    const PayloadRange range{.offset = PAYLOAD_BYTES_PER_BLOB - 40, .size = 80};
    const auto proof = prove_bytes(object, range).value();
    EXPECT_EQ(proof.blobs.size(), 2u);
    EXPECT_EQ(verify_weight_proof(model.root(), proof).value(), model.payload(range.offset, 80));
}

TEST(weight_proof, tensor_row_of_a_layered_fold)
{
    auto& model = PublishedModel::layered();
    const auto proof = row_proof(model);
    EXPECT_EQ(verify_weight_proof(model.root(), proof).value(),
        model.payload(model.rows().offset + 640, 128));
    const auto header = ObjectHeader::parse(proof.binding.header).value();
    EXPECT_FALSE(proof.blobs[0].walk.empty());
    EXPECT_TRUE(check_walks(header, proof.binding.fold_record, proof.blobs));
}

TEST(weight_proof, cells_give_1984_bytes)
{
    auto& model = PublishedModel::small();
    auto object = model.open().value();
    for (const std::uint64_t cell : {0U, 1U, 37U, 63U})
    {
        const auto proof = prove_cell(object, 0, cell).value();
        EXPECT_EQ(verify_weight_proof(model.root(), proof).value(),
            model.payload(cell * PAYLOAD_BYTES_PER_CELL, PAYLOAD_BYTES_PER_CELL));
    }
}

TEST(weight_proof, last_element_of_a_payload_is_filled_with_zeros)
{
    auto& model = PublishedModel::small();
    auto object = model.open().value();
    const auto last = object.header().shape().data_blobs() - 1;
    const auto proof = prove_element(object, last, ELEMENTS_PER_BLOB - 1).value();
    EXPECT_EQ(verify_weight_proof(model.root(), proof).value(), Bytes(PAYLOAD_BYTES_PER_ELEMENT));
}

TEST(weight_proof, requests_outside_the_object_are_refused)
{
    auto& model = PublishedModel::small();
    auto object = model.open().value();
    const auto blobs = object.header().shape().data_blobs();
    const auto payload = object.header().fields().payload_bytes;
    const auto limit = PROOF_ELEMENTS_MAX * PAYLOAD_BYTES_PER_ELEMENT;
    for (const auto& proof : {prove_element(object, blobs, 0), prove_element(object, 0, 4096),
             prove_cell(object, blobs, 0), prove_cell(object, 0, 64),
             prove_bytes(object, {.offset = 0, .size = 0}),
             prove_bytes(object, {.offset = payload, .size = 1}),
             prove_bytes(object, {.offset = payload - 1, .size = 2}),
             prove_bytes(object, {.offset = 0, .size = ~std::uint64_t{0}}),
             prove_bytes(object, {.offset = 0, .size = limit + 1}),
             prove_tensor(object, model.directory(), model.rows(), {.offset = 1023, .size = 2}),
             prove_tensor(object, model.directory(), model.rows(), {.offset = 0, .size = 0})})
    {
        ASSERT_FALSE(proof);
        EXPECT_EQ(proof.error().kind, ErrorKind::invalid_input) << proof.error().message;
    }
}

TEST(weight_proof, another_root_header_or_version_is_refused)
{
    const auto proof = element_proof();
    EXPECT_FALSE(verify_weight_proof(PublishedModel::layered().root(), proof));
    auto changed = proof;
    changed.binding.header[500] ^= std::byte{1};
    expect_refused(changed, "header");
}

TEST(weight_proof, another_blob_or_element_is_refused)
{
    auto changed = element_proof();
    changed.blobs[0].position = 0;
    expect_refused(changed, "position");
    changed = element_proof();
    changed.range.offset -= PAYLOAD_BYTES_PER_BLOB;
    expect_refused(changed, "blob");
    changed = element_proof();
    changed.range.offset += PAYLOAD_BYTES_PER_ELEMENT;
    expect_refused(changed, "element");
    changed = element_proof();
    changed.range = {.offset = changed.range.offset + 1, .size = changed.range.size};
    expect_refused(changed, "no whole element");
    changed = element_proof();
    changed.range.offset = std::uint64_t{1} << 61;
    expect_refused(changed, "far beyond");
    changed = straddling_proof();
    std::swap(changed.elements[0], changed.elements[1]);
    expect_refused(changed, "order");
    changed = straddling_proof();
    changed.elements.pop_back();
    expect_refused(changed, "count");
    changed = straddling_proof();
    changed.blobs.push_back(changed.blobs[0]);
    expect_refused(changed, "blobs");
}

TEST(weight_proof, another_value_is_refused)
{
    auto changed = element_proof();
    changed.elements[0].value[31] ^= std::byte{1};
    expect_refused(changed, "y off by one bit");
    changed = element_proof();
    changed.elements[0].value[0] = std::byte{1};
    expect_refused(changed, "y of 2^248 and more");
    changed = element_proof();
    changed.elements[0].value.fill(std::byte{255});
    expect_refused(changed, "y beyond r");
    changed = element_proof();
    changed.elements[0].proof[47] ^= std::byte{1};
    expect_refused(changed, "proof");
    changed = element_proof();
    changed.elements[0].proof = changed.blobs[0].commitment;
    expect_refused(changed, "a point that is no proof");
}

TEST(weight_proof, paths_of_another_length_and_inner_nodes_are_refused)
{
    const auto proof = element_proof();
    auto changed = proof;
    changed.blobs[0].path.pop_back();
    expect_refused(changed, "short");
    changed = proof;
    changed.blobs[0].path.emplace_back();
    expect_refused(changed, "long");
    changed = proof;
    changed.blobs[0].path.erase(changed.blobs[0].path.begin());
    changed.blobs[0].position >>= 1;
    expect_refused(changed, "inner node");
    changed = proof;
    changed.blobs[0].path[2][3] ^= std::byte{1};
    expect_refused(changed, "sibling");
}

TEST(weight_proof, another_tensor_entry_is_refused)
{
    const auto proof = row_proof(PublishedModel::small());
    ASSERT_TRUE(verify_weight_proof(PublishedModel::small().root(), proof));
    const auto refuse = [&](const char* what, const auto& change) {
        auto changed = proof;
        change(*changed.tensor);
        expect_refused(changed, what);
    };
    refuse("name", [](TensorClaim& t) { t.tensor.name = "rowz"; });
    refuse("offset", [](TensorClaim& t) { t.tensor.offset += 2; });
    refuse("size", [](TensorClaim& t) { t.tensor.size += 2; });
    refuse("dtype", [](TensorClaim& t) { t.tensor.dtype = Dtype{8}; });
    refuse("shape", [](TensorClaim& t) { t.tensor.shape = {64, 8}; });
    refuse("rank", [](TensorClaim& t) { t.tensor.shape.assign(9, 1); });
    refuse("file", [](TensorClaim& t) { t.tensor.file_index ^= 1; });
    refuse("index", [](TensorClaim& t) { t.index ^= 1; });
    refuse("index beyond", [](TensorClaim& t) { t.index = 2; });
    refuse("path short", [](TensorClaim& t) { t.path.pop_back(); });
    refuse("path long", [](TensorClaim& t) { t.path.emplace_back(); });
    refuse("length", [](TensorClaim& t) { t.path[22][9] = std::byte{1}; });
    auto changed = proof;
    changed.tensor.reset();
    expect_refused(changed, "no tensor");
    changed = proof;
    changed.kind = WeightProofKind::bytes;
    expect_refused(changed, "a tensor in a proof of bytes");
}

TEST(weight_proof, another_cell_is_refused)
{
    auto object = PublishedModel::small().open().value();
    const auto proof = prove_cell(object, TENSOR_BLOB, 0).value();
    auto changed = proof;
    changed.cell_payload[7] ^= std::byte{1};
    expect_refused(changed, "payload");
    changed = proof;
    changed.cell_payload.pop_back();
    expect_refused(changed, "length");
    changed = proof;
    changed.range.offset += PAYLOAD_BYTES_PER_CELL;
    expect_refused(changed, "cell");
    changed = proof;
    changed.cell_proof = changed.blobs[0].commitment;
    expect_refused(changed, "proof");
    changed = proof;
    changed.cell_proof.fill(std::byte{0});
    expect_refused(changed, "no point");
}

}  // namespace
}  // namespace ashlar::test
