// Nodes of a trie as a hostile Ethereum node may send them: under a root that fits the first of
// them, so that what follows is parsed. RLP that is taken is the one way to write what it says.
//
// Input: a key's length and bytes, then nodes, each after its length in two bytes.

#include "chain/keccak.hpp"
#include "chain/rlp.hpp"
#include "chain/state_trie.hpp"

namespace
{

using namespace ashlar;

ByteView take(ByteView& rest, std::size_t count)
{
    const auto taken = rest.first(std::min(count, rest.size()));
    rest = rest.subspan(taken.size());
    return taken;
}

std::size_t take_length(ByteView& rest, std::size_t length_bytes)
{
    std::size_t length = 0;
    for (const auto byte : take(rest, length_bytes))
        length = 256 * length + std::to_integer<std::size_t>(byte);
    return length;
}

void check_rlp(ByteView bytes)
{
    const auto item = parse_rlp(bytes);
    if (!item)
        return;
    ASHLAR_ASSERT(
        equal(item->is_list ? rlp_list(item->payload) : rlp_string(item->payload), bytes));
    const auto items = parse_rlp_list(*item, 1000);
    if (!items)
        return;
    std::size_t total = 0;
    for (const auto& one : *items)
        total += one.encoding.size();
    ASHLAR_ASSERT(total == item->payload.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ByteView rest = std::as_bytes(std::span{data, size});
    check_rlp(rest);
    const auto key = take(rest, take_length(rest, 1));
    std::vector<Bytes> nodes;
    while (!rest.empty())
    {
        const auto node = take(rest, take_length(rest, 2));
        check_rlp(node);
        nodes.emplace_back(node.begin(), node.end());
    }
    const auto root = nodes.empty() ? Bytes32{} : keccak256(nodes.front());
    const auto value = trie_value(root, key, nodes);
    if (value && *value)
        ASHLAR_ASSERT(!(*value)->empty() && (*value)->size() < TRIE_NODE_BYTES_MAX);
    if (!value)
        ASHLAR_ASSERT(value.error().kind == ErrorKind::proof_invalid);
    Bytes20 address{};
    static_cast<void>(proven_account(root, address, nodes));
    static_cast<void>(proven_word(root, root, nodes));
    return 0;
}
