#include "chain/state_trie.hpp"

#include <random>

#include <gtest/gtest.h>

#include "tests/chain/made_trie.hpp"

namespace ashlar::test
{
namespace
{

Bytes text_bytes(std::string_view text)
{
    const auto bytes = as_byte_view(text);
    return {bytes.begin(), bytes.end()};
}

std::optional<Bytes> value_in(const MadeTrie& trie, ByteView key)
{
    return trie_value(trie.root(), key, trie.proof(key)).value();
}

MadeTrie animals()
{
    MadeTrie trie;
    trie.put(text_bytes("do"), text_bytes("verb"));
    trie.put(text_bytes("dog"), text_bytes("puppy"));
    trie.put(text_bytes("doge"), text_bytes("coin"));
    trie.put(text_bytes("horse"), text_bytes("stallion"));
    return trie;
}

/// Keys as states have them: hashes.
MadeTrie hashed_trie(std::uint64_t count, std::size_t value_bytes)
{
    MadeTrie trie;
    for (std::uint64_t i = 0; i < count; ++i)
        trie.put(keccak256(big_endian(i)), Bytes(value_bytes, static_cast<std::byte>(i + 1)));
    return trie;
}

// Roots of ethereum/tests, TrieTests/trieanyorder.json and the Yellow Paper's empty trie.
TEST(state_trie, roots_are_those_published)
{
    EXPECT_EQ(to_hex(animals().root()),
        "5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84");
    EXPECT_EQ(to_hex(empty_trie_root()),
        "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    EXPECT_EQ(MadeTrie{}.root(), empty_trie_root());
}

TEST(state_trie, keys_of_any_length_are_found_or_shown_to_be_absent)
{
    const auto trie = animals();
    EXPECT_EQ(value_in(trie, text_bytes("do")), text_bytes("verb"));
    EXPECT_EQ(value_in(trie, text_bytes("dog")), text_bytes("puppy"));
    EXPECT_EQ(value_in(trie, text_bytes("doge")), text_bytes("coin"));
    EXPECT_EQ(value_in(trie, text_bytes("horse")), text_bytes("stallion"));
    for (const auto* absent : {"", "d", "dof", "doges", "horses", "hors", "x", "cat"})
        EXPECT_EQ(value_in(trie, text_bytes(absent)), std::nullopt) << absent;
}

TEST(state_trie, an_empty_trie_holds_nothing)
{
    const std::vector<Bytes> none;
    const std::vector<Bytes> empty_node{rlp_string({})};
    const auto key = keccak256({});
    EXPECT_EQ(trie_value(empty_trie_root(), key, none).value(), std::nullopt);
    EXPECT_EQ(trie_value(empty_trie_root(), key, empty_node).value(), std::nullopt);
    EXPECT_FALSE(trie_value(Bytes32{}, key, none));
    EXPECT_FALSE(trie_value(Bytes32{}, key, empty_node));
}

TEST(state_trie, every_key_of_many_tries_equals_the_map)
{
    for (const auto count : std::initializer_list<std::uint64_t>{1, 2, 3, 17, 80})
    {
        for (const auto value_bytes : std::initializer_list<std::size_t>{1, 2, 33})
        {
            const auto trie = hashed_trie(count, value_bytes);
            const auto root = trie.root();
            for (std::uint64_t i = 0; i < count + 20; ++i)
            {
                const auto key = keccak256(big_endian(i));
                const Bytes held(value_bytes, static_cast<std::byte>(i + 1));
                EXPECT_EQ(trie_value(root, key, trie.proof(key)).value(),
                    i < count ? std::optional{held} : std::nullopt);
            }
        }
    }
}

TEST(state_trie, short_keys_make_nodes_that_lie_in_their_parents)
{
    std::mt19937 random{7};
    for (int round = 0; round < 20; ++round)
    {
        MadeTrie trie;
        std::map<Bytes, Bytes> held;
        for (int i = 0; i < 12; ++i)
        {
            Bytes key(1 + random() % 3);
            for (auto& byte : key)
                byte = static_cast<std::byte>(random() % 4 * 0x11);
            held[key] = Bytes(1 + random() % 4, static_cast<std::byte>(1 + random() % 100));
            trie.put(key, held[key]);
        }
        for (std::uint32_t n = 0; n < 200; ++n)
        {
            Bytes key(1 + n % 3);
            for (auto& byte : key)
                byte = static_cast<std::byte>(random() % 5 * 0x11);
            const auto found = held.find(key);
            EXPECT_EQ(value_in(trie, key),
                found == held.end() ? std::nullopt : std::optional{found->second});
        }
    }
}

TEST(state_trie, nodes_missing_added_swapped_or_changed_are_refused)
{
    const auto trie = hashed_trie(300, 33);
    const auto root = trie.root();
    for (const std::uint64_t i : {std::uint64_t{5}, std::uint64_t{1000}})
    {
        const auto key = keccak256(big_endian(i));
        const auto proof = trie.proof(key);
        ASSERT_GE(proof.size(), 2u);
        const auto refused = [&](const std::vector<Bytes>& nodes) {
            const auto value = trie_value(root, key, nodes);
            return !value && value.error().kind == ErrorKind::proof_invalid;
        };
        for (std::size_t n = 0; n < proof.size(); ++n)
        {
            auto cut = proof;
            cut.resize(n);
            EXPECT_TRUE(refused(cut));
            auto skipped = proof;
            skipped.erase(skipped.begin() + static_cast<std::ptrdiff_t>(n));
            EXPECT_TRUE(refused(skipped));
            auto changed = proof;
            for (auto& byte : changed[n])
            {
                byte ^= std::byte{1};
                EXPECT_TRUE(refused(changed));
                byte ^= std::byte{1};
            }
            auto truncated = proof;
            truncated[n].pop_back();
            EXPECT_TRUE(refused(truncated));
        }
        auto longer = proof;
        longer.push_back(proof.back());
        EXPECT_TRUE(refused(longer));
        std::swap(longer[0], longer[1]);
        EXPECT_TRUE(refused(longer));
        EXPECT_TRUE(refused(std::vector<Bytes>(TRIE_PROOF_NODES_MAX + 1, proof[0])));
        EXPECT_FALSE(trie_value(Bytes32{}, key, proof));
    }
}

/// A trie whose root is this node, well-formed or not.
Result<std::optional<Bytes>> value_under(const Bytes& node)
{
    const std::vector<Bytes> nodes{node};
    return trie_value(keccak256(node), Bytes(1, std::byte{0x12}), nodes);
}

TEST(state_trie, nodes_that_are_none_are_refused_although_their_hash_is_right)
{
    const auto leaf = [](std::string_view path, std::string_view value) {
        auto items = rlp_string(from_hex(path).value());
        append(items, from_hex(value).value());
        return rlp_list(items);
    };
    EXPECT_EQ(value_under(leaf("2012", "07")).value(), Bytes(1, std::byte{7}));
    EXPECT_EQ(value_under(leaf("2013", "07")).value(), std::nullopt);
    for (const auto& node : {
             leaf("2112", "07"),                               // filled with no zero
             leaf("2012", "c0"),                               // a value that is a list
             leaf("4012", "07"),                               // no such flags
             leaf("", "07"),                                   // no path
             leaf("00", "c3822012"),                           // an extension without a path
             leaf("11", "07"),                                 // a reference that is no hash
             leaf("0012", "c107"),                             // a node of one item
             rlp_list({}),                                     // no items
             rlp_list(Bytes(18, std::byte{0x80})),             // eighteen
             rlp_list(Bytes(3, std::byte{0x80})),              // three
             rlp_string(text_bytes("no node at all")),         // a string
             Bytes(TRIE_NODE_BYTES_MAX + 1, std::byte{0x80}),  // too long
         })
    {
        const auto value = value_under(node);
        ASSERT_FALSE(value) << to_hex(node);
        EXPECT_EQ(value.error().kind, ErrorKind::proof_invalid);
    }
    // A node that lies in another although it is long enough to have a hash.
    auto embedded = rlp_string(from_hex("32").value());
    append(embedded, rlp_string(Bytes(32, std::byte{9})));
    auto items = rlp_string(from_hex("11").value());
    append(items, rlp_list(embedded));
    EXPECT_FALSE(value_under(rlp_list(items)));
}

TEST(state_trie, accounts_and_words)
{
    Bytes20 address{};
    address.back() = std::byte{9};
    const auto storage_root = keccak256(as_byte_view("storage"));
    const auto code_hash = keccak256(as_byte_view("code"));
    const auto with_account = [&](const Bytes& value) {
        MadeTrie trie;
        trie.put(keccak256(address), value);
        return proven_account(trie.root(), address, trie.proof(keccak256(address)));
    };
    Bytes items;
    append(items, rlp_number(big_endian(std::uint64_t{1})));
    append(items, rlp_number(big_endian(std::uint64_t{0})));
    append(items, rlp_string(storage_root));
    EXPECT_FALSE(with_account(rlp_list(items)));
    append(items, rlp_string(code_hash));
    const auto account = with_account(rlp_list(items)).value();
    ASSERT_TRUE(account.has_value());
    EXPECT_EQ(account->storage_root, storage_root);
    EXPECT_EQ(account->code_hash, code_hash);
    EXPECT_FALSE(with_account(items));
    EXPECT_FALSE(with_account(rlp_list(Bytes(4, std::byte{0x80}))));
    EXPECT_FALSE(proven_account(empty_trie_root(), address, {}).value().has_value());

    const auto with_word = [](const Bytes& value) {
        MadeTrie trie;
        trie.put(keccak256(Bytes32{}), value);
        return proven_word(trie.root(), {}, trie.proof(keccak256(Bytes32{})));
    };
    EXPECT_EQ(with_word(rlp_string(text_bytes("ab"))).value()[31], std::byte{'b'});
    EXPECT_TRUE(is_zero(proven_word(empty_trie_root(), {}, {}).value()));
    EXPECT_FALSE(with_word(rlp_string({})));
    EXPECT_FALSE(with_word(rlp_string(Bytes(33, std::byte{1}))));
    EXPECT_FALSE(with_word(rlp_string(from_hex("0001").value())));
    EXPECT_FALSE(with_word(rlp_list({})));
}

}  // namespace
}  // namespace ashlar::test
