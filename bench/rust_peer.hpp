#pragma once

/// rust-eth-kzg as the peer of measurements: a Node process that is kept for the whole bench and
/// told over a pipe what to run (bench/peers/serve.mjs).

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace ashlar
{

/// One process with the Ethereum setup and its precomputed tables. One thread at a time.
class RustPeer
{
public:
    /// @return  null if Node or the package is not there: benches then do without.
    [[nodiscard]] static std::unique_ptr<RustPeer> start();
    ~RustPeer();
    RustPeer(const RustPeer&) = delete;
    RustPeer& operator=(const RustPeer&) = delete;

    /// Sets the blob of later runs. @return  its commitment
    [[nodiscard]] std::string set_blob(ByteView blob);

    /// CPU milliseconds of one run of a command of serve.mjs, measured inside around the call.
    [[nodiscard]] double run_ms(std::string_view command);

private:
    struct Process;
    explicit RustPeer(std::unique_ptr<Process> process);

    /// Sends one line. @return  the answer, or nothing if the process is gone.
    [[nodiscard]] std::optional<std::string> ask(std::string_view line);

    std::unique_ptr<Process> process_;
};

}  // namespace ashlar
