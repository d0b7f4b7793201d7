#include "chain/abi.hpp"

#include "chain/keccak.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t ABI_WORD_BYTES = 32;

Bytes word_of(std::uint64_t value)
{
    Bytes32 word{};
    std::ranges::copy(big_endian(value), word.end() - sizeof(value));
    return {word.begin(), word.end()};
}

}  // namespace

AbiValue AbiValue::word(const Bytes32& word)
{
    return {Bytes{word.begin(), word.end()}, false};
}

AbiValue AbiValue::number(std::uint64_t value)
{
    return {word_of(value), false};
}

AbiValue AbiValue::bytes(ByteView bytes)
{
    auto out = word_of(bytes.size());
    append(out, bytes);
    out.resize((out.size() + ABI_WORD_BYTES - 1) / ABI_WORD_BYTES * ABI_WORD_BYTES);
    return {std::move(out), true};
}

AbiValue AbiValue::tuple(std::span<const AbiValue> members)
{
    std::size_t offset = 0;
    bool dynamic = false;
    for (const auto& member : members)
    {
        offset += member.is_dynamic_ ? ABI_WORD_BYTES : member.encoding_.size();
        dynamic |= member.is_dynamic_;
    }
    Bytes heads;
    Bytes tails;
    for (const auto& member : members)
    {
        append(heads, member.is_dynamic_ ? word_of(offset + tails.size()) : member.encoding_);
        if (member.is_dynamic_)
            append(tails, member.encoding_);
    }
    append(heads, tails);
    return {std::move(heads), dynamic};
}

AbiValue AbiValue::array(std::span<const AbiValue> items)
{
    auto out = word_of(items.size());
    append(out, tuple(items).encoding_);
    return {std::move(out), true};
}

ByteArray<4> function_selector(std::string_view signature)
{
    const auto digest = keccak256(as_byte_view(signature));
    return to_array(ByteView{digest}.first<4>());
}

Bytes encode_call(std::string_view signature, std::span<const AbiValue> arguments)
{
    const auto selector = function_selector(signature);
    Bytes out{selector.begin(), selector.end()};
    append(out, AbiValue::tuple(arguments).encoding());
    return out;
}

}  // namespace ashlar
