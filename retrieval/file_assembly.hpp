#pragma once

/// Files of a checkpoint while their blobs arrive, in any order and over several runs.

#include <thread>

#include "base/hash.hpp"
#include "checkpoint/destination.hpp"
#include "checkpoint/directory.hpp"
#include "retrieval/blob_fetcher.hpp"
#include "retrieval/fetch_notes.hpp"

namespace ashlar
{

/// Some files of one object, as a target for their data blobs. Each blob's bytes go straight to
/// their place in the file and are hashed there once all before them are; the file gets its name
/// when all are verified and its hash agrees.
class FileAssembly final : public BlobTarget
{
public:
    /// @param files  Entries of the object's directory, in its order; at most FILES_AT_ONCE.
    /// @param notes  Kept up to date, so that the next run goes on from there.
    /// @pre destination and notes outlive the assembly
    [[nodiscard]] static Result<FileAssembly> open(
        Destination& destination, std::span<const FileEntry> files, FetchNotes& notes);

    FileAssembly(FileAssembly&&) noexcept;
    ~FileAssembly() override;

    /// Files open at a time: well below the usual limit of descriptors.
    static constexpr std::size_t FILES_AT_ONCE = 256;

    /// Data blobs that are not in their files yet, ascending.
    [[nodiscard]] std::vector<std::uint64_t> missing() const;

    [[nodiscard]] bool takes(std::uint64_t stored) const override;
    [[nodiscard]] bool holds(std::uint64_t stored) const override;

    /// @return  proof_invalid if the blob is no payload, or hides bytes behind its file's end.
    [[nodiscard]] Result<void> put(std::uint64_t stored, const BlobContents& blob) override;
    [[nodiscard]] Result<void> confirm(std::span<const std::uint64_t> stored) override;
    [[nodiscard]] Result<void> revoke(std::uint64_t stored) override;
    [[nodiscard]] std::vector<std::uint64_t> unconfirmed() const override;
    [[nodiscard]] Result<void> read_payload(
        std::uint64_t stored, std::span<std::byte, PAYLOAD_BYTES_PER_BLOB> out) const override;
    [[nodiscard]] Result<void> read(
        std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const override;

    /// Hashes blobs as they come, on a thread that stops with the handle; commit() hashes what is
    /// left, and reports what could not be read.
    /// @pre the assembly is not moved meanwhile; one at a time
    [[nodiscard]] std::jthread hash_arriving();

    /// Names the files whose hashes agree with the directory. One that an earlier run wrote parts
    /// of may have lost them to a power failure: all its blobs are then missing() again.
    ///
    /// @param hashed  Told how many bytes more are hashed, from several threads.
    /// @pre   missing() is empty, and hash_arriving() has ended
    /// @return  proof_invalid if a file of this run alone disagrees.
    [[nodiscard]] Result<void> commit(const std::function<void(std::uint64_t)>& hashed);

private:
    class HashedFile;
    class ReadyFiles;

    explicit FileAssembly(FetchNotes& notes);

    [[nodiscard]] Result<void> put_payload(std::uint64_t stored, PayloadBlob payload);
    [[nodiscard]] Result<void> read_from(
        std::uint64_t stored, std::size_t begin, std::span<std::byte> out) const;
    void abandon_empty() noexcept;
    [[nodiscard]] HashedFile* find(std::uint64_t stored) const;
    [[nodiscard]] std::vector<std::uint64_t> blobs_in(BlobState state) const;
    [[nodiscard]] Result<void> commit_file(HashedFile& file);

    FetchNotes* notes_;
    std::vector<std::unique_ptr<HashedFile>> files_;  ///< Ascending offsets.
    std::unique_ptr<ReadyFiles> ready_;
};

/// The hashes of a file's contents that a fetch answers for: SHA-256, and git's SHA-1 of files that
/// a Hugging Face cache knows by it. Bytes come in order.
class ContentsCheck
{
public:
    explicit ContentsCheck(const FileEntry& entry);

    /// Goes on where another check of the same file was; bytes() is 0 if that cannot be.
    ContentsCheck(const FileEntry& entry, const ResumableSha256::Progress& progress);

    void update(ByteView bytes);

    /// Bytes so far.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    /// For another check to go on from; nothing if only whole files can be checked, or here.
    [[nodiscard]] std::optional<ResumableSha256::Progress> progress() const;

    /// Called once, after all bytes.
    /// @return  proof_invalid if a hash is not the declared one.
    [[nodiscard]] Result<void> finish();

private:
    const FileEntry* entry_;
    std::uint64_t bytes_ = 0;
    ResumableSha256 sha256_;
    std::optional<Hasher> git_sha1_;
};

/// Hashes contents and compares with what the directory declares.
/// @param read    Reads at an offset; called in order, from this thread.
/// @param hashed  Told of the bytes of each read.
/// @return  as ContentsCheck::finish(); read()'s error.
[[nodiscard]] Result<void> check_contents(const FileEntry& entry,
    const std::function<Result<void>(std::uint64_t, std::span<std::byte>)>& read,
    const std::function<void(std::uint64_t)>& hashed);

}  // namespace ashlar
