/// The client against nodes that lie about lengths, pieces and counts, or are not there.

#include "transport/grpc_node_client.hpp"

#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include "ashlar/v1/node.grpc.pb.h"
#include "base/mutex.hpp"
#include "da-node/tls_certificate.hpp"
#include "tests/support/small_object.hpp"
#include "transport/wire.hpp"

namespace ashlar::test
{
namespace
{

constexpr auto SERVER_NAME = "0123456789abcdef.node.ashlar";

/// What a node replies.
struct Replies
{
    v1::GetStatusResponse status;
    v1::SignResponse signature;
    v1::GetObjectResponse object;
    v1::GetCellResponse cell;
    std::vector<v1::GetHoldingsResponse> holdings;
    std::vector<v1::MetadataChunk> metadata;
    std::vector<v1::Piece> pieces;
};

/// Replies whatever the test says.
class ScriptedNode final : public v1::DaNode::Service
{
public:
    void reply_with(const Replies& replies)
    {
        const MutexLock lock{mutex_};
        replies_ = replies;
    }

    grpc::Status GetStatus(
        grpc::ServerContext*, const v1::GetStatusRequest*, v1::GetStatusResponse* reply) override
    {
        *reply = replies().status;
        return grpc::Status::OK;
    }
    grpc::Status Sign(
        grpc::ServerContext*, const v1::SignRequest*, v1::SignResponse* reply) override
    {
        *reply = replies().signature;
        return grpc::Status::OK;
    }
    grpc::Status GetObject(
        grpc::ServerContext*, const v1::GetObjectRequest*, v1::GetObjectResponse* reply) override
    {
        *reply = replies().object;
        return grpc::Status::OK;
    }
    grpc::Status GetCell(
        grpc::ServerContext*, const v1::GetCellRequest*, v1::GetCellResponse* reply) override
    {
        *reply = replies().cell;
        return grpc::Status::OK;
    }
    grpc::Status GetHoldings(grpc::ServerContext*, const v1::GetHoldingsRequest*,
        grpc::ServerWriter<v1::GetHoldingsResponse>* writer) override
    {
        return write_all(replies().holdings, *writer);
    }
    grpc::Status GetMetadata(grpc::ServerContext*, const v1::GetMetadataRequest*,
        grpc::ServerWriter<v1::MetadataChunk>* writer) override
    {
        return write_all(replies().metadata, *writer);
    }
    grpc::Status GetPieces(grpc::ServerContext*, const v1::GetPiecesRequest*,
        grpc::ServerWriter<v1::Piece>* writer) override
    {
        return write_all(replies().pieces, *writer);
    }

private:
    /// A copy: a call that its client gave up may still be writing when the script changes.
    [[nodiscard]] Replies replies()
    {
        const MutexLock lock{mutex_};
        return replies_;
    }

    template <typename Message>
    static grpc::Status write_all(
        const std::vector<Message>& messages, grpc::ServerWriter<Message>& writer)
    {
        for (const auto& message : messages)
            writer.Write(message);
        return grpc::Status::OK;
    }

    Mutex mutex_;
    Replies replies_ ASHLAR_GUARDED_BY(mutex_);
};

class grpc_node_client : public testing::Test
{
protected:
    grpc_node_client() : pair_{make_tls_key_pair(SERVER_NAME).value()}
    {
        grpc::SslServerCredentialsOptions tls;
        tls.pem_key_cert_pairs.push_back({pair_.key, pair_.certificate});
        grpc::ServerBuilder builder;
        builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port_);
        builder.SetMaxSendMessageSize(-1);
        builder.RegisterService(&node_);
        server_ = builder.BuildAndStart();
    }

    [[nodiscard]] NodeAddress address() const
    {
        return {.endpoint = fmt::format("127.0.0.1:{}", port_),
            .tls_certificate = pair_.certificate,
            .server_name = SERVER_NAME};
    }

    /// A client of a node that replies what `replies` says now.
    [[nodiscard]] GrpcNodeClient client(const ClientOptions& options = {})
    {
        node_.reply_with(replies);
        return GrpcNodeClient{address(), options};
    }

    void stop_server() { server_->Shutdown(); }

    Replies replies;

private:
    ScriptedNode node_;
    TlsKeyPair pair_;
    int port_ = 0;
    std::unique_ptr<grpc::Server> server_;
};

v1::GetHoldingsResponse holdings_of(
    std::initializer_list<std::pair<std::uint64_t, std::uint64_t>> ranges)
{
    v1::GetHoldingsResponse message;
    for (const auto& [first, count] : ranges)
    {
        auto& range = *message.add_ranges();
        range.set_first(first);
        range.set_count(count);
    }
    return message;
}

v1::Piece piece_of(std::uint64_t index, std::size_t size = BYTES_PER_BLOB)
{
    v1::Piece piece;
    piece.set_index(index);
    piece.set_data(std::string(size, 'x'));
    return piece;
}

template <typename T>
void expect_blamed(const Result<T>& result)
{
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::proof_invalid) << result.error().message;
}

}  // namespace

