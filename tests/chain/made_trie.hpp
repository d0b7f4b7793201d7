#pragma once

/// A Merkle Patricia trie made whole from what it holds, the slow and obvious way, with the proofs
/// that a node would give.

#include <map>

#include "chain/keccak.hpp"
#include "chain/rlp.hpp"

namespace ashlar::test
{

class MadeTrie
{
public:
    using Path = std::vector<std::uint8_t>;

    void put(ByteView key, Bytes value) { values_[path_of(key)] = std::move(value); }

    [[nodiscard]] Bytes32 root() const { return keccak256(node(all(), 0, nullptr, nullptr)); }

    /// The nodes on the way to a key, whether it is there or not.
    [[nodiscard]] std::vector<Bytes> proof(ByteView key) const
    {
        const auto path = path_of(key);
        std::vector<Bytes> nodes;
        const auto top = node(all(), 0, &path, &nodes);
        // Deeper nodes were noted first; a root is listed even if it is short.
        nodes.push_back(top);
        std::ranges::reverse(nodes);
        return nodes;
    }

private:
    using Entry = std::pair<Path, Bytes>;
    using Entries = std::vector<Entry>;

    static Path path_of(ByteView key)
    {
        Path path;
        for (const auto byte : key)
        {
            path.push_back(std::to_integer<std::uint8_t>(byte) / 16);
            path.push_back(std::to_integer<std::uint8_t>(byte) % 16);
        }
        return path;
    }

    [[nodiscard]] Entries all() const { return {values_.begin(), values_.end()}; }

    static Bytes encoded_path(std::span<const std::uint8_t> path, bool is_leaf)
    {
        Path nibbles{static_cast<std::uint8_t>((is_leaf ? 2 : 0) + path.size() % 2)};
        if (path.size() % 2 == 0)
            nibbles.push_back(0);
        nibbles.insert(nibbles.end(), path.begin(), path.end());
        Bytes out;
        for (std::size_t i = 0; i < nibbles.size(); i += 2)
            out.push_back(static_cast<std::byte>(nibbles[i] * 16 + nibbles[i + 1]));
        return rlp_string(out);
    }

    /// What a parent holds of a node.
    static Bytes reference(const Bytes& encoded)
    {
        return encoded.size() < 32 ? encoded : rlp_string(keccak256(encoded));
    }

    /// A child, noted if the wanted way goes through it by its hash.
    static Bytes child(
        const Entries& entries, std::size_t depth, const Path* wanted, std::vector<Bytes>* nodes)
    {
        const auto encoded = node(entries, depth, wanted, nodes);
        if (wanted != nullptr && encoded.size() >= 32)
            nodes->push_back(encoded);
        return reference(encoded);
    }

    static std::size_t common_length(const Entries& entries)
    {
        auto common = entries.front().first.size();
        for (const auto& [path, value] : entries)
        {
            std::size_t i = 0;
            while (i < common && i < path.size() && path[i] == entries.front().first[i])
                ++i;
            common = i;
        }
        return common;
    }

    static const Path* follow(
        const Path* wanted, std::size_t depth, std::size_t end, const Path& at)
    {
        const bool on = wanted != nullptr && wanted->size() >= end &&
                        std::equal(at.begin() + static_cast<std::ptrdiff_t>(depth),
                            at.begin() + static_cast<std::ptrdiff_t>(end),
                            wanted->begin() + static_cast<std::ptrdiff_t>(depth));
        return on ? wanted : nullptr;
    }

    static Bytes node(
        const Entries& entries, std::size_t depth, const Path* wanted, std::vector<Bytes>* nodes)
    {
        if (entries.empty())
            return rlp_string({});
        const auto& first = entries.front();
        const auto rest = std::span{first.first}.subspan(depth);
        if (entries.size() == 1)
        {
            auto items = encoded_path(rest, true);
            append(items, rlp_string(first.second));
            return rlp_list(items);
        }
        if (const auto common = common_length(entries); common > depth)
        {
            auto items = encoded_path(rest.first(common - depth), false);
            append(
                items, child(entries, common, follow(wanted, depth, common, first.first), nodes));
            return rlp_list(items);
        }
        return branch(entries, depth, wanted, nodes);
    }

    static Bytes branch(
        const Entries& entries, std::size_t depth, const Path* wanted, std::vector<Bytes>* nodes)
    {
        std::array<Entries, 16> children;
        Bytes value;
        for (const auto& entry : entries)
        {
            if (entry.first.size() == depth)
                value = entry.second;
            else
                children[entry.first[depth]].push_back(entry);
        }
        Bytes items;
        for (const auto& of_nibble : children)
        {
            append(
                items, of_nibble.empty()
                           ? rlp_string({})
                           : child(of_nibble, depth + 1,
                                 follow(wanted, depth, depth + 1, of_nibble.front().first), nodes));
        }
        append(items, rlp_string(value));
        return rlp_list(items);
    }

    std::map<Path, Bytes> values_;
};

}  // namespace ashlar::test
