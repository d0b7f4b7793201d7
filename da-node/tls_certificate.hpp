#pragma once

/// Self-signed TLS certificates for nodes (OpenSSL). Clients pin the certificate, so it signs for
/// itself and nobody else vouches for it.

#include <string>

#include "base/error.hpp"

namespace ashlar
{

struct TlsKeyPair
{
    std::string key;          ///< PEM, EC P-256
    std::string certificate;  ///< PEM
};

/// A certificate for ten years with `server_name` as its common name and its only DNS name.
[[nodiscard]] Result<TlsKeyPair> make_tls_key_pair(const std::string& server_name);

/// @return  corrupted unless the key is the certificate's.
[[nodiscard]] Result<void> check_tls_key_pair(const TlsKeyPair& pair);

}  // namespace ashlar
