#include <memory>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "cli/arguments.hpp"
#include "cli/common_options.hpp"
#include "cli/model_signature_options.hpp"
#include "provenance/model_signature.hpp"
#include "provenance/statement.hpp"
#include "retrieval/fetch.hpp"
#include "retrieval/lineage.hpp"

namespace ashlar
{
namespace
{

struct ProvenanceOptions
{
    ObjectOptions object;
    TrustOptions trust;
    std::size_t limit = 100;
};

/// What is wrong with one version, in sentences; shown as they are found.
class Findings
{
public:
    Findings(std::string root, Output& output) : root_{std::move(root)}, output_{output} {}

    void add(std::string_view what)
    {
        output_.line(fmt::format("  NO: {}", what));
        output_.message("problem", {{"root", root_}, {"what", what}});
        ++count_;
    }

    void add_all(std::span<const std::string> list)
    {
        for (const auto& what : list)
            add(what);
    }

    [[nodiscard]] std::size_t count() const noexcept { return count_; }

private:
    std::string root_;
    Output& output_;
    std::size_t count_ = 0;
};

void show_model_signature(ByteView contents, const Directory& directory,
    const SignatureTrust& trust, Output& output, Findings& findings)
{
    const auto signature = ModelSignature::parse(contents);
    if (!signature)
        return findings.add("model.sig: " + signature.error().message);
    const auto report = verify_model_signature(*signature, directory, trust);
    report_model_signature(*signature, report, output);
    if (report.verdict == SignatureVerdict::broken)
        findings.add("model.sig: " + report.reason);
    findings.add_all(report.mismatches);
}

void show_statement(ByteView contents, const Directory& directory, const HeaderFields& fields,
    Output& output, Findings& findings)
{
    const auto signed_statement = open_statement(contents, directory);
    if (!signed_statement)
        return findings.add("the statement: " + signed_statement.error().message);
    const auto& claims = signed_statement->claims;
    output.line(fmt::format("  stated by  ed25519 {}", to_hex(signed_statement->public_key)));
    output.line(fmt::format(
        "  licence    {}", claims.license.empty() ? "none stated" : printable(claims.license)));
    auto datasets = Json::array();
    for (const auto& dataset : claims.datasets)
    {
        output.line(
            fmt::format("  data       {}  {}", to_hex(dataset.sha256), printable(dataset.name)));
        datasets.push_back({{"name", printable(dataset.name)}, {"uri", printable(dataset.uri)},
            {"sha256", to_hex(dataset.sha256)}});
    }
    output.message("statement",
        {{"public_key", to_hex(signed_statement->public_key)},
            {"license", printable(claims.license)},
            {"parent_root", "0x" + to_hex(claims.parent_root)}, {"datasets", std::move(datasets)}});
    if (signed_statement->provenance_root() != fields.provenance_root)
        findings.add("the statement is not the one that the object's header names");
    if (claims.parent_root != fields.parent_root)
        findings.add("the statement names another parent than the object's header");
    findings.add_all(signed_statement->mismatches);
}

/// @return  the number of problems.
Result<std::size_t> show_version(const ObjectHeader& header, const Connection& connection,
    const SignatureTrust& trust, Output& output)
{
    output.line(fmt::format("0x{}", to_hex(header.root())));
    ASHLAR_TRY(
        auto object, LightObject::open(header.root(), connection.committee(), connection.nodes()));
    const auto view = view_by_walks(object);
    ASHLAR_TRY(auto blobs, BlobFetcher::make(view, connection.committee(), connection.nodes(), {}));
    ASHLAR_TRY(const auto directory, fetch_directory(view, blobs, output));
    const auto& fields = header.fields();
    Findings findings{"0x" + to_hex(header.root()), output};
    output.message("version",
        {{"root", "0x" + to_hex(header.root())}, {"parent_root", "0x" + to_hex(fields.parent_root)},
            {"provenance_root", "0x" + to_hex(fields.provenance_root)}});

    const auto* const signature = directory.find_file(MODEL_SIGNATURE_FILE);
    if (signature != nullptr)
    {
        ASHLAR_TRY(const auto contents,
            fetch_small_file(blobs, *signature, SIGNED_JSON_BYTES_MAX, output));
        show_model_signature(contents, directory, trust, output, findings);
    }
    const auto* const statement = directory.find_file(STATEMENT_FILE);
    if (!is_zero(fields.provenance_root) && statement != nullptr)
    {
        ASHLAR_TRY(const auto contents,
            fetch_small_file(blobs, *statement, SIGNED_JSON_BYTES_MAX, output));
        show_statement(contents, directory, fields, output, findings);
    }
    else if (!is_zero(fields.provenance_root))
        findings.add("the object's header names a statement that the object does not hold");
    else
        output.line("  no statement");
    report_false_answers(object.false_answers(), output);
    report_false_answers(view.commitments->false_answers(), output);
    report_false_answers(blobs.false_answers(), output);
    return findings.count();
}

Result<ExitCode> provenance(const ProvenanceOptions& options, Output& output)
{
    ASHLAR_TRY(const auto trust, read_trust(options.trust));
    ASHLAR_TRY(const auto root, parse_root(options.object.root));
    ASHLAR_TRY(const auto connection, Connection::open(options.object.committee));
    ASHLAR_TRY(const auto lineage, read_lineage(root, connection.nodes(), options.limit));
    report_false_answers(lineage.false_answers, output);
    std::size_t problems = 0;
    for (const auto& header : lineage.headers)
    {
        ASHLAR_TRY(const auto found, show_version(header, connection, trust, output));
        problems += found;
    }
    if (lineage.broken_by)
        output.warning("the chain of parents ends early: " + lineage.broken_by->message);
    output.message("summary", {{"versions", lineage.headers.size()}, {"problems", problems},
                                  {"complete", !lineage.broken_by.has_value()}});
    if (problems > 0)
        return ExitCode::answer_is_no;
    return lineage.broken_by ? ExitCode::partial : ExitCode::done;
}

}  // namespace

void add_provenance_command(CLI::App& app, Invocation& invocation)
{
    auto* const command = app.add_subcommand(
        "provenance", "Check and show who signed an object and its parents, and what they state");
    const auto options = std::make_shared<ProvenanceOptions>();
    add_object_options(*command, options->object, invocation);
    add_trust_options(*command, options->trust, "--key", "--ca");
    command->add_option("--limit", options->limit, "Versions to check at most")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return provenance(*options, output); };
    });
}

}  // namespace ashlar
