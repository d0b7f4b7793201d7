#include <memory>
#include <set>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/parallel.hpp"
#include "base/size_text.hpp"
#include "cli/arguments.hpp"
#include "cli/common_options.hpp"
#include "cli/publish_provenance.hpp"
#include "publisher/publish.hpp"
#include "publisher/publish_plan.hpp"
#include "retrieval/lineage.hpp"

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
    std::uint64_t patience_seconds = 600;
    std::vector<std::string> opaque;
    StatementOptions statement;
    std::string parent;
    std::string parent_folder;
    std::optional<std::uint64_t> copies;
    std::string scratch;
    std::string memory = "1GiB";
    std::string journal;
    bool no_journal = false;
    bool restart = false;
    bool dry_run = false;
    bool show_root = false;
};

/// Rounded up to a whole day: a command that is run again asks for the same date, so signatures
/// that it has already stay good. One that is resumed later keeps its first date while that leaves
/// nodes half the days.
std::uint64_t expiry_after(std::uint64_t days, const PublishJournal* journal)
{
    const auto now = system_clock().unix_seconds();
    const auto expiry = (now / SECONDS_PER_DAY + 1 + days) * SECONDS_PER_DAY;
    const auto before = journal == nullptr ? 0 : journal->found().expiry_unix_seconds;
    return before > now + days * SECONDS_PER_DAY / 2 && before < expiry ? before : expiry;
}

/// Stands for what is published, where from and how: only the same is resumed.
Result<Bytes32> journal_key(const PublishOptions& options, const Committee& committee)
{
    std::error_code error;
    const auto folder = std::filesystem::canonical(options.folder, error);
    if (error)
        return fail(ErrorKind::invalid_input, "cannot read {}: {}", printable(options.folder),
            error.message());
    Bytes text;
    const auto add = [&](std::string_view part) {
        append(text, big_endian(std::uint64_t{part.size()}));
        append(text, as_byte_view(part));
    };
    add(folder.native());
    append(text, committee.root());
    add(options.parent);
    add(options.statement.key);
    add(options.statement.provenance);
    append(text, big_endian(options.copies.value_or(0)));
    append(text, big_endian(options.keep_days));
    for (const auto& path : std::set<std::string>{options.opaque.begin(), options.opaque.end()})
        add(path);
    return sha256({as_byte_view("ashlar/journal-key/v1"), text});
}

/// Nothing if the user wants none.
Result<std::unique_ptr<PublishJournal>> open_journal(
    const PublishOptions& options, const Committee& committee)
{
    if (options.no_journal || options.dry_run)
        return std::unique_ptr<PublishJournal>{};
    PublishJournal::Place place{
        .folder = options.journal, .parity_folder = options.scratch, .key = {}};
    if (options.journal.empty())
    {
        ASHLAR_TRY(place.folder, default_journal_folder());
    }
    ASHLAR_TRY(place.key, journal_key(options, committee));
    if (options.restart)
        ASHLAR_CHECK(PublishJournal::discard(place));
    return PublishJournal::open(place);
}

