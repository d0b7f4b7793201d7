#pragma once

/// The node's port: TLS, the generated service over a NodeApi, health and reflection.

#include <chrono>
#include <memory>

#include "transport/node_api.hpp"

namespace ashlar
{

struct ServerOptions
{
    std::string listen;           ///< "host:port"; port 0 takes a free one.
    std::string tls_key;          ///< PEM
    std::string tls_certificate;  ///< PEM

    int streams_per_connection_max = 64;
    int threads_max = 128;                    ///< Calls at once.
    std::size_t memory_bytes_max = 1u << 30;  ///< Of gRPC's buffers.

    /// Of metadata on its way in or out, all calls together: a terabyte's takes 0.8 GB.
    std::uint64_t metadata_bytes_max = 2ULL << 30;

    /// A stream whose peer does nothing for so long is ended.
    std::chrono::milliseconds stall_timeout{30'000};
};

/// A running server. stop() or destruction ends it.
class RpcServer
{
public:
    /// @pre the api outlives the server
    /// @return  unavailable if the address cannot be had, invalid_input for a bad key pair.
    [[nodiscard]] static Result<std::unique_ptr<RpcServer>> start(
        NodeApi& api, const ServerOptions& options);
    ~RpcServer();

    [[nodiscard]] int port() const noexcept;

    /// Takes no new calls, lets those in progress finish for `grace`, then cancels them.
    void stop(std::chrono::milliseconds grace);

private:
    struct State;
    explicit RpcServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace ashlar
