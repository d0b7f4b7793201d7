#include "cli/hf_cache_options.hpp"

#include "base/log.hpp"

namespace ashlar
{

void add_hf_cache_options(CLI::App& command, HfCacheOptions& options)
{
    auto* const cache =
        command
            .add_option("--hf-cache", options.cache,
                "Fetch the whole object into this Hugging Face cache instead of DEST")
            ->option_text("DIR");
    auto* const repo = command.add_option("--repo", options.repo, "Repository in the cache")
                           ->option_text("ORG/NAME")
                           ->needs(cache);
    command.add_option("--revision", options.revision, "Branch or tag in the cache")
        ->needs(cache)
        ->capture_default_str();
    cache->needs(repo);
}

Result<std::filesystem::path> hf_staging_folder(
    const HfCacheOptions& options, const Bytes32& object_root)
{
    ASHLAR_TRY(const auto repo, hf_repo_folder(options.repo));
    return std::filesystem::path{options.cache} / repo /
           fmt::format(".ashlar-{}", to_hex(commit_of(object_root)));
}

Result<void> finish_hf_cache(const HfCacheOptions& options, const Bytes32& object_root,
    const Directory& directory, Output& output)
{
    ASHLAR_TRY(const auto staging, hf_staging_folder(options, object_root));
    ASHLAR_TRY(const auto snapshot, move_into_hf_cache(staging, directory,
                                        {.cache = options.cache,
                                            .repo = options.repo,
                                            .revision = options.revision,
                                            .commit = commit_of(object_root)}));
    // Only the empty folders of its files are left.
    std::error_code error;
    std::filesystem::remove_all(staging, error);
    output.line("snapshot  " + printable(snapshot.native()));
    output.message("snapshot",
        {{"path", printable(snapshot.native())}, {"revision", printable(options.revision)},
            {"commit", to_hex(commit_of(object_root))}});
    return {};
}

}  // namespace ashlar
