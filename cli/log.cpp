#include <memory>

#include "base/size_text.hpp"
#include "cli/arguments.hpp"
#include "cli/common_options.hpp"
#include "retrieval/lineage.hpp"

namespace ashlar
{
namespace
{

struct LogOptions
{
    ObjectOptions object;
    std::size_t limit = 1000;
};

void show_version(const ObjectHeader& header, Output& output)
{
    const auto& fields = header.fields();
    output.line(fmt::format("0x{}  {:>9}  {}", to_hex(header.root()),
        format_size(fields.payload_bytes), count_of(fields.data_blobs, "data blob")));
    output.message("version",
        {{"root", "0x" + to_hex(header.root())}, {"parent_root", "0x" + to_hex(fields.parent_root)},
            {"provenance_root", "0x" + to_hex(fields.provenance_root)},
            {"payload_bytes", fields.payload_bytes}, {"data_blobs", fields.data_blobs}});
}

Result<ExitCode> log(const LogOptions& options, Output& output)
{
    ASHLAR_TRY(const auto root, parse_root(options.object.root));
    ASHLAR_TRY(const auto connection, Connection::open(options.object.committee));
    ASHLAR_TRY(const auto lineage, read_lineage(root, connection.nodes(), options.limit));
    report_false_answers(lineage.false_answers, output);
    for (const auto& header : lineage.headers)
        show_version(header, output);
    if (lineage.broken_by)
        output.warning("the list ends early: " + lineage.broken_by->message);
    output.message("summary",
        {{"versions", lineage.headers.size()}, {"complete", !lineage.broken_by.has_value()}});
    return lineage.broken_by ? ExitCode::partial : ExitCode::done;
}

}  // namespace

void add_log_command(CLI::App& app, Invocation& invocation)
{
    auto* const command = app.add_subcommand("log", "List an object and its parents");
    const auto options = std::make_shared<LogOptions>();
    add_object_options(*command, options->object, invocation);
    command->add_option("--limit", options->limit, "Versions to list at most")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return log(*options, output); };
    });
}

}  // namespace ashlar
