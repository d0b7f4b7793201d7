#include "retrieval/piece_store.hpp"

#include "checkpoint/blob_packing.hpp"

namespace ashlar
{

Result<PieceStore> PieceStore::make(
    const std::filesystem::path& scratch_folder, std::uint64_t piece_count)
{
    ASHLAR_TRY(auto file, File::temporary(scratch_folder));
    ASHLAR_CHECK(file.truncate(piece_count * BYTES_PER_BLOB));
    return PieceStore{std::move(file), piece_count};
}

Result<PieceStore> PieceStore::open(const std::filesystem::path& folder, std::uint64_t piece_count)
{
    ASHLAR_CHECK(make_folders(folder));
    ASHLAR_TRY(auto file, File::open_or_create(folder / "pieces"));
    ASHLAR_CHECK(file.truncate(piece_count * BYTES_PER_BLOB));
    PieceStore store{std::move(file), piece_count};
    ASHLAR_TRY(store.notes_, File::open_or_create(folder / "held"));
    ASHLAR_CHECK(store.notes_.truncate(piece_count));
    ASHLAR_CHECK(store.notes_.read_at(0, std::as_writable_bytes(std::span{store.in_scratch_})));
    return store;
}

Result<void> PieceStore::note(std::uint64_t piece, std::uint8_t is_held)
{
    in_scratch_[piece] = is_held;
    if (!notes_.is_open())
        return {};
    return notes_.write_at(piece, std::as_bytes(std::span{&is_held, 1}));
}

Result<void> PieceStore::arrive(const PieceContents& arrived)
{
    const auto& [piece, bytes] = arrived;
    if (is_targets(piece))
        return target_->put(piece, bytes);
    if (bytes.is_payload())
    {
        std::array<std::byte, BYTES_PER_BLOB> elements;
        pack_elements(bytes.payload(), elements);
        ASHLAR_CHECK(write(piece, 0, elements));
    }
    else
        ASHLAR_CHECK(write(piece, 0, bytes.elements()));
    return note(piece, 1);
}

Result<void> PieceStore::confirm(std::span<const std::uint64_t> pieces)
{
    std::vector<std::uint64_t> targets;
    std::ranges::copy_if(
        pieces, std::back_inserter(targets), [&](std::uint64_t p) { return is_targets(p); });
    return targets.empty() ? Result<void>{} : target_->confirm(targets);
}

Result<void> PieceStore::revoke(std::uint64_t piece)
{
    return is_targets(piece) ? target_->revoke(piece) : note(piece, 0);
}

Result<BlobContents> PieceStore::read_arrived(std::uint64_t piece, BlobBuffer room) const
{
    if (is_targets(piece))
    {
        const auto payload = room.first<PAYLOAD_BYTES_PER_BLOB>();
        ASHLAR_CHECK(target_->read_payload(piece, payload));
        return PayloadBlob{payload};
    }
    ASHLAR_CHECK(file_.read_at(piece * BYTES_PER_BLOB, room));
    return BlobView{room};
}

Result<void> PieceStore::put(const PieceContents& piece)
{
    ASHLAR_CHECK(arrive(piece));
    return confirm({&piece.piece, 1});
}

Result<void> PieceStore::read(
    std::uint64_t piece, std::size_t element_begin, std::span<std::byte> out) const
{
    if (is_targets(piece) && target_->holds(piece))
        return target_->read(piece, element_begin, out);
    return file_.read_at(piece * BYTES_PER_BLOB + element_begin * BYTES_PER_ELEMENT, out);
}

Result<void> PieceStore::write(std::uint64_t piece, std::size_t element_begin, ByteView bytes)
{
    return file_.write_at(piece * BYTES_PER_BLOB + element_begin * BYTES_PER_ELEMENT, bytes);
}

std::vector<std::uint8_t> PieceStore::flags(std::uint64_t count) const
{
    std::vector<std::uint8_t> out(static_cast<std::size_t>(count));
    for (std::uint64_t piece = 0; piece < count; ++piece)
        out[piece] = holds(piece) ? 1 : 0;
    return out;
}

}  // namespace ashlar
