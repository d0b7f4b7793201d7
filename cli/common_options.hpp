#pragma once

/// Options and steps that several subcommands share.

#include <memory>

#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "retrieval/blob_fetcher.hpp"
#include "sampling-client/model_options.hpp"

namespace ashlar
{

/// Which object, and whom to ask about it.
struct ObjectOptions
{
    std::string root;
    std::string committee;
    ModelOptions model{};  ///< In place of the root, where a command takes one.
};

void add_json_option(CLI::App& command, Invocation& invocation);
void add_committee_option(CLI::App& command, std::string& committee);

/// ROOT, --committee and --json.
void add_object_options(CLI::App& command, ObjectOptions& options, Invocation& invocation);

/// The same, or --model and what goes with it. A command without root takes the first of its other
/// positional arguments for one: name_object() sets that right.
void add_object_or_model_options(CLI::App& command, ObjectOptions& options, Invocation& invocation);

/// The object by its root, after a look at the chain where a model is named.
/// @param next  The positional argument after ROOT.
/// @return  invalid_input if neither or both of root and model are there; an error of find_model().
[[nodiscard]] Result<ObjectOptions> name_object(
    const ObjectOptions& options, std::string& next, Output& output);

/// The folder, or the system's for temporary files if `option` is empty.
/// @return  invalid_input if it is no folder.
[[nodiscard]] Result<std::filesystem::path> scratch_folder(const std::string& option);

/// An object that was opened: its header and all commitments are checked against the root.
struct OpenedObject
{
    Connection connection;
    ObjectView view;
};

/// Names nodes that said something false as warnings.
[[nodiscard]] Result<OpenedObject> open_requested_object(
    const ObjectOptions& options, Output& output);

/// An object of which little is read.
struct OpenedLightObject
{
    std::unique_ptr<Connection> connection;  ///< In its place: the object refers to it.
    std::unique_ptr<LightObject> object;
    CommitmentTrust trust;
    ObjectView view;  ///< By walks.

    /// @return  an error of BlobFetcher::make()
    [[nodiscard]] Result<BlobFetcher> blobs(const FetchOptions& options = {}) const
    {
        return BlobFetcher::make(view, connection->committee(), connection->nodes(), options);
    }
};

/// Names nodes that said something false as warnings at report_light_answers() alone.
[[nodiscard]] Result<OpenedLightObject> open_light_object(
    const ObjectOptions& options, CommitmentTrust trust = CommitmentTrust::walk);

/// What nodes said falsely, of any of the three.
void report_light_answers(
    const OpenedLightObject& opened, const BlobFetcher& blobs, Output& output);

/// A warning for each node that said something false.
void report_false_answers(const std::vector<FalseAnswer>& answers, Output& output);

/// "recoverable even if members holding 33 % of the weight lose or hide everything", or that not
/// even the loss of one is survived.
[[nodiscard]] std::string describe_tolerance(std::optional<unsigned> percent);

}  // namespace ashlar
