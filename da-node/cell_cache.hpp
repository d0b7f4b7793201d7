#pragma once

/// Cells with proofs of the blobs that clients ask for. One cell is computed on demand (one
/// division, one MSM); a blob asked for again and again gets all its 128 cells and proofs at once
/// by FK20, which costs as much as five or six on demand, and is then answered from memory. FK20's
/// tables take seconds to make, so a node that is seldom asked never makes them.

#include <functional>
#include <memory>

#include "base/mutex.hpp"
#include "commitments/cells.hpp"
#include "da-node/lru_map.hpp"
#include "transport/node_api.hpp"

namespace ashlar
{

/// Thread-safe. Computation happens outside its lock.
class CellCache
{
public:
    struct BlobId
    {
        Bytes32 object_root;
        std::uint64_t stored;

        friend auto operator<=>(const BlobId&, const BlobId&) = default;
    };

    /// Request of one blob at which all its cells are computed.
    static constexpr unsigned REQUESTS_BEFORE_SET = 6;

    /// Cells on demand that cost as much as FK20's tables.
    static constexpr std::uint64_t REQUESTS_BEFORE_TABLES = 128;

    /// Blobs whose requests are counted.
    static constexpr std::size_t COUNTED_BLOBS_MAX = 4096;

    /// @param sets_max                Blobs kept with all their cells, 290 KiB each.
    /// @param requests_before_tables  Requests of any blobs before the first set is computed.
    explicit CellCache(
        std::size_t sets_max, std::uint64_t requests_before_tables = REQUESTS_BEFORE_TABLES);

    /// @param read_blob  The blob's 131,072 bytes; called if they are needed.
    /// @pre cell_index < CELLS_PER_EXT_BLOB
    [[nodiscard]] Result<CellAnswer> cell(const BlobId& id, std::uint64_t cell_index,
        const std::function<Result<Bytes>()>& read_blob);

private:
    using Set = std::shared_ptr<const CellsAndProofs>;

    [[nodiscard]] Set find_set(const BlobId& id);

    /// Counts a request; true for the one that is to compute the set.
    [[nodiscard]] bool count_request(const BlobId& id);

    const std::uint64_t requests_before_tables_;
    Mutex mutex_;
    std::uint64_t requests_total_ ASHLAR_GUARDED_BY(mutex_) = 0;
    LruMap<BlobId, unsigned> requests_ ASHLAR_GUARDED_BY(mutex_);
    LruMap<BlobId, Set> sets_ ASHLAR_GUARDED_BY(mutex_);
};

}  // namespace ashlar
