#pragma once

/// The fold of one object on a node's disk, beside its metadata in the index.

#include "base/mutex.hpp"
#include "da-node/store/fold_file.hpp"
#include "da-node/store/store_index.hpp"

namespace ashlar
{

/// Thread-safe; put() and recover() are for one thread at a time.
class StoredFold
{
public:
    /// @param path  Of the file, which may be there or not.
    /// @pre header and index outlive it
    StoredFold(std::filesystem::path path, const ObjectHeader& header, const StoreIndex& index);

    /// Durable when it returns.
    /// @pre the fold is the header's
    [[nodiscard]] Result<void> put(const Fold& fold);

    /// Opens the file, or makes it again from the metadata. An object without one is served but
    /// for its walks.
    /// @pre the metadata is there
    void recover();

    /// The record that the header binds.
    /// @return  not_found before put(); corrupted if it is not what was written.
    [[nodiscard]] Result<FoldRecord> record() const;

    /// The walk from a position, after following its paths to the header's roots.
    /// @pre position < 2D
    /// @return  as record(). A fold found damaged is made again by the next recover().
    [[nodiscard]] Result<Bytes> walk(std::uint64_t position) const;

private:
    [[nodiscard]] Result<void> open();
    [[nodiscard]] Result<void> make_again() const;
    [[nodiscard]] Result<std::shared_ptr<const FoldFile>> file() const;

    /// The commitments at positions 8·fiber … 8·fiber + 7.
    [[nodiscard]] Result<std::array<Bytes48, FOLD_FIBER>> first_fiber(std::uint64_t fiber) const;

    const std::filesystem::path path_;
    const ObjectHeader& header_;
    const StoreIndex& index_;

    mutable Mutex mutex_;  ///< Held for moments.
    /// Shared with calls in progress. Null before put().
    std::shared_ptr<const FoldFile> file_ ASHLAR_GUARDED_BY(mutex_);
};

/// The metadata that put_metadata() wrote for the object.
[[nodiscard]] Result<ObjectMetadata> read_metadata(
    const StoreIndex& index, const ObjectHeader& header);

}  // namespace ashlar
