#include "transport/grpc_node_client.hpp"

#include <set>

#include <grpcpp/create_channel.h>

#include "ashlar/v1/node.grpc.pb.h"
#include "base/mutex.hpp"
#include "transport/grpc_log.hpp"
#include "transport/status.hpp"
#include "transport/wire.hpp"

namespace ashlar
{
namespace
{

template <typename Request, typename Reply>
using UnaryMethod = grpc::Status (v1::DaNode::Stub::*)(
    grpc::ClientContext*, const Request&, Reply*);

/// A peer's reply that breaks the contract.
constexpr auto BLAME = ErrorKind::proof_invalid;

std::shared_ptr<grpc::Channel> open_channel(
    const NodeAddress& address, const ClientOptions& options)
{
    redirect_grpc_log();
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride(address.server_name);
    arguments.SetMaxReceiveMessageSize(MESSAGE_BYTES_MAX);
    arguments.SetMaxSendMessageSize(MESSAGE_BYTES_MAX);
    // A reader has other nodes to ask: a dead one must neither hold a call nor stay given up.
    const auto connect_ms = static_cast<int>(options.connect_timeout.count());
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, connect_ms);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, connect_ms);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    // The environment's proxy and the name server's service configuration are no business of ours.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
    // Connections are never shared between clients, so one's requests are not tied to another's.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);

    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = address.tls_certificate;
    // With the scheme spelt out, an endpoint cannot name one of its own ("unix:", "xds:").
    return grpc::CreateCustomChannel(
        "dns:///" + address.endpoint, grpc::SslCredentials(tls), arguments);
}

template <typename Request>
Request request_for(const Bytes32& object_root)
{
    Request request;
    request.set_object_root(to_field(object_root));
    return request;
}

/// A reply's byte string whose exact length the caller checks.
Result<Bytes> bounded_field(std::string_view field, std::string_view name, std::size_t size_max)
{
    if (field.size() > size_max)
        return fail(
            BLAME, "the node's {} has {} bytes; {} are possible", name, field.size(), size_max);
    const auto bytes = as_byte_view(field);
    return Bytes{bytes.begin(), bytes.end()};
}

Result<Certificate> parse_certificate(std::string_view field)
{
    auto certificate = Certificate::parse(as_byte_view(field));
    if (!certificate)
        return fail(BLAME, "the node's certificate: {}", certificate.error().message);
    return certificate;
}

/// Appends the ranges of one message.
/// @return  proof_invalid unless they go on ascending and stay within HOLDINGS_PIECES_MAX.
Result<void> append_ranges(const v1::GetHoldingsResponse& reply, std::vector<std::uint64_t>& pieces)
{
    for (const auto& range : reply.ranges())
    {
        const std::uint64_t least = pieces.empty() ? 0 : pieces.back() + 1;
        const bool ascending =
            range.first() >= least && range.count() > 0 && range.count() <= ~range.first();
        if (!ascending || range.count() > HOLDINGS_PIECES_MAX - pieces.size())
            return fail(BLAME, "the node's holdings are not a list of pieces");
        for (std::uint64_t i = 0; i < range.count(); ++i)
            pieces.push_back(range.first() + i);
    }
    return {};
}

/// The pieces that a get_pieces() call still waits for.
class AwaitedPieces
{
public:
    explicit AwaitedPieces(std::span<const std::uint64_t> pieces)
      : pieces_{pieces.begin(), pieces.end()}
    {
        std::ranges::sort(pieces_);
        arrived_.resize(pieces_.size());
    }

    /// @return  proof_invalid if the message is not a piece that is still awaited.
    [[nodiscard]] Result<CarriedPiece> accept(const v1::Piece& message)
    {
        const auto found = std::ranges::lower_bound(pieces_, message.index());
        const auto slot = static_cast<std::size_t>(found - pieces_.begin());
        if (found == pieces_.end() || *found != message.index() || arrived_[slot])
            return fail(BLAME, "the node sent piece {}, which is not awaited", message.index());
        ASHLAR_TRY(const auto piece,
            carried_fields(message.index(), message.data(), message.stored_form(), BLAME));
        arrived_[slot] = true;
        return piece;
    }

private:
    std::vector<std::uint64_t> pieces_;
    std::vector<bool> arrived_;
};

