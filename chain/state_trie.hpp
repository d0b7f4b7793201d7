#pragma once

/// Ethereum's state by proof: what a Merkle Patricia trie holds, or that it does not hold it, shown
/// by the nodes on the way from its root.
///
/// Source: Ethereum Yellow Paper, appendices C and D, and section 4.1 (accounts and storage).

#include <optional>

#include "base/bytes.hpp"

namespace ashlar
{

/// A node of the tries of state has at most 17 items of 33 bytes, or an account.
inline constexpr std::size_t TRIE_NODE_BYTES_MAX = 1024;

/// Nodes on the way to a key of 32 bytes: one for each nibble, and the root.
inline constexpr std::size_t TRIE_PROOF_NODES_MAX = 65;

/// The root of a trie that holds nothing.
[[nodiscard]] const Bytes32& empty_trie_root();

/// What the trie holds under `key`, followed through `nodes`.
///
/// @param nodes  The nodes that are referred to by their hash, from the root on; those of under 32
///               bytes lie in their parent. No more and no fewer than the way takes.
/// @return  the value; nothing if the nodes show that the trie has no such key; proof_invalid if
///          they show neither.
[[nodiscard]] Result<std::optional<Bytes>> trie_value(
    const Bytes32& root, ByteView key, std::span<const Bytes> nodes);

/// An account as the state trie holds it.
struct AccountState
{
    Bytes32 storage_root{};
    Bytes32 code_hash{};
};

/// @return  nothing if the proof shows that there is no such account; proof_invalid if it shows
///          neither.
[[nodiscard]] Result<std::optional<AccountState>> proven_account(
    const Bytes32& state_root, const Bytes20& address, std::span<const Bytes> nodes);

/// A word of a contract's storage; zero where the proof shows that nothing is stored.
/// @return  proof_invalid if the proof shows neither.
[[nodiscard]] Result<Bytes32> proven_word(
    const Bytes32& storage_root, const Bytes32& slot, std::span<const Bytes> nodes);

}  // namespace ashlar
