#pragma once

/// A model named on a chain, in place of an object root: options of commands, and looking it up.

#include "chain/model_registry.hpp"

namespace CLI  // NOLINT(readability-identifier-naming): the library's own name
{
class App;
}

namespace ashlar
{

/// What the command line says.
struct ModelOptions
{
    std::string model;      ///< Empty: an object root is given instead.
    std::string rpc;        ///< URL of an Ethereum node.
    std::string registry;   ///< Address of the ModelRegistry.
    std::string publisher;  ///< Address.
    std::string block;      ///< Hash; empty to believe the node.
};

/// --model, and --rpc, --registry, --publisher and --block that go with it.
void declare_model_options(CLI::App& app, ModelOptions& options);

/// The same beside ROOT: exactly one of them is to be given.
void declare_root_or_model(CLI::App& app, std::string& object_root, ModelOptions& options);

/// A model that was looked up.
struct FoundModel
{
    ModelName name;
    RegisteredModel model;
    std::string block;  ///< Hash of the block that it was proven against; empty if it was not.
};

/// @return  invalid_input for options that are malformed, or an error of told_model() or
///          proven_model().
[[nodiscard]] Result<FoundModel> find_model(const ModelOptions& options);

/// One line for people: which root it is, and that it is proven, or that the node is believed.
[[nodiscard]] std::string to_text(const FoundModel& found);

/// The same as a JSON object of message_type "model", without an end of line.
[[nodiscard]] std::string to_json(const FoundModel& found);

}  // namespace ashlar
