#pragma once

/// A committee of `da-node` processes on this machine, for demos, tests and development.
///
/// Its folder holds committee.json and, for node i, node-i/ with the node's own files, its log and
/// the pid file that tells whether it runs. Nodes outlive the command that started them.

#include <filesystem>

#include "base/file.hpp"
#include "cli/child_process.hpp"
#include "object/committee.hpp"

namespace ashlar
{

inline constexpr std::size_t DEVNET_NODES_MAX = 256;

struct DevnetSettings
{
    std::size_t nodes = 8;

    /// Node i listens on base_port + i; 0 lets the kernel choose free ports.
    std::uint16_t base_port = 0;
};

/// Holds the folder's lock, so commands on one devnet follow one another. For one thread.
class Devnet
{
public:
    /// Makes the nodes' identities and the committee file in a folder that is empty or new. Starts
    /// nothing.
    ///
    /// @param node_program  The `da-node` to run.
    /// @return  invalid_input if the folder holds something else or a devnet.
    [[nodiscard]] static Result<Devnet> create(const std::filesystem::path& folder,
        const std::filesystem::path& node_program, const DevnetSettings& settings);

    /// @return  invalid_input if the folder holds no devnet.
    [[nodiscard]] static Result<Devnet> open(
        const std::filesystem::path& folder, const std::filesystem::path& node_program);

    /// True if create() was here and finished.
    [[nodiscard]] static bool exists(const std::filesystem::path& folder);

    [[nodiscard]] const Committee& committee() const noexcept { return committee_; }
    [[nodiscard]] std::filesystem::path committee_file() const;
    [[nodiscard]] std::size_t size() const noexcept { return committee_.size(); }

    /// The node's process while it runs.
    [[nodiscard]] std::optional<ProcessIdentity> process(std::size_t node) const;

    /// Starts those of the nodes that do not run and waits until they answer.
    /// @return  unavailable, naming the first that does not and the last line of its log. What
    ///          this call started is stopped again.
    [[nodiscard]] Result<void> start(const std::vector<std::size_t>& nodes);

    /// SIGKILL: nodes end in the middle of whatever they do.
    /// @return  invalid_input if one of them does not run; none is killed then.
    [[nodiscard]] Result<void> kill(const std::vector<std::size_t>& nodes);

    /// SIGTERM, and SIGKILL for those that still run after ten seconds.
    [[nodiscard]] Result<void> stop(const std::vector<std::size_t>& nodes);

    /// Removes what create() and the nodes made, and the folder if nothing else is in it.
    /// @pre no node runs
    [[nodiscard]] Result<void> wipe() &&;

    /// All indices: what `up` starts and `down` stops.
    [[nodiscard]] std::vector<std::size_t> all() const;

private:
    Devnet(std::filesystem::path folder, std::filesystem::path node_program, File lock,
        Committee committee);

    [[nodiscard]] std::filesystem::path node_folder(std::size_t node) const;
    [[nodiscard]] Result<void> launch(std::size_t node) const;
    [[nodiscard]] Result<void> wait_ready(std::size_t node) const;
    [[nodiscard]] std::vector<ProcessIdentity> running(const std::vector<std::size_t>& nodes) const;

    std::filesystem::path folder_;
    std::filesystem::path node_program_;
    File lock_;
    Committee committee_;
};

}  // namespace ashlar
