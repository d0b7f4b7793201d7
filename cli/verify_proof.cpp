#include <memory>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/size_text.hpp"
#include "checkpoint/dtype.hpp"
#include "cli/arguments.hpp"
#include "cli/proof_output.hpp"
#include "rollup/proof_json.hpp"

namespace ashlar
{
namespace
{

struct VerifyProofCommand
{
    std::string root;
    std::string file;
    std::string committee;  ///< Empty: certificates are not looked at.
};

/// What is proven, on lines and in the summary.
Result<void> check_statement(
    const Bytes32& root, const WeightProof& proof, Output& output, Json& summary)
{
    ASHLAR_TRY(const auto bytes, verify_weight_proof(root, proof));
    summary["kind"] = to_string(proof.kind);
    summary["payload_offset"] = proof.range.offset;
    summary["bytes"] = hex_with_prefix(bytes);
    output.line(fmt::format("HOLDS  {} at payload byte {}:\n0x{}", format_size(bytes.size()),
        proof.range.offset, to_hex(bytes)));
    if (!proof.tensor)
        return {};
    const auto& tensor = proof.tensor->tensor;
    const auto name = printable(tensor.name);
    summary["declared"] = {{"tensor", name}, {"dtype", to_string(tensor.dtype)},
        {"shape", tensor.shape}, {"offset", tensor.offset}, {"size", tensor.size}};
    output.line(fmt::format("declared by the publisher: tensor {}, {}, [{}], from its byte {}",
        name, to_string(tensor.dtype), fmt::join(tensor.shape, ", "),
        proof.range.offset - tensor.offset));
    return {};
}

Result<void> check_statement(
    const Bytes32& root, const EquivalenceProof& proof, Output& output, Json& summary)
{
    ASHLAR_CHECK(verify_equivalence(root, proof));
    const auto [gamma, z] = EquivalenceChallenge::of(root, proof.claim);
    summary["kind"] = "equivalence";
    summary["first_blob"] = proof.claim.first;
    summary["end_blob"] = proof.claim.end;
    summary["scheme"] = proof.claim.scheme;
    output.line(fmt::format("HOLDS  blobs {} to {}, scheme {}", proof.claim.first, proof.claim.end,
        proof.claim.scheme));
    const std::pair<const char*, std::string> values[] = {{"w", hex_with_prefix(proof.claim.w)},
        {"gamma", hex_with_prefix(gamma.to_bytes())}, {"z", hex_with_prefix(z.to_bytes())},
        {"y", hex_with_prefix(proof.y)}};
    for (const auto& [name, value] : values)
    {
        summary[name] = value;
        output.line(fmt::format("{:<6} {}", name, value));
    }
    return {};
}

Result<void> check_certificate(const Bytes32& root, const std::optional<Certificate>& certificate,
    const std::string& committee_file, Output& output, Json& summary)
{
    if (committee_file.empty() || !certificate)
    {
        output.line(certificate ? "its certificate was not checked: name a committee to do so"
                                : "it comes without a certificate");
        summary["certificate_signers"] = nullptr;
        return {};
    }
    ASHLAR_TRY(const auto connection, Connection::open(committee_file));
    ASHLAR_TRY(const auto signers, verify_certificate(connection.committee(), root, *certificate));
    const auto expiry = certificate->expiry_unix_seconds;
    const bool expired = expiry <= system_clock().unix_seconds();
    summary["certificate_signers"] = signers.size();
    summary["certificate_expired"] = expired;
    output.line(fmt::format("certificate of {} of {} nodes, {} {}", signers.size(),
        connection.committee().size(), expired ? "EXPIRED on" : "until", format_date(expiry)));
    return {};
}

Result<ExitCode> verify_proof(const VerifyProofCommand& command, Output& output)
{
    ASHLAR_TRY(const auto root, parse_root(command.root));
    const auto bytes = read_file(command.file, PROOF_JSON_BYTES_MAX);
    if (!bytes)
        return fail(ErrorKind::invalid_input, "no proof: {}", bytes.error().message);
    ASHLAR_TRY(const auto proof, parse_proof(as_text(*bytes)));
    Json summary;
    const auto check = [&](const auto& one) -> Result<void> {
        ASHLAR_CHECK(check_statement(root, one, output, summary));
        ASHLAR_TRY(const auto header, ObjectHeader::parse_for(root, one.binding.header));
        ASHLAR_CHECK(check_walks(header, one.binding.fold_record, one.blobs));
        output.line("the walks from its commitments pass");
        return check_certificate(root, one.binding.certificate, command.committee, output, summary);
    };
    ASHLAR_CHECK(std::visit(check, proof));
    output.message("summary", summary);
    return ExitCode::done;
}

}  // namespace

void add_verify_proof_command(CLI::App& app, Invocation& invocation)
{
    auto* const command = app.add_subcommand(
        "verify-proof", "Does a proof that `prove` or `equivalence` wrote hold? Asks nobody");
    const auto options = std::make_shared<VerifyProofCommand>();
    command->add_option("root", options->root, "Object root, 64 hexadecimal digits")
        ->required()
        ->option_text("ROOT");
    command->add_option("proof", options->file, "Proof (JSON)")->required()->option_text("FILE");
    command
        ->add_option("--committee", options->committee,
            "Committee file, to check the proof's certificate as well")
        ->option_text("FILE");
    add_json_option(*command, invocation);
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return verify_proof(*options, output); };
    });
}

}  // namespace ashlar
