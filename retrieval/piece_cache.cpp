#include "retrieval/piece_cache.hpp"

namespace ashlar
{

Result<PieceCache> PieceCache::make(
    const std::filesystem::path& scratch_folder, std::uint64_t piece_count)
{
    ASHLAR_TRY(auto file, File::temporary(scratch_folder));
    ASHLAR_CHECK(file.truncate(piece_count * BYTES_PER_BLOB));
    return PieceCache{std::move(file), piece_count};
}

Result<void> PieceCache::read(
    std::uint64_t piece, std::size_t element_begin, std::span<std::byte> out) const
{
    return file_.read_at(piece * BYTES_PER_BLOB + element_begin * BYTES_PER_ELEMENT, out);
}

Result<void> PieceCache::write(std::uint64_t piece, std::size_t element_begin, ByteView bytes)
{
    return file_.write_at(piece * BYTES_PER_BLOB + element_begin * BYTES_PER_ELEMENT, bytes);
}

}  // namespace ashlar
