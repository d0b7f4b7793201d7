#pragma once

/// Bringing an object back to full strength: what members lack is found, rebuilt and given back.

#include "retrieval/blob_fetcher.hpp"

namespace ashlar
{

/// What a member says that it has of what is placed on it.
struct MemberShare
{
    std::uint64_t placed = 0;            ///< Pieces.
    std::vector<std::uint64_t> missing;  ///< Of them, ascending; empty if it did not answer.
    bool knows_object = false;
    bool is_signed = false;
    std::optional<Error> error;  ///< It did not answer.

    /// It answered, and its signature stands for nothing or not for all.
    [[nodiscard]] bool needs_repair() const noexcept
    {
        return !error && placed > 0 && (!missing.empty() || !is_signed);
    }
};

/// Asks all members at once, in member order.
[[nodiscard]] std::vector<MemberShare> find_missing(
    const ObjectHeader& header, const Committee& committee, CommitteeNodes nodes);

/// Pieces that some member lacks, ascending.
[[nodiscard]] std::vector<std::uint64_t> missing_of_all(std::span<const MemberShare> shares);

/// What giving back needs beside pieces.
struct GiveBackRequest
{
    const ObjectView& view;  ///< With a certificate, whose expiry members sign for again.
    CommitteeNodes nodes;

    /// For a member that forgot the object: anyone's key will do.
    ReserveRequest reservation;

    std::uint64_t memory_bytes = 1ULL << 30;  ///< See UploadPace.
};

struct GivenBack
{
    std::uint64_t pieces_sent = 0;
    bool is_whole = false;  ///< It signed for all of its share.
    std::string error;      ///< Why not.
};

/// Sends each member what it lacks, has it sign, and leaves the certificate with it. Members are
/// served at once, and one's trouble is its own.
/// @pre blobs.require() gave all missing pieces; the view has a certificate
[[nodiscard]] std::vector<GivenBack> give_back(const BlobFetcher& blobs,
    std::span<const MemberShare> shares, const GiveBackRequest& request,
    ProgressListener& progress);

}  // namespace ashlar
