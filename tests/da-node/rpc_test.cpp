/// A node behind its port: whole round trips, and requests that no honest client makes.

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include "ashlar/v1/node.grpc.pb.h"
#include "checkpoint/blob_packing.hpp"
#include "checkpoint/stored_form.hpp"
#include "da-node/rpc/server.hpp"
#include "da-node/tls_certificate.hpp"
#include "tests/da-node/test_node.hpp"
#include "transport/grpc_node_client.hpp"
#include "transport/wire.hpp"

namespace ashlar::test
{
namespace
{

constexpr auto SERVER_NAME = "0123456789abcdef.node.ashlar";
constexpr auto INVALID = grpc::StatusCode::INVALID_ARGUMENT;

class rpc : public testing::Test
{
protected:
    rpc() : pair_{make_tls_key_pair(SERVER_NAME).value()} { start("127.0.0.1:0"); }

    void start(const std::string& listen)
    {
        server_ = RpcServer::start(node.service(), options(listen)).value();
    }

    [[nodiscard]] ServerOptions options(const std::string& listen) const
    {
        return {.listen = listen,
            .tls_key = pair_.key,
            .tls_certificate = pair_.certificate,
            .metadata_bytes_max = 64 << 10};
    }

    [[nodiscard]] std::string endpoint() const
    {
        return fmt::format("127.0.0.1:{}", server_->port());
    }

    [[nodiscard]] GrpcNodeClient client() const
    {
        return GrpcNodeClient{{.endpoint = endpoint(),
            .tls_certificate = pair_.certificate,
            .server_name = SERVER_NAME}};
    }

    /// For requests that the client would never make.
    [[nodiscard]] std::unique_ptr<v1::DaNode::Stub> stub() const
    {
        grpc::SslCredentialsOptions tls;
        tls.pem_root_certs = pair_.certificate;
        grpc::ChannelArguments arguments;
        arguments.SetSslTargetNameOverride(SERVER_NAME);
        return v1::DaNode::NewStub(
            grpc::CreateCustomChannel(endpoint(), grpc::SslCredentials(tls), arguments));
    }

    /// Sends the messages of an upload and gives the status that it ends with.
    template <typename Request, typename Reply, typename Open>
    [[nodiscard]] grpc::StatusCode upload(const std::vector<Request>& messages, Open&& open) const
    {
        const auto raw = stub();
        grpc::ClientContext context;
        Reply reply;
        const auto writer = open(*raw, context, reply);
        for (const auto& message : messages)
        {
            if (!writer->Write(message))
                break;
        }
        writer->WritesDone();
        return writer->Finish().error_code();
    }
    [[nodiscard]] grpc::StatusCode put_pieces(
        const std::vector<v1::PutPiecesRequest>& messages) const
    {
        return upload<v1::PutPiecesRequest, v1::PutPiecesResponse>(messages,
            [](auto& raw, auto& context, auto& reply) { return raw.PutPieces(&context, &reply); });
    }
    [[nodiscard]] grpc::StatusCode put_metadata(
        const std::vector<v1::PutMetadataRequest>& messages) const
    {
        return upload<v1::PutMetadataRequest, v1::PutMetadataResponse>(
            messages, [](auto& raw, auto& context, auto& reply) {
                return raw.PutMetadata(&context, &reply);
            });
    }

