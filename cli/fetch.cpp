#include <memory>

#include "base/log.hpp"
#include "base/size_text.hpp"
#include "cli/arguments.hpp"
#include "cli/common_options.hpp"
#include "cli/hf_cache_options.hpp"
#include "retrieval/fetch.hpp"

namespace ashlar
{
namespace
{

struct FetchCommand
{
    ObjectOptions object;
    FetchRequest request;
    std::string destination;
    HfCacheOptions hf_cache;
    std::string scratch;
    std::string memory = "1GiB";
};

Result<FetchOptions> fetch_options(const FetchCommand& command)
{
    FetchOptions options;
    ASHLAR_TRY(options.memory_bytes, parse_size(command.memory));
    ASHLAR_TRY(options.scratch_folder, scratch_folder(command.scratch));
    return options;
}

void report(const FetchedFiles& fetched, const std::filesystem::path& destination,
    const FetchCounts& counts, Output& output)
{
    output.line(fmt::format("{}, {}, every byte verified: {}", count_of(fetched.files, "file"),
        format_size(fetched.bytes), printable(destination.native())));
    output.line(fmt::format("{} fetched, {} repaired from their groups, {} decoded; {} received",
        count_of(counts.fetched, "blob"), counts.group_repaired, counts.decoded,
        format_size(counts.bytes_received)));
    output.message("summary",
        {{"files", fetched.files}, {"bytes", fetched.bytes}, {"blobs_fetched", counts.fetched},
            {"blobs_group_repaired", counts.group_repaired}, {"blobs_decoded", counts.decoded},
            {"bytes_received", counts.bytes_received}});
}

/// DEST, or a folder in the cache.
Result<FetchRequest> fetch_request(const FetchCommand& command, const Bytes32& object_root)
{
    auto request = command.request;
    if (command.destination.empty() == command.hf_cache.cache.empty())
        return fail(ErrorKind::invalid_input, "give either DEST or --hf-cache");
    if (command.hf_cache.cache.empty())
        return request;
    if (!request.files.empty())
        return fail(ErrorKind::invalid_input, "a cache gets the whole object: leave --file out");
    ASHLAR_TRY(request.destination, hf_staging_folder(command.hf_cache, object_root));
    // What an earlier fetch left there was never shown to anyone.
    request.overwrite = true;
    return request;
}

Result<ExitCode> fetch(const FetchCommand& command, Output& output)
{
    ASHLAR_TRY(const auto options, fetch_options(command));
    ASHLAR_TRY(const auto root, parse_root(command.object.root));
    ASHLAR_TRY(const auto request, fetch_request(command, root));
    ASHLAR_TRY(const auto opened, open_requested_object(command.object, output));
    ASHLAR_TRY(auto blobs, BlobFetcher::make(opened.view, opened.connection.committee(),
                               opened.connection.nodes(), options));
    ASHLAR_TRY(const auto directory, fetch_directory(opened.view, blobs, output));
    const auto fetched = fetch_files(blobs, directory, request, output);
    // Who lied is worth knowing most of all when the fetch failed.
    report_false_answers(blobs.false_answers(), output);
    if (!fetched)
        return tl::unexpected{fetched.error()};
    if (!command.hf_cache.cache.empty())
        ASHLAR_CHECK(finish_hf_cache(command.hf_cache, root, directory, output));
    report(*fetched, request.destination, blobs.counts(), output);
    return ExitCode::done;
}

}  // namespace

void add_fetch_command(CLI::App& app, Invocation& invocation)
{
    auto* const command =
        app.add_subcommand("fetch", "Bring a checkpoint back, verified byte for byte");
    const auto options = std::make_shared<FetchCommand>();
    add_object_options(*command, options->object, invocation);
    command->add_option("destination", options->destination, "Folder to write to")
        ->option_text("DEST");
    add_hf_cache_options(*command, options->hf_cache);
    command->add_option("--file", options->request.files, "Fetch these files alone")
        ->option_text("PATH ...");
    command->add_flag("--overwrite", options->request.overwrite, "Replace files that are there");
    command->add_option("--scratch", options->scratch, "Folder for blobs on their way")
        ->option_text("DIR");
    command->add_option("--memory", options->memory, "Working memory of the decoder")
        ->capture_default_str()
        ->option_text("SIZE");
    command->callback([options, &invocation] {
        options->request.destination = options->destination;
        invocation.run = [options](Output& output) { return fetch(*options, output); };
    });
}

}  // namespace ashlar
