/// The meter against sockets whose traffic is known to the byte.

#include "transport/socket_meter.hpp"

#include <array>
#include <cstddef>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ashlar::test
{
namespace
{

/// Two connected sockets of this process; what one sends the other receives, and both count.
class Connection
{
public:
    /// Over TCP on loopback.
    static Connection tcp()
    {
        const auto listener = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* const raw = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener, raw, size), 0);
        EXPECT_EQ(::listen(listener, 1), 0);
        EXPECT_EQ(::getsockname(listener, raw, &size), 0);
        const auto near = ::socket(AF_INET, SOCK_STREAM, 0);
        EXPECT_EQ(::connect(near, raw, size), 0);
        const auto far = ::accept(listener, nullptr, nullptr);
        ::close(listener);
        return Connection{near, far};
    }

    /// Over nothing that the meter may count.
    static Connection local()
    {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
        return Connection{ends[0], ends[1]};
    }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { close(); }

    void close()
    {
        for (auto& end : ends_)
        {
            if (end >= 0)
                ::close(end);
            end = -1;
        }
    }

    /// Until all of it has arrived.
    void send(std::size_t bytes) const
    {
        std::vector<std::byte> buffer(bytes);
        EXPECT_EQ(::send(ends_[0], buffer.data(), bytes, 0), static_cast<ssize_t>(bytes));
        EXPECT_EQ(::recv(ends_[1], buffer.data(), bytes, MSG_WAITALL), static_cast<ssize_t>(bytes));
    }

private:
    Connection(int near, int far) : ends_{near, far} {}

    std::array<int, 2> ends_;
};

TEST(socket_meter, counts_to_the_byte_from_its_construction_on)
{
    const auto before = Connection::tcp();
    before.send(1000);
    SocketMeter meter;
    EXPECT_EQ(meter.poll().total(), 0u);

    before.send(30);
    const auto after = Connection::tcp();
    after.send(5);
    auto bytes = meter.poll();
    EXPECT_EQ(bytes.sent, 35u);
    EXPECT_EQ(bytes.received, 35u);

    after.send(1);
    bytes = meter.poll();
    EXPECT_EQ(bytes.sent, 36u);
    EXPECT_EQ(bytes.total(), 72u);
}

TEST(socket_meter, closed_connections_count_as_last_seen)
{
    SocketMeter meter;
    {
        const auto first = Connection::tcp();
        first.send(100);
        meter.poll();
    }
    EXPECT_EQ(meter.poll().sent, 100u);
    // The next connection has the same descriptors and is another one.
    const auto second = Connection::tcp();
    second.send(7);
    EXPECT_EQ(meter.poll().sent, 107u);
}

TEST(socket_meter, sockets_that_are_no_tcp_do_not_count)
{
    SocketMeter meter;
    const auto local = Connection::local();
    local.send(50);
    EXPECT_EQ(meter.poll().total(), 0u);
}

}  // namespace
}  // namespace ashlar::test
