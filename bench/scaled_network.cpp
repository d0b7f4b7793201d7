#include "bench/scaled_network.hpp"

#include "base/file.hpp"
#include "base/hash.hpp"
#include "da-node/tls_certificate.hpp"

namespace ashlar
{
namespace
{

Result<BlsSecretKey> member_key(std::uint64_t member)
{
    Bytes32 scalar{};
    std::ranges::copy(big_endian(member + 1), scalar.begin() + 24);
    return BlsSecretKey::parse(scalar);
}

}  // namespace

Result<ScaledNetwork> ScaledNetwork::start(NodeApi& node, const std::filesystem::path& scratch)
{
    ScaledNetwork network;
    Committee::Parts parts;
    for (std::uint64_t m = 0; m < MEMBERS; ++m)
    {
        ASHLAR_TRY(const auto key, member_key(m));
        ASHLAR_TRY(const auto tls, make_tls_key_pair(tls_server_name(key.public_key())));
        ASHLAR_TRY(auto server,
            RpcServer::start(node,
                {.listen = "127.0.0.1:0", .tls_key = tls.key, .tls_certificate = tls.certificate}));
        const NodeRecord record{.sequence = 1,
            .endpoint = fmt::format("127.0.0.1:{}", server->port()),
            .tls_certificate = tls.certificate};
        network.servers.push_back(std::move(server));
        parts.members.push_back({.key = key.public_key(),
            .possession_proof = key.prove_possession().bytes(),
            .operator_id = sha256(big_endian(m)),
            .weight = 1});
        parts.records.push_back(SignedNodeRecord{.record = record,
            .signature = key.sign(node_record_digest(key.public_key(), record)).bytes()});
    }
    ASHLAR_TRY(const auto committee, Committee::make(std::move(parts)));
    network.committee_file = scratch / "committee.json";
    ASHLAR_CHECK(write_file_atomically(network.committee_file, as_byte_view(committee.to_json())));
    return network;
}

}  // namespace ashlar
