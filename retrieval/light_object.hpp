#pragma once

/// An object as a reader of little sees it: the header, single commitments by their walks, single
/// blobs and cells. Kilobytes where all commitments are 1.2 GB for a terabyte.

#include "base/clock.hpp"
#include "retrieval/bound_commitment.hpp"
#include "retrieval/header_search.hpp"

namespace ashlar
{

/// Payload bytes of a cell: 64 elements of 31.
inline constexpr std::size_t PAYLOAD_BYTES_PER_CELL = ELEMENTS_PER_CELL * PAYLOAD_BYTES_PER_ELEMENT;
static_assert(PAYLOAD_BYTES_PER_CELL == 1984);

/// Cells of a blob that hold payload; the others are its extension.
inline constexpr std::uint64_t CELLS_PER_BLOB = CELLS_PER_EXT_BLOB / 2;

/// Why a single commitment counts.
enum class CommitmentTrust : std::uint8_t
{
    walk,         ///< Its own walk passes.
    certificate,  ///< Members signed after the full check; its path is all that is looked at.
};

/// Every answer is checked before anyone sees it. One thread at a time.
class LightObject
{
public:
    /// Finds header, fold record and, where some of the first members asked has one, certificate.
    ///
    /// @pre committee and nodes outlive the object
    /// @return  not_found if every member answered and none knows the root; unavailable if too few
    ///          answered, or if a certificate is to be trusted and there is none in force that
    ///          holds at a third of faulty weight; proof_invalid if the publisher's fold record is
    ///          broken.
    [[nodiscard]] static Result<LightObject> open(const Bytes32& object_root,
        const Committee& committee, CommitteeNodes nodes,
        CommitmentTrust trust = CommitmentTrust::walk, const Clock& clock = system_clock());

    [[nodiscard]] const ObjectHeader& header() const noexcept { return header_; }
    [[nodiscard]] const std::vector<std::size_t>& signers() const noexcept { return signers_; }
    [[nodiscard]] const ObjectBinding& binding() const noexcept { return binding_; }
    [[nodiscard]] CommitteeNodes nodes() const noexcept { return nodes_; }

    /// Commitments at positions, in their order. One walk is asked for each eight neighbours, many
    /// at once.
    ///
    /// @pre every position < 2D
    /// @return  proof_invalid if a walk fails under good paths: the object is INVALID; unavailable
    ///          if no node gives one.
    [[nodiscard]] Result<std::vector<BoundCommitment>> bind(
        std::span<const std::uint64_t> positions);

    /// The blobs at stored positions, in their order, checked against their commitments: from
    /// wherever BlobFetcher finds them.
    ///
    /// @return  invalid_input for a position whose blob is not stored, or an error of
    ///          BlobFetcher::require().
    [[nodiscard]] Result<std::vector<Bytes>> blobs(std::span<const BoundCommitment> bound);

    /// A cell with its proof, checked: from a holder, else made from the blob.
    /// @return  as blobs()
    [[nodiscard]] Result<CellProof> cell(const BoundCommitment& bound, std::uint64_t cell_index);

    [[nodiscard]] const std::vector<FalseAnswer>& false_answers() const noexcept
    {
        return false_answers_;
    }

private:
    struct WalkAnswer;

    LightObject(const Committee& committee, CommitteeNodes nodes, ObjectHeader header,
        FoldRecord record, std::optional<WalkChecker> checker);

    [[nodiscard]] WalkAnswer ask_walk(std::uint64_t position) const;
    [[nodiscard]] Result<std::vector<Bytes>> ask_walks(std::span<const std::uint64_t> positions);
    [[nodiscard]] BoundCommitment bind_final(std::uint64_t position) const;
    [[nodiscard]] Result<void> check(std::span<const Walk> walks) const;
    [[nodiscard]] std::vector<std::size_t> order_for(std::uint64_t position) const;

    const Committee* committee_;
    CommitteeNodes nodes_;
    ObjectHeader header_;
    FoldRecord record_;
    std::optional<WalkChecker> checker_;  ///< None where the certificate is trusted.
    Placement placement_;
    ObjectBinding binding_;
    std::vector<std::size_t> signers_;
    std::vector<FalseAnswer> false_answers_;
    std::vector<std::uint8_t> has_answered_;  ///< Per member: a connection is made.
};

}  // namespace ashlar