v1::PutPiecesRequest pieces_message(std::span<const CarriedPiece> pieces)
{
    v1::PutPiecesRequest request;
    for (const auto& piece : pieces)
    {
        auto& message = *request.add_pieces();
        message.set_index(piece.piece);
        if (piece.form == PieceForm::raw)
            message.set_data(to_field(piece.bytes));
        else
            message.set_stored_form(to_field(piece.bytes));
    }
    return request;
}

}  // namespace

class GrpcNodeClient::Connection
{
public:
    Connection(const NodeAddress& address, const ClientOptions& options)
      : options_{options}, stub_{v1::DaNode::NewStub(open_channel(address, options))}
    {}

    [[nodiscard]] v1::DaNode::Stub& stub() noexcept { return *stub_; }

    /// A context whose deadline leaves time to move `bytes` and to check `commitments`.
    [[nodiscard]] std::unique_ptr<grpc::ClientContext> context(
        std::uint64_t bytes, std::uint64_t commitments = 0) const
    {
        const auto transfer = std::chrono::milliseconds{
            1'000 * bytes / std::max(options_.bytes_per_second_min, std::uint64_t{1})};
        const auto check = std::chrono::duration_cast<std::chrono::milliseconds>(
            options_.check_time_per_commitment * commitments);
        const auto timeout = options_.call_timeout + transfer + check;
        auto context = std::make_unique<grpc::ClientContext>();
        context->set_deadline(gpr_time_add(
            gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(timeout.count(), GPR_TIMESPAN)));
        return context;
    }

    template <typename Request, typename Reply>
    [[nodiscard]] Result<Reply> call(UnaryMethod<Request, Reply> method, const Request& request)
    {
        const auto call_context = context(0);
        Reply reply;
        count_sent(request);
        const Cancellable cancellable{*this, *call_context};
        const auto status = (stub_.get()->*method)(call_context.get(), request, &reply);
        if (!status.ok())
            return tl::unexpected<Error>{to_error(status)};
        count_received(reply);
        return reply;
    }

    /// Hands every message of a reply stream to `accept`, whose error cancels the call.
    template <typename Message, typename Accept>
    [[nodiscard]] Result<void> drain(
        grpc::ClientContext& call_context, grpc::ClientReader<Message>& reader, Accept&& accept)
    {
        Message message;
        Result<void> accepted;
        while (accepted && reader.Read(&message))
        {
            count_received(message);
            accepted = accept(message);
        }
        if (!accepted)
            call_context.TryCancel();
        const auto status = reader.Finish();
        if (!accepted)
            return accepted;
        if (!status.ok())
            return tl::unexpected<Error>{to_error(status)};
        return {};
    }

    /// While it lives, cancel_calls() ends the call.
    class Cancellable
    {
    public:
        Cancellable(Connection& connection, grpc::ClientContext& call_context)
          : connection_{connection}, context_{call_context}
        {
            connection_.begin_call(context_);
        }
        ~Cancellable() { connection_.end_call(context_); }
        Cancellable(const Cancellable&) = delete;
        Cancellable& operator=(const Cancellable&) = delete;

    private:
        Connection& connection_;
        grpc::ClientContext& context_;
    };

    void cancel_calls() ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        for (auto* const call_context : calls_)
            call_context->TryCancel();
    }

    template <typename Message>
    void count_sent(const Message& message)
    {
        if (options_.traffic != nullptr)
            options_.traffic->bytes_sent += message.ByteSizeLong();
    }

    template <typename Message>
    void count_received(const Message& message)
    {
        if (options_.traffic != nullptr)
            options_.traffic->bytes_received += message.ByteSizeLong();
    }

private:
    void begin_call(grpc::ClientContext& call_context) ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        calls_.insert(&call_context);
    }
    void end_call(grpc::ClientContext& call_context) ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        calls_.erase(&call_context);
    }

    ClientOptions options_;
    std::unique_ptr<v1::DaNode::Stub> stub_;
    Mutex mutex_;
    std::set<grpc::ClientContext*> calls_ ASHLAR_GUARDED_BY(mutex_);  ///< In progress.
};

