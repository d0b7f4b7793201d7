#pragma once

/// Bytes that the process's TCP connections have moved, TLS, HTTP/2 and all: what the kernel counts
/// above IP (tcpi_bytes_received, tcpi_bytes_sent). gRPC does not tell.

#include <cstdint>
#include <map>

namespace ashlar
{

struct SocketBytes
{
    std::uint64_t sent = 0;
    std::uint64_t received = 0;

    [[nodiscard]] std::uint64_t total() const noexcept { return sent + received; }
};

/// Counts from its construction on. A connection counts as far as poll() last saw it, so one that
/// closed since is short of its last bytes. For one thread.
class SocketMeter
{
public:
    SocketMeter();

    /// Looks at all connections. @return  bytes since construction.
    SocketBytes poll();

private:
    /// By inode, which no other open socket of the process has.
    using Sockets = std::map<std::uint64_t, SocketBytes>;

    Sockets before_;
    Sockets latest_;
};

}  // namespace ashlar
