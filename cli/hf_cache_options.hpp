#pragma once

/// `ashlar fetch --hf-cache`: a fetch that ends in a Hugging Face cache.

#include "checkpoint/hf_cache.hpp"
#include "cli/commands.hpp"

namespace ashlar
{

struct HfCacheOptions
{
    std::string cache;  ///< Empty: no cache is asked for.
    std::string repo;
    std::string revision = "main";
};

/// --hf-cache, --repo and --revision.
void add_hf_cache_options(CLI::App& command, HfCacheOptions& options);

/// Where to fetch to so that the files can move into the cache: a folder of this object's in the
/// repository's.
/// @return  invalid_input as hf_repo_folder().
[[nodiscard]] Result<std::filesystem::path> hf_staging_folder(
    const HfCacheOptions& options, const Bytes32& object_root);

/// Moves what was fetched into the cache and says where the snapshot is.
[[nodiscard]] Result<void> finish_hf_cache(const HfCacheOptions& options,
    const Bytes32& object_root, const Directory& directory, Output& output);

}  // namespace ashlar
