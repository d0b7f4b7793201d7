#include "chain/state_trie.hpp"

#include "chain/keccak.hpp"
#include "chain/rlp.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t BRANCH_ITEMS = 17;
constexpr std::size_t BRANCH_VALUE = 16;
constexpr std::size_t PATH_ITEMS = 2;
constexpr std::size_t ACCOUNT_ITEMS = 4;

using Nibbles = std::vector<std::uint8_t>;

tl::unexpected<Error> refuse_proof(std::string_view why)
{
    return fail(ErrorKind::proof_invalid, "state proof: {}", why);
}

void append_nibbles(ByteView bytes, Nibbles& out)
{
    for (const auto byte : bytes)
    {
        out.push_back(std::to_integer<std::uint8_t>(byte >> 4));
        out.push_back(std::to_integer<std::uint8_t>(byte & std::byte{15}));
    }
}

/// The path of a leaf or an extension.
struct HexPrefix
{
    bool is_leaf;
    Nibbles path;
};

Result<HexPrefix> parse_hex_prefix(const RlpItem& item)
{
    if (item.is_list || item.payload.empty())
        return refuse_proof("a node has no path");
    Nibbles nibbles;
    append_nibbles(item.payload, nibbles);
    const auto flags = nibbles.front();
    // Flag 2: a leaf. Flag 1: the path begins in this byte; without it a zero fills the byte.
    const bool is_odd = (flags & 1) != 0;
    if (flags > 3 || (!is_odd && nibbles[1] != 0))
        return refuse_proof("a node's path is malformed");
    return HexPrefix{
        .is_leaf = (flags & 2) != 0, .path = {nibbles.begin() + (is_odd ? 1 : 2), nibbles.end()}};
}

/// One way down a trie.
class TrieWalk
{
public:
    TrieWalk(ByteView key, std::span<const Bytes> nodes) : nodes_{nodes}
    {
        append_nibbles(key, path_);
    }

    /// @return  the value, or nothing where the way ends without one.
    Result<std::optional<Bytes>> run(const Bytes32& root)
    {
        ASHLAR_TRY(node_, listed_node(root));
        // Every step but the last uses nibbles of the key up, so it is done after as many.
        while (!done_)
            ASHLAR_CHECK(step());
        if (!nodes_.empty())
            return refuse_proof("it goes on after its end");
        return std::move(value_);
    }

private:
    /// The next of the nodes given, which must be the one with this hash.
    Result<RlpItem> listed_node(ByteView hash)
    {
        if (nodes_.empty())
            return refuse_proof("it ends early");
        const auto& bytes = nodes_.front();
        nodes_ = nodes_.subspan(1);
        if (bytes.size() > TRIE_NODE_BYTES_MAX)
            return refuse_proof("a node is too long");
        if (!equal(keccak256(bytes), hash))
            return refuse_proof("a node has another hash");
        auto node = parse_rlp(bytes);
        if (!node)
            return refuse_proof(node.error().message);
        return node;
    }

    void end_without_value() { done_ = true; }

    Result<void> end_with(const RlpItem& item)
    {
        if (item.is_list)
            return refuse_proof("a value is a list");
        done_ = true;
        if (!item.payload.empty())
            value_ = Bytes{item.payload.begin(), item.payload.end()};
        return {};
    }

    /// Goes on at the node that a branch or an extension refers to.
    Result<void> descend(const RlpItem& reference)
    {
        if (reference.is_list)
        {
            if (reference.encoding.size() >= sizeof(Bytes32))
                return refuse_proof("a node lies in another and is too long for that");
            node_ = reference;
            return {};
        }
        if (reference.payload.size() != sizeof(Bytes32))
            return refuse_proof("a reference is no hash");
        ASHLAR_TRY(node_, listed_node(reference.payload));
        return {};
    }

