#pragma once

/// Keccak-256 as Ethereum uses it: FIPS 202's permutation with the padding that it had before
/// SHA-3 was standardised, which OpenSSL 3.0 does not offer.
///
/// Source: the Keccak reference, version 3.0; Ethereum Yellow Paper, appendix on KEC.

#include "base/bytes.hpp"

namespace ashlar
{

[[nodiscard]] Bytes32 keccak256(ByteView bytes);

}  // namespace ashlar
