#pragma once

/// All that a node keeps on disk, in one folder:
///
///   lock                         held while a process has the folder open
///   index/                       RocksDB (store_index.hpp)
///   objects/<root>/segment-N.seg the pieces (segment.hpp)
///   objects/<root>/inherited-N-<origin>-M.seg  another object's segment M, by a second name
///   objects/<root>/signed.ledger what was signed for (signed_ledger.hpp)
///   dropped/<root>/              on its way out

#include <atomic>
#include <map>

#include "da-node/store/stored_object.hpp"

namespace ashlar
{

/// Thread-safe.
class NodeStore
{
public:
    struct Options
    {
        std::uint64_t segment_bytes_max = 1ULL << 30;
        std::uint64_t free_bytes_min = 256ULL << 20;  ///< Left to the index and to other programs.
    };

    /// Opens the folder, or makes it. Objects whose files and index disagree are logged and
    /// claimed no longer; leftovers of unfinished uploads and drops are removed.
    ///
    /// @return  unavailable if another process has the folder open; corrupted if the index is
    ///          damaged.
    [[nodiscard]] static Result<std::unique_ptr<NodeStore>> open(
        const std::filesystem::path& folder, const Options& options);
    [[nodiscard]] static Result<std::unique_ptr<NodeStore>> open(
        const std::filesystem::path& folder)
    {
        return open(folder, Options{});
    }

    /// Shared with calls in progress, because another call may drop the object. Null if unknown.
    [[nodiscard]] std::shared_ptr<StoredObject> find(const Bytes32& root) const;
    [[nodiscard]] std::vector<std::shared_ptr<StoredObject>> objects() const;

    /// Makes the object known, or finds it.
    [[nodiscard]] Result<std::shared_ptr<StoredObject>> create(
        const Bytes32& root, const ObjectRecord& record);

    /// Forgets the object and frees its room. An unknown object is fine.
    [[nodiscard]] Result<void> drop(const Bytes32& root);

    /// @return  insufficient if writing `bytes` would leave less than free_bytes_min.
    [[nodiscard]] Result<void> check_room(std::uint64_t bytes) const;

    /// Passes the result of a write on and remembers whether the disk takes writes.
    [[nodiscard]] Result<void> note_write(Result<void> written);

    /// True if the disk is full or the last write failed.
    [[nodiscard]] bool degraded() const;

    /// Of pieces, as they lie. What objects inherited counts once, with the object that it came
    /// with, while that is here.
    [[nodiscard]] std::uint64_t stored_bytes() const;

private:
    NodeStore(std::filesystem::path folder, const Options& options, File lock,
        std::unique_ptr<StoreIndex> index);

    [[nodiscard]] Result<void> finish_drops();
    [[nodiscard]] Result<void> open_objects();
    [[nodiscard]] Result<void> remove_leftovers();
    [[nodiscard]] Result<std::shared_ptr<StoredObject>> open_object(const Bytes32& root);
    [[nodiscard]] std::filesystem::path object_folder(const Bytes32& root) const;

    const std::filesystem::path folder_;
    const Options options_;
    const File lock_;
    const std::unique_ptr<StoreIndex> index_;
    std::atomic<bool> write_failed_{false};

    /// Held while an object is made or dropped; always taken before mutex_.
    Mutex change_mutex_;

    mutable Mutex mutex_;
    std::map<Bytes32, std::shared_ptr<StoredObject>> objects_ ASHLAR_GUARDED_BY(mutex_);
};

}  // namespace ashlar
