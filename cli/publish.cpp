#include <memory>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/size_text.hpp"
#include "cli/arguments.hpp"
#include "cli/common_options.hpp"
#include "publisher/publish.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t SECONDS_PER_DAY = 86'400;
constexpr std::uint64_t KEEP_DAYS_MAX = 3'600;  // nodes take leases of up to ten years

struct PublishOptions
{
    std::string folder;
    std::string committee;
    std::string key;
    std::uint64_t keep_days = 30;
    std::vector<std::string> opaque;
    std::optional<std::uint64_t> copies;
    std::string scratch;
    std::string memory = "1GiB";
    bool dry_run = false;
};

/// Rounded up to a whole day: a command that is run again asks for the same date, so signatures
/// that it has already stay good.
std::uint64_t expiry_after(std::uint64_t days)
{
    const auto now = system_clock().unix_seconds();
    return (now / SECONDS_PER_DAY + 1 + days) * SECONDS_PER_DAY;
}

Result<EncodeOptions> encode_options(const PublishOptions& options)
{
    EncodeOptions encode;
    encode.copies = options.copies;
    ASHLAR_TRY(encode.memory_bytes, parse_size(options.memory));
    ASHLAR_TRY(encode.scratch_folder, scratch_folder(options.scratch));
    return encode;
}

Result<PublisherKey> load_key(const PublishOptions& options)
{
    std::filesystem::path file{options.key};
    if (file.empty())
    {
        ASHLAR_TRY(file, default_key_file());
    }
    return PublisherKey::load_or_create(file);
}

Result<Payload> read_payload(const PublishOptions& options, Output& output)
{
    return Payload::from_folder(
        options.folder, {.opaque = {options.opaque.begin(), options.opaque.end()},
                            .progress = [&](std::uint64_t done, std::uint64_t total) {
                                output.advance("hash", ProgressUnit::bytes, done, total);
                            }});
}

/// What an encoded object is, in text and JSON.
void report_object(const Payload& payload, const EncodedObject& object, std::uint64_t stored_bytes,
    Output& output, Json& summary)
{
    const auto& fields = object.header().fields();
    const auto& directory = payload.directory();
    const auto overhead =
        static_cast<double>(stored_bytes) / static_cast<double>(fields.payload_bytes);
    output.line(fmt::format("root         0x{}", to_hex(object.header().root())));
    output.line(fmt::format("payload      {} in {}, {}", format_size(fields.payload_bytes),
        count_of(directory.files().size(), "file"),
        count_of(directory.tensors().size(), "tensor")));
    output.line(fmt::format("code         K = {} data blobs, P = {} parity blobs, L = {}, C = {}",
        fields.data_blobs, fields.parity_blobs, fields.group_parities, fields.copies));
    output.line(fmt::format(
        "stored       {}, {:.2f} times the payload", format_size(stored_bytes), overhead));
    summary = {{"root", "0x" + to_hex(object.header().root())},
        {"payload_bytes", fields.payload_bytes}, {"files", directory.files().size()},
        {"tensors", directory.tensors().size()}, {"data_blobs", fields.data_blobs},
        {"parity_blobs", fields.parity_blobs}, {"group_parities", fields.group_parities},
        {"copies", fields.copies}, {"stored_bytes", stored_bytes}};
}

Result<ExitCode> report_dry_run(
    const Payload& payload, const EncodedObject& object, const Committee& committee, Output& output)
{
    const Placement placement{object.header(), committee};
    std::vector<std::uint64_t> pieces(committee.size());
    std::uint64_t total = 0;
    for (std::size_t m = 0; m < committee.size(); ++m)
    {
        pieces[m] = placement.pieces_of(m).size();
        total += pieces[m];
    }
    Json summary;
    report_object(payload, object, total * BYTES_PER_BLOB, output, summary);
    output.line("would upload (dry run: nothing was sent)");
    for (std::size_t m = 0; m < committee.size(); ++m)
    {
        output.line(fmt::format("  node {:<4} {:>8} pieces  {:>9}", m, pieces[m],
            format_size(pieces[m] * BYTES_PER_BLOB)));
    }
    summary["dry_run"] = true;
    summary["pieces_by_member"] = pieces;
    output.message("summary", summary);
    return ExitCode::done;
}

Json member_json(std::size_t member, const MemberOutcome& outcome)
{
    return {{"member", member}, {"pieces", outcome.pieces}, {"pieces_sent", outcome.pieces_sent},
        {"certified", outcome.certified}, {"error", printable(outcome.error)}};
}

