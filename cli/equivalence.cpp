#include <memory>

#include "cli/arguments.hpp"
#include "cli/proof_output.hpp"
#include "rollup/proof_json.hpp"
#include "transport/socket_meter.hpp"

namespace ashlar
{
namespace
{

struct EquivalenceCommand
{
    ObjectOptions object;
    ProofOutputOptions output;
    std::string blobs;
    std::uint32_t scheme = EQUIVALENCE_SCHEME_SHA256;
    std::string w;
};

Result<EquivalenceClaim> requested_claim(const EquivalenceCommand& command)
{
    ASHLAR_TRY(const auto blobs, parse_number_range(command.blobs, "--blobs"));
    auto w = from_hex(command.w);
    if (!w)
        return within("--commitment", std::move(w).error());
    return EquivalenceClaim{
        .first = blobs.begin, .end = blobs.end, .scheme = command.scheme, .w = std::move(*w)};
}

Result<ExitCode> equivalence(const EquivalenceCommand& command, Output& output)
{
    ASHLAR_TRY(auto claim, requested_claim(command));
    ASHLAR_TRY(const auto root, parse_root(command.object.root));
    ASHLAR_TRY(const auto connection, Connection::open(command.object.committee));
    SocketMeter meter;
    ASHLAR_TRY(auto object, LightObject::open(root, connection.committee(), connection.nodes()));
    ASHLAR_TRY(const auto proof, prove_equivalence(object, std::move(claim)));
    const auto socket_bytes = meter.poll().total();
    const auto [gamma, z] = EquivalenceChallenge::of(root, proof.claim);
    Json summary{{"first_blob", proof.claim.first}, {"end_blob", proof.claim.end},
        {"scheme", proof.claim.scheme}, {"w", hex_with_prefix(proof.claim.w)},
        {"gamma", hex_with_prefix(gamma.to_bytes())}, {"z", hex_with_prefix(z.to_bytes())},
        {"y", hex_with_prefix(proof.y)}};
    const bool text = !command.output.file.empty() && !command.output.calldata;
    if (text)
    {
        for (const auto* const name : {"w", "gamma", "z", "y"})
            output.line(fmt::format("{:<6} {}", name, summary[name].get<std::string>()));
    }
    show_backing(object, text, output, summary);
    ASHLAR_CHECK(put_proof({.json = to_json(proof), .calldata = equivalence_calldata(proof)},
        command.output, output, summary));
    finish_summary(object, socket_bytes, output, summary);
    return ExitCode::done;
}

}  // namespace

void add_equivalence_command(CLI::App& app, Invocation& invocation)
{
    auto* const command = app.add_subcommand(
        "equivalence", "Tie another proof system's commitment to blobs of an object");
    const auto options = std::make_shared<EquivalenceCommand>();
    add_object_options(*command, options->object, invocation);
    command->add_option("--blobs", options->blobs, "Data blobs FIRST to END - 1")
        ->required()
        ->option_text("FIRST:END");
    command->add_option("--scheme", options->scheme, "Scheme of the commitment; 1 is SHA-256")
        ->capture_default_str()
        ->option_text("N");
    command
        ->add_option("--commitment", options->w,
            "W in hexadecimal; under scheme 1 it is computed if left out")
        ->option_text("HEX");
    add_proof_output_options(*command, options->output);
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return equivalence(*options, output); };
    });
}

}  // namespace ashlar
