#pragma once

/// What a reader knows of an object before it reads blobs, all of it checked against the object
/// root: header, commitments, certificate.

#include <memory>

#include "base/progress.hpp"
#include "retrieval/object_commitments.hpp"

namespace ashlar
{

struct ObjectView
{
    ObjectHeader header;

    /// Never null. Whole, or grows with what is read.
    std::unique_ptr<ObjectCommitments> commitments;

    std::optional<Certificate> certificate;  ///< Verified; the first found.
    std::vector<std::size_t> signers;        ///< Of that certificate.
    std::vector<FalseAnswer> false_answers;
};

/// Asks the members for the object until one gives what the root binds, and reads all commitments.
///
/// @return  not_found if every member answered and none knows the root; unavailable if none that
///          answered knows it and some did not answer; proof_invalid if the publisher's object is
///          INVALID (its commitments have the right root and fail the full check).
[[nodiscard]] Result<ObjectView> open_object(
    const Bytes32& object_root, const Committee& committee, CommitteeNodes nodes);

/// The same for a reader of little: commitments come with the blobs that are read, each by its
/// walk, until all of them would be fewer bytes.
/// @pre the object outlives the view, and nobody else uses it while the view's commitments grow
[[nodiscard]] ObjectView view_by_walks(LightObject& object);

}  // namespace ashlar
