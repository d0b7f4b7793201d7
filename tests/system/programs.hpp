#pragma once

/// `ashlar` as a user runs it, and a devnet that goes away with the test.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{

struct ProgramRun
{
    int status;  ///< Exit status; 128 + signal if one ended it.
    std::string out;
    std::string err;
    double cpu_seconds = 0;  ///< Of user and system.

    /// The last JSON object of standard output.
    [[nodiscard]] nlohmann::json summary() const;

    /// The first JSON object of standard output of that message_type; null if there is none.
    [[nodiscard]] nlohmann::json first(const std::string& message_type) const;

    /// True if standard error is exactly one line that names the program.
    [[nodiscard]] bool has_one_error_line() const;
};

/// Runs `ashlar` to its end, with its journals in a folder of this process.
/// @param kill_after_ms  SIGKILL after so long, if it still runs then.
[[nodiscard]] ProgramRun run_ashlar_program(const std::vector<std::string>& arguments,
    std::optional<std::uint64_t> kill_after_ms = std::nullopt);

/// Nodes as processes of their own; all are stopped and removed with the object.
class RunningDevnet
{
public:
    explicit RunningDevnet(std::size_t nodes);
    ~RunningDevnet();
    RunningDevnet(const RunningDevnet&) = delete;
    RunningDevnet& operator=(const RunningDevnet&) = delete;

    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
    [[nodiscard]] std::string committee() const { return folder_ + "/committee.json"; }

    /// `ashlar devnet ACTION --dir … ARGUMENTS`
    [[nodiscard]] ProgramRun command(
        const std::string& action, const std::vector<std::string>& arguments = {}) const;

private:
    TemporaryFolder parent_;
    std::string folder_;
};

}  // namespace ashlar::test