TEST_F(grpc_node_client, status_is_read_and_measured)
{
    auto& reply = replies.status;
    reply.set_public_key(std::string(48, 'k'));
    reply.set_committee_root(std::string(32, 'c'));
    reply.mutable_record()->set_signature(std::string(96, 's'));
    reply.mutable_record()->set_endpoint("host:1");
    reply.set_objects(5);
    const auto status = client().status();
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(status->objects, 5u);
    EXPECT_EQ(status->record.record.endpoint, "host:1");

    reply.mutable_record()->set_endpoint(std::string(ENDPOINT_BYTES_MAX + 1, 'a'));
    expect_blamed(client().status());
    reply.mutable_record()->set_endpoint("host:1");
    reply.set_public_key("");
    expect_blamed(client().status());
}

TEST_F(grpc_node_client, malformed_signature_is_blamed)
{
    for (const auto& bytes : {std::string{}, std::string(95, 'a'), std::string(96, 'a')})
    {
        replies.signature.set_signature(bytes);
        expect_blamed(client().sign({}, 1));
    }
}

TEST_F(grpc_node_client, malformed_object_is_blamed)
{
    replies.object.set_header(std::string(511, 'a'));
    expect_blamed(client().object({}));
    replies.object.set_header(std::string(512, 'a'));
    EXPECT_TRUE(client().object({}));
    replies.object.set_certificate("short");
    expect_blamed(client().object({}));
}

TEST_F(grpc_node_client, malformed_cell_is_blamed)
{
    replies.cell.set_cell(std::string(2048, 'a'));
    replies.cell.set_proof(std::string(48, 'a'));
    EXPECT_TRUE(client().get_cell({}, 0, 0));
    replies.cell.set_proof(std::string(49, 'a'));
    expect_blamed(client().get_cell({}, 0, 0));
    replies.cell.set_proof(std::string(48, 'a'));
    replies.cell.set_cell(std::string(2047, 'a'));
    expect_blamed(client().get_cell({}, 0, 0));
}

TEST_F(grpc_node_client, holdings_are_joined_over_messages)
{
    replies.holdings = {holdings_of({{0, 2}, {5, 1}}), holdings_of({{6, 1}})};
    replies.holdings[0].set_is_signed(true);
    replies.holdings[1].set_is_signed(true);
    const auto holdings = client().holdings({}).value();
    EXPECT_EQ(holdings.pieces, (std::vector<std::uint64_t>{0, 1, 5, 6}));
    EXPECT_TRUE(holdings.is_signed);
}

TEST_F(grpc_node_client, holdings_that_are_no_list_are_blamed)
{
    const auto most = HOLDINGS_PIECES_MAX;
    replies.holdings = {holdings_of({{1, most}})};
    EXPECT_EQ(client().holdings({}).value().pieces.size(), most);
    for (const auto& message : {holdings_of({{1, 0}}), holdings_of({{5, 1}, {5, 1}}),
             holdings_of({{5, 1}, {4, 1}}), holdings_of({{~0ULL, 2}}),
             holdings_of({{0, most}, {most + 1, 1}}), holdings_of({{0, ~0ULL}})})
    {
        replies.holdings = {message};
        expect_blamed(client().holdings({}));
    }
}

TEST_F(grpc_node_client, metadata_of_another_length_is_blamed)
{
    const auto object = make_small_object();
    replies.object.set_header(to_field(object.header().bytes()));
    v1::MetadataChunk commitments;
    commitments.set_data(to_field(object.metadata.commitments));
    v1::MetadataChunk hashes;
    hashes.set_data(to_field(object.metadata.group_parity_hashes));

    replies.metadata = {commitments, hashes};
    EXPECT_EQ(client().metadata(object.root()).value(), object.metadata);
    replies.metadata = {commitments};
    expect_blamed(client().metadata(object.root()));
    replies.metadata = {commitments, hashes, hashes};
    expect_blamed(client().metadata(object.root()));
    replies.metadata = {commitments, v1::MetadataChunk{}, hashes};
    expect_blamed(client().metadata(object.root()));
    replies.metadata = {commitments, hashes};
    expect_blamed(client().metadata({}));
}

TEST_F(grpc_node_client, pieces_not_awaited_are_blamed)
{
    const std::vector<std::uint64_t> wanted{7, 3};
    const auto get = [&](std::vector<v1::Piece> pieces) {
        replies.pieces = std::move(pieces);
        return client().get_pieces({}, wanted, [](const PieceView&) -> Result<void> { return {}; });
    };
    EXPECT_TRUE(get({}));
    EXPECT_TRUE(get({piece_of(3), piece_of(7)}));
    expect_blamed(get({piece_of(4)}));
    expect_blamed(get({piece_of(3), piece_of(3)}));
    expect_blamed(get({piece_of(3, BYTES_PER_BLOB - 1)}));
    expect_blamed(get({piece_of(3, BYTES_PER_BLOB + 1)}));
}

