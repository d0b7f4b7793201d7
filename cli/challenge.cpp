#include <memory>

#include "cli/arguments.hpp"
#include "cli/chain_options.hpp"
#include "cli/proof_output.hpp"

namespace ashlar
{
namespace
{

struct ChallengeCommand
{
    ObjectOptions object;
    std::uint64_t stored = 0;
    std::optional<std::size_t> member;
    std::uint64_t bond_wei = 0;
    ChainOptions chain;
};

Result<ExitCode> challenge(const ChallengeCommand& command, Output& output)
{
    ASHLAR_TRY(const auto root, parse_root(command.object.root));
    ASHLAR_TRY(const auto connection, Connection::open(command.object.committee));
    const auto& committee = connection.committee();
    ASHLAR_TRY(const auto object, LightObject::open(root, committee, connection.nodes()));
    report_false_answers(object.false_answers(), output);
    ASHLAR_TRY(
        const auto claim, make_custody_claim(object, committee, command.stored, command.member));
    Json summary{{"root", hex_with_prefix(root)}, {"stored", claim.stored},
        {"member", claim.member}, {"position", object.header().shape().position_of(claim.stored)}};
    Bytes32 bond{};
    std::ranges::copy(big_endian(command.bond_wei), bond.begin() + 24);
    ASHLAR_CHECK(deliver_calldata(command.chain, committee.binding().chain_id,
        challenge_calldata(claim), bond, output, summary));
    output.message("summary", summary);
    return ExitCode::done;
}

}  // namespace

void add_challenge_command(CLI::App& app, Invocation& invocation)
{
    auto* const command = app.add_subcommand("challenge",
        "Challenge a node to open a blob it signed for: prints the calldata, or has it sent");
    const auto options = std::make_shared<ChallengeCommand>();
    add_object_options(*command, options->object, invocation);
    command->add_option("--stored", options->stored, "Stored index of the blob")
        ->required()
        ->option_text("N");
    command
        ->add_option("--member", options->member, "Member; by default the first holder that signed")
        ->option_text("N");
    command->add_option("--bond", options->bond_wei, "Wei that go with it, as the contract asks")
        ->option_text("WEI");
    add_chain_options(*command, options->chain, "The CustodyChallenge");
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return challenge(*options, output); };
    });
}

}  // namespace ashlar
