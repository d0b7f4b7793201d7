#pragma once

/// One round of downloads: many members at once, in bounded memory, every piece verified while
/// others are on their way.

#include <map>

#include "retrieval/object_view.hpp"

namespace ashlar
{

/// The pieces to ask each member for, ascending.
using PieceRequests = std::map<std::size_t, std::vector<std::uint64_t>>;

/// Takes a verified piece. Called from several threads at once, for different pieces.
using VerifiedSink = std::function<Result<void>(const PieceView&)>;

struct DownloadReport
{
    std::uint64_t pieces_received = 0;
    std::uint64_t bytes_received = 0;  ///< As they travelled, in stored form or raw.
    std::vector<FalseAnswer> false_answers;
};

/// Asks every member for its pieces, on a thread each, and passes on those that hold. What a
/// member does not have, or answers falsely, is simply not passed on.
///
/// @param memory_bytes  For pieces on their way; 32 MiB are always used.
/// @pre nodes of requested members are not null
/// @return  the sink's first error, after which nothing more is passed on.
[[nodiscard]] Result<DownloadReport> download_pieces(const ObjectView& view, CommitteeNodes nodes,
    const PieceRequests& requests, std::uint64_t memory_bytes, const VerifiedSink& sink);

}  // namespace ashlar
