#pragma once

/// What a publisher should know of a folder before it is published: what other tools will not read,
/// and what looks unfinished. Nothing here is a rule of the format.

#include <set>
#include <string>
#include <vector>

#include "checkpoint/directory.hpp"
#include "checkpoint/folder.hpp"

namespace ashlar
{

/// Python's huggingface_hub refuses larger files over plain HTTP (MAX_HTTP_DOWNLOAD_SIZE).
inline constexpr std::uint64_t HUB_HTTP_FILE_BYTES_MAX = 50'000'000'000;

/// The scanned folder and what was found in it; all three in the directory's order.
struct FolderContents
{
    std::span<const SourceFile> sources;
    std::span<const FileEntry> files;
    std::span<const Tensor> tensors;
    const std::set<std::string>& opaque;  ///< Files that are not looked into.
};

/// Sentences of one line each, fit to be printed:
/// - files larger than HUB_HTTP_FILE_BYTES_MAX;
/// - shard indexes (shard_index.hpp) that leave out tensors of their files, name one of several
///   files that hold a tensor, or count bytes wrongly;
/// - torch distributed checkpoints (`__0_0.distcp` …) without the `.metadata` that torch writes
///   last. Their files are bytes to us: nothing is ever unpickled.
///
/// @return  invalid_input for a shard index that cannot be read, or that names tensors or files
///          which are not there, unless it is opaque.
[[nodiscard]] Result<std::vector<std::string>> advise(const FolderContents& contents);

/// The sentence about a safetensors header that the Hub's tools do not read; nothing below
/// SAFETENSORS_HEADER_BYTES_HUB_MAX.
[[nodiscard]] std::optional<std::string> advise_header(
    std::string_view path, std::uint64_t header_bytes);

}  // namespace ashlar
