#pragma once

/// JSON that is signed: read without room for two readings, written in its one canonical form.

#include <nlohmann/json.hpp>

#include "base/bytes.hpp"

namespace ashlar
{

using SignedJson = nlohmann::json;

inline constexpr std::size_t SIGNED_JSON_BYTES_MAX = std::size_t{16} << 20;
inline constexpr int SIGNED_JSON_DEPTH_MAX = 16;

/// @return  invalid_input for what is not UTF-8 JSON (RFC 8259), longer or deeper than the limits,
///          or has a key twice in one object.
[[nodiscard]] Result<SignedJson> parse_signed_json(ByteView text);

/// RFC 8785 (JCS) for values without fractions: keys in order of their UTF-16 code units, no white
/// space, the shortest escapes.
///
/// @return  invalid_input if a number is no integer within ±2⁵³, or a string is not UTF-8.
[[nodiscard]] Result<std::string> to_canonical_json(const SignedJson& value);

/// The member of an object, or null: for a value that is no object, or has no such member.
[[nodiscard]] const SignedJson& member(const SignedJson& value, std::string_view name);

/// The string at a member; empty if there is none.
[[nodiscard]] std::string text_member(const SignedJson& value, std::string_view name);

/// RFC 4648 §4, with padding.
[[nodiscard]] std::string to_base64(ByteView bytes);

/// @return  invalid_input for anything but canonical base64 with padding.
[[nodiscard]] Result<Bytes> from_base64(std::string_view text);

}  // namespace ashlar
