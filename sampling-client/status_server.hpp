#pragma once

/// What a long-running client says of itself, over HTTP on loopback: /status as JSON, /metrics in
/// Prometheus' text format.

#include <memory>
#include <string>
#include <thread>

#include "base/file.hpp"
#include "base/mutex.hpp"

namespace ashlar
{

/// A request's line and headers are no longer than this; more are refused.
inline constexpr std::size_t HTTP_REQUEST_BYTES_MAX = 8192;

struct StatusPages
{
    std::string status;   ///< JSON.
    std::string metrics;  ///< Prometheus text.
};

/// The whole answer to a request as it came, up to and with its empty line.
[[nodiscard]] std::string http_answer(std::string_view request, const StatusPages& pages);

/// Serves one connection after another, each for two seconds at most, in a thread of its own.
class StatusServer
{
public:
    /// @param port  Of 127.0.0.1; 0 for one that is free.
    /// @return  invalid_input if the port is taken.
    [[nodiscard]] static Result<std::unique_ptr<StatusServer>> start(std::uint16_t port);
    ~StatusServer();
    StatusServer(const StatusServer&) = delete;
    StatusServer& operator=(const StatusServer&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    /// What is served from now on.
    void publish(StatusPages pages) ASHLAR_EXCLUDES(mutex_);

private:
    StatusServer(File listener, File stop, std::uint16_t port);
    void serve();
    void answer(const File& connection) ASHLAR_EXCLUDES(mutex_);

    File listener_;
    File stop_;  ///< An eventfd that becomes readable when the thread is to end.
    std::uint16_t port_;
    Mutex mutex_;
    StatusPages pages_ ASHLAR_GUARDED_BY(mutex_);
    std::thread thread_;
};

}  // namespace ashlar
