#include "chain/json_rpc.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "chain/http_post.hpp"

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

}  // namespace

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

Result<std::uint64_t> number_in_word(ByteView words, std::size_t index)
{
    if (words.size() / sizeof(Bytes32) <= index)
        return fail(ErrorKind::unavailable, "a contract returned {} bytes", words.size());
    const auto word = words.subspan(index * sizeof(Bytes32)).first<sizeof(Bytes32)>();
    if (!is_zero(word.first<24>()))
        return fail(ErrorKind::unavailable, "a contract returned a number of over 64 bits");
    return load_big_endian<std::uint64_t>(word.last<8>());
}

}  // namespace ashlar
