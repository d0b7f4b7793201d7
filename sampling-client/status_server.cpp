#include "sampling-client/status_server.hpp"

#include <chrono>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ashlar
{
namespace
{

constexpr std::chrono::milliseconds CONNECTION_TIMEOUT{2'000};
constexpr int LISTEN_BACKLOG = 16;
constexpr std::string_view END_OF_HEADERS = "\r\n\r\n";

std::string http_page(std::string_view status, std::string_view type, std::string_view body)
{
    return fmt::format(
        "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n{}",
        status, type, body.size(), body);
}

/// Waits until a socket is ready for `events`, or time is over.
bool is_ready(int descriptor, std::int16_t events, std::chrono::steady_clock::time_point end)
{
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd waiting{.fd = descriptor, .events = events, .revents = 0};
    return left.count() > 0 && ::poll(&waiting, 1, static_cast<int>(left.count())) == 1;
}

std::string read_request(int descriptor, std::chrono::steady_clock::time_point end)
{
    std::string request;
    std::array<char, 1024> part{};
    while (request.size() < HTTP_REQUEST_BYTES_MAX && !request.ends_with(END_OF_HEADERS) &&
           is_ready(descriptor, POLLIN, end))
    {
        const auto count = ::recv(descriptor, part.data(), part.size(), 0);
        if (count <= 0)
            break;
        request.append(part.data(), static_cast<std::size_t>(count));
    }
    return request;
}

void write_answer(
    int descriptor, std::string_view answer, std::chrono::steady_clock::time_point end)
{
    while (!answer.empty() && is_ready(descriptor, POLLOUT, end))
    {
        const auto count =
            ::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count <= 0)
            return;
        answer.remove_prefix(static_cast<std::size_t>(count));
    }
}

}  // namespace

std::string http_answer(std::string_view request, const StatusPages& pages)
{
    constexpr std::string_view TEXT = "text/plain; charset=utf-8";
    if (!request.ends_with(END_OF_HEADERS) || request.size() > HTTP_REQUEST_BYTES_MAX)
        return http_page("400 Bad Request", TEXT, "no request\n");
    const auto line = request.substr(0, request.find("\r\n"));
    const auto method = line.substr(0, line.find(' '));
    if (method != "GET")
        return http_page("405 Method Not Allowed", TEXT, "GET alone\n");
    auto path = line.substr(std::min(line.size(), method.size() + 1));
    path = path.substr(0, path.find_first_of(" ?"));
    if (path == "/status")
        return http_page("200 OK", "application/json", pages.status);
    if (path == "/metrics")
        return http_page("200 OK", "text/plain; version=0.0.4; charset=utf-8", pages.metrics);
    return http_page("404 Not Found", TEXT, "/status or /metrics\n");
}

StatusServer::StatusServer(File listener, File stop, std::uint16_t port)
  : listener_{std::move(listener)}, stop_{std::move(stop)}, port_{port}
{}

Result<std::unique_ptr<StatusServer>> StatusServer::start(std::uint16_t port)
{
    auto listener = File::adopt(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    auto stop = File::adopt(::eventfd(0, EFD_CLOEXEC), "eventfd");
    if (!listener.is_open() || !stop.is_open())
        return fail(ErrorKind::unavailable, "no socket to be had");
    const int on = 1;
    ::setsockopt(listener.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener.descriptor(), raw, length) != 0 ||
        ::listen(listener.descriptor(), LISTEN_BACKLOG) != 0 ||
        ::getsockname(listener.descriptor(), raw, &length) != 0)
        return fail(ErrorKind::invalid_input, "port {} of 127.0.0.1 is taken", port);
    auto server = std::unique_ptr<StatusServer>{
        new StatusServer{std::move(listener), std::move(stop), ntohs(address.sin_port)}};
    server->thread_ = std::thread{[raw_server = server.get()] { raw_server->serve(); }};
    return server;
}

StatusServer::~StatusServer()
{
    const std::uint64_t one = 1;
    // An eventfd takes eight bytes whole, and its counter is far from full.
    ASHLAR_ASSERT(::write(stop_.descriptor(), &one, sizeof one) == sizeof one);
    thread_.join();
}

void StatusServer::publish(StatusPages pages)
{
    const MutexLock lock{mutex_};
    pages_ = std::move(pages);
}

void StatusServer::serve()
{
    std::array<pollfd, 2> waiting{
        pollfd{.fd = listener_.descriptor(), .events = POLLIN, .revents = 0},
        pollfd{.fd = stop_.descriptor(), .events = POLLIN, .revents = 0}};
    while (true)
    {
        if (::poll(waiting.data(), waiting.size(), -1) < 0)
            continue;
        if (waiting[1].revents != 0)
            return;
        const auto connection = File::adopt(
            ::accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC), "connection");
        if (connection.is_open())
            answer(connection);
    }
}

void StatusServer::answer(const File& connection)
{
    const auto end = std::chrono::steady_clock::now() + CONNECTION_TIMEOUT;
    const auto request = read_request(connection.descriptor(), end);
    std::string text;
    {
        const MutexLock lock{mutex_};
        text = http_answer(request, pages_);
    }
    write_answer(connection.descriptor(), text, end);
    ::shutdown(connection.descriptor(), SHUT_WR);
}

}  // namespace ashlar
