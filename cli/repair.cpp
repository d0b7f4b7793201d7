#include <memory>

#include "base/log.hpp"
#include "base/size_text.hpp"
#include "cli/arguments.hpp"
#include "cli/common_options.hpp"
#include "publisher/publisher_key.hpp"
#include "retrieval/repair.hpp"

namespace ashlar
{
namespace
{

struct RepairOptions
{
    ObjectOptions object;
    std::string key;
    std::string work;     ///< Empty for the default.
    std::string columns;  ///< "A:B", empty for all.
    std::string memory = "1GiB";
};

/// The object's own folder among those of unfinished repairs.
Result<std::filesystem::path> repair_folder(const RepairOptions& options, const Bytes32& root)
{
    std::filesystem::path folder{options.work};
    if (folder.empty())
    {
        ASHLAR_TRY(folder, default_repair_folder());
    }
    return folder / to_hex(root);
}

Result<CellColumns> requested_columns(const RepairOptions& options)
{
    if (options.columns.empty())
        return CellColumns{};
    ASHLAR_TRY(const auto range, parse_number_range(options.columns, "--columns"));
    if (range.begin == range.end || range.end > CELL_COLUMNS)
        return fail(ErrorKind::invalid_input, "--columns takes FIRST:END of the {} cell columns",
            CELL_COLUMNS);
    return CellColumns{
        .begin = static_cast<std::size_t>(range.begin), .end = static_cast<std::size_t>(range.end)};
}

/// Anyone may reserve for a member that forgot the object.
Result<ReserveRequest> reservation(
    const RepairOptions& options, const OpenedObject& opened, std::uint64_t expiry)
{
    std::filesystem::path file{options.key};
    if (file.empty())
    {
        ASHLAR_TRY(file, default_key_file());
    }
    ASHLAR_TRY(const auto key, PublisherKey::load_or_create(file));
    const auto& header = opened.view.header;
    return ReserveRequest{.header = header.bytes(),
        .expiry_unix_seconds = expiry,
        .publisher_key = key.public_key(),
        .publisher_signature = key.sign(
            reservation_digest(opened.connection.committee().root(), header.root(), expiry))};
}

const char* describe_share(const MemberShare& share, const GivenBack& given)
{
    if (share.placed == 0)
        return "holds nothing";
    if (share.error)
        return "does not answer";
    if (!given.is_whole)
        return "not repaired";
    return share.needs_repair() ? "repaired" : "whole";
}

ExitCode report(std::span<const MemberShare> shares, std::span<const GivenBack> given,
    const FetchCounts& counts, Output& output)
{
    std::uint64_t missing = 0;
    bool all_whole = true;
    output.line("node    pieces   missing      sent  outcome");
    for (std::size_t m = 0; m < shares.size(); ++m)
    {
        const auto* const state = describe_share(shares[m], given[m]);
        const auto error = printable(given[m].error);
        output.line(fmt::format("{:<4}  {:>8}  {:>8}  {:>8}  {}{}{}", m, shares[m].placed,
            shares[m].missing.size(), given[m].pieces_sent, state, error.empty() ? "" : ": ",
            error));
        output.message("member",
            {{"member", m}, {"pieces", shares[m].placed}, {"missing", shares[m].missing.size()},
                {"pieces_sent", given[m].pieces_sent}, {"outcome", state}, {"error", error}});
        missing += shares[m].missing.size();
        all_whole &= given[m].is_whole || shares[m].placed == 0;
    }
    output.line(fmt::format("{} fetched, {} repaired from their groups, {} decoded; {} received",
        count_of(counts.fetched, "blob"), counts.group_repaired, counts.decoded,
        format_size(counts.bytes_received)));
    output.message("summary",
        {{"missing", missing}, {"whole", all_whole}, {"blobs_fetched", counts.fetched},
            {"blobs_group_repaired", counts.group_repaired}, {"blobs_decoded", counts.decoded},
            {"bytes_received", counts.bytes_received}});
    return all_whole ? ExitCode::done : ExitCode::partial;
}

/// One machine's part of a decode that several share.
Result<ExitCode> decode_part(BlobFetcher& blobs, std::span<const std::uint64_t> missing,
    const CellColumns& columns, Output& output)
{
    ASHLAR_TRY(const auto there, blobs.decode_columns(missing, columns, output));
    report_false_answers(blobs.false_answers(), output);
    output.line(fmt::format("{} of {} cell columns are there; without --columns, the repair ends",
        there, CELL_COLUMNS));
    output.message("summary", {{"columns", there}, {"columns_needed", CELL_COLUMNS}});
    return ExitCode::done;
}

Result<ExitCode> repair(const RepairOptions& options, Output& output)
{
    ASHLAR_TRY(const auto columns, requested_columns(options));
    FetchOptions how;
    ASHLAR_TRY(how.memory_bytes, parse_size(options.memory));
    ASHLAR_TRY(const auto root, parse_root(options.object.root));
    ASHLAR_TRY(how.kept_folder, repair_folder(options, root));
    how.scratch_folder = how.kept_folder;
    ASHLAR_TRY(const auto opened, open_requested_object(options.object, output));
    const auto& [connection, view] = opened;
    if (!view.certificate)
        return fail(ErrorKind::insufficient,
            "no node that answers has a certificate of the object: publish it again");
    ASHLAR_TRY(
        const auto request, reservation(options, opened, view.certificate->expiry_unix_seconds));
    const auto nodes = connection.nodes();
    const auto shares = find_missing(view.header, connection.committee(), nodes);
    const auto missing = missing_of_all(shares);

    ASHLAR_TRY(auto blobs, BlobFetcher::make(view, connection.committee(), nodes, how));
    if (!options.columns.empty())
        return decode_part(blobs, missing, columns, output);
    const auto rebuilt = blobs.require(missing, output);
    report_false_answers(blobs.false_answers(), output);
    ASHLAR_CHECK(rebuilt);
    const auto given = give_back(blobs, shares,
        {.view = view, .nodes = nodes, .reservation = request, .memory_bytes = how.memory_bytes},
        output);
    const auto code = report(shares, given, blobs.counts(), output);
    // While members are missing, what was rebuilt for others may serve them too.
    std::error_code error;
    if (code == ExitCode::done)
        std::filesystem::remove_all(how.kept_folder, error);
    return code;
}

}  // namespace

void add_repair_command(CLI::App& app, Invocation& invocation)
{
    auto* const command =
        app.add_subcommand("repair", "Rebuild what nodes have lost of an object, and give it back");
    const auto options = std::make_shared<RepairOptions>();
    add_object_options(*command, options->object, invocation);
    command
        ->add_option("--key", options->key,
            "Key to reserve with, made if missing; by default ~/.config/ashlar/publisher.key")
        ->option_text("FILE");
    command
        ->add_option("--work", options->work,
            "Folder for what is fetched and rebuilt, up to the object's size, by which a repair "
            "goes on after any end; by default ~/.local/state/ashlar/repairs")
        ->option_text("DIR");
    command
        ->add_option("--columns", options->columns,
            "Decode these of the 64 cell columns alone and stop: for one of several machines that "
            "share --work, or whose ROOT/columns folders are brought together afterwards")
        ->option_text("FIRST:END");
    command->add_option("--memory", options->memory, "Working memory of the decoder")
        ->capture_default_str()
        ->option_text("SIZE");
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return repair(*options, output); };
    });
}

}  // namespace ashlar
