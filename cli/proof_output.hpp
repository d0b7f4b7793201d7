#pragma once

/// What commands that make calldata share: where the proof goes, and what is said of it.

#include "cli/common_options.hpp"
#include "rollup/calldata.hpp"

namespace ashlar
{

struct ProofOutputOptions
{
    std::string file;       ///< Where the proof is written; empty for standard output.
    bool calldata = false;  ///< Print calldata instead.
};

/// --out and --calldata.
void add_proof_output_options(CLI::App& command, ProofOutputOptions& options);

/// A proof that was verified, in both forms.
struct ReadyProof
{
    std::string json;
    Bytes calldata;
};

/// Writes the proof where the options say. With --json both forms join the summary instead.
/// @return  invalid_input if the file cannot be written.
[[nodiscard]] Result<void> put_proof(
    const ReadyProof& proof, const ProofOutputOptions& options, Output& output, Json& summary);

/// What stands behind the root as far as nodes told, as text and in the summary: a certificate, or
/// walks alone.
void show_backing(const LightObject& object, bool text, Output& output, Json& summary);

/// Names nodes that lied, and what the sockets have moved.
void finish_summary(
    const LightObject& object, std::uint64_t socket_bytes, Output& output, Json& summary);

/// "0x" and hexadecimal.
[[nodiscard]] std::string hex_with_prefix(ByteView bytes);

}  // namespace ashlar
