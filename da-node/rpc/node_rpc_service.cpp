#include "da-node/rpc/node_rpc_service.hpp"

#include "transport/status.hpp"
#include "transport/wire.hpp"

namespace ashlar
{
namespace
{

/// A request that breaks the contract.
constexpr auto BLAME = ErrorKind::invalid_input;

/// Ranges in one message of holdings: well inside MESSAGE_BYTES_MAX.
constexpr int RANGES_PER_MESSAGE_MAX = 65'536;

grpc::Status status_of(const Result<void>& result)
{
    return result ? grpc::Status::OK : to_status(result.error());
}

Result<Bytes32> parse_root(std::string_view field)
{
    return array_field<sizeof(Bytes32)>(field, "object root", BLAME);
}

/// The root of a stream: in the first message and in no other.
Result<void> read_stream_root(std::string_view field, std::optional<Bytes32>& root)
{
    if (root && !field.empty())
        return fail(BLAME, "only the first message names the object");
    if (!root)
    {
        ASHLAR_TRY(root, parse_root(field));
    }
    return {};
}

/// Room in memory, given back on destruction.
class MemoryClaim
{
public:
    [[nodiscard]] static Result<MemoryClaim> make(
        std::atomic<std::uint64_t>& used, std::uint64_t bytes, std::uint64_t bytes_max)
    {
        MemoryClaim claim{used, bytes};
        if (used.fetch_add(bytes) + bytes > bytes_max)
            return fail(ErrorKind::unavailable, "the node moves other metadata; try later");
        return claim;
    }
    MemoryClaim(MemoryClaim&& other) noexcept
      : used_{other.used_}, bytes_{std::exchange(other.bytes_, 0)}
    {}
    MemoryClaim& operator=(MemoryClaim&&) = delete;
    ~MemoryClaim() { used_ -= bytes_; }

private:
    MemoryClaim(std::atomic<std::uint64_t>& used, std::uint64_t bytes) : used_{used}, bytes_{bytes}
    {}

