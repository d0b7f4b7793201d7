#pragma once

/// An object as a prover sees it: the header, single commitments by their walks, single blobs and
/// cells. Kilobytes where ObjectView reads all commitments, 1.2 GB of them for a terabyte.

#include "retrieval/blob_fetcher.hpp"
#include "rollup/binding.hpp"

namespace ashlar
{

/// Every answer is checked before anyone sees it. One thread at a time.
class LightObject
{
public:
    /// Finds header, fold record and, where some of the first members asked has one, certificate.
    ///
    /// @pre committee and nodes outlive the object
    /// @return  not_found if every member answered and none knows the root; unavailable if too few
    ///          answered; proof_invalid if the publisher's fold record is broken.
    [[nodiscard]] static Result<LightObject> open(
        const Bytes32& object_root, const Committee& committee, CommitteeNodes nodes);

    [[nodiscard]] const ObjectHeader& header() const noexcept { return header_; }
    [[nodiscard]] const std::vector<std::size_t>& signers() const noexcept { return signers_; }
    [[nodiscard]] const ObjectBinding& binding() const noexcept { return binding_; }

    /// Commitments at positions, in their order. One walk is asked for each eight neighbours.
    ///
    /// @pre every position < 2D
    /// @return  proof_invalid if a walk fails under good paths: the object is INVALID; unavailable
    ///          if no node gives one.
    [[nodiscard]] Result<std::vector<BoundCommitment>> bind(
        std::span<const std::uint64_t> positions);

    /// The blobs at stored positions, in their order, checked against their commitments: from
    /// their holders, and if those do not have them from whatever gives the object back, with all
    /// commitments read.
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
    LightObject(const Committee& committee, CommitteeNodes nodes, ObjectHeader header,
        FoldRecord record, WalkChecker checker);

    [[nodiscard]] Result<Bytes> ask_walk(std::uint64_t position);
    [[nodiscard]] BoundCommitment bind_final(std::uint64_t position) const;
    [[nodiscard]] std::vector<std::size_t> order_for(std::uint64_t position) const;
    void take_blobs_of_copy(std::size_t copy, std::span<const BoundCommitment> bound,
        std::span<const Commitment> commitments, std::vector<Bytes>& blobs);
    [[nodiscard]] Result<void> recover(
        std::span<const BoundCommitment> bound, std::vector<Bytes>& blobs);

    const Committee* committee_;
    CommitteeNodes nodes_;
    ObjectHeader header_;
    FoldRecord record_;
    WalkChecker checker_;
    Placement placement_;
    ObjectBinding binding_;
    std::vector<std::size_t> signers_;
    std::vector<FalseAnswer> false_answers_;
};

}  // namespace ashlar
