#include <memory>

#include "base/random.hpp"
#include "cli/arguments.hpp"
#include "cli/common_options.hpp"
#include "sampling-client/report_format.hpp"
#include "sampling-client/sample_command.hpp"

namespace ashlar
{
namespace
{

ExitCode exit_code_for(Verdict verdict) noexcept
{
    switch (verdict)
    {
        case Verdict::available:
            return ExitCode::done;
        case Verdict::unavailable:
        case Verdict::invalid:
            return ExitCode::answer_is_no;
        case Verdict::unconfirmed:
            break;
    }
    return ExitCode::unreachable;
}

/// As sampling-client's own program, with this program's committee and output.
Result<ExitCode> sample(const SampleCommand& command, Output& output)
{
    std::string nothing_else;
    ASHLAR_TRY(const auto object,
        name_object({.root = command.object_root, .committee = {}, .model = command.model},
            nothing_else, output));
    ASHLAR_TRY(const auto root, parse_root(object.root));
    ASHLAR_TRY(const auto connection, Connection::open(command.committee_file));
    SocketMeter meter;
    ASHLAR_TRY(auto report, sample(root, connection.committee(), connection.nodes(),
                                system_random(), command.options, output));
    auto committee_file = command.committee_file;
    if (committee_file.empty())
    {
        ASHLAR_TRY(committee_file, default_committee_file());
    }
    count_sockets(meter, committee_file, report);
    output.print(command.json ? to_json_line(report) : to_text(report));
    return exit_code_for(report.verdict);
}

}  // namespace

void add_sample_command(CLI::App& app, Invocation& invocation)
{
    auto* const command = app.add_subcommand(
        "sample", "Can the object still be recovered? Asks for a few random cells");
    const auto options = std::make_shared<SampleCommand>();
    const auto committee = std::make_shared<std::string>();
    declare_sample_arguments(*command, *options);
    add_committee_option(*command, *committee);
    command->callback([options, committee, &invocation] {
        options->committee_file = *committee;
        invocation.json = options->json;
        invocation.run = [options](Output& output) { return sample(*options, output); };
    });
}

}  // namespace ashlar