    std::atomic<std::uint64_t>& used_;
    std::uint64_t bytes_;
};

/// Views of the message's pieces.
Result<std::vector<CarriedPiece>> parse_pieces(const v1::PutPiecesRequest& message)
{
    const auto count = static_cast<std::size_t>(message.pieces_size());
    if (count == 0 || count > BLOBS_PER_MESSAGE_MAX)
        return fail(
            BLAME, "{} pieces in one message; 1 to {} are taken", count, BLOBS_PER_MESSAGE_MAX);
    std::vector<CarriedPiece> pieces;
    for (const auto& piece : message.pieces())
    {
        ASHLAR_TRY(const auto carried,
            carried_fields(piece.index(), piece.data(), piece.stored_form(), BLAME));
        pieces.push_back(carried);
    }
    return pieces;
}

Result<ReserveRequest> parse_reservation(const v1::ReserveRequest& message)
{
    ReserveRequest request;
    request.expiry_unix_seconds = message.expiry_unix_seconds();
    ASHLAR_TRY(request.header, array_field<BYTES_PER_HEADER>(message.header(), "header", BLAME));
    ASHLAR_TRY(
        request.publisher_key, array_field<32>(message.publisher_key(), "publisher key", BLAME));
    ASHLAR_TRY(request.publisher_signature,
        array_field<64>(message.publisher_signature(), "publisher signature", BLAME));
    return request;
}

/// Calls `answer` with the request's root.
template <typename Request, typename Answer>
grpc::Status with_root(const Request& request, Answer&& answer)
{
    const auto answered = [&]() -> Result<void> {
        ASHLAR_TRY(const auto root, parse_root(request.object_root()));
        return answer(root);
    }();
    return status_of(answered);
}

}  // namespace

NodeRpcService::NodeRpcService(NodeApi& api, const Limits& limits)
  : api_{api}, limits_{limits}, watch_{limits.stall_timeout}
{}

template <typename Message>
bool NodeRpcService::read(
    grpc::ServerContext& context, grpc::ServerReader<Message>& reader, Message& message)
{
    const StallWatch::Wait wait{watch_, context};
    return reader.Read(&message);
}

template <typename Message>
Result<void> NodeRpcService::write(
    grpc::ServerContext& context, grpc::ServerWriter<Message>& writer, const Message& message)
{
    const StallWatch::Wait wait{watch_, context};
    if (!writer.Write(message))
        return fail(ErrorKind::unavailable, "the reader went away");
    return {};
}

Result<MetadataSizes> NodeRpcService::metadata_sizes(const Bytes32& root)
{
    ASHLAR_TRY(const auto info, api_.object(root));
    ASHLAR_TRY(const auto header, ObjectHeader::parse(info.header));
    return MetadataSizes::of(header.shape());
}

grpc::Status NodeRpcService::GetStatus(grpc::ServerContext* /*context*/,
    const v1::GetStatusRequest* /*request*/, v1::GetStatusResponse* reply)
{
    const auto status = api_.status();
    if (!status)
        return to_status(status.error());
    reply->set_public_key(to_field(status->public_key));
    reply->set_committee_root(to_field(status->committee_root));
    auto& record = *reply->mutable_record();
    record.set_sequence(status->record.record.sequence);
    record.set_endpoint(status->record.record.endpoint);
    record.set_certificate(status->record.record.tls_certificate);
    record.set_signature(to_field(status->record.signature));
    reply->set_objects(status->objects);
    reply->set_stored_bytes(status->stored_bytes);
    reply->set_degraded(status->degraded);
    return grpc::Status::OK;
}

grpc::Status NodeRpcService::Reserve(grpc::ServerContext* /*context*/,
    const v1::ReserveRequest* request, v1::ReserveResponse* /*reply*/)
{
    const auto parsed = parse_reservation(*request);
    return parsed ? status_of(api_.reserve(*parsed)) : to_status(parsed.error());
}

Result<void> NodeRpcService::put_metadata(
    grpc::ServerContext& context, grpc::ServerReader<v1::PutMetadataRequest>& reader)
{
    v1::PutMetadataRequest message;
    if (!read(context, reader, message))
        return fail(BLAME, "the stream is empty");
    std::optional<Bytes32> root;
    ASHLAR_CHECK(read_stream_root(message.object_root(), root));
    ASHLAR_TRY(const auto sizes, metadata_sizes(*root));
    ASHLAR_TRY(const auto claim,
        MemoryClaim::make(metadata_bytes_, sizes.total(), limits_.metadata_bytes_max));

    ObjectMetadata metadata;
    do
    {
        auto chunk = as_byte_view(message.chunk().data());
        const auto missing = sizes.commitments - metadata.commitments.size();
        const auto head = chunk.first(std::min(chunk.size(), missing));
        append(metadata.commitments, head);
        chunk = chunk.subspan(head.size());
        if (chunk.size() > sizes.group_parity_hashes - metadata.group_parity_hashes.size())
            return fail(BLAME, "the metadata is longer than {} bytes", sizes.total());
        append(metadata.group_parity_hashes, chunk);
        message.Clear();
        if (!read(context, reader, message))
            return api_.put_metadata(*root, metadata);
        ASHLAR_CHECK(read_stream_root(message.object_root(), root));
    } while (!message.chunk().data().empty());
    return fail(BLAME, "a message of the stream is empty");
}

grpc::Status NodeRpcService::PutMetadata(grpc::ServerContext* context,
    grpc::ServerReader<v1::PutMetadataRequest>* reader, v1::PutMetadataResponse* /*reply*/)
{
    return status_of(put_metadata(*context, *reader));
}

Result<void> NodeRpcService::put_pieces(
    grpc::ServerContext& context, grpc::ServerReader<v1::PutPiecesRequest>& reader)
{
    std::optional<Bytes32> root;
    for (v1::PutPiecesRequest message; read(context, reader, message); message.Clear())
    {
        ASHLAR_CHECK(read_stream_root(message.object_root(), root));
        ASHLAR_TRY(const auto pieces, parse_pieces(message));
        ASHLAR_CHECK(api_.put_pieces(*root, pieces));
    }
    return {};
}

grpc::Status NodeRpcService::PutPieces(grpc::ServerContext* context,
    grpc::ServerReader<v1::PutPiecesRequest>* reader, v1::PutPiecesResponse* /*reply*/)
{
    return status_of(put_pieces(*context, *reader));
}

Result<void> NodeRpcService::get_holdings(grpc::ServerContext& context, const Bytes32& root,
    grpc::ServerWriter<v1::GetHoldingsResponse>& writer)
{
    ASHLAR_TRY(const auto holdings, api_.holdings(root));
    v1::GetHoldingsResponse message;
    message.set_metadata(holdings.metadata);
    message.set_is_signed(holdings.is_signed);
    message.set_stored_bytes(holdings.stored_bytes);
    for (std::size_t at = 0; at < holdings.pieces.size();)
    {
        const auto first = holdings.pieces[at];
        std::uint64_t count = 0;
        while (at < holdings.pieces.size() && holdings.pieces[at] == first + count)
        {
            ++at;
            ++count;
        }
        auto& range = *message.add_ranges();
        range.set_first(first);
        range.set_count(count);
        if (message.ranges_size() == RANGES_PER_MESSAGE_MAX)
        {
            ASHLAR_CHECK(write(context, writer, message));
            message.clear_ranges();
        }
    }
    return write(context, writer, message);
}

grpc::Status NodeRpcService::GetHoldings(grpc::ServerContext* context,
    const v1::GetHoldingsRequest* request, grpc::ServerWriter<v1::GetHoldingsResponse>* writer)
{
    return with_root(
        *request, [&](const Bytes32& root) { return get_holdings(*context, root, *writer); });
}

grpc::Status NodeRpcService::Sign(
    grpc::ServerContext* /*context*/, const v1::SignRequest* request, v1::SignResponse* reply)
{
    return with_root(*request, [&](const Bytes32& root) -> Result<void> {
        ASHLAR_TRY(const auto signature, api_.sign(root, request->expiry_unix_seconds()));
        reply->set_signature(to_field(signature.bytes()));
        return {};
    });
}

grpc::Status NodeRpcService::PutCertificate(grpc::ServerContext* /*context*/,
    const v1::PutCertificateRequest* request, v1::PutCertificateResponse* /*reply*/)
{
    return with_root(*request, [&](const Bytes32& root) -> Result<void> {
        ASHLAR_TRY(
            const auto certificate, Certificate::parse(as_byte_view(request->certificate())));
        return api_.put_certificate(root, certificate);
    });
}

grpc::Status NodeRpcService::GetObject(grpc::ServerContext* /*context*/,
    const v1::GetObjectRequest* request, v1::GetObjectResponse* reply)
{
    return with_root(*request, [&](const Bytes32& root) -> Result<void> {
        ASHLAR_TRY(const auto info, api_.object(root));
        reply->set_header(to_field(info.header));
        if (info.certificate)
            reply->set_certificate(to_field(info.certificate->encode()));
        return {};
    });
}

Result<void> NodeRpcService::get_metadata(grpc::ServerContext& context, const Bytes32& root,
    grpc::ServerWriter<v1::MetadataChunk>& writer)
{
    ASHLAR_TRY(const auto sizes, metadata_sizes(root));
    ASHLAR_TRY(const auto claim,
        MemoryClaim::make(metadata_bytes_, sizes.total(), limits_.metadata_bytes_max));
    ASHLAR_TRY(const auto metadata, api_.metadata(root));
    v1::MetadataChunk message;
    for (const ByteView part :
        {ByteView{metadata.commitments}, ByteView{metadata.group_parity_hashes}})
    {
        for (std::size_t at = 0; at < part.size(); at += METADATA_CHUNK_BYTES_MAX)
        {
            const auto size = std::min(METADATA_CHUNK_BYTES_MAX, part.size() - at);
            message.set_data(to_field(part.subspan(at, size)));
            ASHLAR_CHECK(write(context, writer, message));
        }
    }
    return {};
}

grpc::Status NodeRpcService::GetMetadata(grpc::ServerContext* context,
    const v1::GetMetadataRequest* request, grpc::ServerWriter<v1::MetadataChunk>* writer)
{
    return with_root(
        *request, [&](const Bytes32& root) { return get_metadata(*context, root, *writer); });
}

grpc::Status NodeRpcService::GetPieces(grpc::ServerContext* context,
    const v1::GetPiecesRequest* request, grpc::ServerWriter<v1::Piece>* writer)
{
    return with_root(*request, [&](const Bytes32& root) {
        const std::vector<std::uint64_t> pieces{request->pieces().begin(), request->pieces().end()};
        v1::Piece message;
        const auto send = [&](const CarriedPiece& piece) {
            message.Clear();
            message.set_index(piece.piece);
            auto& field = piece.form == PieceForm::raw ? *message.mutable_data()
                                                       : *message.mutable_stored_form();
            field = as_text(piece.bytes);
            return write(*context, *writer, message);
        };
        if (request->stored_forms())
            return api_.get_carried_pieces(root, pieces, send);
        return api_.get_pieces(
            root, pieces, [&](const PieceView& piece) { return send(carried_raw(piece)); });
    });
}

grpc::Status NodeRpcService::GetCell(
    grpc::ServerContext* /*context*/, const v1::GetCellRequest* request, v1::GetCellResponse* reply)
{
    return with_root(*request, [&](const Bytes32& root) -> Result<void> {
        ASHLAR_TRY(
            const auto answer, api_.get_cell(root, request->stored(), request->cell_index()));
        reply->set_cell(to_field(answer.cell));
        reply->set_proof(to_field(answer.proof));
        return {};
    });
}

grpc::Status NodeRpcService::GetFoldRecord(grpc::ServerContext* /*context*/,
    const v1::GetFoldRecordRequest* request, v1::GetFoldRecordResponse* reply)
{
    return with_root(*request, [&](const Bytes32& root) -> Result<void> {
        ASHLAR_TRY(const auto record, api_.fold_record(root));
        reply->set_record(to_field(record));
        return {};
    });
}

grpc::Status NodeRpcService::GetWalk(
    grpc::ServerContext* /*context*/, const v1::GetWalkRequest* request, v1::GetWalkResponse* reply)
{
    return with_root(*request, [&](const Bytes32& root) -> Result<void> {
        ASHLAR_TRY(const auto walk, api_.get_walk(root, request->position()));
        reply->set_walk(to_field(walk));
        return {};
    });
}

}  // namespace ashlar