TEST_F(grpc_node_client, pieces_in_forms_that_break_the_contract_are_blamed)
{
    const std::vector<std::uint64_t> wanted{7, 3};
    const auto form_of = [](std::uint64_t piece, std::size_t bytes) {
        v1::Piece message;
        message.set_index(piece);
        message.set_stored_form(std::string(bytes, 'f'));
        return message;
    };
    std::vector<PieceForm> forms;
    const auto get = [&](std::vector<v1::Piece> pieces) {
        replies.pieces = std::move(pieces);
        forms.clear();
        return client().get_carried_pieces({}, wanted, [&](const CarriedPiece& piece) {
            forms.push_back(piece.form);
            return Result<void>{};
        });
    };
    ASSERT_TRUE(get({piece_of(3), form_of(7, CARRIED_BYTES_MAX)}));
    EXPECT_EQ(forms, (std::vector{PieceForm::raw, PieceForm::stored}));
    expect_blamed(get({form_of(3, CARRIED_BYTES_MAX + 1)}));
    expect_blamed(get({form_of(3, 0)}));
    auto both = piece_of(3);
    both.set_stored_form("f");
    expect_blamed(get({both}));
    // Not asked for in stored form.
    replies.pieces = {form_of(3, 100)};
    expect_blamed(
        client().get_pieces({}, wanted, [](const PieceView&) -> Result<void> { return {}; }));
}

TEST_F(grpc_node_client, message_over_the_limit_is_refused)
{
    const std::array<std::uint64_t, 1> wanted{3};
    replies.pieces = {piece_of(3, MESSAGE_BYTES_MAX)};
    bool called = false;
    EXPECT_FALSE(client().get_pieces({}, wanted, [&](const PieceView&) -> Result<void> {
        called = true;
        return {};
    }));
    EXPECT_FALSE(called);
}

TEST_F(grpc_node_client, too_many_pieces_are_not_even_asked_for)
{
    const std::vector<std::uint64_t> wanted(PIECES_PER_REQUEST_MAX + 1);
    const auto result =
        client().get_pieces({}, wanted, [](const PieceView&) -> Result<void> { return {}; });
    EXPECT_EQ(result.error().kind, ErrorKind::invalid_input);
}

TEST_F(grpc_node_client, other_certificate_is_unavailable)
{
    auto other = address();
    other.tls_certificate = make_tls_key_pair(SERVER_NAME).value().certificate;
    EXPECT_EQ(GrpcNodeClient{other}.object({}).error().kind, ErrorKind::unavailable);
}

TEST_F(grpc_node_client, other_name_is_unavailable)
{
    auto other = address();
    other.server_name = "fedcba9876543210.node.ashlar";
    EXPECT_EQ(GrpcNodeClient{other}.object({}).error().kind, ErrorKind::unavailable);
}

TEST_F(grpc_node_client, endpoint_cannot_name_another_transport)
{
    auto other = address();
    other.endpoint = "unix:/tmp/socket";
    EXPECT_EQ(GrpcNodeClient{other}.object({}).error().kind, ErrorKind::unavailable);
}

TEST_F(grpc_node_client, node_that_is_gone_fails_soon)
{
    replies.object.set_header(std::string(512, 'a'));
    auto connected = client();
    EXPECT_TRUE(connected.object({}));
    stop_server();
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(connected.object({}).error().kind, ErrorKind::unavailable);
    EXPECT_EQ(client().object({}).error().kind, ErrorKind::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{10});
}

TEST_F(grpc_node_client, traffic_is_counted)
{
    TrafficCounter traffic;
    replies.cell.set_cell(std::string(2048, 'a'));
    replies.cell.set_proof(std::string(48, 'a'));
    EXPECT_TRUE(client({.traffic = &traffic}).get_cell({}, 0, 0));
    EXPECT_GE(traffic.bytes_sent.load(), 32u);
    EXPECT_GE(traffic.bytes_received.load(), 2096u);
    EXPECT_LT(traffic.bytes_received.load(), 2200u);
}

TEST(connect_committee, members_without_a_record_are_null)
{
    const auto key = test_member_key(0);
    NodeRecord record{.sequence = 1, .endpoint = "127.0.0.1:1", .tls_certificate = "none"};
    const auto signature = key.sign(node_record_digest(key.public_key(), record)).bytes();
    const auto committee =
        make_test_committee(2, {SignedNodeRecord{record, signature}, std::nullopt});
    const auto nodes = connect_committee(committee);
    ASSERT_EQ(nodes.size(), 2u);
    EXPECT_NE(nodes[0], nullptr);
    EXPECT_EQ(nodes[1], nullptr);
    EXPECT_EQ(nodes[0]->status().error().kind, ErrorKind::unavailable);
}

}  // namespace ashlar::test
