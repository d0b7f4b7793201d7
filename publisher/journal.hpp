#pragma once

/// The journal of a publish: lets a publish that was killed, or lost its machine's power, go on
/// where it was. One folder per publish holds `journal` (journal_records.hpp), `metadata`, and,
/// unless another folder was named for it, the parity file.

#include <chrono>
#include <memory>

#include "base/file.hpp"
#include "base/mutex.hpp"
#include "publisher/journal_records.hpp"
#include "transport/object_metadata.hpp"

namespace ashlar
{

/// Thread-safe. A record is handed to the kernel at once, so that it outlives the process, and to
/// the disk within SYNC_INTERVAL of later records or by sync().
class PublishJournal
{
public:
    static constexpr std::chrono::seconds SYNC_INTERVAL{2};

    struct Place
    {
        std::filesystem::path folder;         ///< Of all journals; made if it is not there.
        std::filesystem::path parity_folder;  ///< Empty for the journal's own.
        Bytes32 key;  ///< Of what is published where and how: another publish, another journal.
    };

    /// Reads what earlier runs left, or begins. A torn tail is cut off.
    ///
    /// @return  unavailable if another process publishes the same; corrupted if the file is no
    ///          journal of this key; invalid_input or insufficient if it cannot be written.
    [[nodiscard]] static Result<std::unique_ptr<PublishJournal>> open(const Place& place);

    /// Removes what earlier runs left, whatever it is; nothing there is fine.
    /// @return  as open(), but never corrupted.
    [[nodiscard]] static Result<void> discard(const Place& place);

    /// What earlier runs have done. Does not change with what this one does.
    [[nodiscard]] const JournalState& found() const noexcept { return found_; }

    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
    [[nodiscard]] const std::filesystem::path& parity_path() const noexcept { return parity_path_; }

    [[nodiscard]] Result<void> add(JournalKind kind, ByteView body);
    [[nodiscard]] Result<void> add(JournalKind kind, std::initializer_list<ByteView> parts);

    /// Also forgets, in found(), what was done with the parity file before.
    /// @pre no other thread uses the journal
    [[nodiscard]] Result<void> note_parity_lost();

    [[nodiscard]] Result<void> sync() const;

    [[nodiscard]] Result<void> note_file(const SourceFile& file, const FileDigests& digests);

    /// The digests of a file whose size and time are as they were.
    [[nodiscard]] std::optional<FileDigests> known_digests(const SourceFile& file) const;

    /// Notes the payload, or compares it with the one that was noted: see check_same_payload().
    [[nodiscard]] Result<void> note_payload(const Directory& directory);

    [[nodiscard]] Result<void> note_encoded(
        const ObjectHeader& header, const ObjectMetadata& metadata);

    /// The metadata that note_encoded() wrote; nothing if none, or not as it was written.
    [[nodiscard]] std::optional<ObjectMetadata> encoded_metadata(const ObjectShape& shape) const;

    /// Removes everything. Nothing may be added afterwards.
    [[nodiscard]] Result<void> remove();

private:
    /// The journal's file is open and locked, and not read yet.
    [[nodiscard]] static Result<std::unique_ptr<PublishJournal>> lock(const Place& place);

    PublishJournal(std::filesystem::path folder, std::filesystem::path parity_path,
        const Bytes32& key, File file);

    [[nodiscard]] Result<void> read_records();
    [[nodiscard]] bool is_noted(const std::string& path);

    const std::filesystem::path folder_;
    const std::filesystem::path parity_path_;
    const Bytes32 key_;
    const File file_;
    JournalState found_;

    Mutex mutex_;
    std::uint64_t end_ ASHLAR_GUARDED_BY(mutex_) = 0;
    std::chrono::steady_clock::time_point synced_at_ ASHLAR_GUARDED_BY(mutex_);
    std::set<std::string> noted_files_ ASHLAR_GUARDED_BY(mutex_);  ///< By this run.
};

}  // namespace ashlar
