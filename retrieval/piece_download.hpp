#pragma once

/// One round of downloads: many members at once, in bounded memory, every piece written as it
/// comes and counted once it is verified.

#include <map>

#include "erasure/group_code.hpp"
#include "retrieval/piece_check.hpp"

namespace ashlar
{

/// The pieces to ask each member for, ascending.
using PieceRequests = std::map<std::size_t, std::vector<std::uint64_t>>;

/// Where pieces go. Calls come from several threads at once, for different pieces.
class ArrivalTarget
{
public:
    virtual ~ArrivalTarget() = default;

    /// Writes a piece that is not verified yet.
    /// @return  proof_invalid if no piece of that number may be so: then it is not written.
    [[nodiscard]] virtual Result<void> arrive(const PieceContents& piece) = 0;

    /// Pieces that arrived hold: from now on they count.
    [[nodiscard]] virtual Result<void> confirm(std::span<const std::uint64_t> pieces) = 0;

    /// A piece that arrived is false: it is as if it had never come.
    [[nodiscard]] virtual Result<void> revoke(std::uint64_t piece) = 0;

    /// The contents of a piece that arrived.
    /// @return  at the start of `room`.
    [[nodiscard]] virtual Result<BlobContents> read_arrived(
        std::uint64_t piece, BlobBuffer room) const = 0;
};

struct DownloadOptions
{
    std::uint64_t memory_bytes;  ///< A quarter of it is for what members send at once.

    /// Pieces that one commitment verifies.
    std::size_t pieces_per_check = 4096;
};

struct DownloadReport
{
    std::uint64_t pieces_received = 0;
    std::uint64_t bytes_received = 0;  ///< As they travelled, in stored form or raw.
    std::vector<FalseAnswer> false_answers;
};

/// Asks members for their pieces, on a thread each, and confirms those that hold. What a member
/// does not have, or answers falsely, is not confirmed.
///
/// One commitment, some 25 ms of a core, is paid for thousands of pieces: they wait for it where
/// they belong, so it costs no memory and an end in between loses nothing that had come.
///
/// @param arrived  Told of each piece that came, from several threads.
/// @pre nodes of requested members are not null
/// @return  the target's first error, after which nothing more is passed on.
[[nodiscard]] Result<DownloadReport> download_pieces(const ObjectView& view, CommitteeNodes nodes,
    const PieceRequests& requests, const DownloadOptions& options, ArrivalTarget& target,
    const std::function<void()>& arrived);

/// Verifies pieces that an earlier run left, stored blobs all: confirms them or revokes them.
[[nodiscard]] Result<void> verify_arrived(
    const ObjectView& view, std::span<const std::uint64_t> pieces, ArrivalTarget& target);

}  // namespace ashlar
