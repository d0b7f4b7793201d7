#pragma once

/// An Ethereum node's JSON-RPC, as far as it is needed to send calldata and to ask contracts.
///
/// Answers are untrusted bytes: whoever relies on one checks it, or says that it trusts the node.
/// Source: Ethereum execution APIs (eth_*), JSON-RPC 2.0.

#include <functional>
#include <optional>

#include "base/bytes.hpp"

namespace ashlar
{

using Address = Bytes20;

/// A transaction that the node's own signer signs: no key comes near this process.
struct TransactionRequest
{
    Address from{};
    Address to{};
    Bytes32 value{};  ///< Wei, big-endian.
    Bytes data;
};

/// What became of a transaction.
struct TransactionReceipt
{
    bool succeeded = false;
    std::uint64_t block_number = 0;
    std::uint64_t gas_used = 0;
};

/// Thread-safe if its sender is.
class JsonRpcClient
{
public:
    /// Posts a request and gives the answer's body.
    using Sender = std::function<Result<std::string>(const std::string& request)>;

    explicit JsonRpcClient(Sender sender) : sender_{std::move(sender)} {}

    /// Over HTTP: see http_post_json().
    [[nodiscard]] static JsonRpcClient at(const std::string& url);

    // Errors of all calls: those of the sender; unavailable for an answer that is malformed;
    // proof_invalid, with the node's own words, if the node refuses (a call that reverts).

    [[nodiscard]] Result<std::uint64_t> chain_id() const;

    /// eth_call on the latest block: what a view returns.
    [[nodiscard]] Result<Bytes> call_contract(const Address& to, ByteView data) const;

    /// eth_sendTransaction. @return  the transaction's hash.
    [[nodiscard]] Result<Bytes32> send_transaction(const TransactionRequest& request) const;

    /// Nothing while the transaction is not in a block.
    [[nodiscard]] Result<std::optional<TransactionReceipt>> receipt(const Bytes32& hash) const;

private:
    Sender sender_;
};

/// A word that a contract returned as uint64.
/// @return  unavailable if there is no such word or it is larger.
[[nodiscard]] Result<std::uint64_t> number_in_word(ByteView words, std::size_t index);

}  // namespace ashlar
