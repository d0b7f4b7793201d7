#include "chain/json_rpc.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "chain/http_post.hpp"

namespace ashlar::test
{
namespace
{

/// A node that gives one answer and remembers what it was asked.
struct ScriptedNode
{
    std::string answer;
    nlohmann::json asked{};

    [[nodiscard]] JsonRpcClient client()
    {
        return JsonRpcClient{[this](const std::string& request) -> Result<std::string> {
            asked = nlohmann::json::parse(request);
            return answer;
        }};
    }
};

Address address_of(std::uint8_t value)
{
    Address address{};
    address.back() = std::byte{value};
    return address;
}

TEST(json_rpc, chain_id_and_calls)
{
    ScriptedNode node{R"({"jsonrpc":"2.0","id":1,"result":"0x7a69"})"};
    EXPECT_EQ(node.client().chain_id().value(), 31337u);
    EXPECT_EQ(node.asked.at("method"), "eth_chainId");

    node.answer = R"({"result":"0x0001"})";
    EXPECT_EQ(node.client().call_contract(address_of(7), std::array{std::byte{0xab}}).value(),
        (Bytes{std::byte{0}, std::byte{1}}));
    EXPECT_EQ(node.asked.at("params")[0].at("data"), "0xab");
    EXPECT_EQ(node.asked.at("params")[0].at("to"), "0x0000000000000000000000000000000000000007");
    EXPECT_EQ(node.asked.at("params")[1], "latest");
}

TEST(json_rpc, transactions_carry_value_without_leading_zeros)
{
    ScriptedNode node{R"({"result":"0x)" + std::string(64, '1') + R"("})"};
    Bytes32 value{};
    EXPECT_TRUE(node.client().send_transaction(
        {.from = address_of(1), .to = address_of(2), .value = value, .data = {}}));
    EXPECT_EQ(node.asked.at("params")[0].at("value"), "0x0");
    value[30] = std::byte{1};
    const auto hash = node.client().send_transaction(
        {.from = address_of(1), .to = address_of(2), .value = value, .data = {}});
    EXPECT_EQ(node.asked.at("params")[0].at("value"), "0x100");
    EXPECT_EQ(to_hex(hash.value()), std::string(64, '1'));
}

TEST(json_rpc, receipts)
{
    ScriptedNode node{R"({"result":null})"};
    EXPECT_FALSE(node.client().receipt({}).value().has_value());
    node.answer = R"({"result":{"status":"0x1","blockNumber":"0x10","gasUsed":"0x5208"}})";
    const auto receipt = node.client().receipt({}).value();
    EXPECT_TRUE(receipt->succeeded);
    EXPECT_EQ(receipt->block_number, 16u);
    EXPECT_EQ(receipt->gas_used, 21000u);
    node.answer = R"({"result":{"status":"0x0","blockNumber":"0x1","gasUsed":"0x1"}})";
    EXPECT_FALSE(node.client().receipt({}).value()->succeeded);
}

TEST(json_rpc, refusals_carry_the_nodes_words)
{
    ScriptedNode node{R"({"error":{"code":3,"message":"execution reverted: NothingBehind"}})"};
    const auto refused = node.client().call_contract({}, {});
    EXPECT_EQ(refused.error().kind, ErrorKind::proof_invalid);
    EXPECT_NE(refused.error().message.find("NothingBehind"), std::string::npos);
    for (const auto* answer : {R"({"error":7})", R"({"error":{}})", R"({"error":{"message":[]}})"})
    {
        node.answer = answer;
        EXPECT_EQ(node.client().chain_id().error().kind, ErrorKind::proof_invalid);
    }
}

TEST(json_rpc, malformed_answers_are_no_answers)
{
    for (const auto* answer : {"", "{", "[]", "7", "null", "{}", R"({"result":7})",
             R"({"result":"0x"})", R"({"result":"7"})", R"({"result":"0x-1"})",
             R"({"result":"0xg"})", R"({"result":"0x10000000000000000"})", R"({"result":null})"})
    {
        ScriptedNode node{answer};
        EXPECT_EQ(node.client().chain_id().error().kind, ErrorKind::unavailable) << answer;
    }
    for (const auto* answer : {R"({"result":"0x1"})", R"({"result":"12"})", R"({"result":{}})"})
    {
        ScriptedNode node{answer};
        EXPECT_FALSE(node.client().call_contract({}, {})) << answer;
        EXPECT_FALSE(node.client().send_transaction({})) << answer;
    }
    ScriptedNode node{R"({"result":{"status":"0x1","blockNumber":7}})"};
    EXPECT_FALSE(node.client().receipt({}));
}

TEST(json_rpc, words_of_over_64_bits_or_missing_are_refused)
{
    Bytes words(64);
    words[63] = std::byte{9};
    EXPECT_EQ(number_in_word(words, 1).value(), 9u);
    EXPECT_EQ(number_in_word(words, 0).value(), 0u);
    EXPECT_FALSE(number_in_word(words, 2));
    words[55] = std::byte{1};
    EXPECT_FALSE(number_in_word(words, 1));
}

/// The first block of Ethereum's main chain, whose hash everybody knows.
nlohmann::json first_block()
{
    const auto zeros = [](std::size_t bytes) { return "0x" + std::string(2 * bytes, '0'); };
    const std::string empty_trie =
        "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
    return {{"parentHash", zeros(32)},
        {"sha3Uncles", "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"},
        {"miner", zeros(20)},
        {"stateRoot", "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544"},
        {"transactionsRoot", empty_trie}, {"receiptsRoot", empty_trie}, {"logsBloom", zeros(256)},
        {"difficulty", "0x400000000"}, {"number", "0x0"}, {"gasLimit", "0x1388"},
        {"gasUsed", "0x0"}, {"timestamp", "0x0"},
        {"extraData", "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa"},
        {"mixHash", zeros(32)}, {"nonce", "0x0000000000000042"},
        {"hash", "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"}};
}

/// A block of hardhat 2 under Prague, with every field that forks added.
nlohmann::json prague_block()
{
    auto block = first_block();
    block.update({{"stateRoot",
                      "0xc2b8dc215b5234bd853bb9c2895bb0c2c2642e81d4ed7c370cf716ca269d34e7"},
        {"transactionsRoot", "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
        {"gasLimit", "0x3938700"}, {"extraData", "0x1234"}, {"timestamp", "0x6b01fdc1"},
        {"difficulty", "0x0"}, {"nonce", "0x0000000000000000"},
        {"mixHash", "0x53c5ae3ce8eefbfad3aca77e5f4e1b19a949b04e2e5ce7a24fbb64422f14f0bf"},
        {"baseFeePerGas", "0x3b9aca00"}, {"withdrawalsRoot", block["receiptsRoot"]},
        {"blobGasUsed", "0x0"}, {"excessBlobGas", "0x0"},
        {"parentBeaconBlockRoot", block["parentHash"]},
        {"requestsHash", "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"hash", "0xfe1d9530bea880d8a9c3127c1388b000aef03900674945f6f756c5826ca80659"}});
    return block;
}

TEST(json_rpc, headers_are_hashed_again)
{
    for (const auto& block : {first_block(), prague_block()})
    {
        ScriptedNode node{nlohmann::json{{"result", block}}.dump()};
        const auto hash = array_from_hex<32>(block.at("hash").get<std::string>()).value();
        const auto header = node.client().block(hash).value();
        EXPECT_EQ(header.hash, hash);
        EXPECT_EQ("0x" + to_hex(header.state_root), block.at("stateRoot").get<std::string>());
        EXPECT_EQ(header.number, 0u);
        EXPECT_TRUE(node.client().block_at(0));
        EXPECT_FALSE(node.client().block_at(1));
        EXPECT_EQ(node.client().block(Bytes32{}).error().kind, ErrorKind::proof_invalid);
        for (const auto& [field, value] : block.items())
        {
            auto changed = block;
            changed.erase(field);
            node.answer = nlohmann::json{{"result", changed}}.dump();
            EXPECT_FALSE(node.client().block(hash)) << field;
            changed[field] = 7;
            node.answer = nlohmann::json{{"result", changed}}.dump();
            EXPECT_FALSE(node.client().block(hash)) << field;
        }
    }
    ScriptedNode node{R"({"result":null})"};
    EXPECT_EQ(node.client().block({}).error().kind, ErrorKind::not_found);
}

TEST(json_rpc, logs_are_those_of_the_query)
{
    const LogQuery query{.contract = address_of(7), .topic = {}, .first_block = 5, .last_block = 6};
    const nlohmann::json good{{"address", "0x0000000000000000000000000000000000000007"},
        {"topics", nlohmann::json::array({"0x" + std::string(64, '0')})}, {"data", "0x"},
        {"blockNumber", "0x5"}};
    ScriptedNode node{""};
    const auto ask_with = [&](const nlohmann::json& logs) {
        node.answer = nlohmann::json{{"result", logs}}.dump();
        return node.client().logs(query);
    };
    auto later = good;
    later["blockNumber"] = "0x6";
    EXPECT_EQ(ask_with(nlohmann::json::array({good, later})).value().size(), 2u);
    EXPECT_EQ(node.asked.at("params")[0].at("fromBlock"), "0x5");
    EXPECT_FALSE(ask_with(nlohmann::json::array({later, good})));
    EXPECT_TRUE(ask_with(nlohmann::json::array()).value().empty());
    EXPECT_FALSE(ask_with(nullptr));
    const std::vector<std::pair<std::string, nlohmann::json>> changes{
        {"address", "0x0000000000000000000000000000000000000008"}, {"topics", 7},
        {"topics", nlohmann::json::array()},
        {"topics", nlohmann::json::array({"0x" + std::string(64, '1')})}, {"blockNumber", "0x7"},
        {"blockNumber", "0x4"}, {"blockNumber", nullptr}, {"data", 1}};
    for (const auto& [field, value] : changes)
    {
        auto bad = good;
        bad[field] = value;
        EXPECT_FALSE(ask_with(nlohmann::json::array({bad}))) << field << value;
    }
}

TEST(http_post, what_cannot_be_reached_or_used)
{
    EXPECT_EQ(http_post_json("file:///etc/passwd", "{}").error().kind, ErrorKind::invalid_input);
    // Port 1 of loopback: nobody listens there.
    EXPECT_EQ(http_post_json("http://127.0.0.1:1", "{}").error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace ashlar::test
