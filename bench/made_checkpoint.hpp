#pragma once

/// Made models: checkpoints with the files, names, shapes and entropy of a real one, of any size
/// and from a seed, so that no demo, test or bench needs a download.

#include <filesystem>

#include "base/error.hpp"

namespace ashlar
{

inline constexpr std::uint64_t MADE_BYTES_MIN = 256ULL << 10;
inline constexpr std::uint64_t MADE_BYTES_MAX = 1ULL << 42;

struct MadeCheckpoint
{
    std::uint64_t bytes = 64ULL << 20;  ///< Of the weights, about.
    std::uint64_t seed = 1;
    std::size_t shards = 4;  ///< safetensors files
};

/// Writes a Llama-like checkpoint into `folder`, which is made if need be: bf16 weights from a
/// normal distribution in `model-0000i-of-0000n.safetensors`, the shards' index, config.json,
/// generation_config.json and tokenizer.json. The same settings give the same bytes.
///
/// @return  invalid_input for sizes out of range or if the folder is not empty.
[[nodiscard]] Result<void> make_checkpoint(
    const std::filesystem::path& folder, const MadeCheckpoint& settings);

}  // namespace ashlar
