#pragma once

/// An Ethereum node's JSON-RPC, as far as it is needed to send calldata, to ask contracts, and to
/// follow what they say.
///
/// Answers are untrusted bytes: whoever relies on one checks it, or says that it trusts the node.
/// Source: Ethereum execution APIs (eth_*), JSON-RPC 2.0.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace ashlar
{

using Address = Bytes20;

/// "0x" and 40 hexadecimal digits.
/// @return  invalid_input that names the option.
[[nodiscard]] Result<Address> parse_address(std::string_view text, std::string_view option);

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

/// A block's header, as far as it is used here.
struct BlockHeader
{
    Bytes32 hash{};  ///< keccak256 of the whole header.
    Bytes32 state_root{};
    std::uint64_t number = 0;
    std::uint64_t timestamp = 0;  ///< Unix seconds.
};

/// An event of a contract.
struct LogEntry
{
    std::vector<Bytes32> topics;
    Bytes data;
    std::uint64_t block_number = 0;
};

/// Events of one contract in blocks first … last.
struct LogQuery
{
    Address contract{};
    Bytes32 topic{};  ///< The first: which event.
    std::uint64_t first_block = 0;
    std::uint64_t last_block = 0;
};

/// What shows an account and some of its storage: nodes of tries, for chain/state_trie.hpp.
struct StateProof
{
    std::vector<Bytes> account;
    std::vector<std::vector<Bytes>> storage;  ///< One for each slot asked, in that order.
};

/// Events in one answer, and storage slots in one question.
inline constexpr std::size_t LOGS_MAX = 10'000;
inline constexpr std::size_t PROOF_SLOTS_MAX = 64;

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

    /// The newest block's number.
    [[nodiscard]] Result<std::uint64_t> block_number() const;

    /// The header with this hash, which is computed from it. @return  proof_invalid if the node
    /// gives another; not_found if it has none.
    [[nodiscard]] Result<BlockHeader> block(const Bytes32& hash) const;

    /// The header that the node says has this number. Nothing of it is checked.
    [[nodiscard]] Result<BlockHeader> block_at(std::uint64_t number) const;

    /// eth_getLogs, in the order of blocks. @return  unavailable if an event is not of this query.
    [[nodiscard]] Result<std::vector<LogEntry>> logs(const LogQuery& query) const;

    /// eth_getProof at a block. Not checked: whoever relies on it follows the nodes.
    /// @pre at most PROOF_SLOTS_MAX slots
    [[nodiscard]] Result<StateProof> state_proof(
        const Address& account, std::span<const Bytes32> slots, std::uint64_t block_number) const;

private:
    Sender sender_;
};

/// A word that a contract returned.
/// @return  unavailable if there is no such word.
[[nodiscard]] Result<Bytes32> word_at(ByteView words, std::size_t index);

/// A word that a contract returned as uint64.
/// @return  unavailable if there is no such word or it is larger.
[[nodiscard]] Result<std::uint64_t> number_in_word(ByteView words, std::size_t index);

}  // namespace ashlar
