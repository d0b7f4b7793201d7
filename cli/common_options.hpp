#pragma once

/// Options and steps that several subcommands share.

#include <memory>

#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "retrieval/object_view.hpp"

namespace ashlar
{

/// Which object, and whom to ask about it.
struct ObjectOptions
{
    std::string root;
    std::string committee;
};

void add_json_option(CLI::App& command, Invocation& invocation);
void add_committee_option(CLI::App& command, std::string& committee);

/// ROOT, --committee and --json.
void add_object_options(CLI::App& command, ObjectOptions& options, Invocation& invocation);

/// The folder, or the system's for temporary files if `option` is empty.
/// @return  invalid_input if it is no folder.
[[nodiscard]] Result<std::filesystem::path> scratch_folder(const std::string& option);

/// An object that was opened: its header and commitments are checked against the root.
struct OpenedObject
{
    Connection connection;
    ObjectView view;
};

/// Names nodes that said something false as warnings.
[[nodiscard]] Result<OpenedObject> open_requested_object(
    const ObjectOptions& options, Output& output);

/// A warning for each node that said something false.
void report_false_answers(const std::vector<FalseAnswer>& answers, Output& output);

/// "recoverable even if members holding 33 % of the weight lose or hide everything", or that not
/// even the loss of one is survived.
[[nodiscard]] std::string describe_tolerance(std::optional<unsigned> percent);

}  // namespace ashlar
