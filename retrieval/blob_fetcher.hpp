#pragma once

/// Verified blobs of one object, wherever they must come from: their holders, their group, or
/// the object code. Every blob is checked against its commitment before anyone sees it.

#include <filesystem>
#include <memory>

#include "retrieval/object_view.hpp"

namespace ashlar
{

struct FetchOptions
{
    /// Folder for blobs on their way: a nameless sparse file that vanishes with the process.
    std::filesystem::path scratch_folder = std::filesystem::temp_directory_path();
    std::uint64_t memory_bytes = 1ULL << 30;  ///< Working memory of the object code.
};

/// How the blobs were had.
struct FetchCounts
{
    std::uint64_t fetched = 0;  ///< Blobs from their holders, helpers of repairs included.
    std::uint64_t group_repaired = 0;
    std::uint64_t decoded = 0;
    std::uint64_t bytes_received = 0;  ///< Blob bytes.
};

/// Keeps what it has fetched for its lifetime. require() is for one thread at a time; read() is
/// thread-safe.
class BlobFetcher
{
public:
    /// @pre view, committee and nodes outlive the fetcher
    [[nodiscard]] static Result<BlobFetcher> make(const ObjectView& view,
        const Committee& committee, CommitteeNodes nodes, const FetchOptions& options);

    BlobFetcher(BlobFetcher&&) noexcept;
    ~BlobFetcher();

    /// Makes the stored blobs available to read(): in parallel from their holders, then by group
    /// repair, then by decoding the object.
    ///
    /// @return  insufficient, saying how many positions are missing of how many needed, if the
    ///          object cannot be recovered from the nodes that answer.
    [[nodiscard]] Result<void> require(
        std::span<const std::uint64_t> stored, ProgressListener& progress);

    /// Bytes of a blob that was required before.
    [[nodiscard]] Result<void> read(
        std::uint64_t stored, std::span<std::byte, BYTES_PER_BLOB> out) const;

    [[nodiscard]] const FetchCounts& counts() const noexcept;
    [[nodiscard]] const std::vector<FalseAnswer>& false_answers() const noexcept;

private:
    struct State;
    explicit BlobFetcher(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace ashlar
