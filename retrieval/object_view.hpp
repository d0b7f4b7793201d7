#pragma once

/// What a reader knows of an object before it reads blobs, all of it checked against the object
/// root: header, commitments (full check), certificate.

#include "base/progress.hpp"
#include "retrieval/header_search.hpp"

namespace ashlar
{

struct ObjectView
{
    ObjectHeader header;
    std::vector<Commitment> codeword;          ///< All 2D, full check passed.
    std::vector<Bytes32> group_parity_hashes;  ///< Publisher's claim, matched to the header.
    std::optional<Certificate> certificate;    ///< Verified; the first found.
    std::vector<std::size_t> signers;          ///< Of that certificate.
    std::vector<FalseAnswer> false_answers;
};

/// Asks the members for the object until one gives what the root binds.
///
/// @return  not_found if every member answered and none knows the root; unavailable if none that
///          answered knows it and some did not answer; proof_invalid if the publisher's object is
///          INVALID (its commitments have the right root and fail the full check).
[[nodiscard]] Result<ObjectView> open_object(
    const Bytes32& object_root, const Committee& committee, CommitteeNodes nodes);

}  // namespace ashlar
