#include "chain/json_rpc.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "chain/http_post.hpp"
#include "chain/keccak.hpp"
#include "chain/rlp.hpp"
#include "chain/state_trie.hpp"

namespace ashlar
{
namespace
{

using RpcJson = nlohmann::json;

constexpr std::size_t RPC_TEXT_BYTES_MAX = 400;  ///< Of a node's words that we repeat.

std::string hex_data(ByteView bytes)
{
    return "0x" + to_hex(bytes);
}

/// A quantity as JSON-RPC wants it: no leading zeros, "0x0" for none.
std::string hex_quantity(const Bytes32& value)
{
    const auto digits = to_hex(value);
    const auto first = digits.find_first_not_of('0');
    return "0x" + (first == std::string::npos ? "0" : digits.substr(first));
}

std::string hex_number(std::uint64_t value)
{
    return fmt::format("0x{:x}", value);
}

tl::unexpected<Error> malformed_answer(std::string_view method)
{
    return fail(ErrorKind::unavailable, "{}: the node's answer is malformed", method);
}

/// The "result" of an answer, or the node's error.
Result<RpcJson> parse_answer(std::string_view method, const std::string& text)
{
    const auto answer = RpcJson::parse(text, nullptr, false);
    if (!answer.is_object())
        return malformed_answer(method);
    if (const auto error = answer.find("error"); error != answer.end() && !error->is_null())
    {
        const auto said = error->is_object() ? error->value("message", RpcJson{}) : RpcJson{};
        const auto message = said.is_string() ? said.get<std::string>() : std::string{"no reason"};
        return fail(ErrorKind::proof_invalid, "{}: the node refuses: {}", method,
            printable(std::string_view{message}.substr(0, RPC_TEXT_BYTES_MAX)));
    }
    const auto result = answer.find("result");
    if (result == answer.end())
        return malformed_answer(method);
    return *result;
}

Result<RpcJson> ask(
    const JsonRpcClient::Sender& sender, std::string_view method, const RpcJson& parameters)
{
    const RpcJson request{
        {"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", parameters}};
    ASHLAR_TRY(const auto text, sender(request.dump()));
    return parse_answer(method, text);
}

Result<std::uint64_t> parse_quantity(std::string_view method, const RpcJson& value)
{
    if (!value.is_string())
        return malformed_answer(method);
    const auto& text = value.get_ref<const std::string&>();
    std::uint64_t number = 0;
    const auto* const last = text.data() + text.size();
    if (text.size() < 3 || !text.starts_with("0x"))
        return malformed_answer(method);
    const auto parsed = std::from_chars(text.data() + 2, last, number, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != last)
        return malformed_answer(method);
    return number;
}

Result<Bytes> parse_data(std::string_view method, const RpcJson& value)
{
    if (!value.is_string() || !value.get_ref<const std::string&>().starts_with("0x"))
        return malformed_answer(method);
    auto bytes = from_hex(value.get_ref<const std::string&>());
    if (!bytes)
        return malformed_answer(method);
    return bytes;
}

template <std::size_t N>
Result<ByteArray<N>> parse_fixed(std::string_view method, const RpcJson& value)
{
    ASHLAR_TRY(const auto bytes, parse_data(method, value));
    if (bytes.size() != N)
        return malformed_answer(method);
    return to_array(ByteView{bytes}.first<N>());
}

/// A member of an object; null if there is none.
RpcJson member_of(const RpcJson& object, const char* name)
{
    return object.is_object() ? object.value(name, RpcJson{}) : RpcJson{};
}

/// A member that is an array of at most `items_max`.
Result<RpcJson> array_in(
    std::string_view method, const RpcJson& object, const char* name, std::size_t items_max)
{
    auto items = member_of(object, name);
    if (!items.is_array() || items.size() > items_max)
        return malformed_answer(method);
    return items;
}

/// A field of a header: how RLP takes it, and whether blocks before some fork do without it.
struct HeaderField
{
    const char* name;
    bool is_number = false;
    bool is_optional = false;
};

/// Source: Ethereum Yellow Paper, section 4.4; EIP-1559, 4895, 4844, 4788, 7685.
constexpr std::array HEADER_FIELDS{
    HeaderField{"parentHash"},
    HeaderField{"sha3Uncles"},
    HeaderField{"miner"},
    HeaderField{"stateRoot"},
    HeaderField{"transactionsRoot"},
    HeaderField{"receiptsRoot"},
    HeaderField{"logsBloom"},
    HeaderField{.name = "difficulty", .is_number = true},
    HeaderField{.name = "number", .is_number = true},
    HeaderField{.name = "gasLimit", .is_number = true},
    HeaderField{.name = "gasUsed", .is_number = true},
    HeaderField{.name = "timestamp", .is_number = true},
    HeaderField{"extraData"},
    HeaderField{"mixHash"},
    HeaderField{"nonce"},
    HeaderField{.name = "baseFeePerGas", .is_number = true, .is_optional = true},
    HeaderField{.name = "withdrawalsRoot", .is_optional = true},
    HeaderField{.name = "blobGasUsed", .is_number = true, .is_optional = true},
    HeaderField{.name = "excessBlobGas", .is_number = true, .is_optional = true},
    HeaderField{.name = "parentBeaconBlockRoot", .is_optional = true},
    HeaderField{.name = "requestsHash", .is_optional = true},
};

/// A quantity as bytes: it may have an odd number of digits.
Result<Bytes> parse_quantity_bytes(std::string_view method, const RpcJson& value)
{
    if (!value.is_string())
        return malformed_answer(method);
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() < 3 || !text.starts_with("0x"))
        return malformed_answer(method);
    const auto digits = std::string_view{text}.substr(2);
    auto bytes =
        from_hex(digits.size() % 2 == 0 ? std::string{digits} : fmt::format("0{}", digits));
    if (!bytes)
        return malformed_answer(method);
    return bytes;
}

/// The header as blocks hash it.
Result<Bytes> encode_header(std::string_view method, const RpcJson& block)
{
    Bytes items;
    for (const auto& field : HEADER_FIELDS)
    {
        const auto value = member_of(block, field.name);
        if (field.is_optional && value.is_null())
            break;
        if (field.is_number)
        {
            ASHLAR_TRY(const auto number, parse_quantity_bytes(method, value));
            append(items, rlp_number(number));
            continue;
        }
        ASHLAR_TRY(const auto data, parse_data(method, value));
        append(items, rlp_string(data));
    }
    return rlp_list(items);
}

/// As the node tells it.
Result<BlockHeader> parse_block(std::string_view method, const RpcJson& block)
{
    if (block.is_null())
        return fail(ErrorKind::not_found, "{}: the node has no such block", method);
    BlockHeader header;
    ASHLAR_TRY(header.hash, parse_fixed<32>(method, member_of(block, "hash")));
    ASHLAR_TRY(header.state_root, parse_fixed<32>(method, member_of(block, "stateRoot")));
    ASHLAR_TRY(header.number, parse_quantity(method, member_of(block, "number")));
    ASHLAR_TRY(header.timestamp, parse_quantity(method, member_of(block, "timestamp")));
    return header;
}

Result<LogEntry> parse_log(std::string_view method, const RpcJson& log, const LogQuery& query)
{
    constexpr std::size_t TOPICS_MAX = 4;
    LogEntry entry;
    ASHLAR_TRY(const auto address, parse_fixed<20>(method, member_of(log, "address")));
    ASHLAR_TRY(entry.block_number, parse_quantity(method, member_of(log, "blockNumber")));
    ASHLAR_TRY(entry.data, parse_data(method, member_of(log, "data")));
    ASHLAR_TRY(const auto topics, array_in(method, log, "topics", TOPICS_MAX));
    for (const auto& topic : topics)
    {
        ASHLAR_TRY(const auto word, parse_fixed<32>(method, topic));
        entry.topics.push_back(word);
    }
    if (address != query.contract || entry.topics.empty() || entry.topics[0] != query.topic ||
        entry.block_number < query.first_block || entry.block_number > query.last_block)
        return fail(ErrorKind::unavailable, "{}: the node answers another question", method);
    return entry;
}

/// Nodes of a trie: an array of data.
Result<std::vector<Bytes>> parse_nodes(
    std::string_view method, const RpcJson& object, const char* name)
{
    ASHLAR_TRY(const auto listed, array_in(method, object, name, TRIE_PROOF_NODES_MAX));
    std::vector<Bytes> nodes;
    for (const auto& node : listed)
    {
        ASHLAR_TRY(auto bytes, parse_data(method, node));
        nodes.push_back(std::move(bytes));
    }
    return nodes;
}

}  // namespace

