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

TEST(http_post, what_cannot_be_reached_or_used)
{
    EXPECT_EQ(http_post_json("file:///etc/passwd", "{}").error().kind, ErrorKind::invalid_input);
    // Port 1 of loopback: nobody listens there.
    EXPECT_EQ(http_post_json("http://127.0.0.1:1", "{}").error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace ashlar::test
