#pragma once

/// What the benches of publish and fetch share: released nodes as processes of their own, with
/// RocksDB, gRPC and TLS on loopback, and a made model.

#include <CLI/CLI.hpp>

#include "base/file.hpp"
#include "cli/connection.hpp"
#include "cli/devnet.hpp"
#include "publisher/publish.hpp"

namespace ashlar
{

inline constexpr std::size_t LOCAL_NODES = 8;

/// Where nodes run.
enum class NodeCores : std::uint8_t
{
    all,
    all_but_last,  ///< What is measured has that one for itself. With one core: that one.
};

/// Eight nodes and a model under one folder, which is removed with the object.
class LocalNodes
{
public:
    /// @param scratch  Folder to make the nodes' and the model's in: twelve times the model.
    [[nodiscard]] static Result<std::unique_ptr<LocalNodes>> start(
        const std::filesystem::path& scratch, std::uint64_t model_bytes, NodeCores cores);
    ~LocalNodes();
    LocalNodes(const LocalNodes&) = delete;
    LocalNodes& operator=(const LocalNodes&) = delete;

    [[nodiscard]] std::filesystem::path model() const { return folder_ / "model"; }
    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

    [[nodiscard]] std::filesystem::path committee_file() const;

    /// Clients of its own, not connected yet.
    [[nodiscard]] Result<Connection> connect() const;

private:
    LocalNodes(std::filesystem::path folder, Devnet devnet)
      : folder_{std::move(folder)}, devnet_{std::move(devnet)}
    {}

    std::filesystem::path folder_;
    std::optional<Devnet> devnet_;
};

/// What both benches are asked.
struct LocalBenchArguments
{
    std::string bytes;    ///< Of the model.
    std::string scratch;  ///< Folder for model and nodes.
    bool json = false;
};

/// Declares them; what they hold is the default.
void add_arguments(CLI::App& app, LocalBenchArguments& arguments);

/// @return  with what the program has to end, if the command line does not start it.
[[nodiscard]] std::optional<int> parse_arguments(CLI::App& app, int argc, char** argv);

/// Lets the calling process run on the last core only; false if there is but one.
bool take_last_core();

/// CPU time and wall time of this process.
struct ProcessTime
{
    double user = 0;
    double system = 0;
    double wall = 0;

    [[nodiscard]] static ProcessTime now();
    [[nodiscard]] double cpu() const noexcept { return user + system; }

    ProcessTime& operator+=(const ProcessTime& other) noexcept;
    friend ProcessTime operator-(const ProcessTime& a, const ProcessTime& b) noexcept
    {
        return {.user = a.user - b.user, .system = a.system - b.system, .wall = a.wall - b.wall};
    }
};

/// A result of our own, or the end of the program: a bench has no use for errors.
template <typename T>
T must(Result<T> result)
{
    if (!result)
    {
        fmt::print(stderr, "bench: {}\n", result.error().message);
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

}  // namespace ashlar