Result<Address> parse_address(std::string_view text, std::string_view option)
{
    const auto address = array_from_hex<sizeof(Address)>(text);
    if (!address || !text.starts_with("0x"))
        return fail(ErrorKind::invalid_input, "{} wants an address, 0x and 40 digits, not \"{}\"",
            option, printable(text));
    return *address;
}

JsonRpcClient JsonRpcClient::at(const std::string& url)
{
    return JsonRpcClient{
        [url](const std::string& request) { return http_post_json(url, request); }};
}

Result<std::uint64_t> JsonRpcClient::chain_id() const
{
    ASHLAR_TRY(const auto result, ask(sender_, "eth_chainId", RpcJson::array()));
    return parse_quantity("eth_chainId", result);
}

Result<Bytes> JsonRpcClient::call_contract(const Address& to, ByteView data) const
{
    const RpcJson call{{"to", hex_data(to)}, {"data", hex_data(data)}};
    ASHLAR_TRY(const auto result, ask(sender_, "eth_call", RpcJson::array({call, "latest"})));
    return parse_data("eth_call", result);
}

Result<Bytes32> JsonRpcClient::send_transaction(const TransactionRequest& request) const
{
    const RpcJson transaction{{"from", hex_data(request.from)}, {"to", hex_data(request.to)},
        {"value", hex_quantity(request.value)}, {"data", hex_data(request.data)}};
    constexpr std::string_view METHOD = "eth_sendTransaction";
    ASHLAR_TRY(const auto result, ask(sender_, METHOD, RpcJson::array({transaction})));
    ASHLAR_TRY(const auto hash, parse_data(METHOD, result));
    if (hash.size() != sizeof(Bytes32))
        return malformed_answer(METHOD);
    return to_array(ByteView{hash}.first<sizeof(Bytes32)>());
}

