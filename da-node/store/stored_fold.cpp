#include "da-node/store/stored_fold.hpp"

#include "base/log.hpp"

namespace ashlar
{

StoredFold::StoredFold(
    std::filesystem::path path, const ObjectHeader& header, const StoreIndex& index)
  : path_{std::move(path)}, header_{header}, index_{index}
{}

Result<void> StoredFold::open()
{
    ASHLAR_TRY(auto file, FoldFile::open(path_, header_.shape()));
    const MutexLock lock{mutex_};
    file_ = std::make_shared<const FoldFile>(std::move(file));
    return {};
}

Result<void> StoredFold::put(const Fold& fold)
{
    ASHLAR_CHECK(FoldFile::write(path_, header_.shape(), fold));
    return open();
}

void StoredFold::recover()
{
    auto opened = open();
    if (opened)
        return;
    spdlog::warn(
        "object {}: its fold is made again: {}", to_hex(header_.root()), opened.error().message);
    opened = make_again();
    if (opened)
        opened = open();
    if (!opened)
        spdlog::error("object {} has no fold: {}", to_hex(header_.root()), opened.error().message);
}

Result<void> StoredFold::make_again() const
{
    ASHLAR_TRY(const auto metadata, read_metadata(index_, header_));
    ASHLAR_CHECK(check_metadata_roots(header_, metadata));
    ASHLAR_TRY(const auto codeword, check_codeword(header_.shape(), metadata));
    const auto& root = header_.fields().commitments_root;
    return FoldFile::write(path_, header_.shape(), Fold::make(header_.shape(), root, codeword));
}

Result<std::shared_ptr<const FoldFile>> StoredFold::file() const
{
    const MutexLock lock{mutex_};
    if (!file_)
        return fail(ErrorKind::not_found, "the node has no fold of the object");
    return file_;
}

Result<FoldRecord> StoredFold::record() const
{
    ASHLAR_TRY(const auto fold, file());
    ASHLAR_TRY(const auto bytes, fold->record());
    auto record = FoldRecord::parse_for(header_.shape(), header_.fields().fold_root, bytes);
    if (!record)
        return fail(ErrorKind::corrupted, "the fold on disk: {}", record.error().message);
    return record;
}

Result<std::array<Bytes48, FOLD_FIBER>> StoredFold::first_fiber(std::uint64_t fiber) const
{
    const auto& shape = header_.shape();
    std::array<Bytes48, FOLD_FIBER> out;
    out.fill(Commitment{}.bytes());
    // Both halves of the codeword begin at a fiber, so what is stored of one lies together.
    const auto first = FOLD_FIBER * fiber;
    std::size_t count = 0;
    while (count < FOLD_FIBER && !shape.is_virtual(first + count))
        ++count;
    if (count == 0)
        return out;
    const auto index =
        first < shape.data_blobs() ? first : first - shape.domain() + shape.data_blobs();
    ASHLAR_TRY(const auto bytes, index_.metadata(header_.root(), MetadataPart::commitments,
                                     index * BYTES_PER_G1, count * BYTES_PER_G1));
    for (std::size_t i = 0; i < count; ++i)
        out.at(i) = to_array(ByteView{bytes}.subspan(i * BYTES_PER_G1).first<BYTES_PER_G1>());
    return out;
}

Result<Bytes> StoredFold::walk(std::uint64_t position) const
{
    ASHLAR_TRY(const auto record, this->record());
    ASHLAR_TRY(const auto fold, file());
    ASHLAR_TRY(const auto fiber, first_fiber(position / FOLD_FIBER));
    ASHLAR_TRY(auto bytes, fold->walk(position, fiber));
    // A node that serves bytes from a bad disk would be taken for a liar.
    if (const auto parsed = parse_walk(fold_binding(header_), record, position, bytes); !parsed)
    {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
        spdlog::error(
            "object {}: its fold is damaged: {}", to_hex(header_.root()), parsed.error().message);
        return fail(ErrorKind::corrupted, "the fold is damaged on disk");
    }
    return bytes;
}

Result<ObjectMetadata> read_metadata(const StoreIndex& index, const ObjectHeader& header)
{
    const auto& root = header.root();
    const auto sizes = MetadataSizes::of(header.shape());
    ObjectMetadata metadata;
    ASHLAR_TRY(metadata.commitments,
        index.metadata(root, MetadataPart::commitments, 0, sizes.commitments));
    ASHLAR_TRY(metadata.group_parity_hashes,
        index.metadata(root, MetadataPart::group_parity_hashes, 0, sizes.group_parity_hashes));
    return metadata;
}

}  // namespace ashlar
