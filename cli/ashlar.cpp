#include <cstdio>

#include "cli/commands.hpp"

namespace ashlar
{
namespace
{

constexpr const char* DESCRIPTION =
    "Stores model checkpoints on data-availability nodes, under one 32-byte root.";
constexpr const char* FOOTER =
    "Exit codes: 0 done; 1 the answer is no (unavailable, invalid, mismatch, unknown object);\n"
    "2 usage or unusable local input; 3 partial; 4 could not reach enough nodes.";

ExitCode run(const Invocation& invocation)
{
    Output output{output_mode(invocation.json)};
    const auto outcome = invocation.run(output);
    if (!outcome)
    {
        output.error(outcome.error());
        return exit_code_for(outcome.error().kind);
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    {
        output.error({ErrorKind::invalid_input, "cannot write to standard output"});
        return ExitCode::unusable;
    }
    return *outcome;
}

}  // namespace

ExitCode run_ashlar(int argc, const char* const* argv)
{
    Invocation invocation;
    CLI::App app{DESCRIPTION, "ashlar"};
    app.footer(FOOTER);
    app.require_subcommand(1);
    add_publish_command(app, invocation);
    add_sample_command(app, invocation);
    add_fetch_command(app, invocation);
    add_repair_command(app, invocation);
    add_verify_command(app, invocation);
    add_verify_evidence_command(app, invocation);
    add_ls_command(app, invocation);
    add_inspect_command(app, invocation);
    add_diff_command(app, invocation);
    add_log_command(app, invocation);
    add_provenance_command(app, invocation);
    add_prove_command(app, invocation);
    add_equivalence_command(app, invocation);
    add_verify_proof_command(app, invocation);
    add_anchor_command(app, invocation);
    add_challenge_command(app, invocation);
    add_respond_command(app, invocation);
    add_devnet_command(app, invocation);
    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::ParseError& error)
    {
        return app.exit(error) == 0 ? ExitCode::done : ExitCode::unusable;
    }
    return run(invocation);
}

}  // namespace ashlar
