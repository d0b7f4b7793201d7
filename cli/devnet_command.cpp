#include <memory>
#include <set>

#include "base/log.hpp"
#include "base/size_text.hpp"
#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "cli/devnet.hpp"

namespace ashlar
{
namespace
{

struct DevnetOptions
{
    std::string folder;
    std::optional<std::size_t> nodes;
    std::uint16_t base_port = 0;
    std::vector<std::size_t> chosen;  ///< For kill and restart.
    bool wipe = false;
};

Result<std::filesystem::path> folder_of(const DevnetOptions& options)
{
    if (options.folder.empty())
        return default_devnet_folder();
    // Nodes have this folder in their arguments and must find it from anywhere.
    std::error_code error;
    return std::filesystem::absolute(options.folder, error);
}

/// `da-node` lies beside `ashlar` itself.
Result<std::filesystem::path> node_program()
{
    std::error_code error;
    auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    program.replace_filename("da-node");
    if (error || !std::filesystem::exists(program, error))
        return fail(ErrorKind::invalid_input, "{} is missing: build it or install it there",
            printable(program.native()));
    return program;
}

Result<Devnet> open_devnet(const DevnetOptions& options)
{
    ASHLAR_TRY(const auto folder, folder_of(options));
    ASHLAR_TRY(const auto program, node_program());
    return Devnet::open(folder, program);
}

/// A new devnet, or the one that is there and was stopped.
Result<Devnet> make_or_reopen(const DevnetOptions& options)
{
    ASHLAR_TRY(const auto folder, folder_of(options));
    ASHLAR_TRY(const auto program, node_program());
    if (!Devnet::exists(folder))
    {
        DevnetSettings settings{.base_port = options.base_port};
        settings.nodes = options.nodes.value_or(settings.nodes);
        return Devnet::create(folder, program, settings);
    }
    ASHLAR_TRY(auto devnet, Devnet::open(folder, program));
    for (const auto node : devnet.all())
    {
        if (devnet.process(node))
            return fail(ErrorKind::invalid_input,
                "the devnet in {} is running: see \"ashlar devnet status\", or stop it with "
                "\"ashlar devnet down\"",
                printable(folder.native()));
    }
    if (options.nodes && *options.nodes != devnet.size())
        return fail(ErrorKind::invalid_input,
            "the devnet in {} has {} nodes: remove it with \"ashlar devnet down --wipe\" to make "
            "another",
            printable(folder.native()), devnet.size());
    return devnet;
}

Result<void> check_chosen(const Devnet& devnet, const DevnetOptions& options)
{
    for (const auto node : options.chosen)
    {
        if (node >= devnet.size())
            return fail(ErrorKind::invalid_input, "no node {}: the devnet has nodes 0 to {}", node,
                devnet.size() - 1);
    }
    return {};
}

Result<ExitCode> up(const DevnetOptions& options, Output& output)
{
    ASHLAR_TRY(auto devnet, make_or_reopen(options));
    ASHLAR_CHECK(devnet.start(devnet.all()));
    const auto committee = printable(devnet.committee_file().native());
    output.line(fmt::format("{} up; committee {}", count_of(devnet.size(), "node"), committee));
    output.message("summary", {{"nodes", devnet.size()}, {"committee", committee}});
    return ExitCode::done;
}

Result<ExitCode> status(const DevnetOptions& options, Output& output)
{
    ASHLAR_TRY(const auto devnet, open_devnet(options));
    ASHLAR_TRY(const auto connection, Connection::open(devnet.committee_file()));
    const auto answers = ask_status(connection.nodes());
    bool all_up = true;
    output.line("node  state     pid       objects     stored  endpoint");
    for (const auto node : devnet.all())
    {
        const auto process = devnet.process(node);
        const auto& answer = answers[node];
        const auto& record = devnet.committee().record(node);
        const auto endpoint = record ? printable(record->record.endpoint) : "none";
        const auto* const state = answer ? "up" : process ? "silent" : "down";
        all_up &= answer.has_value();
        output.line(fmt::format("{:<4}  {:<8}  {:<8}  {:>7}  {:>9}  {}", node, state,
            process ? fmt::format("{}", process->pid) : "-",
            answer ? fmt::format("{}", answer->objects) : "-",
            answer ? format_size(answer->stored_bytes) : "-", endpoint));
        Json fields{{"node", node}, {"state", state}, {"endpoint", endpoint}};
        if (process)
            fields["pid"] = process->pid;
        if (answer)
        {
            fields["objects"] = answer->objects;
            fields["stored_bytes"] = answer->stored_bytes;
        }
        output.message("node", fields);
    }
    return all_up ? ExitCode::done : ExitCode::partial;
}

Result<ExitCode> kill(const DevnetOptions& options, Output& output)
{
    ASHLAR_TRY(auto devnet, open_devnet(options));
    ASHLAR_CHECK(check_chosen(devnet, options));
    ASHLAR_CHECK(devnet.kill(options.chosen));
    output.line(fmt::format("killed {}", count_of(options.chosen.size(), "node")));
    output.message("summary", {{"killed", options.chosen}});
    return ExitCode::done;
}

Result<ExitCode> restart(const DevnetOptions& options, Output& output)
{
    ASHLAR_TRY(auto devnet, open_devnet(options));
    ASHLAR_CHECK(check_chosen(devnet, options));
    ASHLAR_CHECK(devnet.stop(options.chosen));
    ASHLAR_CHECK(devnet.start(options.chosen));
    output.line(fmt::format("restarted {}", count_of(options.chosen.size(), "node")));
    output.message("summary", {{"restarted", options.chosen}});
    return ExitCode::done;
}

Result<ExitCode> down(const DevnetOptions& options, Output& output)
{
    ASHLAR_TRY(auto devnet, open_devnet(options));
    const auto nodes = devnet.size();
    ASHLAR_CHECK(devnet.stop(devnet.all()));
    if (options.wipe)
        ASHLAR_CHECK(std::move(devnet).wipe());
    output.line(fmt::format(
        "{} down{}", count_of(nodes, "node"), options.wipe ? ", everything removed" : ""));
    output.message("summary", {{"nodes", nodes}, {"wiped", options.wipe}});
    return ExitCode::done;
}

using DevnetAction = Result<ExitCode> (*)(const DevnetOptions&, Output&);

CLI::App* add_action(CLI::App& devnet, const char* name, const char* description,
    const std::shared_ptr<DevnetOptions>& options, Invocation& invocation, DevnetAction action)
{
    auto* const command = devnet.add_subcommand(name, description);
    command
        ->add_option("--dir", options->folder,
            "Devnet's folder; by default $ASHLAR_DEVNET, else ~/.local/share/ashlar/devnet")
        ->option_text("DIR");
    command->add_flag("--json", invocation.json, "Print JSON objects, one a line");
    command->callback([options, action, &invocation] {
        invocation.run = [options, action](Output& output) { return action(*options, output); };
    });
    return command;
}

}  // namespace

void add_devnet_command(CLI::App& app, Invocation& invocation)
{
    auto* const devnet = app.add_subcommand("devnet", "A committee of nodes on this machine");
    devnet->require_subcommand(1);
    const auto options = std::make_shared<DevnetOptions>();
    const auto add = [&](const char* name, const char* description, DevnetAction action) {
        return add_action(*devnet, name, description, options, invocation, action);
    };

    auto* const up_command = add("up", "Make and start the nodes, and wait until they answer", up);
    up_command->add_option("--nodes", options->nodes, "How many nodes; by default 8");
    up_command->add_option("--base-port", options->base_port,
        "Node i listens on this port + i; by default on free ports");
    add("status", "What the nodes say of themselves", status);
    for (auto* const command : {add("kill", "End nodes at once (SIGKILL)", kill),
             add("restart", "Stop nodes if they run, and start them", restart)})
    {
        command->add_option("nodes", options->chosen, "Node numbers")
            ->required()
            ->option_text("NODE ...");
    }
    auto* const down_command = add("down", "Stop all nodes", down);
    down_command->add_flag("--wipe", options->wipe, "Remove everything that they stored");
}

}  // namespace ashlar
