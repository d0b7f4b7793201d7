#include "cli/common_options.hpp"

#include "base/log.hpp"
#include "cli/arguments.hpp"

namespace ashlar
{

void add_json_option(CLI::App& command, Invocation& invocation)
{
    command.add_flag("--json", invocation.json, "Print JSON objects, one a line");
}

void add_committee_option(CLI::App& command, std::string& committee)
{
    command
        .add_option("--committee", committee,
            "Committee file; by default $ASHLAR_COMMITTEE, else the devnet's")
        ->option_text("FILE");
}

void add_object_options(CLI::App& command, ObjectOptions& options, Invocation& invocation)
{
    command.add_option("root", options.root, "Object root, 64 hexadecimal digits")
        ->required()
        ->option_text("ROOT");
    add_committee_option(command, options.committee);
    add_json_option(command, invocation);
}

void add_object_or_model_options(CLI::App& command, ObjectOptions& options, Invocation& invocation)
{
    command
        .add_option("root", options.root, "Object root, 64 hexadecimal digits; not with --model")
        ->option_text("ROOT");
    declare_model_options(command, options.model);
    add_committee_option(command, options.committee);
    add_json_option(command, invocation);
}

Result<ObjectOptions> name_object(const ObjectOptions& options, std::string& next, Output& output)
{
    if (options.model.model.empty())
    {
        if (options.root.empty())
            return fail(ErrorKind::invalid_input, "name an object: ROOT, or --model ID");
        return options;
    }
    if (!next.empty())
        return fail(ErrorKind::invalid_input, "name an object by ROOT or by --model, not by both");
    next = options.root;
    ASHLAR_TRY(const auto found, find_model(options.model));
    output.print((output.is_json() ? to_json(found) : to_text(found)) + "\n");
    return ObjectOptions{.root = to_hex(found.model.object_root), .committee = options.committee};
}

Result<std::filesystem::path> scratch_folder(const std::string& option)
{
    std::error_code error;
    const auto folder = option.empty() ? std::filesystem::temp_directory_path(error)
                                       : std::filesystem::path{option};
    if (error || !std::filesystem::is_directory(folder, error))
        return fail(ErrorKind::invalid_input,
            "{} is no folder for temporary files: give another "
            "with --scratch",
            printable(folder.native()));
    return folder;
}

Result<OpenedObject> open_requested_object(const ObjectOptions& options, Output& output)
{
    ASHLAR_TRY(const auto root, parse_root(options.root));
    ASHLAR_TRY(auto connection, Connection::open(options.committee));
    ASHLAR_TRY(auto view, open_object(root, connection.committee(), connection.nodes()));
    report_false_answers(view.false_answers, output);
    return OpenedObject{.connection = std::move(connection), .view = std::move(view)};
}

Result<OpenedLightObject> open_light_object(const ObjectOptions& options, CommitmentTrust trust)
{
    ASHLAR_TRY(const auto root, parse_root(options.root));
    ASHLAR_TRY(auto opened, Connection::open(options.committee));
    auto connection = std::make_unique<Connection>(std::move(opened));
    ASHLAR_TRY(
        auto found, LightObject::open(root, connection->committee(), connection->nodes(), trust));
    auto object = std::make_unique<LightObject>(std::move(found));
    auto view = view_by_walks(*object);
    return OpenedLightObject{.connection = std::move(connection),
        .object = std::move(object),
        .trust = trust,
        .view = std::move(view)};
}

void report_light_answers(const OpenedLightObject& opened, const BlobFetcher& blobs, Output& output)
{
    report_false_answers(opened.object->false_answers(), output);
    report_false_answers(opened.view.commitments->false_answers(), output);
    report_false_answers(blobs.false_answers(), output);
}

void report_false_answers(const std::vector<FalseAnswer>& answers, Output& output)
{
    for (const auto& answer : answers)
        output.warning(
            fmt::format("node {} gave a false answer: {}", answer.member, printable(answer.what)));
}

std::string describe_tolerance(std::optional<unsigned> percent)
{
    if (!percent || *percent == 0)
        return "recoverable while all of its signers answer";
    return fmt::format(
        "recoverable even if members holding {} % of the weight lose or hide everything", *percent);
}

}  // namespace ashlar
