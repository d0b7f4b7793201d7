#pragma once

/// What commands share that print calldata or send it through an Ethereum node's own signer.

#include "chain/json_rpc.hpp"
#include "cli/common_options.hpp"

namespace ashlar
{

struct ChainOptions
{
    std::string rpc;       ///< URL; empty to print calldata alone.
    std::string contract;  ///< Address.
    std::string from;      ///< Address, whose key the node has.
};

/// --rpc, --contract and --from.
/// @param contract  What --contract is the address of.
void add_chain_options(CLI::App& command, ChainOptions& options, const std::string& contract);

/// Prints the calldata, or has it sent and waits until it is in a block.
///
/// @param chain_id  The chain that the calldata is for.
/// @param value     Wei that go with it.
/// @return  invalid_input for options that are malformed or missing; proof_invalid if the node is
///          of another chain, refuses, or the transaction reverts; unavailable if it does not
///          answer or the transaction is in no block within two minutes.
[[nodiscard]] Result<void> deliver_calldata(const ChainOptions& options, std::uint64_t chain_id,
    ByteView calldata, const Bytes32& value, Output& output, Json& summary);

}  // namespace ashlar
