#include "cli/publish_provenance.hpp"

#include "base/file.hpp"
#include "base/log.hpp"
#include "provenance/statement.hpp"
#include "publisher/publisher_key.hpp"

namespace ashlar
{

void add_statement_options(CLI::App& command, StatementOptions& options)
{
    auto* const sign =
        command
            .add_option("--sign", options.key,
                "Add a statement about the files, signed with this key (64 hexadecimal digits, "
                "mode 0600; a publisher key will do)")
            ->option_text("FILE");
    command
        .add_option("--provenance", options.provenance,
            "Licence and training data for the statement (JSON)")
        ->needs(sign)
        ->option_text("FILE");
    add_trust_options(command, options.trust, "--model-key", "--model-ca");
}

Result<void> check_model_signature(
    const Payload& payload, const StatementOptions& options, Output& output)
{
    const auto* const file = payload.directory().find_file(MODEL_SIGNATURE_FILE);
    if (file == nullptr)
        return {};
    if (file->size > SIGNED_JSON_BYTES_MAX)
        return fail(ErrorKind::invalid_input, "model.sig has {} bytes, at most {} are read",
            file->size, SIGNED_JSON_BYTES_MAX);
    Bytes bundle(static_cast<std::size_t>(file->size));
    ASHLAR_CHECK(payload.read(file->offset, bundle));
    const auto signature = ModelSignature::parse(bundle);
    if (!signature)
        return within("model.sig", signature.error());
    ASHLAR_TRY(const auto trust, read_trust(options.trust));
    const auto report = verify_model_signature(*signature, payload.directory(), trust);
    report_model_signature(*signature, report, output);
    if (report.verdict == SignatureVerdict::broken)
        return fail(ErrorKind::invalid_input, "model.sig is broken: {}", report.reason);
    if (!report.mismatches.empty())
        return fail(ErrorKind::invalid_input,
            "model.sig: {} (declare model.sig opaque to publish "
            "it all the same)",
            fmt::join(report.mismatches, "; "));
    return {};
}

Result<StatedPayload> add_statement(
    Payload payload, const StatementOptions& options, const Bytes32& parent_root)
{
    if (options.key.empty())
        return StatedPayload{.payload = std::move(payload)};
    ASHLAR_TRY(const auto key, PublisherKey::load(options.key));
    ProvenanceClaims claims;
    if (!options.provenance.empty())
    {
        ASHLAR_TRY(const auto text, read_file(options.provenance, SIGNED_JSON_BYTES_MAX));
        auto parsed = parse_provenance_file(text);
        if (!parsed)
            return within(printable(options.provenance), std::move(parsed).error());
        claims = std::move(*parsed);
    }
    claims.parent_root = parent_root;
    ASHLAR_TRY(const auto statement, make_statement(payload.directory(), claims));
    auto contents =
        sign_statement(statement, {.public_key = key.public_key(),
                                      .sign = [&](ByteView message) { return key.sign(message); }});
    ASHLAR_TRY(auto stated, payload.with_file(std::string{STATEMENT_FILE}, std::move(contents)));
    return StatedPayload{
        .payload = std::move(stated), .provenance_root = provenance_root_of(statement)};
}

}  // namespace ashlar
