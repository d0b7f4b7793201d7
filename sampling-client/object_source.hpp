#pragma once

/// What sampling starts from, from any node: the object's header, and then either the fold record
/// with the boundary walk or, the published way, all commitments. DESIGN §4.

#include "sampling-client/evidence.hpp"
#include "sampling-client/member_book.hpp"

namespace ashlar
{

/// Where to look, and until when.
struct Search
{
    const Bytes32& object_root;
    const Committee& committee;
    MemberBook& book;
    std::span<const std::uint16_t> order;  ///< Members to ask, one after another.
    std::chrono::nanoseconds deadline;     ///< On the clock's monotonic scale.
    const Clock& clock;
};

/// @param[in,out] bytes_received  Grows by what nodes sent.
/// @return  not_found if every member answered and none knows the root; unavailable otherwise.
[[nodiscard]] Result<ObjectHeader> search_header(
    const Search& search, std::uint64_t& bytes_received);

/// All 2D commitments, with the header's root and the full check passed.
///
/// @return  proof_invalid if commitments with the header's root are no codeword: the object is
///          INVALID, and the evidence is kept; unavailable if no node gave commitments with the
///          header's root.
[[nodiscard]] Result<std::vector<Commitment>> search_commitments(const Search& search,
    const ObjectHeader& header, EvidenceFolder& evidence, std::uint64_t& bytes_received);

/// A record that passed its checks.
struct CheckedRecord
{
    FoldRecord record;
    WalkChecker checker;
};

/// The fold record, checked, and the walk from position K where there are empty positions.
///
/// @return  proof_invalid if what the header binds fails: the object is INVALID, and the evidence
///          is kept; unavailable if no node gave the record or that walk.
[[nodiscard]] Result<CheckedRecord> search_record(const Search& search, const ObjectHeader& header,
    EvidenceFolder& evidence, std::uint64_t& bytes_received);

}  // namespace ashlar
