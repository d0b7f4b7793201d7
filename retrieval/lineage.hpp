#pragma once

/// An object's parents, back to the first version, from headers alone.

#include "retrieval/object_view.hpp"

namespace ashlar
{

struct Lineage
{
    std::vector<ObjectHeader> headers;  ///< The object, its parent, and so on; never empty.

    /// Why it ends before an object without parent: the next one was not found or not answered for,
    /// or `versions_max` was reached.
    std::optional<Error> broken_by;

    std::vector<FalseAnswer> false_answers;
};

/// Each header is bound by the root that names it. That a parent's bytes are still held, or were
/// ever those of an earlier version, is the publisher's claim.
///
/// @pre    versions_max >= 1
/// @return not_found or unavailable, as open_object(), if not even the object itself is known.
[[nodiscard]] Result<Lineage> read_lineage(
    const Bytes32& object_root, CommitteeNodes nodes, std::size_t versions_max);

}  // namespace ashlar
