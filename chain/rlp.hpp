#pragma once

/// RLP, Ethereum's encoding of nested byte strings, in its one canonical form.
///
/// Source: Ethereum Yellow Paper, appendix B.

#include "base/bytes.hpp"

namespace ashlar
{

/// What one encoding stands for. Views into the bytes that were parsed.
struct RlpItem
{
    bool is_list = false;
    ByteView payload;   ///< A string's bytes, or a list's items one after another.
    ByteView encoding;  ///< The whole item, with what says how long it is.
};

/// Reads exactly one item.
/// @return  invalid_input if it ends early, leaves bytes over, or could be written shorter.
[[nodiscard]] Result<RlpItem> parse_rlp(ByteView bytes);

/// Reads a list's items; they may be lists, which are not looked into.
/// @param items_max  Of the list; more are invalid_input.
[[nodiscard]] Result<std::vector<RlpItem>> parse_rlp_list(
    const RlpItem& list, std::size_t items_max);

/// A byte string's encoding.
[[nodiscard]] Bytes rlp_string(ByteView bytes);

/// A number's encoding: a byte string, big-endian, without leading zeros.
[[nodiscard]] Bytes rlp_number(ByteView big_endian_bytes);

/// A list's encoding.
/// @param items  The items' encodings, one after another.
[[nodiscard]] Bytes rlp_list(ByteView items);

}  // namespace ashlar
