#include <memory>

#include "base/clock.hpp"
#include "chain/model_registry.hpp"
#include "cli/arguments.hpp"
#include "cli/chain_options.hpp"
#include "cli/proof_output.hpp"
#include "rollup/registry_rule.hpp"

namespace ashlar
{
namespace
{

struct AnchorCommand
{
    ObjectOptions object;
    std::string model;
    std::uint64_t epoch = 0;
    std::string uri;
    bool fork = false;
    ChainOptions chain;
};

/// What a registry would refuse without looking further.
Result<void> check_anchorable(const LightObject& object, const Committee& committee)
{
    const auto& certificate = object.binding().certificate;
    if (committee.binding() == ChainBinding{})
        return fail(ErrorKind::invalid_input,
            "this committee belongs to no chain, so no registry takes its certificates");
    if (!certificate)
        return fail(ErrorKind::not_found, "no certificate of the object was found");
    if (certificate->expiry_unix_seconds <= system_clock().unix_seconds())
        return fail(ErrorKind::not_found, "the object's certificate expired on {}",
            format_date(certificate->expiry_unix_seconds));
    if (!tolerance_at(object.header(), committee, object.signers(), TARGET_FAULT_SHARE).recoverable)
        return fail(ErrorKind::not_found,
            "the certificate does not bear the loss of a third of the weight, as a registry wants");
    const auto rule = registry_rule(object.header().shape(), object.header().fields().copies,
        summarize_signers(committee, object.signers()));
    if (!rule.holds())
        return fail(ErrorKind::not_found,
            "a registry would refuse the certificate, although it bears the loss of a third of the "
            "weight: its closed form wants more signatures, or more copies than {} (publish "
            "--copies)",
            object.header().fields().copies);
    return {};
}

Result<ExitCode> anchor(const AnchorCommand& command, Output& output)
{
    ASHLAR_TRY(const auto root, parse_root(command.object.root));
    ASHLAR_TRY(const auto connection, Connection::open(command.object.committee));
    const auto& committee = connection.committee();
    ASHLAR_TRY(const auto object, LightObject::open(root, committee, connection.nodes()));
    report_false_answers(object.false_answers(), output);
    ASHLAR_CHECK(check_anchorable(object, committee));
    const Anchoring anchoring{.model_id = model_id(command.model),
        .epoch = command.epoch,
        .uri = command.uri,
        .is_fork = command.fork};
    ASHLAR_TRY(const auto calldata,
        anchor_calldata(object.header(), *object.binding().certificate, anchoring));
    const auto& [chain_id, registry] = committee.binding();
    Json summary{{"root", hex_with_prefix(root)}, {"model_id", hex_with_prefix(anchoring.model_id)},
        {"epoch", command.epoch}, {"chain_id", chain_id},
        {"committee_registry", hex_with_prefix(registry)},
        {"certificate_expiry", object.binding().certificate->expiry_unix_seconds},
        {"certificate_signers", object.signers().size()}};
    ASHLAR_CHECK(deliver_calldata(command.chain, chain_id, calldata, {}, output, summary));
    output.message("summary", summary);
    return ExitCode::done;
}

}  // namespace

void add_anchor_command(CLI::App& app, Invocation& invocation)
{
    auto* const command = app.add_subcommand(
        "anchor", "Anchor an object in a ModelRegistry: prints the calldata, or has it sent");
    const auto options = std::make_shared<AnchorCommand>();
    add_object_options(*command, options->object, invocation);
    command
        ->add_option("--model", options->model,
            "Model: 0x and 64 hexadecimal digits, or a name, which stands for its keccak256")
        ->required()
        ->option_text("ID");
    command->add_option("--epoch", options->epoch, "Epoch of the committee that signed")
        ->required()
        ->option_text("N");
    command->add_option("--uri", options->uri, "How to fetch the object")->option_text("URI");
    command->add_flag("--fork", options->fork, "Its parent is not the model's current root");
    add_chain_options(*command, options->chain, "The ModelRegistry");
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return anchor(*options, output); };
    });
}

}  // namespace ashlar
