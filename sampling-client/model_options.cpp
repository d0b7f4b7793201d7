#include "sampling-client/model_options.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace ashlar
{
namespace
{

CLI::Option& add_model_option(CLI::App& app, ModelOptions& options)
{
    return *app.add_option("--model", options.model,
                   "A model on a chain, in place of ROOT: 0x and 64 hexadecimal digits, or a "
                   "name, which stands for its keccak256")
                ->option_text("ID");
}

void add_chain_of_model(CLI::App& app, CLI::Option& model, ModelOptions& options)
{
    const auto add = [&](const char* name, std::string& value, const char* what, const char* text) {
        return app.add_option(name, value, what)->needs(&model)->option_text(text);
    };
    model.needs(add("--rpc", options.rpc, "Ethereum node's JSON-RPC to ask", "URL"));
    model.needs(add("--registry", options.registry, "The ModelRegistry", "ADDRESS"));
    model.needs(add("--publisher", options.publisher, "Whose model it is", "ADDRESS"));
    add("--block", options.block,
        "Prove the registry's entry against the block with this hash; without it the node is "
        "believed",
        "HASH");
}

}  // namespace

void declare_model_options(CLI::App& app, ModelOptions& options)
{
    add_chain_of_model(app, add_model_option(app, options), options);
}

void declare_root_or_model(CLI::App& app, std::string& object_root, ModelOptions& options)
{
    auto& choice = *app.add_option_group("Object", "Which object");
    choice.add_option("ROOT", object_root, "Object root: 64 hexadecimal digits");
    auto& model = add_model_option(choice, options);
    choice.require_option(1);
    add_chain_of_model(app, model, options);
}

Result<FoundModel> find_model(const ModelOptions& options)
{
    FoundModel found;
    ASHLAR_TRY(found.name.registry, parse_address(options.registry, "--registry"));
    ASHLAR_TRY(found.name.publisher, parse_address(options.publisher, "--publisher"));
    found.name.model_id = model_id(options.model);
    const auto node = JsonRpcClient::at(options.rpc);
    if (options.block.empty())
    {
        ASHLAR_TRY(found.model, told_model(node, found.name));
        return found;
    }
    const auto hash = array_from_hex<sizeof(Bytes32)>(options.block);
    if (!hash)
        return fail(ErrorKind::invalid_input, "--block wants a block's hash, 64 digits: {}",
            hash.error().message);
    ASHLAR_TRY(found.model, proven_model(node, found.name, *hash));
    found.block = "0x" + to_hex(*hash);
    return found;
}

std::string to_text(const FoundModel& found)
{
    const auto how = found.block.empty()
                         ? std::string{"trusting this RPC: --block HASH has it proven"}
                         : fmt::format("proven against block {}", found.block);
    return fmt::format("version {} of model 0x{} is 0x{}, {}", found.model.versions,
        to_hex(found.name.model_id), to_hex(found.model.object_root), how);
}

std::string to_json(const FoundModel& found)
{
    nlohmann::ordered_json json{{"message_type", "model"},
        {"object_root", "0x" + to_hex(found.model.object_root)},
        {"model_id", "0x" + to_hex(found.name.model_id)},
        {"publisher", "0x" + to_hex(found.name.publisher)}, {"versions", found.model.versions},
        {"certificate_expiry", found.model.expiry_unix_seconds}, {"epoch", found.model.epoch},
        {"trusting_this_rpc", found.block.empty()}};
    if (!found.block.empty())
        json["block"] = found.block;
    return json.dump();
}

}  // namespace ashlar