/// The header of the version before, if one is named.
Result<std::optional<ObjectHeader>> find_parent(
    const PublishOptions& options, const Connection& connection, Output& output)
{
    if (options.parent.empty())
        return std::optional<ObjectHeader>{};
    ASHLAR_TRY(const auto root, parse_root(options.parent));
    const auto lineage = read_lineage(root, connection.nodes(), 1);
    if (!lineage)
        return within("the parent", lineage.error());
    report_false_answers(lineage->false_answers, output);
    return std::optional{lineage->headers.front()};
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

Result<StatedPayload> read_payload(const PublishOptions& options, const Bytes32& parent_root,
    PublishJournal* journal, Output& output)
{
    PayloadOptions how;
    how.opaque = {options.opaque.begin(), options.opaque.end()};
    how.progress = [&](std::uint64_t done, std::uint64_t total) {
        output.advance("hash", ProgressUnit::bytes, done, total);
    };
    if (journal != nullptr)
    {
        how.known = [journal](const SourceFile& file) { return journal->known_digests(file); };
        how.hashed = [journal](const SourceFile& file, const FileDigests& digests) {
            return journal->note_file(file, digests);
        };
    }
    ASHLAR_TRY(auto payload, Payload::from_folder(options.folder, how));
    for (const auto& sentence : payload.advice())
        output.warning(sentence);
    if (!how.opaque.contains(std::string{MODEL_SIGNATURE_FILE}))
        ASHLAR_CHECK(check_model_signature(payload, options.statement, output));
    return add_statement(std::move(payload), options.statement, parent_root);
}

struct PlacedBytes
{
    std::uint64_t raw;
    std::uint64_t stored;
};

/// The version before itself, if a folder of it is named.
Result<std::optional<Payload>> read_parent(
    const PublishOptions& options, const std::optional<ObjectHeader>& parent, Output& output)
{
    if (options.parent_folder.empty() || !parent)
        return std::optional<Payload>{};
    PayloadOptions how;
    how.opaque = {options.opaque.begin(), options.opaque.end()};
    how.progress = [&](std::uint64_t done, std::uint64_t total) {
        output.advance("hash parent", ProgressUnit::bytes, done, total);
    };
    auto payload = Payload::from_folder(options.parent_folder, how);
    if (!payload)
        return within("the parent's folder", payload.error());
    if (payload->directory().root() != parent->fields().directory_root)
        return fail(ErrorKind::invalid_input,
            "{} is not what was published as {}: fetch that, or leave out --parent-folder",
            printable(options.parent_folder), options.parent);
    return std::optional{std::move(*payload)};
}

/// What an encoded object is, in text and JSON.
/// @param placed_bytes  Of the pieces placed on members, raw and as they lie there.
void report_object(const Payload& payload, const EncodedObject& object,
    const PlacedBytes& placed_bytes, Output& output, Json& summary)
{
    const auto& fields = object.header().fields();
    const auto& directory = payload.directory();
    const auto overhead =
        static_cast<double>(placed_bytes.stored) / static_cast<double>(fields.payload_bytes);
    output.line(fmt::format("root         0x{}", to_hex(object.header().root())));
    output.line(fmt::format("payload      {} in {}, {}", format_size(fields.payload_bytes),
        count_of(directory.files().size(), "file"),
        count_of(directory.tensors().size(), "tensor")));
    output.line(fmt::format("code         K = {} data blobs, P = {} parity blobs, L = {}, C = {}",
        fields.data_blobs, fields.parity_blobs, fields.group_parities, fields.copies));
    output.line(fmt::format("stored       {}, {:.2f} times the payload; {} raw",
        format_size(placed_bytes.stored), overhead, format_size(placed_bytes.raw)));
    summary = {{"root", "0x" + to_hex(object.header().root())},
        {"payload_bytes", fields.payload_bytes}, {"files", directory.files().size()},
        {"tensors", directory.tensors().size()}, {"data_blobs", fields.data_blobs},
        {"parity_blobs", fields.parity_blobs}, {"group_parities", fields.group_parities},
        {"copies", fields.copies}, {"raw_bytes", placed_bytes.raw},
        {"stored_bytes", placed_bytes.stored}};
}

std::string format_duration(double seconds)
{
    const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

/// What a publish would take, and at which speed of the uplink how long.
Result<void> report_plan(const PublishPlan& plan, Output& output, Json& summary)
{
    constexpr double BITS_PER_BYTE = 8;
    constexpr double GIGABIT = 1e9;
    constexpr double PERCENT = 100;
    const auto& shape = plan.header.shape();
    ASHLAR_TRY(const auto time, estimate_core_time(shape));
    const auto bytes_up = plan.stored_bytes_up() + plan.metadata_bytes_up;
    const auto computing = time.total() / static_cast<double>(thread_count());
    const auto sending = static_cast<double>(bytes_up) * BITS_PER_BYTE / GIGABIT;
    output.line(fmt::format("positions    {} in all, {} stored, {} local parities; C = {}",
        shape.position_count(), shape.stored_count(), shape.local_parity_count(),
        plan.header.fields().copies));
    output.line(fmt::format("bytes up     {}, of it {} commitments; pieces are {} raw",
        format_size(bytes_up), format_size(plan.metadata_bytes_up),
        format_size(plan.piece_bytes_up)));
    output.line(fmt::format("stored form  {:.0f} % of a data blob, by {}",
        PERCENT * plan.forms.ratio(), count_of(plan.forms.blobs, "sampled blob")));
    output.line(fmt::format("memory       {} at most, about", format_size(plan.memory_bytes)));
    output.line(fmt::format("scratch      {}", format_size(plan.scratch_bytes)));
    output.line(fmt::format("core time    {} (commit {}, encode {}, extend {})",
        format_duration(time.total()), format_duration(time.commit), format_duration(time.encode),
        format_duration(time.extend)));
    output.line(fmt::format("expected     {} on {}, then {} for each Gbit/s of uplink",
        format_duration(computing), count_of(thread_count(), "core"), format_duration(sending)));
    output.line(
        fmt::format("certificate  {} if all sign", describe_tolerance(plan.tolerated_percent)));
    summary.update(Json{{"positions", shape.position_count()}, {"stored", shape.stored_count()},
        {"local_parities", shape.local_parity_count()}, {"copies", plan.header.fields().copies},
        {"bytes_up", bytes_up}, {"raw_bytes_up", plan.piece_bytes_up},
        {"stored_ratio", plan.forms.ratio()}, {"memory_bytes", plan.memory_bytes},
        {"scratch_bytes", plan.scratch_bytes}, {"core_seconds", time.total()},
        {"computing_seconds", computing}, {"upload_seconds_at_1_gbit", sending},
        {"tolerated_percent", plan.tolerated_percent.value_or(0)}});
    return {};
}

Result<ExitCode> report_dry_run(
    const Payload& payload, const EncodedObject* object, const PublishPlan& plan, Output& output)
{
    Json summary;
    if (object != nullptr)
        report_object(payload, *object,
            {.raw = plan.piece_bytes_up, .stored = plan.stored_bytes_up()}, output, summary);
    ASHLAR_CHECK(report_plan(plan, output, summary));
    output.line("would upload (dry run: nothing was sent)");
    for (std::size_t m = 0; m < plan.pieces_by_member.size(); ++m)
    {
        output.line(fmt::format("  node {:<4} {:>8} pieces  {:>9}", m, plan.pieces_by_member[m],
            format_size(plan.pieces_by_member[m] * BYTES_PER_BLOB)));
    }
    summary["dry_run"] = true;
    summary["pieces_by_member"] = plan.pieces_by_member;
    output.message("summary", summary);
    return ExitCode::done;
}

/// With --root everything is encoded, else nothing: then only the files are hashed.
Result<ExitCode> dry_run(const PublishOptions& options, const Payload& payload,
    const Committee& committee, const EncodeOptions& encode, Output& output)
{
    ASHLAR_TRY(const auto plan, plan_publish(payload, committee, encode));
    if (!options.show_root)
        return report_dry_run(payload, nullptr, plan, output);
    ASHLAR_TRY(const auto object, EncodedObject::make(payload, committee, encode, output));
    return report_dry_run(payload, &object, plan, output);
}

Json member_json(std::size_t member, const MemberOutcome& outcome)
{
    return {{"member", member}, {"pieces", outcome.pieces}, {"pieces_sent", outcome.pieces_sent},
        {"bytes_sent", outcome.bytes_sent}, {"certified", outcome.certified},
        {"error", printable(outcome.error)}};
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

Result<ExitCode> report_published(const Payload& payload, const EncodedObject& object,
    const Published& published, std::uint64_t stored_bytes, Output& output)
{
    std::uint64_t pieces = 0;
    bool complete = true;
    for (const auto& member : published.members)
    {
        pieces += member.pieces;
        complete &= member.certified || member.pieces == 0;
    }
    Json summary;
    report_object(
        payload, object, {.raw = pieces * BYTES_PER_BLOB, .stored = stored_bytes}, output, summary);
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

/// @param encode  With the journal, or null for none.
Result<ExitCode> publish_with(const PublishOptions& options, const Connection& connection,
    EncodeOptions encode, Output& output)
{
    const auto& committee = connection.committee();
    auto* const journal = encode.journal;
    if (journal != nullptr && options.scratch.empty())
        encode.scratch_folder = journal->folder();
    ASHLAR_TRY(encode.parent, find_parent(options, connection, output));
    ASHLAR_TRY(const auto stated,
        read_payload(options, encode.parent ? encode.parent->root() : Bytes32{}, journal, output));
    const auto& payload = stated.payload;
    ASHLAR_TRY(const auto parent_payload, read_parent(options, encode.parent, output));
    encode.parent_payload = parent_payload ? &*parent_payload : nullptr;
    encode.provenance_root = stated.provenance_root;
    if (options.dry_run)
        return dry_run(options, payload, committee, encode, output);
    // Before the long work, so that a bad key file is told at once.
    ASHLAR_TRY(const auto key, load_key(options));
    ASHLAR_TRY(const auto object, EncodedObject::make(payload, committee, encode, output));
    ASHLAR_TRY(const auto published,
        spread(object, committee, connection.nodes(), key,
            {.expiry_unix_seconds = expiry_after(options.keep_days, journal),
                .memory_bytes = encode.memory_bytes,
                .straggler_patience = std::chrono::seconds{options.patience_seconds},
                .journal = journal},
            output));
    const auto held = ask_holdings(connection.nodes(), object.header().root());
    return report_published(payload, object, published, stored_bytes_of(held), output);
}

Result<ExitCode> publish(const PublishOptions& options, Output& output)
{
    ASHLAR_TRY(const auto connection, Connection::open(options.committee));
    ASHLAR_TRY(auto encode, encode_options(options));
    ASHLAR_TRY(const auto journal, open_journal(options, connection.committee()));
    encode.journal = journal.get();
    ASHLAR_TRY(const auto code, publish_with(options, connection, std::move(encode), output));
    // While members are missing, the same command goes on with them. What is killed behind this
    // begins anew, so all that takes time is done.
    if (journal && code == ExitCode::done)
        ASHLAR_CHECK(journal->remove());
    return code;
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
        ->add_option("--patience", options->patience_seconds,
            "Seconds to go on with slow nodes once the certificate has its weight")
        ->check(CLI::Range(std::uint64_t{0}, SECONDS_PER_DAY))
        ->capture_default_str();
    command
        ->add_option("--opaque", options->opaque,
            "A .safetensors, .gguf or index file, or model.sig, to store without looking into it")
        ->option_text("PATH ...");
    command
        ->add_option("--parent", options->parent,
            "Object root of the version before: nodes that hold it are not sent again what is "
            "equal at the same place")
        ->option_text("ROOT");
    command
        ->add_option("--parent-folder", options->parent_folder,
            "With --parent: a folder of the version before, as it was published or fetched. Blobs "
            "that changed are sent as differences to it where that is shorter")
        ->option_text("DIR");
    add_statement_options(*command, options->statement);
    command->add_option("--copies", options->copies,
        "Copies of every piece, 1 to 255; by default "
        "as many as outlast a third of the weight");
    command->add_option("--scratch", options->scratch, "Folder for parity during the upload")
        ->option_text("DIR");
    command->add_option("--memory", options->memory, "Working memory of the encoder")
        ->capture_default_str()
        ->option_text("SIZE");
    command
        ->add_option("--journal", options->journal,
            "Folder for the journals by which a publish goes on after any end; by default "
            "~/.local/state/ashlar/publishes. Parity lies there too, unless --scratch is given")
        ->option_text("DIR");
    command->add_flag("--no-journal", options->no_journal, "Keep no journal");
    command->add_flag(
        "--restart", options->restart, "Forget what an unfinished publish of the same has done");
    auto* const dry_run = command->add_flag("--dry-run", options->dry_run,
        "Show what it would take and what the certificate would promise; nothing is sent");
    command
        ->add_flag("--root", options->show_root, "With --dry-run: encode, and show the object root")
        ->needs(dry_run);
    add_json_option(*command, invocation);
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return publish(*options, output); };
    });
}

}  // namespace ashlar
