#include <memory>

#include "base/log.hpp"
#include "base/size_text.hpp"
#include "checkpoint/destination.hpp"
#include "cli/arguments.hpp"
#include "cli/common_options.hpp"
#include "cli/hf_cache_options.hpp"
#include "retrieval/directory_lookup.hpp"

namespace ashlar
{
namespace
{

struct FetchCommand
{
    ObjectOptions object;
    FetchRequest request;
    std::string destination;
    std::string tensor;  ///< Empty for none.
    std::string range;   ///< "A:B", empty for none.
    HfCacheOptions hf_cache;
    std::string scratch;
    std::string memory = "1GiB";
    bool trust_certificate = false;

    [[nodiscard]] bool wants_range() const { return !tensor.empty() || !range.empty(); }
    [[nodiscard]] bool wants_part() const { return wants_range() || !request.files.empty(); }
};

Result<FetchOptions> fetch_options(const FetchCommand& command)
{
    FetchOptions options;
    ASHLAR_TRY(options.memory_bytes, parse_size(command.memory));
    ASHLAR_TRY(options.scratch_folder, scratch_folder(command.scratch));
    return options;
}

void report_files(
    const FetchedFiles& fetched, const std::filesystem::path& destination, Output& output)
{
    output.line(fmt::format("{}, {}, every byte verified: {}", count_of(fetched.files, "file"),
        format_size(fetched.bytes), printable(destination.native())));
    if (fetched.files_kept > 0)
        output.line(fmt::format("{} of them {} there already", fetched.files_kept,
            fetched.files_kept == 1 ? "was" : "were"));
}

void report_all(const FetchedFiles& fetched, const FetchCounts& counts, Output& output)
{
    output.line(fmt::format("{} fetched, {} repaired from their groups, {} decoded; {} received",
        count_of(counts.fetched, "blob"), counts.group_repaired, counts.decoded,
        format_size(counts.bytes_received)));
    output.message("summary",
        {{"files", fetched.files}, {"files_kept", fetched.files_kept}, {"bytes", fetched.bytes},
            {"blobs_fetched", counts.fetched}, {"blobs_group_repaired", counts.group_repaired},
            {"blobs_decoded", counts.decoded}, {"bytes_received", counts.bytes_received}});
}

/// The bytes that --tensor or --range ask for; with --file, a range counts from its start.
Result<PayloadRange> requested_range(
    const FetchCommand& command, LightObject& object, BlobFetcher& blobs, Output& output)
{
    if (command.request.files.size() > 1)
        return fail(ErrorKind::invalid_input, "--tensor and --range take at most one --file");
    const auto path =
        command.request.files.empty() ? std::nullopt : std::optional{command.request.files.front()};
    if (!command.tensor.empty())
    {
        ASHLAR_TRY(auto directory, DirectoryLookup::open(object, blobs, output));
        ASHLAR_TRY(const auto tensor, directory.tensor(command.tensor, path));
        return PayloadRange{.offset = tensor.offset, .size = tensor.size};
    }
    ASHLAR_TRY(const auto bytes, parse_number_range(command.range, "--range"));
    PayloadRange range{.offset = bytes.begin, .size = bytes.end - bytes.begin};
    if (!path)
        return range;
    ASHLAR_TRY(auto directory, DirectoryLookup::open(object, blobs, output));
    ASHLAR_TRY(const auto file, directory.file(*path));
    if (range.offset > file.size || range.size > file.size - range.offset)
        return fail(ErrorKind::invalid_input, "{} has {} bytes only", printable(*path), file.size);
    range.offset += file.offset;
    return range;
}

/// What a read of little has cost, and why its commitments count.
void report_part(
    const OpenedLightObject& opened, const FetchCounts& counts, Json summary, Output& output)
{
    const auto& commitments = *opened.view.commitments;
    const bool is_certified = opened.trust == CommitmentTrust::certificate;
    const std::string_view trusted = commitments.is_whole() ? "all, full check"
                                     : is_certified         ? "certificate"
                                                            : "walks";
    output.line(fmt::format("{} received in {}; commitments: {}, {} of walks",
        format_size(counts.bytes_received), count_of(counts.fetched, "blob"), trusted,
        format_size(commitments.walk_bytes())));
    summary.update(
        {{"blobs_fetched", counts.fetched}, {"blobs_group_repaired", counts.group_repaired},
            {"blobs_decoded", counts.decoded}, {"bytes_received", counts.bytes_received},
            {"commitments", trusted}, {"walk_bytes", commitments.walk_bytes()}});
    output.message("summary", summary);
}

/// Writes a range to a file of its own: whole, or not at all.
Result<void> fetch_range_to_file(const FetchCommand& command, const OpenedLightObject& opened,
    BlobFetcher& blobs, Output& output)
{
    ASHLAR_TRY(const auto range, requested_range(command, *opened.object, blobs, output));
    const auto path = std::filesystem::absolute(command.destination);
    ASHLAR_TRY(auto folder,
        Destination::open(path.parent_path(), {.overwrite = command.request.overwrite}));
    ASHLAR_TRY(auto partial, folder.begin(path.filename().native(), range.size));
    std::uint64_t done = 0;
    const auto write = [&](ByteView bytes) -> Result<void> {
        ASHLAR_CHECK(partial.write_at(done, bytes));
        done += bytes.size();
        return {};
    };
    ASHLAR_CHECK(fetch_range(blobs, range, write, output));
    ASHLAR_CHECK(partial.commit());
    output.line(fmt::format(
        "{}, every byte verified: {}", format_size(range.size), printable(command.destination)));
    report_part(
        opened, blobs.counts(), {{"bytes", range.size}, {"payload_offset", range.offset}}, output);
    return {};
}

/// The files of --file, as a fetch of all writes them.
Result<void> fetch_named_files(const FetchCommand& command, const OpenedLightObject& opened,
    BlobFetcher& blobs, Output& output)
{
    ASHLAR_TRY(auto directory, DirectoryLookup::open(*opened.object, blobs, output));
    std::vector<FileEntry> entries;
    for (const auto& path : command.request.files)
    {
        ASHLAR_TRY(auto entry, directory.file(path));
        entries.push_back(std::move(entry));
    }
    ASHLAR_TRY(
        const auto fetched, fetch_entries(blobs, std::move(entries), command.request, output));
    report_files(fetched, command.request.destination, output);
    report_part(opened, blobs.counts(),
        {{"files", fetched.files}, {"files_kept", fetched.files_kept}, {"bytes", fetched.bytes}},
        output);
    return {};
}

/// A part of the object, with the commitments that it needs.
Result<ExitCode> fetch_part(
    const FetchCommand& command, const FetchOptions& options, Output& output)
{
    ASHLAR_TRY(const auto opened,
        open_light_object(command.object,
            command.trust_certificate ? CommitmentTrust::certificate : CommitmentTrust::walk));
    ASHLAR_TRY(auto blobs, opened.blobs(options));
    const auto fetched = command.wants_range() ? fetch_range_to_file(command, opened, blobs, output)
                                               : fetch_named_files(command, opened, blobs, output);
    // Who lied is worth knowing most of all when the fetch failed.
    report_light_answers(opened, blobs, output);
    ASHLAR_CHECK(fetched);
    return ExitCode::done;
}

/// DEST, or a folder in the cache.
Result<FetchRequest> fetch_request(const FetchCommand& command, const Bytes32& object_root)
{
    auto request = command.request;
    if (command.destination.empty() == command.hf_cache.cache.empty())
        return fail(ErrorKind::invalid_input, "give either DEST or --hf-cache");
    if (command.hf_cache.cache.empty())
        return request;
    if (command.wants_part())
        return fail(ErrorKind::invalid_input,
            "a cache gets the whole object: leave --file, --tensor and --range out");
    ASHLAR_TRY(request.destination, hf_staging_folder(command.hf_cache, object_root));
    // What an earlier fetch left there was never shown to anyone.
    request.overwrite = true;
    return request;
}

Result<ExitCode> fetch(FetchCommand command, Output& output)
{
    ASHLAR_TRY(command.object, name_object(command.object, command.destination, output));
    command.request.destination = command.destination;
    ASHLAR_TRY(const auto options, fetch_options(command));
    ASHLAR_TRY(const auto root, parse_root(command.object.root));
    ASHLAR_TRY(const auto request, fetch_request(command, root));
    if (command.wants_part())
        return fetch_part(command, options, output);
    if (command.trust_certificate)
        return fail(ErrorKind::invalid_input,
            "the whole checkpoint takes all commitments, which prove themselves: leave "
            "--trust-certificate out");
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
    report_files(*fetched, request.destination, output);
    report_all(*fetched, blobs.counts(), output);
    return ExitCode::done;
}

}  // namespace

void add_fetch_command(CLI::App& app, Invocation& invocation)
{
    auto* const command =
        app.add_subcommand("fetch", "Bring a checkpoint back, verified byte for byte");
    const auto options = std::make_shared<FetchCommand>();
    add_object_or_model_options(*command, options->object, invocation);
    command
        ->add_option("destination", options->destination,
            "Folder to write to; with --tensor or --range, a file")
        ->option_text("DEST");
    add_hf_cache_options(*command, options->hf_cache);
    command->add_option("--file", options->request.files, "Fetch these files alone")
        ->option_text("PATH ...");
    auto* const tensor =
        command->add_option("--tensor", options->tensor, "Fetch the bytes of this tensor alone")
            ->option_text("NAME");
    command
        ->add_option("--range", options->range,
            "Fetch these bytes alone, of --file or else of the whole payload")
        ->option_text("FIRST:END")
        ->excludes(tensor);
    command->add_flag("--trust-certificate", options->trust_certificate,
        "Of a part: count a commitment for the members' certificate instead of its walk");
    command->add_flag("--overwrite", options->request.overwrite, "Replace files that are there");
    command->add_option("--scratch", options->scratch, "Folder for blobs on their way")
        ->option_text("DIR");
    command->add_option("--memory", options->memory, "Working memory of the decoder")
        ->capture_default_str()
        ->option_text("SIZE");
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return fetch(*options, output); };
    });
}

}  // namespace ashlar
