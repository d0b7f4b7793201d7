#include <memory>

#include "chain/abi.hpp"
#include "cli/arguments.hpp"
#include "cli/chain_options.hpp"
#include "cli/proof_output.hpp"

namespace ashlar
{
namespace
{

struct RespondCommand
{
    ObjectOptions object;
    std::uint64_t challenge = 0;
    std::optional<std::uint64_t> position;
    std::optional<std::uint64_t> element;
    ChainOptions chain;
};

/// What a challenge asks for.
struct AskedElement
{
    std::uint64_t position;
    std::uint64_t element;
};

/// From the options, else from the contract.
Result<AskedElement> asked_element(const RespondCommand& command, const Bytes32& root)
{
    if (command.position && command.element)
        return AskedElement{.position = *command.position, .element = *command.element};
    if (command.chain.rpc.empty())
        return fail(ErrorKind::invalid_input,
            "give --position and --element, or --rpc and --contract to ask the contract");
    ASHLAR_TRY(const auto contract, parse_address(command.chain.contract, "--contract"));
    const auto node = JsonRpcClient::at(command.chain.rpc);
    const auto number = std::array{AbiValue::number(command.challenge)};
    // Challenge{objectRoot, challenger, openedIn, node, position}
    ASHLAR_TRY(const auto challenge,
        node.call_contract(contract, encode_call("challenges(uint256)", number)));
    ASHLAR_TRY(const auto position, number_in_word(challenge, 4));
    if (!equal(ByteView{challenge}.first(root.size()), root))
        return fail(ErrorKind::not_found, "challenge {} is not open, or about another object",
            command.challenge);
    ASHLAR_TRY(const auto asked,
        node.call_contract(contract, encode_call("elementAsked(uint256)", number)));
    ASHLAR_TRY(const auto element, number_in_word(asked, 0));
    return AskedElement{.position = position, .element = element};
}

Result<ExitCode> respond(const RespondCommand& command, Output& output)
{
    ASHLAR_TRY(const auto root, parse_root(command.object.root));
    ASHLAR_TRY(const auto connection, Connection::open(command.object.committee));
    ASHLAR_TRY(auto object, LightObject::open(root, connection.committee(), connection.nodes()));
    ASHLAR_TRY(const auto asked, asked_element(command, root));
    ASHLAR_TRY(const auto answer, answer_challenge(object, asked.position, asked.element));
    report_false_answers(object.false_answers(), output);
    Json summary{{"root", hex_with_prefix(root)}, {"challenge", command.challenge},
        {"position", asked.position}, {"element", asked.element},
        {"y", hex_with_prefix(answer.opening.value)}};
    ASHLAR_CHECK(deliver_calldata(command.chain, connection.committee().binding().chain_id,
        answer_calldata(command.challenge, answer), {}, output, summary));
    output.message("summary", summary);
    return ExitCode::done;
}

}  // namespace

void add_respond_command(CLI::App& app, Invocation& invocation)
{
    auto* const command = app.add_subcommand(
        "respond", "Answer a custody challenge: prints the calldata, or has it sent");
    const auto options = std::make_shared<RespondCommand>();
    add_object_options(*command, options->object, invocation);
    command->add_option("--challenge", options->challenge, "Number of the challenge")
        ->required()
        ->option_text("ID");
    command->add_option("--position", options->position, "Position that the challenge names")
        ->option_text("N");
    command->add_option("--element", options->element, "Element that elementAsked(ID) gives")
        ->option_text("N");
    add_chain_options(*command, options->chain, "The CustodyChallenge");
    command->callback([options, &invocation] {
        invocation.run = [options](Output& output) { return respond(*options, output); };
    });
}

}  // namespace ashlar
