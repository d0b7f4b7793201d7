#include <CLI/CLI.hpp>

#include "base/log.hpp"
#include "sampling-client/sample_command.hpp"
#include "sampling-client/watch_command.hpp"

namespace
{

constexpr int EXIT_USAGE = 2;

int run(int argc, char** argv)
{
    CLI::App app{"Checks by random samples that an object can be recovered", "sampling-client"};
    app.require_subcommand(1);
    ashlar::SampleCommand command{.program = "sampling-client"};
    auto& sample = *app.add_subcommand("sample", "Can the object still be recovered?");
    ashlar::declare_sample_arguments(sample, command);
    sample.add_option("--committee", command.committee_file, "Committee file (JSON)")->required();
    ashlar::WatchCommand watch_command{.program = "sampling-client"};
    auto& watch = *app.add_subcommand("watch", "Samples whatever a ModelRegistry anchors");
    ashlar::declare_watch_arguments(watch, watch_command);
    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::ParseError& error)
    {
        return app.exit(error) == 0 ? 0 : EXIT_USAGE;
    }
    if (watch.parsed())
    {
        ashlar::configure_log("sampling-client", "info");
        return ashlar::run_watch_command(watch_command);
    }
    ashlar::configure_log("sampling-client", "warn");
    return ashlar::run_sample_command(command);
}

}  // namespace

int main(int argc, char** argv)
{
    try
    {
        return run(argc, argv);
    }
    catch (const std::exception& error)
    {
        // Nothing of ours throws: this is memory that ran out, or the like.
        std::fprintf(stderr, "sampling-client: %s\n", error.what());
        return EXIT_USAGE;
    }
}