Result<std::optional<TransactionReceipt>> JsonRpcClient::receipt(const Bytes32& hash) const
{
    constexpr std::string_view METHOD = "eth_getTransactionReceipt";
    ASHLAR_TRY(const auto result, ask(sender_, METHOD, RpcJson::array({hex_data(hash)})));
    if (result.is_null())
        return std::optional<TransactionReceipt>{};
    if (!result.is_object())
        return malformed_answer(METHOD);
    const auto quantity = [&](const char* name) {
        return parse_quantity(METHOD, result.value(name, RpcJson{}));
    };
    ASHLAR_TRY(const auto status, quantity("status"));
    ASHLAR_TRY(const auto block, quantity("blockNumber"));
    ASHLAR_TRY(const auto gas, quantity("gasUsed"));
    return std::optional{
        TransactionReceipt{.succeeded = status == 1, .block_number = block, .gas_used = gas}};
}

Result<std::uint64_t> JsonRpcClient::block_number() const
{
    constexpr std::string_view METHOD = "eth_blockNumber";
    ASHLAR_TRY(const auto result, ask(sender_, METHOD, RpcJson::array()));
    return parse_quantity(METHOD, result);
}

Result<BlockHeader> JsonRpcClient::block(const Bytes32& hash) const
{
    constexpr std::string_view METHOD = "eth_getBlockByHash";
    ASHLAR_TRY(const auto result, ask(sender_, METHOD, RpcJson::array({hex_data(hash), false})));
    ASHLAR_TRY(const auto header, parse_block(METHOD, result));
    ASHLAR_TRY(const auto encoded, encode_header(METHOD, result));
    if (const auto computed = keccak256(encoded); computed != hash)
        return fail(ErrorKind::proof_invalid, "{}: the node's header has the hash 0x{}, not 0x{}",
            METHOD, to_hex(computed), to_hex(hash));
    if (header.hash != hash)
        return fail(ErrorKind::proof_invalid, "{}: the node gives its header another hash", METHOD);
    return header;
}

