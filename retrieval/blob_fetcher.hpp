#pragma once

/// Verified blobs of one object, wherever they must come from: their holders, their group, or
/// the object code. Every blob is checked against its commitment before anyone sees it.

#include <filesystem>
#include <memory>

#include "retrieval/decoded_columns.hpp"
#include "retrieval/object_view.hpp"

namespace ashlar
{

struct FetchOptions
{
    /// Folder for blobs on their way: a nameless sparse file that vanishes with the process.
    std::filesystem::path scratch_folder = std::filesystem::temp_directory_path();
    std::uint64_t memory_bytes = 1ULL << 30;  ///< For downloads, and for the object code.

    /// Folder where all that was fetched, repaired or decoded stays, so that the next fetcher of
    /// the same object goes on from there; what it finds is verified again. Empty for none: then
    /// pieces vanish with the process.
    std::filesystem::path kept_folder = {};
};

/// How the blobs were had.
struct FetchCounts
{
    std::uint64_t fetched = 0;  ///< Pieces from their holders, helpers of repairs included.
    std::uint64_t group_repaired = 0;
    std::uint64_t decoded = 0;
    std::uint64_t bytes_received = 0;  ///< Of pieces, as they travelled.
};

/// Where blobs are delivered, instead of to the scratch file. What it holds, from this run or an
/// earlier one, is neither asked for again nor kept twice. Calls come from several threads at
/// once, for different blobs.
class BlobTarget
{
public:
    virtual ~BlobTarget() = default;

    /// The blob is one of those that it is there for.
    [[nodiscard]] virtual bool takes(std::uint64_t stored) const = 0;
    [[nodiscard]] virtual bool holds(std::uint64_t stored) const = 0;

    /// Writes a blob, which counts once it is confirmed.
    /// @pre takes(stored)
    /// @return  proof_invalid if the publisher may have no blob like this there.
    [[nodiscard]] virtual Result<void> put(std::uint64_t stored, const BlobContents& blob) = 0;

    /// Blobs that were put are verified: from now on the target holds them.
    [[nodiscard]] virtual Result<void> confirm(std::span<const std::uint64_t> stored) = 0;

    /// A blob that was put is false: it is as if it had never come.
    [[nodiscard]] virtual Result<void> revoke(std::uint64_t stored) = 0;

    /// Blobs that an earlier run put and did not live to verify, ascending.
    [[nodiscard]] virtual std::vector<std::uint64_t> unconfirmed() const = 0;

    /// The payload of a blob that was put.
    [[nodiscard]] virtual Result<void> read_payload(
        std::uint64_t stored, std::span<std::byte, PAYLOAD_BYTES_PER_BLOB> out) const = 0;

    /// Elements from `element_begin` on. @pre the blob was put
    [[nodiscard]] virtual Result<void> read(
        std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const = 0;
};

/// Keeps what it has fetched for its lifetime. One thread at a time; read() is thread-safe.
class BlobFetcher
{
public:
    /// @param view  If its commitments are not whole, they grow with what is asked for.
    /// @pre view, committee and nodes outlive the fetcher; with a kept folder they are whole
    [[nodiscard]] static Result<BlobFetcher> make(const ObjectView& view,
        const Committee& committee, CommitteeNodes nodes, const FetchOptions& options);

    BlobFetcher(BlobFetcher&&) noexcept;
    ~BlobFetcher();

    /// Makes pieces available to read(): in parallel from their holders, then by group repair,
    /// then by decoding the object. Local parities that nobody has are made from their groups.
    ///
    /// @return  insufficient, saying how many positions are missing of how many needed, if the
    ///          object cannot be recovered from the nodes that answer.
    [[nodiscard]] Result<void> require(
        std::span<const std::uint64_t> pieces, ProgressListener& progress);

    /// As require(), but of what must be decoded only these columns, which then are in the kept
    /// folder: for one of several machines.
    /// @pre there is a kept folder
    /// @return  the columns that are there now; all if nothing must be decoded.
    [[nodiscard]] Result<std::size_t> decode_columns(std::span<const std::uint64_t> pieces,
        const CellColumns& columns, ProgressListener& progress);

    /// The same, but the blobs go to the target as they come.
    /// @pre target.takes() all of them
    /// @return  as require(), or the target's error
    [[nodiscard]] Result<void> deliver(
        std::span<const std::uint64_t> stored, BlobTarget& target, ProgressListener& progress);

    /// Bytes of a piece that was required before.
    [[nodiscard]] Result<void> read(
        std::uint64_t piece, std::span<std::byte, BYTES_PER_BLOB> out) const;

    [[nodiscard]] const ObjectView& view() const noexcept;
    [[nodiscard]] const FetchCounts& counts() const noexcept;
    [[nodiscard]] const std::vector<FalseAnswer>& false_answers() const noexcept;

private:
    struct State;
    explicit BlobFetcher(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace ashlar
