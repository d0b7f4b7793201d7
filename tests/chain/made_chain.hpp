#pragma once

/// An Ethereum node whose chain is made up: headers, one contract with storage, its events, and
/// eth_getProof over them. Tests reorganise it and make it lie.

#include <functional>

#include <nlohmann/json.hpp>

#include "chain/model_registry.hpp"
#include "chain/state_trie.hpp"
#include "tests/chain/made_trie.hpp"

namespace ashlar::test
{

class MadeChain
{
public:
    using Json = nlohmann::json;

    explicit MadeChain(const Address& contract) : contract_{contract} { add_block(); }

    /// Changes an answer's "result" before it is sent, or refuses by making it null.
    std::function<void(const std::string& method, Json& result)> tamper;

    [[nodiscard]] JsonRpcClient client()
    {
        return JsonRpcClient{[this](const std::string& request) -> Result<std::string> {
            const auto asked = Json::parse(request);
            const auto method = asked.at("method").get<std::string>();
            auto result = answer(method, asked.at("params"));
            if (tamper)
                tamper(method, result);
            return Json{{"result", std::move(result)}}.dump();
        }};
    }

    void store(const Bytes32& slot, const Bytes32& word)
    {
        storage_.put(keccak256(slot), rlp_number(word));
    }

    /// An event in the next block.
    void emit(const std::vector<Bytes32>& topics)
    {
        Json log{{"address", hex(contract_)}, {"data", "0x"}, {"blockNumber", quantity(height())}};
        for (const auto& topic : topics)
            log["topics"].push_back(hex(topic));
        pending_.push_back(std::move(log));
    }
    void emit_anchored(const Address& publisher, const Bytes32& model, const Bytes32& root)
    {
        Bytes32 word{};
        std::ranges::copy(publisher, word.begin() + 12);
        emit({anchored_topic(), word, model, root});
    }

    void add_block()
    {
        Json header{{"parentHash", hex(blocks_.empty() ? Bytes32{} : head_hash())},
            {"sha3Uncles", hex(Bytes32{})}, {"miner", hex(Address{})},
            {"stateRoot", hex(state().root())}, {"transactionsRoot", hex(Bytes32{})},
            {"receiptsRoot", hex(Bytes32{})}, {"logsBloom", hex(Bytes(256))}, {"difficulty", "0x0"},
            {"number", quantity(height())}, {"gasLimit", "0x1c9c380"}, {"gasUsed", "0x0"},
            {"timestamp", quantity(1'700'000'000 + 12 * height())},
            {"extraData", hex(big_endian(salt_))}, {"mixHash", hex(Bytes32{})},
            {"nonce", hex(ByteArray<8>{})}};
        header["hash"] = hex(hash_of(header));
        blocks_.push_back({.header = std::move(header), .logs = std::move(pending_)});
        pending_.clear();
    }
    void add_blocks(std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i)
            add_block();
    }

    /// Takes the newest blocks back; those that follow have other hashes.
    void drop_blocks(std::size_t count)
    {
        blocks_.resize(blocks_.size() - count);
        ++salt_;
    }

    [[nodiscard]] std::uint64_t height() const { return blocks_.size(); }
    [[nodiscard]] Bytes32 head_hash() const
    {
        return array_from_hex<32>(blocks_.back().header.at("hash").get<std::string>()).value();
    }

private:
    struct Block
    {
        Json header;
        std::vector<Json> logs;
    };

    static std::string hex(ByteView bytes) { return "0x" + to_hex(bytes); }
    static std::string quantity(std::uint64_t value) { return fmt::format("0x{:x}", value); }

    static Bytes32 hash_of(const Json& header)
    {
        Bytes items;
        for (const auto* name : {"parentHash", "sha3Uncles", "miner", "stateRoot",
                 "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty", "number",
                 "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce"})
        {
            auto text = header.at(name).get<std::string>().substr(2);
            const bool is_number = text.size() % 2 == 1 || text.size() <= 10;
            const auto bytes = from_hex(text.size() % 2 == 0 ? text : "0" + text).value();
            append(items, is_number ? rlp_number(bytes) : rlp_string(bytes));
        }
        return keccak256(rlp_list(items));
    }

    [[nodiscard]] MadeTrie state() const
    {
        Bytes items;
        append(items, rlp_number(big_endian(std::uint64_t{1})));
        append(items, rlp_number({}));
        append(items, rlp_string(storage_.root()));
        append(items, rlp_string(keccak256({})));
        MadeTrie accounts;
        accounts.put(keccak256(contract_), rlp_list(items));
        // Others, so that there is a way to go.
        for (std::uint64_t i = 0; i < 40; ++i)
            accounts.put(keccak256(big_endian(i)), rlp_list(items));
        return accounts;
    }

    static Json nodes_json(const std::vector<Bytes>& nodes)
    {
        auto json = Json::array();
        for (const auto& node : nodes)
            json.push_back(hex(node));
        return json;
    }

    Json proof_json(const Json& params) const
    {
        const auto address = array_from_hex<20>(params[0].get<std::string>()).value();
        Json proof{{"accountProof", nodes_json(state().proof(keccak256(address)))},
            {"storageProof", Json::array()}};
        for (const auto& key : params[1])
        {
            const auto slot = array_from_hex<32>(key.get<std::string>()).value();
            proof["storageProof"].push_back(
                {{"proof", nodes_json(storage_.proof(keccak256(slot)))}});
        }
        return proof;
    }

    static std::uint64_t number_in(const Json& text)
    {
        return std::stoull(text.get<std::string>(), nullptr, 16);
    }

    Json logs_json(const Json& filter) const
    {
        auto logs = Json::array();
        const auto last = std::min(number_in(filter.at("toBlock")) + 1, height());
        for (auto n = number_in(filter.at("fromBlock")); n < last; ++n)
            for (const auto& log : blocks_[n].logs)
                if (log.at("topics")[0] == filter.at("topics")[0])
                    logs.push_back(log);
        return logs;
    }

    Json answer(const std::string& method, const Json& params) const
    {
        if (method == "eth_blockNumber")
            return quantity(height() - 1);
        if (method == "eth_getBlockByNumber")
        {
            const auto number = number_in(params[0]);
            return number < height() ? blocks_[number].header : Json{};
        }
        if (method == "eth_getBlockByHash")
        {
            for (const auto& block : blocks_)
                if (block.header.at("hash") == params[0])
                    return block.header;
            return {};
        }
        if (method == "eth_getProof")
            return proof_json(params);
        if (method == "eth_getLogs")
            return logs_json(params[0]);
        return {};
    }

    Address contract_;
    MadeTrie storage_;
    std::vector<Block> blocks_;
    std::vector<Json> pending_;
    std::uint64_t salt_ = 0;
};

}  // namespace ashlar::test