    Result<void> step()
    {
        // The root of an empty trie is the empty string's encoding.
        if (!node_.is_list && node_.payload.empty())
        {
            end_without_value();
            return {};
        }
        const auto items = parse_rlp_list(node_, BRANCH_ITEMS);
        if (!items)
            return refuse_proof(items.error().message);
        if (items->size() == BRANCH_ITEMS)
            return step_branch(*items);
        if (items->size() == PATH_ITEMS)
            return step_path(*items);
        return refuse_proof("a node has neither 2 nor 17 items");
    }

    Result<void> step_branch(std::span<const RlpItem> items)
    {
        if (used_ == path_.size())
            return end_with(items[BRANCH_VALUE]);
        const auto& child = items[path_[used_++]];
        if (child.is_list || !child.payload.empty())
            return descend(child);
        end_without_value();
        return {};
    }

    Result<void> step_path(std::span<const RlpItem> items)
    {
        ASHLAR_TRY(const auto prefix, parse_hex_prefix(items[0]));
        if (!prefix.is_leaf && prefix.path.empty())
            return refuse_proof("an extension has no path");
        const auto rest = std::span{path_}.subspan(used_);
        const bool ahead = rest.size() >= prefix.path.size() &&
                           std::ranges::equal(rest.first(prefix.path.size()), prefix.path);
        if (!ahead || (prefix.is_leaf && rest.size() != prefix.path.size()))
        {
            end_without_value();
            return {};
        }
        used_ += prefix.path.size();
        return prefix.is_leaf ? end_with(items[1]) : descend(items[1]);
    }

    Nibbles path_;
    std::size_t used_ = 0;  ///< Nibbles of path_ behind us.
    std::span<const Bytes> nodes_;
    RlpItem node_{};
    bool done_ = false;
    std::optional<Bytes> value_;
};

}  // namespace

const Bytes32& empty_trie_root()
{
    static const auto root = keccak256(rlp_string({}));
    return root;
}

Result<std::optional<Bytes>> trie_value(
    const Bytes32& root, ByteView key, std::span<const Bytes> nodes)
{
    // Nodes give no proof at all, or the empty node, for a trie without anything.
    if (nodes.empty() && root == empty_trie_root())
        return std::optional<Bytes>{};
    if (nodes.size() > TRIE_PROOF_NODES_MAX)
        return refuse_proof("it has too many nodes");
    return TrieWalk{key, nodes}.run(root);
}

Result<std::optional<AccountState>> proven_account(
    const Bytes32& state_root, const Bytes20& address, std::span<const Bytes> nodes)
{
    ASHLAR_TRY(const auto value, trie_value(state_root, keccak256(address), nodes));
    if (!value)
        return std::optional<AccountState>{};
    const auto account = parse_rlp(*value);
    if (!account)
        return refuse_proof(account.error().message);
    const auto items = parse_rlp_list(*account, ACCOUNT_ITEMS);
    if (!items || items->size() != ACCOUNT_ITEMS)
        return refuse_proof("an account is not four values");
    const auto& storage = (*items)[2];
    const auto& code = (*items)[3];
    if (storage.is_list || storage.payload.size() != sizeof(Bytes32) || code.is_list ||
        code.payload.size() != sizeof(Bytes32))
        return refuse_proof("an account's hashes are malformed");
    return std::optional{AccountState{.storage_root = to_array(storage.payload.first<32>()),
        .code_hash = to_array(code.payload.first<32>())}};
}

Result<Bytes32> proven_word(
    const Bytes32& storage_root, const Bytes32& slot, std::span<const Bytes> nodes)
{
    ASHLAR_TRY(const auto value, trie_value(storage_root, keccak256(slot), nodes));
    Bytes32 word{};
    if (!value)
        return word;
    const auto number = parse_rlp(*value);
    if (!number)
        return refuse_proof(number.error().message);
    const auto& payload = number->payload;
    if (number->is_list || payload.empty() || payload.size() > sizeof(Bytes32) ||
        payload.front() == std::byte{0})
        return refuse_proof("a stored word is malformed");
    std::ranges::copy(payload, word.end() - static_cast<std::ptrdiff_t>(payload.size()));
    return word;
}

}  // namespace ashlar
