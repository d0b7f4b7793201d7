#pragma once

/// The header of a safetensors file: u64 LE length N ‖ N bytes of JSON ‖ tensor bytes to the end.
///
/// Source: huggingface/safetensors, README.md and safetensors/src/tensor.rs.

#include "base/file.hpp"
#include "checkpoint/tensor_header.hpp"

namespace ashlar
{

inline constexpr std::uint64_t SAFETENSORS_LENGTH_BYTES = 8;  ///< Before the header.
inline constexpr std::uint64_t SAFETENSORS_HEADER_BYTES_MAX = 100'000'000;

/// Longer headers are read here and by safetensors itself, but not by the Hub's own tools
/// (huggingface_hub/constants.py, huggingface.js parse-safetensors-metadata.ts).
inline constexpr std::uint64_t SAFETENSORS_HEADER_BYTES_HUB_MAX = 25'000'000;
inline constexpr std::size_t SAFETENSORS_METADATA_ENTRIES_MAX = 8192;

/// Reads and validates the header alone, in a stream.
///
/// Beyond upstream's rules (no holes, no overlap, sizes as the shapes say, the last tensor ends
/// where the file does), refused are: a name twice, in the header or in __metadata__; fields that
/// the format does not have; names over 1024 bytes, ranks over 8. As upstream, white space may
/// surround the header's JSON.
///
/// Takes memory for at most twice the header's bytes, and 1 MiB, whatever the header claims.
///
/// @param size_bytes  The file's length.
/// @return  the tensors by name; invalid_input if a rule is broken.
[[nodiscard]] Result<TensorList> parse_safetensors(const File& file, std::uint64_t size_bytes);

}  // namespace ashlar
