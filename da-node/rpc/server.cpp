#include "da-node/rpc/server.hpp"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

#include "da-node/rpc/node_rpc_service.hpp"
#include "transport/grpc_log.hpp"

namespace ashlar
{
namespace
{

constexpr int SECOND_MS = 1'000;

void set_limits(grpc::ServerBuilder& builder, const ServerOptions& options)
{
    builder.SetMaxReceiveMessageSize(MESSAGE_BYTES_MAX);
    builder.SetMaxSendMessageSize(MESSAGE_BYTES_MAX);
    grpc::ResourceQuota quota{"da-node"};
    quota.Resize(options.memory_bytes_max);
    quota.SetMaxThreads(options.threads_max);
    builder.SetResourceQuota(quota);

    // What does not compress needs no compression, and a small message cannot become a big one.
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);

    // A port in use is an error, not something to share.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.streams_per_connection_max);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8 << 10);
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10 * SECOND_MS);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 300 * SECOND_MS);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 3'600 * SECOND_MS);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 600 * SECOND_MS);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60 * SECOND_MS);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20 * SECOND_MS);
    builder.AddChannelArgument(
        GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10 * SECOND_MS);
}

}  // namespace

struct RpcServer::State
{
    State(NodeApi& api, const ServerOptions& options)
      : service{api, {.metadata_bytes_max = options.metadata_bytes_max,
                         .stall_timeout = options.stall_timeout}}
    {}

    NodeRpcService service;
    std::unique_ptr<grpc::Server> server;
    int port = 0;
};

RpcServer::RpcServer(std::unique_ptr<State> state) : state_{std::move(state)}
{}

Result<std::unique_ptr<RpcServer>> RpcServer::start(NodeApi& api, const ServerOptions& options)
{
    redirect_grpc_log();
    // Both are settings of the process, read when a server is built.
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();

    auto state = std::make_unique<State>(api, options);
    grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs.push_back({options.tls_key, options.tls_certificate});
    grpc::ServerBuilder builder;
    set_limits(builder, options);
    builder.AddListeningPort(options.listen, grpc::SslServerCredentials(tls), &state->port);
    builder.RegisterService(&state->service);
    state->server = builder.BuildAndStart();
    if (!state->server || state->port == 0)
        return fail(ErrorKind::unavailable,
            "cannot listen on {}: the address is in use or not of this machine, or the TLS key "
            "pair is bad",
            options.listen);
    return std::unique_ptr<RpcServer>{new RpcServer{std::move(state)}};
}

RpcServer::~RpcServer()
{
    stop(std::chrono::milliseconds{0});
}

int RpcServer::port() const noexcept
{
    return state_->port;
}

void RpcServer::stop(std::chrono::milliseconds grace)
{
    state_->server->Shutdown(std::chrono::system_clock::now() + grace);
    state_->server->Wait();
}

}  // namespace ashlar
