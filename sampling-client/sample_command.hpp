#pragma once

/// `sample ROOT`: one body for the program `sampling-client` and for `ashlar sample`.

#include "sampling-client/model_options.hpp"
#include "sampling-client/sampler.hpp"
#include "transport/grpc_node_client.hpp"
#include "transport/socket_meter.hpp"

namespace CLI  // NOLINT(readability-identifier-naming): the library's own name
{
class App;
}

namespace ashlar
{

/// What the command line says.
struct SampleCommand
{
    std::string program;        ///< Begins every line of error.
    std::string object_root{};  ///< 64 hexadecimal digits, "0x" before them or not.
    ModelOptions model{};       ///< In place of the root.
    std::filesystem::path committee_file{};
    SampleOptions options{};
    bool json = false;  ///< One line of JSON instead of text.
};

/// Declares the command's arguments on `app`; parsing fills `command`, which must outlive it.
/// The caller adds --committee, for which programs have defaults of their own.
void declare_sample_arguments(CLI::App& app, SampleCommand& command);

/// @return  what is wrong with the file, with its name.
[[nodiscard]] Result<Committee> load_committee(const std::filesystem::path& path);

/// Deadlines of a light client's calls.
[[nodiscard]] ClientOptions sampling_client_options();

/// Fills in what the report's run moved over the process's sockets, and the committee file.
void count_sockets(
    SocketMeter& meter, const std::filesystem::path& committee_file, SampleReport& report);

/// Samples over the network and prints the report on standard output, errors on standard error.
///
/// @return  0 AVAILABLE; 1 UNAVAILABLE, INVALID or known to nobody; 2 unusable arguments or
///          files; 4 UNCONFIRMED.
[[nodiscard]] int run_sample_command(
    const SampleCommand& command, ProgressListener& progress = no_progress());

}  // namespace ashlar
