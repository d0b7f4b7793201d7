#include "chain/model_registry.hpp"

#include "chain/abi.hpp"
#include "chain/keccak.hpp"
#include "chain/state_trie.hpp"

namespace ashlar
{
namespace
{

// The storage of ModelRegistry as solc lays it out; contracts/test/storage.test.mjs holds it there.
constexpr std::uint64_t BACKING_MAPPING = 0;  ///< object root → Backing
constexpr std::uint64_t MODELS_MAPPING = 1;   ///< keccak256(publisher, model) → Model
constexpr std::uint8_t MODEL_ROOT = 0;        ///< Words of Model.
constexpr std::uint8_t MODEL_VERSIONS = 1;
constexpr std::uint8_t BACKING_TERM = 0;  ///< Word of Backing: epoch, then expiry, in the low bits.

Bytes32 word_of_address(const Address& address)
{
    Bytes32 word{};
    std::ranges::copy(address, word.end() - sizeof(Address));
    return word;
}

Bytes32 word_of_number(std::uint64_t number)
{
    Bytes32 word{};
    std::ranges::copy(big_endian(number), word.end() - sizeof number);
    return word;
}

Bytes32 keccak_of_pair(const Bytes32& first, const Bytes32& second)
{
    Bytes both{first.begin(), first.end()};
    append(both, second);
    return keccak256(both);
}

/// Where Solidity keeps a mapping's value.
Bytes32 mapping_slot(const Bytes32& key, std::uint64_t mapping)
{
    return keccak_of_pair(key, word_of_number(mapping));
}

/// The word `offset` behind a slot.
Bytes32 slot_after(Bytes32 slot, std::uint8_t offset)
{
    unsigned carry = offset;
    for (auto byte = slot.rbegin(); byte != slot.rend() && carry != 0; ++byte)
    {
        carry += std::to_integer<unsigned>(*byte);
        *byte = static_cast<std::byte>(carry);
        carry >>= 8;
    }
    return slot;
}

tl::unexpected<Error> no_model(const ModelName& name)
{
    return fail(ErrorKind::not_found, "publisher 0x{} has no model 0x{} in registry 0x{}",
        to_hex(name.publisher), to_hex(name.model_id), to_hex(name.registry));
}

/// The words in these slots of a contract, each proven.
Result<std::vector<Bytes32>> proven_words(const JsonRpcClient& node, const Address& contract,
    const BlockHeader& block, std::span<const Bytes32> slots)
{
    ASHLAR_TRY(const auto proof, node.state_proof(contract, slots, block.number));
    ASHLAR_TRY(const auto account, proven_account(block.state_root, contract, proof.account));
    if (!account)
        return fail(ErrorKind::not_found, "in block {} there is no contract at 0x{}", block.number,
            to_hex(contract));
    std::vector<Bytes32> words;
    for (std::size_t i = 0; i < slots.size(); ++i)
    {
        ASHLAR_TRY(const auto word, proven_word(account->storage_root, slots[i], proof.storage[i]));
        words.push_back(word);
    }
    return words;
}

}  // namespace

Bytes32 model_id(std::string_view text)
{
    if (text.starts_with("0x"))
    {
        if (const auto id = array_from_hex<32>(text))
            return *id;
    }
    return keccak256(as_byte_view(text));
}

Result<RegisteredModel> told_model(const JsonRpcClient& node, const ModelName& name)
{
    RegisteredModel model;
    const std::array asked{
        AbiValue::word(word_of_address(name.publisher)), AbiValue::word(name.model_id)};
    ASHLAR_TRY(const auto entry,
        node.call_contract(name.registry, encode_call("modelOf(address,bytes32)", asked)));
    ASHLAR_TRY(model.object_root, word_at(entry, 0));
    ASHLAR_TRY(model.versions, number_in_word(entry, 2));
    if (is_zero(model.object_root))
        return no_model(name);
    const std::array root{AbiValue::word(model.object_root)};
    ASHLAR_TRY(const auto backing,
        node.call_contract(name.registry, encode_call("backingOf(bytes32)", root)));
    ASHLAR_TRY(model.expiry_unix_seconds, number_in_word(backing, 0));
    ASHLAR_TRY(model.epoch, number_in_word(backing, 1));
    return model;
}

Result<RegisteredModel> proven_model(
    const JsonRpcClient& node, const ModelName& name, const Bytes32& block_hash)
{
    ASHLAR_TRY(const auto block, node.block(block_hash));
    const auto key = keccak_of_pair(word_of_address(name.publisher), name.model_id);
    const auto entry = mapping_slot(key, MODELS_MAPPING);
    const std::array slots{slot_after(entry, MODEL_ROOT), slot_after(entry, MODEL_VERSIONS)};
    ASHLAR_TRY(const auto words, proven_words(node, name.registry, block, slots));
    RegisteredModel model{.object_root = words[0]};
    if (is_zero(model.object_root))
        return no_model(name);
    ASHLAR_TRY(model.versions, number_in_word(words[1], 0));
    const auto term = slot_after(mapping_slot(model.object_root, BACKING_MAPPING), BACKING_TERM);
    ASHLAR_TRY(const auto backing, proven_words(node, name.registry, block, {&term, 1}));
    const ByteView packed{backing[0]};
    model.epoch = load_big_endian<std::uint64_t>(packed.subspan<16, 8>());
    model.expiry_unix_seconds = load_big_endian<std::uint64_t>(packed.last<8>());
    return model;
}

const Bytes32& anchored_topic()
{
    static const auto topic =
        keccak256(as_byte_view("Anchored(address,bytes32,bytes32,bytes32,bool,string)"));
    return topic;
}

Result<AnchoredEvent> parse_anchored(const LogEntry& log)
{
    if (log.topics.size() != 4 || log.topics[0] != anchored_topic() ||
        !is_zero(ByteView{log.topics[1]}.first<12>()))
        return fail(ErrorKind::unavailable, "a log of block {} is no anchoring", log.block_number);
    return AnchoredEvent{.publisher = to_array(ByteView{log.topics[1]}.last<20>()),
        .model_id = log.topics[2],
        .object_root = log.topics[3],
        .block_number = log.block_number};
}

}  // namespace ashlar
