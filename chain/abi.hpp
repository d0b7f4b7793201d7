#pragma once

/// Ethereum's contract ABI: arguments of calls as bytes.
///
/// Source: Solidity documentation, "Contract ABI Specification" (formal specification of the
/// encoding).

#include <string_view>

#include "base/bytes.hpp"

namespace ashlar
{

/// One encoded argument. The caller's signature says what type it stands for.
class AbiValue
{
public:
    /// bytes32, and whatever takes one word.
    [[nodiscard]] static AbiValue word(const Bytes32& word);

    /// uint8 … uint256.
    [[nodiscard]] static AbiValue number(std::uint64_t value);

    /// bytes, string.
    [[nodiscard]] static AbiValue bytes(ByteView bytes);

    /// A struct, or an array of fixed length.
    [[nodiscard]] static AbiValue tuple(std::span<const AbiValue> members);

    /// An array of any length; its items are all dynamic, or all not.
    [[nodiscard]] static AbiValue array(std::span<const AbiValue> items);

    /// Does a tuple hold it behind an offset?
    [[nodiscard]] bool is_dynamic() const noexcept { return is_dynamic_; }

    /// A multiple of 32 bytes.
    [[nodiscard]] const Bytes& encoding() const noexcept { return encoding_; }

private:
    AbiValue(Bytes encoding, bool is_dynamic)
      : encoding_{std::move(encoding)}, is_dynamic_{is_dynamic}
    {}

    Bytes encoding_;
    bool is_dynamic_;
};

/// The first four bytes of keccak256(signature), as in "transfer(address,uint256)".
[[nodiscard]] ByteArray<4> function_selector(std::string_view signature);

/// Calldata: the selector, then the arguments as one tuple.
[[nodiscard]] Bytes encode_call(std::string_view signature, std::span<const AbiValue> arguments);

}  // namespace ashlar