GrpcNodeClient::GrpcNodeClient(const NodeAddress& address, const ClientOptions& options)
  : connection_{std::make_unique<Connection>(address, options)}
{}

GrpcNodeClient::~GrpcNodeClient() = default;

Result<NodeStatus> GrpcNodeClient::status()
{
    ASHLAR_TRY(
        const auto reply, connection_->call(&v1::DaNode::Stub::GetStatus, v1::GetStatusRequest{}));
    const auto& record = reply.record();
    if (record.endpoint().size() > ENDPOINT_BYTES_MAX ||
        record.certificate().size() > TLS_CERTIFICATE_BYTES_MAX)
        return fail(BLAME, "the node's record is too long");
    NodeStatus status;
    ASHLAR_TRY(status.public_key, array_field<48>(reply.public_key(), "public key", BLAME));
    ASHLAR_TRY(
        status.committee_root, array_field<32>(reply.committee_root(), "committee root", BLAME));
    ASHLAR_TRY(status.record.signature, array_field<96>(record.signature(), "signature", BLAME));
    status.record.record = {.sequence = record.sequence(),
        .endpoint = record.endpoint(),
        .tls_certificate = record.certificate()};
    status.objects = reply.objects();
    status.stored_bytes = reply.stored_bytes();
    status.degraded = reply.degraded();
    return status;
}

Result<void> GrpcNodeClient::reserve(const ReserveRequest& request)
{
    v1::ReserveRequest message;
    message.set_header(to_field(request.header));
    message.set_expiry_unix_seconds(request.expiry_unix_seconds);
    message.set_publisher_key(to_field(request.publisher_key));
    message.set_publisher_signature(to_field(request.publisher_signature));
    ASHLAR_CHECK(connection_->call(&v1::DaNode::Stub::Reserve, message));
    return {};
}

Result<void> GrpcNodeClient::put_metadata(
    const Bytes32& object_root, const ObjectMetadata& metadata)
{
    const std::array parts{ByteView{metadata.commitments}, ByteView{metadata.group_parity_hashes}};
    const auto context = connection_->context(
        parts[0].size() + parts[1].size(), metadata.commitments.size() / BYTES_PER_G1);
    const Connection::Cancellable cancellable{*connection_, *context};
    v1::PutMetadataResponse reply;
    const auto writer = connection_->stub().PutMetadata(context.get(), &reply);

    auto message = request_for<v1::PutMetadataRequest>(object_root);
    bool open = writer->Write(message);
    connection_->count_sent(message);
    message.clear_object_root();
    for (const auto part : parts)
    {
        for (std::size_t at = 0; open && at < part.size(); at += METADATA_CHUNK_BYTES_MAX)
        {
            const auto size = std::min(METADATA_CHUNK_BYTES_MAX, part.size() - at);
            message.mutable_chunk()->set_data(to_field(part.subspan(at, size)));
            open = writer->Write(message);
            connection_->count_sent(message);
        }
    }
    writer->WritesDone();
    // A node that refuses ends the stream early; only the status says why.
    const auto status = writer->Finish();
    if (!status.ok())
        return tl::unexpected<Error>{to_error(status)};
    return {};
}

Result<void> GrpcNodeClient::put_pieces(
    const Bytes32& object_root, std::span<const CarriedPiece> pieces)
{
    if (pieces.empty())
        return {};
    const auto context = connection_->context(pieces.size() * BYTES_PER_BLOB);
    const Connection::Cancellable cancellable{*connection_, *context};
    v1::PutPiecesResponse reply;
    const auto writer = connection_->stub().PutPieces(context.get(), &reply);
    bool open = true;
    for (std::size_t at = 0; open && at < pieces.size(); at += BLOBS_PER_MESSAGE_MAX)
    {
        const auto count = std::min(BLOBS_PER_MESSAGE_MAX, pieces.size() - at);
        auto message = pieces_message(pieces.subspan(at, count));
        if (at == 0)
            message.set_object_root(to_field(object_root));
        open = writer->Write(message);
        connection_->count_sent(message);
    }
    writer->WritesDone();
    const auto status = writer->Finish();
    if (!status.ok())
        return tl::unexpected<Error>{to_error(status)};
    return {};
}

