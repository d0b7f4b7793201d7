#pragma once

/// The header of a GGUF file, versions 2 and 3 (which share their layout), little-endian.
///
/// Source: ggml-org/ggml, docs/gguf.md and src/gguf.cpp, whose loader's limits hold here too.

#include "base/file.hpp"
#include "checkpoint/tensor_header.hpp"

namespace ashlar
{

inline constexpr std::uint64_t GGUF_HEADER_BYTES_MAX = std::uint64_t{1} << 28;
inline constexpr std::uint64_t GGUF_KEY_VALUES_MAX = 65'536;
inline constexpr std::size_t GGUF_KEY_BYTES_MAX = 1024;
inline constexpr std::size_t GGUF_TENSOR_NAME_BYTES_MAX = 63;
inline constexpr std::uint32_t GGUF_DIMENSIONS_MAX = 4;
inline constexpr std::uint32_t GGUF_ALIGNMENT_MAX = std::uint32_t{1} << 20;

/// Reads and validates the header alone, in a stream.
///
/// As the loader does, requires the tensors in the order of their offsets, each padded to the
/// alignment; the padding after the last may be missing, and bytes may follow it. Nested arrays,
/// empty or repeated keys and unknown types are refused; names must be UTF-8.
///
/// Takes memory for at most twice the header's bytes, and 1 MiB, whatever the header claims.
///
/// @param size_bytes  The file's length.
/// @return  the tensors by name; invalid_input if a rule is broken.
[[nodiscard]] Result<TensorList> parse_gguf(const File& file, std::uint64_t size_bytes);

}  // namespace ashlar
