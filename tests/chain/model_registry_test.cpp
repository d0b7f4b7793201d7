#include "chain/model_registry.hpp"

#include <gtest/gtest.h>

#include "tests/chain/made_chain.hpp"

namespace ashlar::test
{
namespace
{

Bytes32 filled(std::uint8_t value)
{
    Bytes32 word;
    word.fill(std::byte{value});
    return word;
}

/// keccak256(key ‖ mapping), and `after` words on: written without the product's arithmetic, as
/// these keys have no carry.
Bytes32 slot_of(ByteView key, std::uint8_t mapping, std::uint8_t after)
{
    Bytes both{key.begin(), key.end()};
    both.resize(64);
    both.back() = std::byte{mapping};
    auto slot = keccak256(both);
    slot.back() = static_cast<std::byte>(std::to_integer<unsigned>(slot.back()) + after);
    return slot;
}

class ModelRegistryState : public testing::Test
{
protected:
    ModelRegistryState()
    {
        name_.registry.fill(std::byte{0xaa});
        name_.publisher.fill(std::byte{0xbb});
        name_.model_id = model_id("llama");
        Bytes key(12);
        append(key, name_.publisher);
        append(key, name_.model_id);
        const auto entry = keccak256(key);
        chain_.store(slot_of(entry, 1, 0), filled(7));
        Bytes32 versions{};
        versions.back() = std::byte{3};
        chain_.store(slot_of(entry, 1, 1), versions);
        Bytes32 term{};
        term[23] = std::byte{5};
        term[28] = std::byte{0x70};
        chain_.store(slot_of(filled(7), 0, 0), term);
        for (std::uint8_t i = 1; i < 60; ++i)
            chain_.store(filled(i), filled(i));
        chain_.add_block();
    }

    ModelName name_;
    MadeChain chain_{[] {
        Address address;
        address.fill(std::byte{0xaa});
        return address;
    }()};
};

TEST_F(ModelRegistryState, a_model_is_read_with_proof)
{
    const auto model = proven_model(chain_.client(), name_, chain_.head_hash()).value();
    EXPECT_EQ(model.object_root, filled(7));
    EXPECT_EQ(model.versions, 3u);
    EXPECT_EQ(model.epoch, 5u);
    EXPECT_EQ(model.expiry_unix_seconds, 0x70000000u);
}

TEST_F(ModelRegistryState, absence_is_shown_too)
{
    auto other = name_;
    other.model_id = filled(1);
    const auto no_model = proven_model(chain_.client(), other, chain_.head_hash());
    EXPECT_EQ(no_model.error().kind, ErrorKind::not_found);
    auto nowhere = name_;
    nowhere.registry.fill(std::byte{1});
    const auto no_contract = proven_model(chain_.client(), nowhere, chain_.head_hash());
    EXPECT_EQ(no_contract.error().kind, ErrorKind::not_found);
    EXPECT_EQ(proven_model(chain_.client(), name_, filled(9)).error().kind, ErrorKind::not_found);
}

TEST_F(ModelRegistryState, a_node_that_lies_is_found_out)
{
    const auto hash = chain_.head_hash();
    std::size_t changes = 0;
    const auto refused_if = [&](const std::string& of, auto change) {
        ++changes;
        chain_.tamper = [&, change](const std::string& method, nlohmann::json& result) {
            if (method == of)
                change(result);
        };
        const auto model = proven_model(chain_.client(), name_, hash);
        ASSERT_FALSE(model) << "change " << changes;
        EXPECT_TRUE(model.error().kind == ErrorKind::proof_invalid ||
                    model.error().kind == ErrorKind::unavailable)
            << model.error().message;
    };
    using Json = nlohmann::json;
    const auto ones = "0x" + std::string(64, '1');
    refused_if("eth_getBlockByHash", [&](Json& block) { block["stateRoot"] = ones; });
    refused_if("eth_getBlockByHash", [&](Json& block) { block["number"] = "0x0"; });
    refused_if("eth_getBlockByHash", [&](Json& block) { block["hash"] = ones; });
    refused_if("eth_getBlockByHash", [&](Json& block) { block["baseFeePerGas"] = "0x7"; });
    refused_if("eth_getBlockByHash", [&](Json& block) { block.erase("mixHash"); });
    refused_if("eth_getProof", [](Json& proof) { proof["accountProof"].erase(0); });
    refused_if("eth_getProof", [](Json& proof) { proof["accountProof"] = Json::array(); });
    refused_if("eth_getProof", [](Json& proof) { proof["accountProof"].push_back("0x80"); });
    refused_if("eth_getProof", [](Json& proof) { proof["accountProof"][0] = 7; });
    refused_if("eth_getProof", [](Json& proof) { proof["storageProof"].erase(0); });
    refused_if("eth_getProof", [](Json& proof) { proof["storageProof"][0] = "0x"; });
    refused_if("eth_getProof",
        [](Json& proof) { proof["storageProof"][0]["proof"] = Json::array({"0x80"}); });
    refused_if("eth_getProof", [](Json& proof) {
        proof["storageProof"][0]["proof"] = Json(std::vector<std::string>(66, "0x80"));
    });
}

TEST(model_registry, views_are_words)
{
    std::vector<std::string> answers;
    const JsonRpcClient node{[&](const std::string&) -> Result<std::string> {
        auto answer = R"({"result":"0x)" + answers.front() + "\"}";
        answers.erase(answers.begin());
        return answer;
    }};
    const auto word = [](unsigned value) { return fmt::format("{:064x}", value); };
    answers = {to_hex(filled(7)) + word(96) + word(2) + word(0), word(99) + word(4)};
    const auto model = told_model(node, {}).value();
    EXPECT_EQ(model, (RegisteredModel{filled(7), 2, 99, 4}));
    answers = {word(0) + word(96) + word(0) + word(0)};
    EXPECT_EQ(told_model(node, {}).error().kind, ErrorKind::not_found);
    answers = {""};
    EXPECT_EQ(told_model(node, {}).error().kind, ErrorKind::unavailable);
}

TEST(model_registry, anchored_events)
{
    LogEntry log{.topics = {anchored_topic(), Bytes32{}, filled(2), filled(3)},
        .data = {},
        .block_number = 9};
    log.topics[1].back() = std::byte{1};
    const auto event = parse_anchored(log).value();
    EXPECT_EQ(event.publisher.back(), std::byte{1});
    EXPECT_EQ(event.model_id, filled(2));
    EXPECT_EQ(event.object_root, filled(3));
    EXPECT_EQ(event.block_number, 9u);
    log.topics[1].front() = std::byte{1};
    EXPECT_FALSE(parse_anchored(log));
    log.topics.pop_back();
    EXPECT_FALSE(parse_anchored(log));
    EXPECT_EQ(model_id("0x" + to_hex(filled(4))), filled(4));
    EXPECT_EQ(model_id("llama"), keccak256(as_byte_view("llama")));
}

}  // namespace
}  // namespace ashlar::test
