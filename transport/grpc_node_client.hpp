#pragma once

/// A DA node over gRPC: TLS against the one certificate that the node's record pins, a deadline
/// for every call, and every reply measured before it is believed to be well-formed.

#include <atomic>
#include <chrono>
#include <memory>

#include "transport/node_api.hpp"

namespace ashlar
{

/// Where a node is and how it proves that it is the one.
struct NodeAddress
{
    std::string endpoint;         ///< "host:port"
    std::string tls_certificate;  ///< PEM; no other certificate is accepted.
    std::string server_name;      ///< The name that the certificate must carry.
};

/// Bytes of messages, without the framing of HTTP/2 and TLS. Clients may share one.
struct TrafficCounter
{
    std::atomic<std::uint64_t> bytes_sent{0};
    std::atomic<std::uint64_t> bytes_received{0};
};

/// Deadlines of calls. A call's deadline is call_timeout, plus its bytes at
/// bytes_per_second_min, plus the time that the node may take to check what it is sent.
struct ClientOptions
{
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds call_timeout{15'000};
    std::uint64_t bytes_per_second_min = 1ULL << 20;

    /// A node's full check and fold take well under this for each commitment.
    std::chrono::microseconds check_time_per_commitment{1'000};

    TrafficCounter* traffic = nullptr;  ///< Optional; outlives the client.
};

/// Connects when first called and again after failures; a node that is down fails a call in
/// connect_timeout at the most. Thread-safe.
class GrpcNodeClient final : public NodeApi
{
public:
    explicit GrpcNodeClient(const NodeAddress& address, const ClientOptions& options = {});
    ~GrpcNodeClient() override;

    [[nodiscard]] Result<NodeStatus> status() override;
    [[nodiscard]] Result<void> reserve(const ReserveRequest& request) override;
    [[nodiscard]] Result<void> put_metadata(
        const Bytes32& object_root, const ObjectMetadata& metadata) override;
    [[nodiscard]] Result<void> put_pieces(
        const Bytes32& object_root, std::span<const CarriedPiece> pieces) override;
    [[nodiscard]] Result<Holdings> holdings(const Bytes32& object_root) override;
    [[nodiscard]] Result<BlsSignature> sign(
        const Bytes32& object_root, std::uint64_t expiry_unix_seconds) override;
    [[nodiscard]] Result<void> put_certificate(
        const Bytes32& object_root, const Certificate& certificate) override;
    [[nodiscard]] Result<ObjectInfo> object(const Bytes32& object_root) override;

    /// Asks for the header first: what it says is how much is read.
    [[nodiscard]] Result<ObjectMetadata> metadata(const Bytes32& object_root) override;

    /// A piece that was not asked for, one that comes twice and one of another length end the
    /// call with proof_invalid.
    [[nodiscard]] Result<void> get_pieces(const Bytes32& object_root,
        std::span<const std::uint64_t> pieces, const PieceSink& sink) override;
    [[nodiscard]] Result<void> get_carried_pieces(const Bytes32& object_root,
        std::span<const std::uint64_t> pieces, const CarriedSink& sink) override;
    [[nodiscard]] Result<CellAnswer> get_cell(
        const Bytes32& object_root, std::uint64_t stored, std::uint64_t cell_index) override;
    [[nodiscard]] Result<Bytes> fold_record(const Bytes32& object_root) override;
    [[nodiscard]] Result<Bytes> get_walk(
        const Bytes32& object_root, std::uint64_t position) override;

    /// Unary calls and uploads: downloads are ended by their sink.
    void cancel_calls() override;

private:
    class Connection;

    /// @param stored_forms  Whether the node may send them.
    [[nodiscard]] Result<void> stream_pieces(const Bytes32& object_root,
        std::span<const std::uint64_t> pieces, bool stored_forms, const CarriedSink& sink);

    std::unique_ptr<Connection> connection_;
};

/// A client for a member by its record; null if it has none.
/// @pre member < committee.size()
[[nodiscard]] std::unique_ptr<NodeApi> connect_member(
    const Committee& committee, std::size_t member, const ClientOptions& options = {});

/// One client a member, in member order; null for members without a record.
[[nodiscard]] std::vector<std::unique_ptr<NodeApi>> connect_committee(
    const Committee& committee, const ClientOptions& options = {});

}  // namespace ashlar
