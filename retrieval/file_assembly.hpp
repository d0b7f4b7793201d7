#pragma once

/// Files of a checkpoint while their blobs arrive, in any order and over several runs.

#include "checkpoint/destination.hpp"
#include "checkpoint/directory.hpp"
#include "retrieval/blob_fetcher.hpp"

namespace ashlar
{

/// Some files of one object, as a target for their data blobs. Each blob's bytes go straight to
/// their place in the file, which gets its name when all are there and their hashes agree.
class FileAssembly final : public BlobTarget
{
public:
    /// @param files  Entries of the object's directory, in its order; at most FILES_AT_ONCE.
    /// @param notes  One byte per data blob of the object: 1 if an earlier run wrote it. Kept up to
    ///               date, so that the next run goes on from there.
    /// @pre destination and notes outlive the assembly
    [[nodiscard]] static Result<FileAssembly> open(
        Destination& destination, std::span<const FileEntry> files, const File& notes);

    /// Files open at a time: well below the usual limit of descriptors.
    static constexpr std::size_t FILES_AT_ONCE = 256;

    /// Data blobs that are not in their files yet, ascending.
    [[nodiscard]] std::vector<std::uint64_t> missing() const;

    [[nodiscard]] bool takes(std::uint64_t stored) const override;
    [[nodiscard]] bool holds(std::uint64_t stored) const override;

    /// @return  proof_invalid if the blob is no payload, or hides bytes behind its file's end.
    [[nodiscard]] Result<void> put(std::uint64_t stored, BlobView blob) override;
    [[nodiscard]] Result<void> read(
        std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const override;

    /// Hashes the files and names those that agree with the directory. One that an earlier run
    /// wrote parts of may have lost them to a power failure: all its blobs are then missing()
    /// again.
    ///
    /// @param hashed  Told how many bytes more are hashed, from several threads.
    /// @pre   missing() is empty
    /// @return  proof_invalid if a file of this run alone disagrees.
    [[nodiscard]] Result<void> commit(const std::function<void(std::uint64_t)>& hashed);

private:
    struct Part
    {
        FileEntry entry;
        PartialFile partial;
        bool has_old_blobs;  ///< Some came from an earlier run.
        bool is_named = false;
    };

    explicit FileAssembly(const File& notes) : notes_{&notes} {}

    [[nodiscard]] const Part* find(std::uint64_t stored) const;
    [[nodiscard]] Result<void> note(std::uint64_t stored, bool is_there);
    [[nodiscard]] Result<void> commit_part(
        Part& part, const std::function<void(std::uint64_t)>& hashed);

    const File* notes_;
    std::vector<Part> parts_;             ///< Ascending offsets; none is empty.
    std::vector<std::uint8_t> is_there_;  ///< One flag per data blob of the object.
};

/// Hashes contents and compares with what the directory declares.
/// @param read    Reads at an offset; called in order, from this thread.
/// @param hashed  Told of the bytes of each read.
/// @return  proof_invalid if SHA-256 or git's SHA-1 differ; read()'s error.
[[nodiscard]] Result<void> check_contents(const FileEntry& entry,
    const std::function<Result<void>(std::uint64_t, std::span<std::byte>)>& read,
    const std::function<void(std::uint64_t)>& hashed);

}  // namespace ashlar
