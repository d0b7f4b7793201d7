#include "cli/chain_options.hpp"

#include <thread>

#include "base/log.hpp"
#include "cli/proof_output.hpp"

namespace ashlar
{
namespace
{

constexpr std::chrono::milliseconds RECEIPT_POLL_PERIOD{200};
constexpr std::chrono::minutes RECEIPT_TIMEOUT{2};

Result<TransactionReceipt> wait_for_receipt(const JsonRpcClient& node, const Bytes32& hash)
{
    const auto deadline = std::chrono::steady_clock::now() + RECEIPT_TIMEOUT;
    while (std::chrono::steady_clock::now() < deadline)
    {
        ASHLAR_TRY(const auto receipt, node.receipt(hash));
        if (receipt)
            return *receipt;
        std::this_thread::sleep_for(RECEIPT_POLL_PERIOD);
    }
    return fail(ErrorKind::unavailable, "transaction {} is in no block yet", hex_with_prefix(hash));
}

}  // namespace

void add_chain_options(CLI::App& command, ChainOptions& options, const std::string& contract)
{
    auto* const rpc =
        command.add_option("--rpc", options.rpc, "Send it through this Ethereum node's JSON-RPC")
            ->option_text("URL");
    command.add_option("--contract", options.contract, contract)->option_text("ADDRESS");
    command.add_option("--from", options.from, "Sender; the node signs for it")
        ->needs(rpc)
        ->option_text("ADDRESS");
}

Result<void> deliver_calldata(const ChainOptions& options, std::uint64_t chain_id,
    ByteView calldata, const Bytes32& value, Output& output, Json& summary)
{
    summary["calldata"] = hex_with_prefix(calldata);
    if (options.rpc.empty())
    {
        output.line(hex_with_prefix(calldata));
        return {};
    }
    ASHLAR_TRY(const auto to, parse_address(options.contract, "--contract"));
    ASHLAR_TRY(const auto from, parse_address(options.from, "--from"));
    const auto node = JsonRpcClient::at(options.rpc);
    ASHLAR_TRY(const auto found, node.chain_id());
    if (found != chain_id)
        return fail(ErrorKind::proof_invalid, "the node is of chain {}, the committee of chain {}",
            found, chain_id);
    ASHLAR_TRY(const auto hash, node.send_transaction({.from = from,
                                    .to = to,
                                    .value = value,
                                    .data = Bytes{calldata.begin(), calldata.end()}}));
    ASHLAR_TRY(const auto receipt, wait_for_receipt(node, hash));
    if (!receipt.succeeded)
        return fail(ErrorKind::proof_invalid, "transaction {} reverted", hex_with_prefix(hash));
    output.line(fmt::format("transaction {} in block {}, {} gas", hex_with_prefix(hash),
        receipt.block_number, receipt.gas_used));
    summary["transaction"] = hex_with_prefix(hash);
    summary["block"] = receipt.block_number;
    summary["gas_used"] = receipt.gas_used;
    return {};
}

}  // namespace ashlar
