#include "sampling-client/status_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "sampling-client/alarm.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{
namespace
{

using testing::EndsWith;
using testing::StartsWith;

/// One connection's whole answer.
std::string ask_port(std::uint16_t port, const std::string& request)
{
    const auto socket = File::adopt(::socket(AF_INET, SOCK_STREAM, 0), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(
        ::connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
        0);
    EXPECT_EQ(::send(socket.descriptor(), request.data(), request.size(), MSG_NOSIGNAL),
        static_cast<std::int64_t>(request.size()));
    std::string answer;
    std::array<char, 512> part{};
    for (auto count = ::recv(socket.descriptor(), part.data(), part.size(), 0); count > 0;
         count = ::recv(socket.descriptor(), part.data(), part.size(), 0))
        answer.append(part.data(), static_cast<std::size_t>(count));
    return answer;
}

TEST(status_server, pages_and_what_is_none)
{
    const StatusPages pages{.status = "{}", .metrics = "up 1\n"};
    EXPECT_THAT(
        http_answer("GET /status HTTP/1.1\r\nHost: x\r\n\r\n", pages), EndsWith("\r\n\r\n{}"));
    EXPECT_THAT(http_answer("GET /metrics?x HTTP/1.1\r\n\r\n", pages), EndsWith("\r\n\r\nup 1\n"));
    const auto starts = [&](const std::string& request, const char* status) {
        EXPECT_THAT(http_answer(request, pages), StartsWith(std::string{"HTTP/1.1 "} + status))
            << request;
    };
    starts("GET / HTTP/1.1\r\n\r\n", "404");
    starts("GET\r\n\r\n", "404");
    starts("\r\n\r\n", "405");
    starts("POST /status HTTP/1.1\r\n\r\n", "405");
    starts("", "400");
    starts("GET /status HTTP/1.1\r\n", "400");
    starts(std::string(HTTP_REQUEST_BYTES_MAX, 'x') + "\r\n\r\n", "400");
}

TEST(status_server, serves_what_was_published_last)
{
    const auto server = StatusServer::start(0).value();
    server->publish({.status = "{\"a\":1}", .metrics = ""});
    EXPECT_THAT(ask_port(server->port(), "GET /status HTTP/1.1\r\n\r\n"), EndsWith("{\"a\":1}"));
    server->publish({.status = std::string(1 << 20, ' '), .metrics = "up 1\n"});
    EXPECT_THAT(ask_port(server->port(), "GET /metrics HTTP/1.1\r\n\r\n"), EndsWith("up 1\n"));
    EXPECT_GT(ask_port(server->port(), "GET /status HTTP/1.1\r\n\r\n").size(), 1U << 20);
    EXPECT_EQ(StatusServer::start(server->port()).error().kind, ErrorKind::invalid_input);
}

WatchedVersion refused_version()
{
    WatchedVersion version;
    version.verdict = Verdict::unavailable;
    version.reason = "two\nlines";
    version.event.object_root.fill(std::byte{7});
    return version;
}

TEST(alarm, a_hook_is_told_by_its_environment)
{
    const TemporaryFolder folder;
    const auto out = (folder.path() / "out").native();
    const auto told = run_hook(
        "echo $ASHLAR_VERDICT $ASHLAR_OBJECT_ROOT \"$ASHLAR_REASON\" > " + out, refused_version());
    ASSERT_TRUE(told) << told.error().message;
    std::string root;
    for (int i = 0; i < 32; ++i)
        root += "07";
    EXPECT_EQ(contents_of(out), "UNAVAILABLE 0x" + root + " two\\x0alines\n");
}

TEST(alarm, a_hook_that_fails_or_hangs_is_an_error)
{
    EXPECT_EQ(run_hook("exit 3", refused_version()).error().kind, ErrorKind::unavailable);
    EXPECT_FALSE(run_hook("kill -9 $$", refused_version()));
    EXPECT_FALSE(run_hook("sleep 60", refused_version(), std::chrono::milliseconds{100}));
}

TEST(alarm, a_webhook_that_does_not_answer_or_refuses_is_an_error)
{
    EXPECT_FALSE(post_webhook("http://127.0.0.1:1", refused_version()));
    // The status server takes no POST, and says so.
    const auto server = StatusServer::start(0).value();
    const auto url = fmt::format("http://127.0.0.1:{}/status", server->port());
    EXPECT_EQ(post_webhook(url, refused_version()).error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace ashlar::test