Result<Holdings> GrpcNodeClient::holdings(const Bytes32& object_root)
{
    const auto context = connection_->context(0);
    const auto reader = connection_->stub().GetHoldings(
        context.get(), request_for<v1::GetHoldingsRequest>(object_root));
    Holdings holdings;
    ASHLAR_CHECK(connection_->drain(
        *context, *reader, [&](const v1::GetHoldingsResponse& reply) -> Result<void> {
            holdings.metadata = reply.metadata();
            holdings.is_signed = reply.is_signed();
            holdings.stored_bytes = reply.stored_bytes();
            return append_ranges(reply, holdings.pieces);
        }));
    return holdings;
}

Result<BlsSignature> GrpcNodeClient::sign(
    const Bytes32& object_root, std::uint64_t expiry_unix_seconds)
{
    auto request = request_for<v1::SignRequest>(object_root);
    request.set_expiry_unix_seconds(expiry_unix_seconds);
    ASHLAR_TRY(const auto reply, connection_->call(&v1::DaNode::Stub::Sign, request));
    ASHLAR_TRY(const auto bytes, array_field<96>(reply.signature(), "signature", BLAME));
    auto signature = BlsSignature::parse(bytes);
    if (!signature)
        return fail(BLAME, "the node's signature: {}", signature.error().message);
    return signature;
}

Result<void> GrpcNodeClient::put_certificate(
    const Bytes32& object_root, const Certificate& certificate)
{
    auto request = request_for<v1::PutCertificateRequest>(object_root);
    request.set_certificate(to_field(certificate.encode()));
    ASHLAR_CHECK(connection_->call(&v1::DaNode::Stub::PutCertificate, request));
    return {};
}

Result<ObjectInfo> GrpcNodeClient::object(const Bytes32& object_root)
{
    ASHLAR_TRY(const auto reply, connection_->call(&v1::DaNode::Stub::GetObject,
                                     request_for<v1::GetObjectRequest>(object_root)));
    ObjectInfo info;
    ASHLAR_TRY(info.header, array_field<BYTES_PER_HEADER>(reply.header(), "header", BLAME));
    if (!reply.certificate().empty())
    {
        ASHLAR_TRY(info.certificate, parse_certificate(reply.certificate()));
    }
    return info;
}

Result<ObjectMetadata> GrpcNodeClient::metadata(const Bytes32& object_root)
{
    ASHLAR_TRY(const auto info, object(object_root));
    const auto header = ObjectHeader::parse_for(object_root, info.header);
    if (!header)
        return fail(BLAME, "the node's header: {}", header.error().message);
    const auto sizes = MetadataSizes::of(header->shape());

    const auto context = connection_->context(sizes.total());
    const auto reader = connection_->stub().GetMetadata(
        context.get(), request_for<v1::GetMetadataRequest>(object_root));
    Bytes received;
    ASHLAR_CHECK(
        connection_->drain(*context, *reader, [&](const v1::MetadataChunk& chunk) -> Result<void> {
            if (chunk.data().empty() || chunk.data().size() > sizes.total() - received.size())
                return fail(BLAME, "the node's metadata has a wrong length");
            append(received, as_byte_view(chunk.data()));
            return {};
        }));
    if (received.size() != sizes.total())
        return fail(BLAME, "the node's metadata has {} bytes instead of {}", received.size(),
            sizes.total());
    ObjectMetadata metadata;
    const auto split = received.begin() + static_cast<std::ptrdiff_t>(sizes.commitments);
    metadata.group_parity_hashes.assign(split, received.end());
    received.resize(sizes.commitments);
    metadata.commitments = std::move(received);
    return metadata;
}

