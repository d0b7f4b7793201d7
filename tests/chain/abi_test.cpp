// Expected words are those that ethers 6.17 encodes.

#include <gtest/gtest.h>

#include "chain/abi.hpp"

namespace ashlar::test
{
namespace
{

/// Words in hexadecimal: numbers are right-aligned, text that begins with "<" left-aligned.
Bytes words(std::initializer_list<std::string> list)
{
    std::string hex;
    for (const auto& word : list)
    {
        const auto zeros = std::string(64 - (word.size() - (word[0] == '<' ? 1 : 0)), '0');
        hex += word[0] == '<' ? word.substr(1) + zeros : zeros + word;
    }
    return from_hex(hex).value();
}

Bytes32 word_of(std::uint8_t value)
{
    Bytes32 word{};
    word.back() = std::byte{value};
    return word;
}

AbiValue list_of(std::initializer_list<AbiValue> items)
{
    return AbiValue::array({items.begin(), items.size()});
}

AbiValue tuple_of(std::initializer_list<AbiValue> members)
{
    return AbiValue::tuple({members.begin(), members.size()});
}

// The worked example of the specification.
TEST(abi, call_of_the_specifications_example)
{
    const auto call = encode_call("sam(bytes,bool,uint256[])",
        std::array{AbiValue::bytes(as_byte_view("dave")), AbiValue::number(1),
            list_of({AbiValue::number(1), AbiValue::number(2), AbiValue::number(3)})});

    EXPECT_EQ(to_hex(ByteView{call}.first(4)), "a5643bf2");
    const Bytes arguments{call.begin() + 4, call.end()};
    EXPECT_EQ(arguments, words({"60", "1", "a0", "4", "<64617665", "3", "1", "2", "3"}));
}

TEST(abi, nested_dynamic_tuples_and_fixed_arrays)
{
    const auto path = list_of({AbiValue::word(word_of(1)), AbiValue::word(word_of(2))});
    const auto first = tuple_of({AbiValue::bytes(std::array{std::byte{1}, std::byte{2}}), path});
    const auto second = tuple_of({AbiValue::bytes({}), list_of({})});
    const auto call = encode_call("f(uint256,(bytes,bytes32[])[],string,uint64[2],(uint256,bytes))",
        std::array{AbiValue::number(7), list_of({first, second}),
            AbiValue::bytes(as_byte_view(std::string(33, 'x'))),
            tuple_of({AbiValue::number(3), AbiValue::number(4)}),
            tuple_of({AbiValue::number(5), AbiValue::bytes(std::array{std::byte{255}})})});

    EXPECT_EQ(to_hex(ByteView{call}.first(4)), "318469db");
    const Bytes arguments{call.begin() + 4, call.end()};
    const auto xs = [](int count) {
        std::string hex;
        for (int i = 0; i < count; ++i)
            hex += "78";
        return hex;
    };
    EXPECT_EQ(arguments, words({"7", "c0", "280", "3", "4", "2e0",     // heads
                             "2", "40", "120",                         // the array and its offsets
                             "40", "80", "2", "<0102", "2", "1", "2",  // first tuple
                             "40", "60", "0", "0",                     // second tuple
                             "21", xs(32), "<" + xs(1),                // string
                             "5", "40", "1", "<ff"}));                 // last tuple
}

TEST(abi, empty_and_static_arrays)
{
    const auto pair = [](std::uint64_t a, std::uint64_t b) {
        return tuple_of({AbiValue::number(a), AbiValue::number(b)});
    };
    const auto call = encode_call("g(uint256[],(uint256,uint256)[])",
        std::array{list_of({}), list_of({pair(1, 2), pair(3, 4)})});

    EXPECT_EQ(to_hex(ByteView{call}.first(4)), "fa25af9e");
    const Bytes arguments{call.begin() + 4, call.end()};
    EXPECT_EQ(arguments, words({"40", "60", "0", "2", "1", "2", "3", "4"}));
}

}  // namespace
}  // namespace ashlar::test
