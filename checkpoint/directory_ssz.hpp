#pragma once

/// Single entries of an encoded directory (docs/formats/directory.md), for readers that do not have
/// the whole.

#include "checkpoint/directory.hpp"

namespace ashlar
{

/// What has a fixed place: the offsets of parts, and what an entry has before its first part.
inline constexpr std::size_t SSZ_OFFSET_BYTES = 4;
inline constexpr std::size_t DIRECTORY_HEAD_BYTES = 2 * SSZ_OFFSET_BYTES;
inline constexpr std::size_t FILE_HEAD_BYTES = 72;
inline constexpr std::size_t TENSOR_HEAD_BYTES = 29;

/// One item of a list, all of its bytes. Only its form is checked: the rules of a directory are for
/// whoever knows the rest of it.
/// @return  invalid_input unless the offsets are those of the canonical encoding.
[[nodiscard]] Result<FileEntry> parse_file_entry(ByteView bytes);

/// The same.
[[nodiscard]] Result<Tensor> parse_tensor_entry(ByteView bytes);

}  // namespace ashlar
