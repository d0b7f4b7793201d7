#pragma once

/// The subcommands of `ashlar`. Each adds its options to the parser; the one that the user chose
/// leaves in the invocation what is to be run.

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"
#include "cli/output.hpp"

namespace ashlar
{

struct Invocation
{
    bool json = false;
    std::function<Result<ExitCode>(Output& output)> run;
};

void add_publish_command(CLI::App& app, Invocation& invocation);
void add_sample_command(CLI::App& app, Invocation& invocation);
void add_fetch_command(CLI::App& app, Invocation& invocation);
void add_repair_command(CLI::App& app, Invocation& invocation);
void add_verify_command(CLI::App& app, Invocation& invocation);
void add_verify_evidence_command(CLI::App& app, Invocation& invocation);
void add_ls_command(CLI::App& app, Invocation& invocation);
void add_inspect_command(CLI::App& app, Invocation& invocation);
void add_diff_command(CLI::App& app, Invocation& invocation);
void add_log_command(CLI::App& app, Invocation& invocation);
void add_provenance_command(CLI::App& app, Invocation& invocation);
void add_prove_command(CLI::App& app, Invocation& invocation);
void add_equivalence_command(CLI::App& app, Invocation& invocation);
void add_verify_proof_command(CLI::App& app, Invocation& invocation);
void add_anchor_command(CLI::App& app, Invocation& invocation);
void add_challenge_command(CLI::App& app, Invocation& invocation);
void add_respond_command(CLI::App& app, Invocation& invocation);
void add_devnet_command(CLI::App& app, Invocation& invocation);

/// Parses the command line, runs the command and prints what failed.
[[nodiscard]] ExitCode run_ashlar(int argc, const char* const* argv);

}  // namespace ashlar
