#pragma once

/// The generated service over a NodeApi: measures what arrives, and nothing else.

#include <atomic>

#include "ashlar/v1/node.grpc.pb.h"
#include "da-node/rpc/stall_watch.hpp"
#include "transport/node_api.hpp"

namespace ashlar
{

class NodeRpcService final : public v1::DaNode::Service
{
public:
    struct Limits
    {
        std::uint64_t metadata_bytes_max;  ///< In memory at once, over all calls.
        std::chrono::milliseconds stall_timeout;
    };

    /// @pre the api outlives the service
    NodeRpcService(NodeApi& api, const Limits& limits);

    grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest* request,
        v1::GetStatusResponse* reply) override;
    grpc::Status Reserve(grpc::ServerContext* context, const v1::ReserveRequest* request,
        v1::ReserveResponse* reply) override;
    grpc::Status PutMetadata(grpc::ServerContext* context,
        grpc::ServerReader<v1::PutMetadataRequest>* reader,
        v1::PutMetadataResponse* reply) override;
    grpc::Status PutPieces(grpc::ServerContext* context,
        grpc::ServerReader<v1::PutPiecesRequest>* reader, v1::PutPiecesResponse* reply) override;
    grpc::Status GetHoldings(grpc::ServerContext* context, const v1::GetHoldingsRequest* request,
        grpc::ServerWriter<v1::GetHoldingsResponse>* writer) override;
    grpc::Status Sign(grpc::ServerContext* context, const v1::SignRequest* request,
        v1::SignResponse* reply) override;
    grpc::Status PutCertificate(grpc::ServerContext* context,
        const v1::PutCertificateRequest* request, v1::PutCertificateResponse* reply) override;
    grpc::Status GetObject(grpc::ServerContext* context, const v1::GetObjectRequest* request,
        v1::GetObjectResponse* reply) override;
    grpc::Status GetMetadata(grpc::ServerContext* context, const v1::GetMetadataRequest* request,
        grpc::ServerWriter<v1::MetadataChunk>* writer) override;
    grpc::Status GetPieces(grpc::ServerContext* context, const v1::GetPiecesRequest* request,
        grpc::ServerWriter<v1::Piece>* writer) override;
    grpc::Status GetCell(grpc::ServerContext* context, const v1::GetCellRequest* request,
        v1::GetCellResponse* reply) override;
    grpc::Status GetFoldRecord(grpc::ServerContext* context,
        const v1::GetFoldRecordRequest* request, v1::GetFoldRecordResponse* reply) override;
    grpc::Status GetWalk(grpc::ServerContext* context, const v1::GetWalkRequest* request,
        v1::GetWalkResponse* reply) override;

private:
    template <typename Message>
    [[nodiscard]] bool read(
        grpc::ServerContext& context, grpc::ServerReader<Message>& reader, Message& message);
    template <typename Message>
    [[nodiscard]] Result<void> write(
        grpc::ServerContext& context, grpc::ServerWriter<Message>& writer, const Message& message);

    /// Lengths of a known object's metadata.
    [[nodiscard]] Result<MetadataSizes> metadata_sizes(const Bytes32& root);

    [[nodiscard]] Result<void> put_metadata(
        grpc::ServerContext& context, grpc::ServerReader<v1::PutMetadataRequest>& reader);
    [[nodiscard]] Result<void> put_pieces(
        grpc::ServerContext& context, grpc::ServerReader<v1::PutPiecesRequest>& reader);
    [[nodiscard]] Result<void> get_holdings(grpc::ServerContext& context, const Bytes32& root,
        grpc::ServerWriter<v1::GetHoldingsResponse>& writer);
    [[nodiscard]] Result<void> get_metadata(grpc::ServerContext& context, const Bytes32& root,
        grpc::ServerWriter<v1::MetadataChunk>& writer);

    NodeApi& api_;
    const Limits limits_;
    std::atomic<std::uint64_t> metadata_bytes_{0};
    StallWatch watch_;
};

}  // namespace ashlar
