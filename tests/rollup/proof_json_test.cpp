#include "rollup/proof_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "rollup/weight_prover.hpp"
#include "tests/support/published_model.hpp"

namespace ashlar::test
{
namespace
{

using nlohmann::ordered_json;

std::string tensor_json()
{
    auto& model = PublishedModel::small();
    auto object = model.open().value();
    const auto& rows = model.rows();
    return to_json(prove_tensor(object, model.directory(), rows, {.offset = 6, .size = 2}).value());
}

TEST(proof_json, every_kind_comes_back_the_same_and_holds)
{
    auto object = PublishedModel::small().open().value();
    const auto root = object.header().root();
    const auto cell = to_json(prove_cell(object, 0, 1).value());
    const auto element = to_json(prove_element(object, 0, 1).value());
    for (const auto& json : {cell, element, tensor_json()})
    {
        const auto proof = std::get<WeightProof>(parse_proof(json).value());
        EXPECT_EQ(to_json(proof), json);
        EXPECT_TRUE(verify_weight_proof(root, proof));
    }
    const auto equivalence =
        to_json(prove_equivalence(object, {.first = 0, .end = 2, .scheme = 1, .w = {}}).value());
    const auto proof = std::get<EquivalenceProof>(parse_proof(equivalence).value());
    EXPECT_EQ(to_json(proof), equivalence);
    EXPECT_TRUE(verify_equivalence(root, proof));
}

TEST(proof_json, a_field_that_is_missing_or_of_another_kind_is_refused)
{
    const auto good = ordered_json::parse(tensor_json());
    for (const auto& [name, value] : good.items())
    {
        for (const auto& other : {ordered_json{}, ordered_json{-1}, ordered_json{"zz"},
                 ordered_json::array({1}), ordered_json{{"a", 1}}})
        {
            auto changed = good;
            changed[name] = other;
            const auto parsed = parse_proof(changed.dump());
            ASSERT_FALSE(parsed) << name << " " << other;
            EXPECT_EQ(parsed.error().kind, ErrorKind::invalid_input);
        }
        auto without = good;
        without.erase(name);
        EXPECT_EQ(parse_proof(without.dump()).has_value(), name == "certificate") << name;
    }
}

TEST(proof_json, nested_fields_are_checked_too)
{
    const auto good = ordered_json::parse(tensor_json());
    const std::pair<const char*, ordered_json> changes[] = {{"/blobs/0/blob", 1ULL << 40},
        {"/blobs/0/commitment", "0x00"}, {"/blobs/0/path/0", 7}, {"/blobs/0/path/0", "0x01"},
        {"/blobs/0/path", std::vector<std::string>(65, "0x" + std::string(64, '0'))},
        {"/blobs/0/walk", nullptr}, {"/elements/0/y", "0x"}, {"/elements/0/proof", "0x00"},
        {"/tensor/dtype", 256}, {"/tensor/shape", std::vector<int>(9, 1)}, {"/tensor/shape/0", "8"},
        {"/tensor/name", 1}, {"/offset", 1ULL << 63}};
    for (const auto& [place, value] : changes)
    {
        auto changed = good;
        changed[ordered_json::json_pointer(place)] = value;
        EXPECT_FALSE(parse_proof(changed.dump())) << place;
    }
}

TEST(proof_json, what_is_no_document_is_refused)
{
    for (const auto* text : {"", "{", "[]", "7", "null", "{}", R"({"format":7})",
             R"({"format":"ashlar/weight-proof/v2"})"})
        EXPECT_FALSE(parse_proof(text)) << text;
    EXPECT_FALSE(parse_proof(std::string(PROOF_JSON_BYTES_MAX + 1, ' ')));
}

}  // namespace
}  // namespace ashlar::test
