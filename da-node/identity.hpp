#pragma once

/// Who a node is: its BLS key, its TLS key with a self-signed certificate, and the signed record
/// that says where it is reached.
///
/// Files: bls.key (64 hexadecimal digits) and tls.key (PEM), both mode 0600; record.json.

#include <filesystem>

#include "object/committee.hpp"

namespace ashlar
{

struct Identity
{
    BlsSecretKey key;
    std::string tls_key;      ///< PEM
    SignedNodeRecord record;  ///< With the TLS certificate, PEM.
};

/// Makes the identity, or loads the one that is there; if the endpoint differs, the record is
/// signed anew under the next sequence number. The keys never change.
///
/// @param endpoint  "host:port", where others reach the node.
[[nodiscard]] Result<Identity> init_identity(
    const std::filesystem::path& folder, const std::string& endpoint);

/// @return  not_found if there is none; invalid_input if others may read a key; corrupted if the
///          files do not belong together.
[[nodiscard]] Result<Identity> load_identity(const std::filesystem::path& folder);

/// The node's entry for a committee file, as JSON: pubkey, pop, operator, weight 1, record.
[[nodiscard]] std::string member_json(const Identity& identity, const Bytes32& operator_id);

}  // namespace ashlar
