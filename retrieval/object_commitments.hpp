#pragma once

/// The commitments of an object that a reader may count on: all of them, after the full check, or
/// those whose walks were asked for.

#include <map>

#include "retrieval/light_object.hpp"

namespace ashlar
{

/// Grows while it is not whole. One thread at a time may let it grow, and then no other may read.
class ObjectCommitments
{
public:
    /// All 2D, with the full check passed, and the local parities' hashes, which match the header.
    ObjectCommitments(std::vector<Commitment> codeword, std::vector<Bytes32> group_parity_hashes);

    /// None yet.
    /// @pre the object outlives this
    explicit ObjectCommitments(LightObject& object) : light_{&object} {}

    [[nodiscard]] bool is_whole() const noexcept { return light_ == nullptr; }

    /// Makes at() good for these positions: by walks, unless those, with all that were asked
    /// before, are more bytes than all commitments. Then it becomes whole.
    ///
    /// @return  an error of LightObject::bind() or learn_all()
    [[nodiscard]] Result<void> learn(std::span<const std::uint64_t> positions);

    /// So many neighbouring positions will be asked for: becomes whole now if that is less.
    [[nodiscard]] Result<void> expect(std::uint64_t position_count);

    /// Takes commitments that LightObject::bind() gave.
    /// @return  proof_invalid for one with another path
    [[nodiscard]] Result<void> take(std::span<const BoundCommitment> bound);

    /// Reads all commitments and makes the full check.
    /// @return  unavailable if no node gives them; proof_invalid if the object is INVALID
    [[nodiscard]] Result<void> learn_all();

    /// @pre is_whole(), or the position was learned
    [[nodiscard]] const Commitment& at(std::uint64_t position) const;

    /// All 2D. @pre is_whole()
    [[nodiscard]] std::span<const Commitment> codeword() const;

    /// In local parity order. @pre is_whole()
    [[nodiscard]] std::span<const Bytes32> group_parity_hashes() const;

    /// Bytes of walks, without framing.
    [[nodiscard]] std::uint64_t walk_bytes() const noexcept { return walk_bytes_; }

    /// What nodes said falsely when all commitments were asked for.
    [[nodiscard]] const std::vector<FalseAnswer>& false_answers() const noexcept
    {
        return false_answers_;
    }

private:
    [[nodiscard]] bool is_worth_walking(std::uint64_t fibers) const;

    LightObject* light_ = nullptr;  ///< Null once it is whole.
    std::map<std::uint64_t, Commitment> learned_;
    std::uint64_t walk_bytes_ = 0;
    std::vector<Commitment> codeword_;
    std::vector<Bytes32> group_parity_hashes_;
    std::vector<FalseAnswer> false_answers_;
};

/// All of an object's commitments, from the first member that gives what the header binds.
///
/// @param false_answers  Is added to.
/// @return  as ObjectCommitments::learn_all()
[[nodiscard]] Result<ObjectCommitments> fetch_commitments(
    const ObjectHeader& header, CommitteeNodes nodes, std::vector<FalseAnswer>& false_answers);

}  // namespace ashlar
