#include "publisher/scratch_pieces.hpp"

#include <cerrno>

#include <fcntl.h>

#include "base/log.hpp"

namespace ashlar
{

namespace
{

std::uint64_t scratch_bytes(const ObjectShape& shape)
{
    return (shape.parity_blobs() + shape.local_parity_count()) * BYTES_PER_BLOB;
}

}  // namespace

Result<std::unique_ptr<ScratchPieces>> ScratchPieces::make(
    const std::filesystem::path& folder, const ObjectShape& shape)
{
    ASHLAR_TRY(auto file, File::temporary(folder));
    return take_room(std::move(file), folder, shape);
}

Result<std::unique_ptr<ScratchPieces>> ScratchPieces::open(
    const std::filesystem::path& path, const ObjectShape& shape)
{
    ASHLAR_TRY(auto file, File::open_or_create(path));
    ASHLAR_TRY(const auto size_bytes, file.size_bytes());
    if (size_bytes > scratch_bytes(shape))
        ASHLAR_CHECK(file.truncate(0));
    ASHLAR_CHECK(sync_folder(path.parent_path()));
    return take_room(std::move(file), path.parent_path(), shape);
}

bool ScratchPieces::exists(const std::filesystem::path& path, const ObjectShape& shape)
{
    std::error_code error;
    const auto size_bytes = std::filesystem::file_size(path, error);
    return !error && size_bytes == scratch_bytes(shape);
}

Result<std::unique_ptr<ScratchPieces>> ScratchPieces::take_room(
    File file, const std::filesystem::path& folder, const ObjectShape& shape)
{
    const auto size_bytes = scratch_bytes(shape);
    // Room is taken now, so that a full disk shows before hours of work and not after them.
    const int refused = ::posix_fallocate(file.descriptor(), 0, static_cast<off_t>(size_bytes));
    if (refused == ENOSPC)
        return fail(ErrorKind::insufficient,
            "scratch folder {} has no room for {} bytes of parity: name another with --scratch",
            printable(folder.native()), size_bytes);
    return std::unique_ptr<ScratchPieces>{new ScratchPieces{std::move(file), shape.data_blobs()}};
}

std::uint64_t ScratchPieces::offset_of(std::uint64_t piece) const noexcept
{
    ASHLAR_ASSERT(piece >= first_piece_);
    return (piece - first_piece_) * BYTES_PER_BLOB;
}

Result<void> ScratchPieces::read(
    std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const
{
    return file_.read_at(offset_of(stored) + element_begin * BYTES_PER_ELEMENT, out);
}

Result<void> ScratchPieces::write(std::uint64_t stored, std::size_t element_begin, ByteView bytes)
{
    return file_.write_at(offset_of(stored) + element_begin * BYTES_PER_ELEMENT, bytes);
}

Result<void> ScratchPieces::write_piece(std::uint64_t piece, ConstBlobBuffer bytes)
{
    return file_.write_at(offset_of(piece), bytes);
}

Result<void> ScratchPieces::read_piece(std::uint64_t piece, BlobBuffer out) const
{
    return file_.read_at(offset_of(piece), out);
}

}  // namespace ashlar