    TestNode node;
    std::unique_ptr<RpcServer> server_;

private:
    TlsKeyPair pair_;
};

v1::PutPiecesRequest pieces_message(const SmallObject& object, std::vector<std::uint64_t> pieces)
{
    v1::PutPiecesRequest message;
    message.set_object_root(to_field(object.root()));
    for (const auto piece : pieces)
    {
        auto& entry = *message.add_pieces();
        entry.set_index(piece);
        entry.set_data(to_field(object.pieces[piece]));
    }
    return message;
}

v1::PutMetadataRequest metadata_message(const SmallObject& object, std::size_t bytes)
{
    v1::PutMetadataRequest message;
    message.set_object_root(to_field(object.root()));
    auto all =
        to_field(object.metadata.commitments) + to_field(object.metadata.group_parity_hashes);
    all.resize(bytes, 'x');
    message.mutable_chunk()->set_data(all);
    return message;
}

}  // namespace

TEST_F(rpc, whole_life_of_an_object)
{
    auto remote = client();
    const auto& object = small_object();
    EXPECT_EQ(kind_of(remote.holdings(object.root())), ErrorKind::not_found);
    must(remote.reserve(node.reservation(object)));
    must(remote.put_metadata(object.root(), object.metadata));
    EXPECT_EQ(kind_of(remote.sign(object.root(), EXPIRY)), ErrorKind::insufficient);
    std::vector<CarriedPiece> pieces;
    for (const auto piece : node.placed(object))
        pieces.push_back(object.carried(piece));
    must(remote.put_pieces(object.root(), pieces));

    const auto signature = remote.sign(object.root(), EXPIRY).value();
    const std::array signatures{MemberSignature{.member = 0, .signature = signature}};
    const auto certificate =
        make_certificate(node.committee(), object.root(), EXPIRY, signatures).value();
    must(remote.put_certificate(object.root(), certificate));

    const auto info = remote.object(object.root()).value();
    EXPECT_EQ(info.header, object.header().bytes());
    EXPECT_EQ(info.certificate, certificate);
    EXPECT_EQ(remote.metadata(object.root()).value(), object.metadata);
    const auto holdings = remote.holdings(object.root()).value();
    EXPECT_TRUE(holdings.metadata);
    EXPECT_TRUE(holdings.is_signed);
    EXPECT_EQ(holdings.pieces, node.placed(object));
    const auto status = remote.status().value();
    EXPECT_EQ(status.objects, 1u);
    EXPECT_EQ(status.committee_root, node.committee().root());
}

TEST_F(rpc, pieces_and_cells_come_back)
{
    auto remote = client();
    const auto& object = small_object();
    node.upload(object);
    const auto placed = node.placed(object);
    std::vector<std::uint64_t> received;
    const auto collect = [&](const PieceView& piece) -> Result<void> {
        EXPECT_TRUE(equal(piece.bytes, object.pieces[piece.piece]));
        received.push_back(piece.piece);
        return {};
    };
    must(remote.get_pieces(object.root(), placed, collect));
    EXPECT_EQ(received, placed);
    const auto own = node->get_cell(object.root(), placed[0], 3).value();
    const auto answer = remote.get_cell(object.root(), placed[0], 3).value();
    EXPECT_EQ(answer.cell, own.cell);
    EXPECT_EQ(answer.proof, own.proof);
}

TEST_F(rpc, stored_forms_travel_both_ways_and_raw_where_they_are_not_asked_for)
{
    auto remote = client();
    const auto& object = small_object();
    node.announce(object);
    auto piece = node.placed(object).front();
    ASSERT_LT(piece, object.fields.data_blobs);
    Bytes payload(PAYLOAD_BYTES_PER_BLOB);
    must(unpack_elements(object.pieces[piece], payload));
    const StoredRun run{.bytes = PAYLOAD_BYTES_PER_BLOB, .width = 2, .texture = Texture::weights};
    const auto form =
        StoredFormEncoder{}.encode(ByteView{payload}.first<PAYLOAD_BYTES_PER_BLOB>(), {&run, 1});
    const CarriedPiece sent{.piece = piece, .form = PieceForm::stored, .bytes = form};
    must(remote.put_pieces(object.root(), {&sent, 1}));
    EXPECT_EQ(remote.holdings(object.root()).value().stored_bytes, form.size());
    EXPECT_EQ(remote.status().value().stored_bytes, form.size());

    int calls = 0;
    must(remote.get_carried_pieces(
        object.root(), {&piece, 1}, [&](const CarriedPiece& got) -> Result<void> {
            EXPECT_EQ(got.form, PieceForm::stored);
            EXPECT_TRUE(equal(got.bytes, form));
            ++calls;
            return {};
        }));
    must(remote.get_pieces(object.root(), {&piece, 1}, [&](const PieceView& got) -> Result<void> {
        EXPECT_TRUE(equal(got.bytes, object.pieces[piece]));
        ++calls;
        return {};
    }));
    EXPECT_EQ(calls, 2);
}

TEST_F(rpc, walks_come_back_and_lead_to_the_codeword)
{
    auto remote = client();
    const auto& object = folded_object();
    EXPECT_EQ(kind_of(remote.get_walk(object.root(), 0)), ErrorKind::not_found);
    node.announce(object);
    const auto binding = fold_binding(object.header());
    const auto record = FoldRecord::parse_for(
        object.shape(), binding.fold_root, remote.fold_record(object.root()).value())
                            .value();
    const auto positions = object.shape().position_count();
    std::vector<Walk> walks;
    // Data, the boundary, an empty position, parity and the last.
    for (const std::uint64_t n : {0u, 299u, 300u, 400u, 700u, 1023u})
    {
        const auto bytes = remote.get_walk(object.root(), n).value();
        EXPECT_EQ(bytes, node->get_walk(object.root(), n).value());
        walks.push_back(parse_walk(binding, record, n, bytes).value());
    }
    const auto checked = WalkChecker::make(binding, record).value().check(walks);
    const auto codeword = object.codeword();
    for (std::size_t i = 0; i < walks.size(); ++i)
        EXPECT_EQ(checked[i].value().bytes(), codeword[walks[i].start].bytes());
    for (const auto n : {positions, UINT64_MAX})
        EXPECT_EQ(kind_of(remote.get_walk(object.root(), n)), ErrorKind::invalid_input);
}

TEST_F(rpc, sinks_error_ends_the_download)
{
    auto remote = client();
    node.upload(small_object());
    const auto placed = node.placed(small_object());
    const auto result = remote.get_pieces(small_object().root(), placed,
        [](const PieceView&) -> Result<void> { return fail(ErrorKind::corrupted, "no more"); });
    EXPECT_EQ(kind_of(result), ErrorKind::corrupted);
    EXPECT_TRUE(remote.status());
}

TEST_F(rpc, fields_of_wrong_length_are_refused)
{
    const auto raw = stub();
    const auto sign = [&](const std::string& root) {
        grpc::ClientContext context;
        v1::SignRequest request;
        request.set_object_root(root);
        v1::SignResponse reply;
        return raw->Sign(&context, request, &reply).error_code();
    };
    for (const std::size_t size : {0u, 31u, 33u})
        EXPECT_EQ(sign(std::string(size, 'r')), INVALID);
    EXPECT_EQ(sign(std::string(32, 'r')), grpc::StatusCode::NOT_FOUND);

    const auto good = node.reservation(small_object());
    const auto reserve = [&](std::size_t header, std::size_t key, std::size_t signature) {
        grpc::ClientContext context;
        v1::ReserveRequest request;
        request.set_expiry_unix_seconds(good.expiry_unix_seconds);
        auto field = to_field(good.header);
        field.resize(header);
        request.set_header(field);
        field = to_field(good.publisher_key);
        field.resize(key);
        request.set_publisher_key(field);
        field = to_field(good.publisher_signature);
        field.resize(signature);
        request.set_publisher_signature(field);
        v1::ReserveResponse reply;
        return raw->Reserve(&context, request, &reply).error_code();
    };
    EXPECT_EQ(reserve(511, 32, 64), INVALID);
    EXPECT_EQ(reserve(0, 32, 64), INVALID);
    EXPECT_EQ(reserve(512, 33, 64), INVALID);
    EXPECT_EQ(reserve(512, 32, 0), INVALID);
    EXPECT_EQ(reserve(512, 32, 64), grpc::StatusCode::OK);
}

TEST_F(rpc, malformed_certificates_are_refused)
{
    node.upload(small_object());
    const auto raw = stub();
    for (const std::size_t size : {0u, 103u, 104u, 105u, 5000u})
    {
        grpc::ClientContext context;
        v1::PutCertificateRequest request;
        request.set_object_root(to_field(small_object().root()));
        request.set_certificate(std::string(size, '\1'));
        v1::PutCertificateResponse reply;
        EXPECT_FALSE(raw->PutCertificate(&context, request, &reply).ok()) << size;
    }
}

TEST_F(rpc, malformed_piece_streams_are_refused)
{
    const auto& object = small_object();
    node.announce(object);
    const auto placed = node.placed(object);
    auto rootless = pieces_message(object, {placed[0]});
    rootless.clear_object_root();
    auto short_piece = pieces_message(object, {placed[0]});
    short_piece.mutable_pieces(0)->mutable_data()->pop_back();
    const auto good = pieces_message(object, {placed[0]});
    EXPECT_EQ(put_pieces({rootless}), INVALID);
    EXPECT_EQ(put_pieces({short_piece}), INVALID);
    EXPECT_EQ(put_pieces({pieces_message(object, {})}), INVALID);
    EXPECT_EQ(put_pieces({good, good}), INVALID);
    EXPECT_EQ(put_pieces({good, rootless}), grpc::StatusCode::OK);
    auto many = pieces_message(object, std::vector(BLOBS_PER_MESSAGE_MAX + 1, placed[0]));
    EXPECT_EQ(put_pieces({many}), INVALID);
}

TEST_F(rpc, malformed_metadata_streams_are_refused)
{
    const auto& object = small_object();
    must(node->reserve(node.reservation(object)));
    const auto size = MetadataSizes::of(object.shape()).total();
    auto rest = metadata_message(object, size);
    rest.clear_object_root();
    EXPECT_EQ(put_metadata({}), INVALID);
    EXPECT_EQ(put_metadata({rest}), INVALID);
    EXPECT_EQ(put_metadata({metadata_message(object, size - 1)}), INVALID);
    EXPECT_EQ(put_metadata({metadata_message(object, size + 1)}), INVALID);
    EXPECT_EQ(put_metadata({metadata_message(object, size), rest}), INVALID);
    EXPECT_EQ(put_metadata({metadata_message(object, 0), v1::PutMetadataRequest{}}), INVALID);
    EXPECT_EQ(put_metadata({metadata_message(object, 0), rest}), grpc::StatusCode::OK);
}

TEST_F(rpc, metadata_beyond_the_nodes_memory_waits_for_later)
{
    server_ = nullptr;
    auto tight = options("127.0.0.1:0");
    tight.metadata_bytes_max = MetadataSizes::of(small_object().shape()).total() - 1;
    server_ = RpcServer::start(node.service(), tight).value();
    node.announce(small_object());
    auto remote = client();
    EXPECT_EQ(kind_of(remote.metadata(small_object().root())), ErrorKind::unavailable);
    EXPECT_EQ(kind_of(remote.put_metadata(small_object().root(), small_object().metadata)),
        ErrorKind::unavailable);
}

TEST_F(rpc, message_over_the_limit_is_refused)
{
    node.announce(small_object());
    auto message = pieces_message(small_object(), {0});
    message.mutable_pieces(0)->set_data(std::string(MESSAGE_BYTES_MAX, 'x'));
    EXPECT_EQ(put_pieces({message}), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_TRUE(client().status());
}

TEST_F(rpc, silent_upload_is_ended)
{
    server_ = nullptr;
    auto impatient = options("127.0.0.1:0");
    impatient.stall_timeout = std::chrono::milliseconds{200};
    server_ = RpcServer::start(node.service(), impatient).value();
    node.announce(small_object());
    const auto raw = stub();
    grpc::ClientContext context;
    v1::PutPiecesResponse reply;
    const auto writer = raw->PutPieces(&context, &reply);
    // Nothing is sent and nothing is closed: only the node can end this.
    EXPECT_FALSE(writer->Finish().ok());
}

TEST_F(rpc, port_in_use_is_unavailable)
{
    EXPECT_EQ(
        kind_of(RpcServer::start(node.service(), options(endpoint()))), ErrorKind::unavailable);
}

TEST_F(rpc, stopped_server_answers_no_more)
{
    auto remote = client();
    EXPECT_TRUE(remote.status());
    server_->stop(std::chrono::milliseconds{100});
    EXPECT_EQ(kind_of(remote.status()), ErrorKind::unavailable);
}

}  // namespace ashlar::test
