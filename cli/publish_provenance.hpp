#pragma once

/// What `ashlar publish` says about a checkpoint: the signature that lies in its folder, and the
/// publisher's own signed statement.

#include "checkpoint/payload.hpp"
#include "cli/model_signature_options.hpp"

namespace ashlar
{

struct StatementOptions
{
    TrustOptions trust;
    std::string key;         ///< Key file that signs the statement; empty for no statement.
    std::string provenance;  ///< File of claims; may be empty.
};

/// --sign, --provenance, --model-key and --model-ca.
void add_statement_options(CLI::App& command, StatementOptions& options);

/// Shows who signed the folder's model.sig, if it has one.
/// @return  invalid_input if the signature is broken, or files are not as they were signed: what is
///          published cannot be taken back.
[[nodiscard]] Result<void> check_model_signature(
    const Payload& payload, const StatementOptions& options, Output& output);

struct StatedPayload
{
    Payload payload;
    Bytes32 provenance_root{};
};

/// The payload with a signed statement about its files, if one was asked for. The same key, files
/// and claims give the same bytes.
/// @return  invalid_input for a bad key file or bad claims.
[[nodiscard]] Result<StatedPayload> add_statement(
    Payload payload, const StatementOptions& options, const Bytes32& parent_root);

}  // namespace ashlar
