#include "da-node/identity.hpp"

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/log.hpp"
#include "da-node/tls_certificate.hpp"

namespace ashlar
{
namespace
{

using nlohmann::json;

constexpr std::uint64_t FILE_BYTES_MAX = 64 << 10;
constexpr std::string_view BLS_KEY_NAME = "bls.key";
constexpr std::string_view TLS_KEY_NAME = "tls.key";
constexpr std::string_view RECORD_NAME = "record.json";

std::string hex_0x(ByteView bytes)
{
    return "0x" + to_hex(bytes);
}

json to_json(const SignedNodeRecord& record)
{
    return {{"sequence", record.record.sequence}, {"endpoint", record.record.endpoint},
        {"certificate", record.record.tls_certificate}, {"signature", hex_0x(record.signature)}};
}

Result<SignedNodeRecord> parse_record(std::string_view text)
{
    try
    {
        const auto value = json::parse(text);
        ASHLAR_TRY(
            const auto signature, array_from_hex<96>(value.at("signature").get<std::string>()));
        return SignedNodeRecord{.record = {.sequence = value.at("sequence").get<std::uint64_t>(),
                                    .endpoint = value.at("endpoint").get<std::string>(),
                                    .tls_certificate = value.at("certificate").get<std::string>()},
            .signature = signature};
    }
    catch (const json::exception& error)
    {
        return fail(ErrorKind::corrupted, "{}: {}", RECORD_NAME, printable(error.what()));
    }
}

SignedNodeRecord sign_record(const BlsSecretKey& key, NodeRecord record)
{
    const auto signature = key.sign(node_record_digest(key.public_key(), record)).bytes();
    return {.record = std::move(record), .signature = signature};
}

Result<void> save_record(const std::filesystem::path& folder, const SignedNodeRecord& record)
{
    const auto text = to_json(record).dump(2) + "\n";
    return write_file_atomically(folder / RECORD_NAME, as_byte_view(text));
}

/// A key file's text.
/// @return  invalid_input if others than the owner may read it.
Result<std::string> read_secret(const std::filesystem::path& path)
{
    using std::filesystem::perms;
    std::error_code error;
    const auto mode = std::filesystem::status(path, error).permissions();
    ASHLAR_TRY(const auto bytes, read_file(path, FILE_BYTES_MAX));
    if (error || (mode & (perms::group_all | perms::others_all)) != perms::none)
        return fail(ErrorKind::invalid_input, "others may read {}: chmod 600 it, or make new keys",
            printable(path.native()));
    return std::string{as_text(bytes)};
}

Result<BlsSecretKey> load_bls_key(const std::filesystem::path& path)
{
    ASHLAR_TRY(auto text, read_secret(path));
    while (text.ends_with('\n'))
        text.pop_back();
    const auto bytes = array_from_hex<32>(text);
    if (!bytes)
        return fail(
            ErrorKind::invalid_input, "{} is not 64 hexadecimal digits", printable(path.native()));
    return BlsSecretKey::parse(*bytes);
}

Result<void> check_endpoint(const std::string& endpoint)
{
    const auto colon = endpoint.rfind(':');
    if (endpoint.size() > ENDPOINT_BYTES_MAX || !is_utf8(endpoint) || colon == 0 ||
        colon == std::string::npos || colon + 1 == endpoint.size())
        return fail(ErrorKind::invalid_input, "\"{}\" is not a host:port of at most {} bytes",
            printable(endpoint), ENDPOINT_BYTES_MAX);
    return {};
}

Result<Identity> make_identity(const std::filesystem::path& folder, const std::string& endpoint)
{
    ASHLAR_CHECK(make_folders(folder));
    auto key = BlsSecretKey::generate();
    ASHLAR_TRY(auto pair, make_tls_key_pair(tls_server_name(key.public_key())));
    const auto record = sign_record(
        key, {.sequence = 1, .endpoint = endpoint, .tls_certificate = std::move(pair.certificate)});
    // The record comes last: without it there is no identity, and init starts over.
    const auto key_text = to_hex(key.to_bytes()) + "\n";
    ASHLAR_CHECK(write_file_atomically(folder / BLS_KEY_NAME, as_byte_view(key_text), true));
    ASHLAR_CHECK(write_file_atomically(folder / TLS_KEY_NAME, as_byte_view(pair.key), true));
    ASHLAR_CHECK(save_record(folder, record));
    return Identity{.key = std::move(key), .tls_key = std::move(pair.key), .record = record};
}

}  // namespace

Result<Identity> init_identity(const std::filesystem::path& folder, const std::string& endpoint)
{
    ASHLAR_CHECK(check_endpoint(endpoint));
    if (!std::filesystem::exists(folder / RECORD_NAME))
        return make_identity(folder, endpoint);
    ASHLAR_TRY(auto identity, load_identity(folder));
    if (identity.record.record.endpoint != endpoint)
    {
        auto record = identity.record.record;
        ++record.sequence;
        record.endpoint = endpoint;
        identity.record = sign_record(identity.key, std::move(record));
        ASHLAR_CHECK(save_record(folder, identity.record));
    }
    return identity;
}

Result<Identity> load_identity(const std::filesystem::path& folder)
{
    ASHLAR_TRY(auto key, load_bls_key(folder / BLS_KEY_NAME));
    ASHLAR_TRY(auto tls_key, read_secret(folder / TLS_KEY_NAME));
    ASHLAR_TRY(const auto text, read_file(folder / RECORD_NAME, FILE_BYTES_MAX));
    ASHLAR_TRY(const auto record, parse_record(as_text(text)));
    ASHLAR_CHECK(
        check_tls_key_pair({.key = tls_key, .certificate = record.record.tls_certificate}));
    const auto signature = BlsSignature::parse(record.signature);
    const auto digest = node_record_digest(key.public_key(), record.record);
    if (!signature || !verify_signature(key.public_key(), digest, *signature))
        return fail(ErrorKind::corrupted, "{} is not signed by {}", RECORD_NAME, BLS_KEY_NAME);
    return Identity{.key = std::move(key), .tls_key = std::move(tls_key), .record = record};
}

std::string member_json(const Identity& identity, const Bytes32& operator_id)
{
    const json entry{{"pubkey", hex_0x(identity.key.public_key().bytes())},
        {"pop", hex_0x(identity.key.prove_possession().bytes())}, {"operator", hex_0x(operator_id)},
        {"weight", 1}, {"record", to_json(identity.record)}};
    return entry.dump(2);
}

}  // namespace ashlar
