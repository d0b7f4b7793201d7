#include "sampling-client/sample_command.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/random.hpp"
#include "sampling-client/report_format.hpp"
#include "transport/grpc_node_client.hpp"

namespace ashlar
{
namespace
{

constexpr int EXIT_YES = 0;
constexpr int EXIT_NO = 1;
constexpr int EXIT_USAGE = 2;
constexpr int EXIT_UNREACHED = 4;

int exit_code(Verdict verdict)
{
    switch (verdict)
    {
        case Verdict::available:
            return EXIT_YES;
        case Verdict::unavailable:
        case Verdict::invalid:
            return EXIT_NO;
        case Verdict::unconfirmed:
            return EXIT_UNREACHED;
    }
    ASHLAR_ASSERT(false);
}

int exit_code(ErrorKind kind)
{
    switch (kind)
    {
        case ErrorKind::proof_invalid:
        case ErrorKind::not_found:
            return EXIT_NO;
        case ErrorKind::insufficient:
        case ErrorKind::unavailable:
            return EXIT_UNREACHED;
        case ErrorKind::invalid_input:
        case ErrorKind::corrupted:
            break;
    }
    return EXIT_USAGE;
}

int report_error(const SampleCommand& command, const Error& error, int code)
{
    if (command.json)
        fmt::print(
            "{}\n", nlohmann::ordered_json{{"message_type", "error"}, {"message", error.message},
                        {"exit_code", code}}
                        .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    fmt::print(stderr, "{}: {}\n", command.program, error.message);
    return code;
}

/// The root that the command names, by itself or by a model.
Result<Bytes32> root_of(const SampleCommand& command)
{
    if (!command.model.model.empty())
    {
        ASHLAR_TRY(const auto found, find_model(command.model));
        fmt::print("{}\n", command.json ? to_json(found) : to_text(found));
        return found.model.object_root;
    }
    auto root = array_from_hex<32>(command.object_root);
    if (!root)
        return within("object root", std::move(root).error());
    return root;
}

}  // namespace

Result<Committee> load_committee(const std::filesystem::path& path)
{
    auto bytes = read_file(path, COMMITTEE_FILE_BYTES_MAX);
    if (!bytes)
        return within("committee file", std::move(bytes).error());
    auto committee = Committee::parse_json(as_text(*bytes));
    if (!committee)
        return within(
            fmt::format("committee file {}", path.string()), std::move(committee).error());
    return committee;
}

void declare_sample_arguments(CLI::App& app, SampleCommand& command)
{
    declare_root_or_model(app, command.object_root, command.model);
    app.add_option("--error", command.options.error, "Probability of a wrong verdict")
        ->capture_default_str();
    app.add_option("--mode", command.options.mode, "What a sample reads: cell or blob")
        ->transform(CLI::CheckedTransformer(std::map<std::string, SampleMode>{
            {"cell", SampleMode::cell}, {"blob", SampleMode::blob}}))
        ->default_str("cell");
    app.add_option_function<double>(
           "--deadline",
           [&command](double seconds) {
               command.options.deadline =
                   std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
           },
           "Seconds after which no further question is asked")
        ->check(CLI::Range(0.001, 86'400.0))
        ->default_str("60");
    app.add_option("--evidence", command.options.evidence_folder,
        "Folder for what nodes or the publisher said falsely");
    app.add_flag("--json", command.json, "One line of JSON");
    app.add_flag("--full-commitments", command.options.full_commitments,
        "Take all commitments and make the published full check, instead of walks");
}

ClientOptions sampling_client_options()
{
    // A light client's answers are small, and others can be asked.
    return {.connect_timeout = std::chrono::seconds{2}, .call_timeout = std::chrono::seconds{8}};
}

void count_sockets(
    SocketMeter& meter, const std::filesystem::path& committee_file, SampleReport& report)
{
    std::error_code error;
    const auto committee_bytes = std::filesystem::file_size(committee_file, error);
    report.socket_bytes = meter.poll().total() + (error ? 0 : committee_bytes);
}

int run_sample_command(const SampleCommand& command, ProgressListener& progress)
{
    const auto root = root_of(command);
    if (!root)
        return report_error(command, root.error(), exit_code(root.error().kind));
    const auto committee = load_committee(command.committee_file);
    if (!committee)
        return report_error(command, committee.error(), EXIT_USAGE);

    const auto clients = connect_committee(*committee, sampling_client_options());
    std::vector<LightNodeApi*> nodes;
    nodes.reserve(clients.size());
    for (const auto& client : clients)
        nodes.push_back(client.get());
    SocketMeter meter;
    auto report = sample(*root, *committee, std::span<LightNodeApi* const>{nodes}, system_random(),
        command.options, progress);
    if (!report)
        return report_error(command, report.error(),
            report.error().kind == ErrorKind::not_found ? EXIT_NO : EXIT_USAGE);
    count_sockets(meter, command.committee_file, *report);
    fmt::print("{}", command.json ? to_json_line(*report) : to_text(*report));
    return exit_code(report->verdict);
}

}  // namespace ashlar