void report_members(const Published& published, Output& output, Json& summary)
{
    output.line("");
    output.line("node    pieces      sent  outcome");
    summary["members"] = Json::array();
    for (std::size_t m = 0; m < published.members.size(); ++m)
    {
        const auto& outcome = published.members[m];
        const auto* const state = outcome.certified     ? "signed"
                                  : outcome.pieces == 0 ? "holds nothing"
                                                        : "did not sign";
        output.line(
            fmt::format("{:<4}  {:>8}  {:>8}  {}{}{}", m, outcome.pieces, outcome.pieces_sent,
                state, outcome.error.empty() ? "" : ": ", printable(outcome.error)));
        summary["members"].push_back(member_json(m, outcome));
    }
}

Result<ExitCode> report_published(
    const Payload& payload, const EncodedObject& object, const Published& published, Output& output)
{
    std::uint64_t pieces = 0;
    bool complete = true;
    for (const auto& member : published.members)
    {
        pieces += member.pieces;
        complete &= member.certified || member.pieces == 0;
    }
    Json summary;
    report_object(payload, object, pieces * BYTES_PER_BLOB, output, summary);
    const auto& certificate = published.certificate;
    output.line(fmt::format("certificate  {} of {} nodes, until {}; {}", published.signers.size(),
        published.members.size(), format_date(certificate.expiry_unix_seconds),
        describe_tolerance(published.tolerated_percent)));
    summary["bytes_sent"] = published.bytes_sent;
    summary["expiry"] = certificate.expiry_unix_seconds;
    summary["signers"] = published.signers;
    summary["signer_count"] = published.signers.size();
    summary["tolerated_percent"] = published.tolerated_percent.value_or(0);
    report_members(published, output, summary);
    output.message("summary", summary);
    return complete ? ExitCode::done : ExitCode::partial;
}

Result<ExitCode> publish(const PublishOptions& options, Output& output)
{
    ASHLAR_TRY(const auto connection, Connection::open(options.committee));
    ASHLAR_TRY(const auto encode, encode_options(options));
    ASHLAR_TRY(const auto payload, read_payload(options, output));
    for (const auto& sentence : payload.advice())
        output.warning(sentence);
    // Before the long work, so that a bad key file is told at once; a dry run makes none.
    std::optional<PublisherKey> key;
    if (!options.dry_run)
    {
        ASHLAR_TRY(auto loaded, load_key(options));
        key.emplace(std::move(loaded));
    }
    const auto& committee = connection.committee();
    ASHLAR_TRY(const auto object, EncodedObject::make(payload, committee, encode, output));
    if (!key)
        return report_dry_run(payload, object, committee, output);
    ASHLAR_TRY(const auto published,
        spread(object, committee, connection.nodes(), *key,
            {.expiry_unix_seconds = expiry_after(options.keep_days)}, output));
    return report_published(payload, object, published, output);
}

}  // namespace

void add_publish_command(CLI::App& app, Invocation& invocation)
{
    auto* const command =
        app.add_subcommand("publish", "Encode a checkpoint folder and spread it over a committee");
    const auto options = std::make_shared<PublishOptions>();
    command->add_option("folder", options->folder, "Checkpoint folder")
        ->required()
        ->option_text("FOLDER");
    add_committee_option(*command, options->committee);
    command
        ->add_option("--key", options->key,
            "Publisher key, made if missing; by default ~/.config/ashlar/publisher.key")
        ->option_text("FILE");
    command->add_option("--keep-days", options->keep_days, "Days that nodes keep the object")
        ->check(CLI::Range(std::uint64_t{1}, KEEP_DAYS_MAX))
        ->capture_default_str();
    command
        ->add_option("--opaque", options->opaque,
            "A .safetensors, .gguf or index file to store without looking into it")
        ->option_text("PATH ...");
    command->add_option("--copies", options->copies,
        "Copies of every piece, 1 to 255; by default "
        "as many as outlast a third of the weight");
    command->add_option("--scratch", options->scratch, "Folder for parity during the upload")
        ->option_text("DIR");
    command->add_option("--memory", options->memory, "Working memory of the encoder")
        ->capture_default_str()
        ->option_text("SIZE");
    command->add_flag("--dry-run", options->dry_run, "Encode and show the root, but send nothing");
    add_json_option(*command, invocation);
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return publish(*options, output); };
    });
}

}  // namespace ashlar
