#pragma once

/// Whom commands trust to sign a `model.sig`, and how they show one.

#include "cli/commands.hpp"
#include "provenance/model_signature.hpp"

namespace ashlar
{

struct TrustOptions
{
    std::string key;    ///< PEM file of a model signer's public key; may be empty.
    std::string roots;  ///< PEM file of root certificates; may be empty.
};

void add_trust_options(CLI::App& command, TrustOptions& options, const std::string& key_name,
    const std::string& roots_name);

/// @return  invalid_input for a file that cannot be read.
[[nodiscard]] Result<SignatureTrust> read_trust(const TrustOptions& options);

/// A line, and a "model_signature" object.
void report_model_signature(
    const ModelSignature& signature, const ModelSignatureReport& report, Output& output);

}  // namespace ashlar
