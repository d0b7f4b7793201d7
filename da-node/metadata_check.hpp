#pragma once

/// What a node checks of an object's metadata before it keeps anything. DESIGN §6.

#include "transport/node_api.hpp"

namespace ashlar
{

/// Lengths, commitment tree, local parities' root, every point by itself, full check, fold record:
/// cheap checks first, so that bytes which are not the header's cost no curve arithmetic.
///
/// @return  the fold, from which walks are served; invalid_input for a wrong length or a bad point,
///          proof_invalid if the metadata is not what the header binds or the commitments are not
///          a codeword.
[[nodiscard]] Result<Fold> check_metadata(
    const ObjectHeader& header, const ObjectMetadata& metadata);

}  // namespace ashlar
