#include "transport/socket_meter.hpp"

#include <charconv>
#include <filesystem>
#include <string>

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace ashlar
{
namespace
{

/// The counters of a connected TCP socket; false for every other descriptor.
bool read_socket(int descriptor, std::uint64_t& inode, SocketBytes& bytes)
{
    struct stat status
    {
    };
    if (fstat(descriptor, &status) != 0 || !S_ISSOCK(status.st_mode))
        return false;
    tcp_info info{};
    socklen_t size = sizeof(info);
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return false;
    inode = status.st_ino;
    bytes = {.sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans,
        .received = info.tcpi_bytes_received};
    return true;
}

std::map<std::uint64_t, SocketBytes> all_sockets()
{
    std::map<std::uint64_t, SocketBytes> sockets;
    std::error_code error;
    for (std::filesystem::directory_iterator at{"/proc/self/fd", error}, end; !error && at != end;
         at.increment(error))
    {
        const auto name = at->path().filename().native();
        int descriptor = -1;
        std::from_chars(name.data(), name.data() + name.size(), descriptor);
        std::uint64_t inode = 0;
        SocketBytes bytes;
        if (read_socket(descriptor, inode, bytes))
            sockets[inode] = bytes;
    }
    return sockets;
}

}  // namespace

SocketMeter::SocketMeter() : before_{all_sockets()}
{}

SocketBytes SocketMeter::poll()
{
    for (const auto& [inode, bytes] : all_sockets())
        latest_[inode] = bytes;
    SocketBytes sum;
    for (const auto& [inode, bytes] : latest_)
    {
        const auto before = before_.find(inode);
        const auto start = before == before_.end() ? SocketBytes{} : before->second;
        sum.sent += bytes.sent - start.sent;
        sum.received += bytes.received - start.received;
    }
    return sum;
}

}  // namespace ashlar