Result<void> GrpcNodeClient::get_pieces(
    const Bytes32& object_root, std::span<const std::uint64_t> pieces, const PieceSink& sink)
{
    return stream_pieces(
        object_root, pieces, false, [&](const CarriedPiece& piece) -> Result<void> {
            if (piece.form != PieceForm::raw)
                return fail(BLAME, "piece {} came in stored form, unasked", piece.piece);
            return sink({.piece = piece.piece, .bytes = piece.bytes.first<BYTES_PER_BLOB>()});
        });
}

Result<void> GrpcNodeClient::get_carried_pieces(
    const Bytes32& object_root, std::span<const std::uint64_t> pieces, const CarriedSink& sink)
{
    return stream_pieces(object_root, pieces, true, sink);
}

Result<void> GrpcNodeClient::stream_pieces(const Bytes32& object_root,
    std::span<const std::uint64_t> pieces, bool stored_forms, const CarriedSink& sink)
{
    if (pieces.size() > PIECES_PER_REQUEST_MAX)
        return fail(ErrorKind::invalid_input, "{} pieces asked for; at most {} at a time",
            pieces.size(), PIECES_PER_REQUEST_MAX);
    auto request = request_for<v1::GetPiecesRequest>(object_root);
    request.mutable_pieces()->Add(pieces.begin(), pieces.end());
    request.set_stored_forms(stored_forms);
    connection_->count_sent(request);
    const auto context = connection_->context(pieces.size() * BYTES_PER_BLOB);
    const auto reader = connection_->stub().GetPieces(context.get(), request);
    AwaitedPieces awaited{pieces};
    return connection_->drain(*context, *reader, [&](const v1::Piece& message) -> Result<void> {
        ASHLAR_TRY(const auto piece, awaited.accept(message));
        return sink(piece);
    });
}

Result<CellAnswer> GrpcNodeClient::get_cell(
    const Bytes32& object_root, std::uint64_t stored, std::uint64_t cell_index)
{
    auto request = request_for<v1::GetCellRequest>(object_root);
    request.set_stored(stored);
    request.set_cell_index(cell_index);
    ASHLAR_TRY(const auto reply, connection_->call(&v1::DaNode::Stub::GetCell, request));
    CellAnswer answer;
    ASHLAR_TRY(answer.cell, array_field<BYTES_PER_CELL>(reply.cell(), "cell", BLAME));
    ASHLAR_TRY(answer.proof, array_field<BYTES_PER_G1>(reply.proof(), "proof", BLAME));
    return answer;
}

Result<Bytes> GrpcNodeClient::fold_record(const Bytes32& object_root)
{
    ASHLAR_TRY(const auto reply, connection_->call(&v1::DaNode::Stub::GetFoldRecord,
                                     request_for<v1::GetFoldRecordRequest>(object_root)));
    return bounded_field(reply.record(), "fold record", FOLD_RECORD_BYTES_MAX);
}

Result<Bytes> GrpcNodeClient::get_walk(const Bytes32& object_root, std::uint64_t position)
{
    auto request = request_for<v1::GetWalkRequest>(object_root);
    request.set_position(position);
    ASHLAR_TRY(const auto reply, connection_->call(&v1::DaNode::Stub::GetWalk, request));
    return bounded_field(reply.walk(), "walk", WALK_BYTES_MAX);
}

void GrpcNodeClient::cancel_calls()
{
    connection_->cancel_calls();
}

std::unique_ptr<NodeApi> connect_member(
    const Committee& committee, std::size_t member, const ClientOptions& options)
{
    const auto& signed_record = committee.record(member);
    if (!signed_record)
        return nullptr;
    const NodeAddress address{.endpoint = signed_record->record.endpoint,
        .tls_certificate = signed_record->record.tls_certificate,
        .server_name = tls_server_name(committee.members()[member].key)};
    return std::make_unique<GrpcNodeClient>(address, options);
}

std::vector<std::unique_ptr<NodeApi>> connect_committee(
    const Committee& committee, const ClientOptions& options)
{
    std::vector<std::unique_ptr<NodeApi>> nodes;
    for (std::size_t member = 0; member < committee.size(); ++member)
        nodes.push_back(connect_member(committee, member, options));
    return nodes;
}

}  // namespace ashlar