Result<BlockHeader> JsonRpcClient::block_at(std::uint64_t number) const
{
    constexpr std::string_view METHOD = "eth_getBlockByNumber";
    ASHLAR_TRY(
        const auto result, ask(sender_, METHOD, RpcJson::array({hex_number(number), false})));
    ASHLAR_TRY(const auto header, parse_block(METHOD, result));
    if (header.number != number)
        return fail(ErrorKind::unavailable, "{}: the node answers another question", METHOD);
    return header;
}

Result<std::vector<LogEntry>> JsonRpcClient::logs(const LogQuery& query) const
{
    constexpr std::string_view METHOD = "eth_getLogs";
    const RpcJson filter{{"address", hex_data(query.contract)},
        {"topics", RpcJson::array({hex_data(query.topic)})},
        {"fromBlock", hex_number(query.first_block)}, {"toBlock", hex_number(query.last_block)}};
    ASHLAR_TRY(const auto result, ask(sender_, METHOD, RpcJson::array({filter})));
    if (!result.is_array() || result.size() > LOGS_MAX)
        return malformed_answer(METHOD);
    std::vector<LogEntry> logs;
    for (const auto& log : result)
    {
        ASHLAR_TRY(auto entry, parse_log(METHOD, log, query));
        if (!logs.empty() && entry.block_number < logs.back().block_number)
            return malformed_answer(METHOD);
        logs.push_back(std::move(entry));
    }
    return logs;
}

Result<StateProof> JsonRpcClient::state_proof(
    const Address& account, std::span<const Bytes32> slots, std::uint64_t block_number) const
{
    ASHLAR_ASSERT(slots.size() <= PROOF_SLOTS_MAX);
    constexpr std::string_view METHOD = "eth_getProof";
    auto keys = RpcJson::array();
    for (const auto& slot : slots)
        keys.push_back(hex_data(slot));
    ASHLAR_TRY(const auto result,
        ask(sender_, METHOD,
            RpcJson::array({hex_data(account), std::move(keys), hex_number(block_number)})));
    StateProof proof;
    ASHLAR_TRY(proof.account, parse_nodes(METHOD, result, "accountProof"));
    ASHLAR_TRY(const auto storage, array_in(METHOD, result, "storageProof", PROOF_SLOTS_MAX));
    if (storage.size() != slots.size())
        return malformed_answer(METHOD);
    for (const auto& slot : storage)
    {
        ASHLAR_TRY(auto nodes, parse_nodes(METHOD, slot, "proof"));
        proof.storage.push_back(std::move(nodes));
    }
    return proof;
}

Result<Bytes32> word_at(ByteView words, std::size_t index)
{
    if (words.size() / sizeof(Bytes32) <= index)
        return fail(ErrorKind::unavailable, "a contract returned {} bytes", words.size());
    return to_array(words.subspan(index * sizeof(Bytes32)).first<sizeof(Bytes32)>());
}

Result<std::uint64_t> number_in_word(ByteView words, std::size_t index)
{
    ASHLAR_TRY(const auto word, word_at(words, index));
    if (!is_zero(ByteView{word}.first<24>()))
        return fail(ErrorKind::unavailable, "a contract returned a number of over 64 bits");
    return load_big_endian<std::uint64_t>(ByteView{word}.last<8>());
}

}  // namespace ashlar
