#pragma once

/// What a fetch has done, kept beside its unfinished files so that the next run goes on from there.
///
/// One byte a data blob of the object (0 absent, 1 verified, 2 arrived and not verified), then 64
/// bytes a data blob, of which a file uses those of its first one: 32 + 8 bytes of what is known,
/// 16 bytes of the boot that it is known in, 8 bytes of SHA-256 over "ashlar/fetch-notes/v1" ‖ kind
/// ‖ u64be blob ‖ the 56 bytes before. Zeros where nothing is known; the file is sparse.
///
/// A killed process leaves what it wrote in the page cache. A power failure does not, and may leave
/// notes whose bytes were lost: what the notes say of contents is therefore checked by the file's
/// SHA-256, and how far that had come counts only in the boot that it was noted in.

#include <memory>
#include <optional>
#include <vector>

#include "base/file.hpp"
#include "base/mutex.hpp"
#include "base/resumable_sha256.hpp"

namespace ashlar
{

enum class BlobState : std::uint8_t
{
    absent = 0,
    verified = 1,
    arrived = 2,  ///< In its place, but not verified.
};

/// Thread-safe.
class FetchNotes
{
public:
    /// Of the notes on an object.
    [[nodiscard]] static std::uint64_t size_bytes(std::uint64_t data_blobs) noexcept;

    /// @param file  Zeros, or what an earlier run left; size_bytes() long.
    [[nodiscard]] static Result<std::unique_ptr<FetchNotes>> open(
        File file, std::uint64_t data_blobs);

    /// @pre blob < data_blobs, here and below
    [[nodiscard]] BlobState state(std::uint64_t blob) const ASHLAR_EXCLUDES(mutex_);
    [[nodiscard]] Result<void> set(std::span<const std::uint64_t> blobs, BlobState state)
        ASHLAR_EXCLUDES(mutex_);

    /// How far the hash of the file that begins with this blob had come in this boot.
    [[nodiscard]] std::optional<ResumableSha256::Progress> hash_progress(
        std::uint64_t first_blob) const;
    [[nodiscard]] Result<void> note_hash_progress(
        std::uint64_t first_blob, const ResumableSha256::Progress& progress);

    [[nodiscard]] Result<void> forget_hash_progress(std::uint64_t first_blob);

    /// The file that begins with this blob was given its name, and has not changed since, by what
    /// the file system says of it.
    [[nodiscard]] bool is_as_named(std::uint64_t first_blob, const File& file) const;
    [[nodiscard]] Result<void> note_named(std::uint64_t first_blob, const File& file);

private:
    static constexpr std::size_t RECORD_BYTES = 64;
    static constexpr std::size_t DIGESTED_BYTES = 56;
    using Record = ByteArray<RECORD_BYTES>;

    FetchNotes(File file, std::vector<std::uint8_t> states);

    [[nodiscard]] std::uint64_t record_offset(std::uint64_t first_blob) const noexcept;
    [[nodiscard]] std::optional<Record> read_record(
        std::uint64_t first_blob, std::string_view kind) const;
    [[nodiscard]] Result<void> write_record(
        std::uint64_t first_blob, std::string_view kind, Record record) const;

    const File file_;
    const std::uint64_t data_blobs_;
    const std::optional<ByteArray<16>> boot_;  ///< Nothing if the kernel does not say.
    mutable Mutex mutex_;
    std::vector<std::uint8_t> states_ ASHLAR_GUARDED_BY(mutex_);
};

}  // namespace ashlar
