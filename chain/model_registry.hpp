#pragma once

/// What a ModelRegistry says (contracts/src/ModelRegistry.sol): as a node tells it, or as the state
/// of a block shows it.

#include "chain/json_rpc.hpp"

namespace ashlar
{

/// Whose model, in which registry.
struct ModelName
{
    Address registry{};
    Address publisher{};
    Bytes32 model_id{};
};

/// A publisher's model, and what stands behind its current root.
struct RegisteredModel
{
    Bytes32 object_root{};
    std::uint64_t versions = 0;
    std::uint64_t expiry_unix_seconds = 0;  ///< Of the certificate.
    std::uint64_t epoch = 0;                ///< Of the committee that signed it.

    friend bool operator==(const RegisteredModel&, const RegisteredModel&) = default;
};

/// 64 hexadecimal digits after "0x", else a name, which stands for its keccak256.
[[nodiscard]] Bytes32 model_id(std::string_view text);

/// Asks the registry's views on the newest block: whatever the node says.
/// @return  not_found if the publisher anchored no such model, or an error of JsonRpcClient.
[[nodiscard]] Result<RegisteredModel> told_model(const JsonRpcClient& node, const ModelName& name);

/// Reads the registry's storage in the state of the block with this hash, with proof of every word
/// (eth_getProof): the node can refuse, but not lie. That the contract at that address is a
/// ModelRegistry is the caller's to know, and that the block is the chain's.
///
/// @return  not_found if the state shows that there is no such model or no such contract;
///          proof_invalid if the node's header or proof does not hold.
[[nodiscard]] Result<RegisteredModel> proven_model(
    const JsonRpcClient& node, const ModelName& name, const Bytes32& block_hash);

/// An event Anchored.
struct AnchoredEvent
{
    Address publisher{};
    Bytes32 model_id{};
    Bytes32 object_root{};
    std::uint64_t block_number = 0;
};

/// keccak256 of the event's signature: the first topic of its logs.
[[nodiscard]] const Bytes32& anchored_topic();

/// @return  unavailable if the log is none of that event.
[[nodiscard]] Result<AnchoredEvent> parse_anchored(const LogEntry& log);

}  // namespace ashlar
