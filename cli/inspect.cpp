#include <memory>

#include "base/clock.hpp"
#include "base/size_text.hpp"
#include "cli/common_options.hpp"

namespace ashlar
{
namespace
{

std::string hex_or_none(const Bytes32& hash)
{
    return is_zero(hash) ? "none" : "0x" + to_hex(hash);
}

void show_header(const ObjectHeader& header, Output& output, Json& summary)
{
    const auto& fields = header.fields();
    const std::pair<std::string_view, const Bytes32&> hashes[] = {{"root", header.root()},
        {"commitments_root", fields.commitments_root}, {"fold_root", fields.fold_root},
        {"directory_root", fields.directory_root}, {"group_parity_root", fields.group_parity_root},
        {"placement_seed", fields.placement_seed}, {"parent_root", fields.parent_root},
        {"provenance_root", fields.provenance_root}};
    const std::pair<std::string_view, std::uint64_t> numbers[] = {
        {"payload_bytes", fields.payload_bytes}, {"directory_offset", fields.directory_offset},
        {"data_blobs", fields.data_blobs}, {"parity_blobs", fields.parity_blobs},
        {"group_parities", fields.group_parities}, {"copies", fields.copies}};
    for (const auto& [name, hash] : hashes)
    {
        output.line(fmt::format("{:<18} {}", name, hex_or_none(hash)));
        summary[std::string{name}] = "0x" + to_hex(hash);
    }
    for (const auto& [name, number] : numbers)
    {
        output.line(fmt::format("{:<18} {}", name, number));
        summary[std::string{name}] = number;
    }
}

void show_shape(const ObjectShape& shape, Output& output, Json& summary)
{
    output.line(
        fmt::format("code               K = {} data + P = {} parity = S = {} stored blobs, "
                    "any K of which give back all; D = {}",
            shape.data_blobs(), shape.parity_blobs(), shape.stored_count(), shape.domain()));
    output.line(fmt::format("placement          {} of 8 runs of {}, {}",
        count_of(shape.stripe_count(), "stripe"), count_of(shape.run_blobs(), "blob"),
        count_of(shape.local_parity_count(), "local parity blob")));
    summary["stored_blobs"] = shape.stored_count();
    summary["domain"] = shape.domain();
    summary["stripes"] = shape.stripe_count();
    summary["local_parity_blobs"] = shape.local_parity_count();
}

void show_certificate(
    const ObjectView& view, const Committee& committee, Output& output, Json& summary)
{
    if (!view.certificate)
    {
        output.line("certificate        none found");
        summary["certificate"] = nullptr;
        return;
    }
    const auto expiry = view.certificate->expiry_unix_seconds;
    const bool expired = expiry <= system_clock().unix_seconds();
    const auto percent = tolerated_percent(view.header, committee, view.signers);
    output.line(fmt::format("certificate        {} of {} nodes, {} {}; {}", view.signers.size(),
        committee.size(), expired ? "EXPIRED on" : "until", format_date(expiry),
        describe_tolerance(percent)));
    summary["certificate"] = {{"signers", view.signers}, {"expiry", expiry}, {"expired", expired},
        {"tolerated_percent", percent.value_or(0)}};
}

void show_holders(const OpenedObject& opened, Output& output, Json& summary)
{
    const auto& [connection, view] = opened;
    const Placement placement{view.header, connection.committee()};
    const auto answers = ask_status(connection.nodes());
    const auto holdings = ask_holdings(connection.nodes(), view.header.root());
    std::uint64_t raw_bytes = 0;
    summary["members"] = Json::array();
    output.line("");
    output.line("node    pieces        raw     stored  signed  state");
    for (std::size_t m = 0; m < answers.size(); ++m)
    {
        const auto pieces = placement.pieces_of(m).size();
        const bool signer = std::ranges::find(view.signers, m) != view.signers.end();
        const auto state = !answers[m]            ? answers[m].error().message
                           : answers[m]->degraded ? std::string{"up, degraded"}
                                                  : std::string{"up"};
        // Raw are the pieces placed on it; stored is what it says that lies on its disk.
        const auto raw = pieces * BYTES_PER_BLOB;
        const auto stored = holdings[m] ? holdings[m]->stored_bytes : 0;
        raw_bytes += raw;
        output.line(
            fmt::format("{:<4}  {:>8}  {:>9}  {:>9}  {:<6}  {}", m, pieces, format_size(raw),
                holdings[m] ? format_size(stored) : "-", signer ? "yes" : "no", state));
        summary["members"].push_back(
            {{"member", m}, {"pieces", pieces}, {"signed", signer}, {"raw_bytes", raw},
                {"stored_bytes", stored}, {"up", answers[m].has_value()}, {"state", state}});
    }
    summary["raw_bytes"] = raw_bytes;
    summary["stored_bytes"] = stored_bytes_of(holdings);
}

Result<ExitCode> inspect(const ObjectOptions& options, Output& output)
{
    ASHLAR_TRY(const auto opened, open_requested_object(options, output));
    Json summary;
    show_header(opened.view.header, output, summary);
    show_shape(opened.view.header.shape(), output, summary);
    show_certificate(opened.view, opened.connection.committee(), output, summary);
    show_holders(opened, output, summary);
    output.message("summary", summary);
    return ExitCode::done;
}

}  // namespace

void add_inspect_command(CLI::App& app, Invocation& invocation)
{
    auto* const command =
        app.add_subcommand("inspect", "Show an object's header, certificate and holders");
    const auto options = std::make_shared<ObjectOptions>();
    add_object_options(*command, *options, invocation);
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return inspect(*options, output); };
    });
}

}  // namespace ashlar
