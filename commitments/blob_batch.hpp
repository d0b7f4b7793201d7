#pragma once

/// Checking many blobs against their commitments by one random linear combination:
/// Σγᵢ·blobᵢ is one blob and Σγᵢ·Cᵢ its commitment. γᵢ have 130 random bits each, so a false blob
/// passes with probability 2⁻¹³⁰.

#include <functional>
#include <memory>

#include "commitments/commitment.hpp"

namespace ashlar
{

struct BlobClaim
{
    BlobContents blob;
    Commitment commitment;
};

/// Uses all cores. Costs about one commitment and, a blob, little more than reading it, so batches
/// of a thousand and more are cheapest. No claims at all hold trivially: callers check their counts
/// first.
/// @return  invalid_input if some element is not below r, proof_invalid if some blob does not
///          match its commitment; the text names no index (see find_false_blobs).
[[nodiscard]] Result<void> verify_blobs(std::span<const BlobClaim> claims);

/// Indices of the claims that do not hold, in increasing order: malformed blobs at once, others by
/// bisection, about log₂ of the batch as many commitments for each.
[[nodiscard]] std::vector<std::size_t> find_false_blobs(std::span<const BlobClaim> claims);

/// The same check of blobs that nobody keeps: the sums grow as blobs come and go.
class RunningBlobCheck
{
public:
    RunningBlobCheck();
    ~RunningBlobCheck();

    /// Takes claims in. Some sixteen at a time cost little more a blob than thousands do.
    /// Thread-safe: up to thread_count() calls work at once, each on 768 KiB of its own, and
    /// others wait.
    void add(std::span<const BlobClaim> claims);

    /// Reads a claim, whose blob may lie in `room` from its start on.
    using Reader = std::function<Result<BlobClaim>(
        std::size_t index, std::span<std::byte, BYTES_PER_BLOB> room)>;

    /// Takes in claims 0 … count − 1 as they are read, on all cores, 2 MiB on each.
    /// @return  the reader's error
    [[nodiscard]] Result<void> add_read(std::size_t count, const Reader& read);

    /// Uses two cores. @pre no add() is in progress; called once
    /// @return  as verify_blobs() of all claims taken in.
    [[nodiscard]] Result<void> finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ashlar
