#include "cli/devnet_identity.hpp"

#include <limits>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "cli/child_process.hpp"

namespace ashlar
{
namespace
{

Result<DevnetIdentity> read_entry(const nlohmann::json& entry)
{
    const auto text = [](const nlohmann::json& object, const char* key) {
        return object.at(key).get<std::string>();
    };
    ASHLAR_TRY(const auto key_bytes, array_from_hex<48>(text(entry, "pubkey")));
    ASHLAR_TRY(const auto key, BlsPublicKey::parse(key_bytes));
    ASHLAR_TRY(const auto proof, array_from_hex<96>(text(entry, "pop")));
    ASHLAR_TRY(const auto operator_id, array_from_hex<32>(text(entry, "operator")));
    const auto& record = entry.at("record");
    ASHLAR_TRY(const auto signature, array_from_hex<96>(text(record, "signature")));
    return DevnetIdentity{.member = {.key = key,
                              .possession_proof = proof,
                              .operator_id = operator_id,
                              .weight = entry.at("weight").get<std::uint64_t>()},
        .record = {.record = {.sequence = record.at("sequence").get<std::uint64_t>(),
                       .endpoint = text(record, "endpoint"),
                       .tls_certificate = text(record, "certificate")},
            .signature = signature}};
}

/// A listening address that no other socket has while the file is open.
Result<File> bind_port(std::uint16_t port)
{
    auto file = File::adopt(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    if (!file.is_open())
        return fail(ErrorKind::unavailable, "no socket to be had");
    const int on = 1;
    ::setsockopt(file.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(file.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail(ErrorKind::invalid_input,
            "port {} of 127.0.0.1 is taken: give another --base-port", port);
    return file;
}

std::uint16_t port_of(const File& socket)
{
    sockaddr_in address{};
    socklen_t length = sizeof address;
    ASHLAR_ASSERT(
        ::getsockname(socket.descriptor(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
    return ntohs(address.sin_port);
}

}  // namespace

Result<DevnetIdentity> parse_identity(std::string_view json)
{
    try
    {
        return read_entry(nlohmann::json::parse(json));
    }
    catch (const nlohmann::json::exception& error)
    {
        return fail(ErrorKind::corrupted, "no member entry: {}", error.what());
    }
}

Result<DevnetIdentity> make_identity(const std::filesystem::path& node_program,
    const std::filesystem::path& folder, std::size_t index, std::uint16_t port)
{
    ASHLAR_CHECK(make_folders(folder));
    const auto operator_id = sha256(as_byte_view(fmt::format("{}", index)));
    ASHLAR_TRY(const auto output,
        run_command({.program = node_program,
            .arguments = {"init", "--dir", (folder / "data").native(), "--listen",
                fmt::format("127.0.0.1:{}", port), "--operator", to_hex(operator_id)}}));
    auto identity = parse_identity(output);
    if (!identity)
        return within(fmt::format("making node {}", index), std::move(identity).error());
    return identity;
}

Result<std::vector<std::uint16_t>> choose_ports(std::size_t count, std::uint16_t base_port)
{
    constexpr std::size_t PORT_MAX = std::numeric_limits<std::uint16_t>::max();
    if (base_port != 0 && base_port + count - 1 > PORT_MAX)
        return fail(ErrorKind::invalid_input, "{} nodes from port {} on pass port {}", count,
            base_port, PORT_MAX);
    // All are held until the last is chosen, so that none is chosen twice.
    std::vector<File> sockets;
    std::vector<std::uint16_t> ports;
    for (std::size_t i = 0; i < count; ++i)
    {
        const auto wanted = base_port == 0 ? std::size_t{0} : base_port + i;
        ASHLAR_TRY(auto socket, bind_port(static_cast<std::uint16_t>(wanted)));
        ports.push_back(port_of(socket));
        sockets.push_back(std::move(socket));
    }
    return ports;
}

}  // namespace ashlar
