#include "da-node/cell_cache.hpp"

namespace ashlar
{

CellCache::CellCache(std::size_t sets_max, std::uint64_t requests_before_tables)
  : requests_before_tables_{requests_before_tables}, requests_{COUNTED_BLOBS_MAX}, sets_{sets_max}
{}

CellCache::Set CellCache::find_set(const BlobId& id)
{
    const MutexLock lock{mutex_};
    const auto* set = sets_.find(id);
    return set == nullptr ? nullptr : *set;
}

bool CellCache::count_request(const BlobId& id)
{
    const MutexLock lock{mutex_};
    if (requests_total_++ < requests_before_tables_)
        return false;
    // Only one of several requests at once finds exactly this count; the others go on demand.
    auto& count = requests_.find_or_insert(id);
    count = count == REQUESTS_BEFORE_SET ? 1 : count + 1;
    return count == REQUESTS_BEFORE_SET;
}

Result<CellAnswer> CellCache::cell(
    const BlobId& id, std::uint64_t cell_index, const std::function<Result<Bytes>()>& read_blob)
{
    ASHLAR_ASSERT(cell_index < CELLS_PER_EXT_BLOB);
    auto set = find_set(id);
    if (!set)
    {
        const bool compute_all = count_request(id);
        ASHLAR_TRY(const auto bytes, read_blob());
        ASHLAR_ASSERT(bytes.size() == BYTES_PER_BLOB);
        const auto blob = ByteView{bytes}.first<BYTES_PER_BLOB>();
        if (!compute_all)
        {
            ASHLAR_TRY(const auto answer, compute_cell_and_proof(blob, cell_index));
            return CellAnswer{.cell = answer.cell, .proof = answer.proof.bytes()};
        }
        ASHLAR_TRY(auto all, compute_cells_and_kzg_proofs(blob));
        set = std::make_shared<const CellsAndProofs>(std::move(all));
        const MutexLock lock{mutex_};
        sets_.find_or_insert(id) = set;
    }
    return CellAnswer{.cell = set->cells[cell_index], .proof = set->proofs[cell_index].bytes()};
}

}  // namespace ashlar
