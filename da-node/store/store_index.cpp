#include "da-node/store/store_index.hpp"

#include <rocksdb/db.h>

#include "base/log.hpp"

namespace ashlar
{
namespace
{

/// A multiple of both 48 and 32, so that no commitment and no hash lies across two chunks.
constexpr std::uint64_t METADATA_CHUNK_BYTES = 1024 * BYTES_PER_G1;
static_assert(METADATA_CHUNK_BYTES % 32 == 0);

constexpr std::size_t RECORD_BYTES = 1 + BYTES_PER_HEADER + 32 + 3 * 8 + 1;
constexpr auto RECORD_VERSION = std::byte{1};
constexpr std::size_t LOCATION_BYTES = 4 + 4 + 8;

/// Column families, in the order in which they are opened.
enum class Family : std::size_t
{
    unused,  // RocksDB's own default family.
    objects,
    pieces,
    metadata,
    certificates,
};

rocksdb::Slice slice_of(ByteView bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ByteView view_of(const rocksdb::Slice& slice)
{
    return as_byte_view({slice.data(), slice.size()});
}

tl::unexpected<Error> failure(const rocksdb::Status& status)
{
    auto kind = ErrorKind::unavailable;
    if (status.IsNotFound())
        kind = ErrorKind::not_found;
    else if (status.IsCorruption())
        kind = ErrorKind::corrupted;
    else if (status.IsNoSpace())
        kind = ErrorKind::insufficient;
    return fail(kind, "the node's index: {}", printable(status.ToString()));
}

Result<void> to_result(const rocksdb::Status& status)
{
    if (!status.ok())
        return failure(status);
    return {};
}

rocksdb::WriteOptions synced()
{
    rocksdb::WriteOptions options;
    options.sync = true;
    return options;
}

Bytes encode(const ObjectRecord& record)
{
    Bytes out{RECORD_VERSION};
    append(out, record.header);
    append(out, record.publisher_key);
    append(out, big_endian(record.reserved_expiry));
    append(out, big_endian(record.reserved_at));
    append(out, big_endian(record.signed_expiry));
    out.push_back(std::byte{record.metadata});
    return out;
}

Result<ObjectRecord> parse_record(ByteView bytes)
{
    if (bytes.size() != RECORD_BYTES || bytes[0] != RECORD_VERSION)
        return fail(ErrorKind::corrupted, "the node's index has a record of another form");
    const auto view = bytes.first<RECORD_BYTES>();
    constexpr std::size_t NUMBERS = 1 + BYTES_PER_HEADER + 32;
    return ObjectRecord{.header = to_array(view.subspan<1, BYTES_PER_HEADER>()),
        .publisher_key = to_array(view.subspan<1 + BYTES_PER_HEADER, 32>()),
        .reserved_expiry = load_big_endian<std::uint64_t>(view.subspan<NUMBERS, 8>()),
        .reserved_at = load_big_endian<std::uint64_t>(view.subspan<NUMBERS + 8, 8>()),
        .signed_expiry = load_big_endian<std::uint64_t>(view.subspan<NUMBERS + 16, 8>()),
        .metadata = view.back() != std::byte{0}};
}

Bytes encode(const PieceLocation& location)
{
    Bytes out;
    append(out, big_endian(location.segment));
    append(out, big_endian(location.bytes));
    append(out, big_endian(location.offset));
    return out;
}

Result<PieceLocation> parse_location(ByteView bytes)
{
    if (bytes.size() != LOCATION_BYTES)
        return fail(ErrorKind::corrupted, "the node's index has a location of another form");
    const auto view = bytes.first<LOCATION_BYTES>();
    return PieceLocation{.segment = load_big_endian<std::uint32_t>(view.subspan<0, 4>()),
        .bytes = load_big_endian<std::uint32_t>(view.subspan<4, 4>()),
        .offset = load_big_endian<std::uint64_t>(view.subspan<8, 8>())};
}

Bytes piece_key(const Bytes32& root, std::uint64_t piece)
{
    Bytes key;
    append(key, root);
    append(key, big_endian(piece));
    return key;
}

Bytes chunk_key(const Bytes32& root, MetadataPart part, std::uint64_t chunk)
{
    Bytes key;
    append(key, root);
    key.push_back(static_cast<std::byte>(part));
    append(key, big_endian(chunk));
    return key;
}

/// The least key after all those that begin with the root.
Bytes end_of(const Bytes32& root)
{
    Bytes key;
    append(key, root);
    key.resize(key.size() + 16, std::byte{0xff});
    return key;
}

}  // namespace

struct StoreIndex::Database
{
    std::unique_ptr<rocksdb::DB> db;
    std::vector<rocksdb::ColumnFamilyHandle*> families;

    ~Database()
    {
        for (auto* family : families)
            db->DestroyColumnFamilyHandle(family);
    }

    [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Family which) const
    {
        return families[static_cast<std::size_t>(which)];
    }

    [[nodiscard]] Result<Bytes> get(Family which, ByteView key) const
    {
        std::string value;
        const auto status = db->Get(rocksdb::ReadOptions{}, family(which), slice_of(key), &value);
        if (!status.ok())
            return failure(status);
        const auto view = as_byte_view(value);
        return Bytes(view.begin(), view.end());
    }

    [[nodiscard]] Result<void> put(Family which, ByteView key, ByteView value)
    {
        return to_result(db->Put(synced(), family(which), slice_of(key), slice_of(value)));
    }

    /// Calls visit(key, value) in key order for the keys from `first` to before `end`.
    template <typename Visit>
    [[nodiscard]] Result<void> scan(Family which, ByteView first, ByteView end, Visit&& visit) const
    {
        const auto bound = slice_of(end);
        rocksdb::ReadOptions options;
        if (!end.empty())
            options.iterate_upper_bound = &bound;
        const std::unique_ptr<rocksdb::Iterator> at{db->NewIterator(options, family(which))};
        for (at->Seek(slice_of(first)); at->Valid(); at->Next())
            ASHLAR_CHECK(visit(view_of(at->key()), view_of(at->value())));
        return to_result(at->status());
    }
};

StoreIndex::StoreIndex(std::unique_ptr<Database> database) : database_{std::move(database)}
{}
StoreIndex::~StoreIndex() = default;

Result<std::unique_ptr<StoreIndex>> StoreIndex::open(const std::filesystem::path& folder)
{
    ASHLAR_CHECK(make_folders(folder));
    rocksdb::DBOptions options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.track_and_verify_wals_in_manifest = true;
    options.max_open_files = 256;
    options.keep_log_file_num = 4;
    options.info_log_level = rocksdb::WARN_LEVEL;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto* name : {"default", "objects", "pieces", "metadata", "certificates"})
        families.emplace_back(name, rocksdb::ColumnFamilyOptions{});

    auto database = std::make_unique<Database>();
    rocksdb::DB* db = nullptr;
    auto status = rocksdb::DB::Open(options, folder.native(), families, &database->families, &db);
    if (status.IsCorruption())
    {
        // A process killed while it writes leaves half a record at the log's end, which nobody
        // was told of. Damage anywhere else still refuses to open, and what is missing from a
        // log that ends early shows when objects are compared with their ledgers.
        spdlog::warn("index log is not whole: {}", printable(status.ToString()));
        options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
        status = rocksdb::DB::Open(options, folder.native(), families, &database->families, &db);
    }
    if (!status.ok())
        return failure(status);
    database->db.reset(db);
    return std::unique_ptr<StoreIndex>{new StoreIndex{std::move(database)}};
}

Result<std::vector<Bytes32>> StoreIndex::objects() const
{
    std::vector<Bytes32> roots;
    ASHLAR_CHECK(
        database_->scan(Family::objects, {}, {}, [&](ByteView key, ByteView) -> Result<void> {
            if (key.size() != sizeof(Bytes32))
                return fail(ErrorKind::corrupted, "the node's index has a key of another form");
            roots.push_back(to_array(key.first<sizeof(Bytes32)>()));
            return {};
        }));
    return roots;
}

Result<ObjectRecord> StoreIndex::object(const Bytes32& root) const
{
    ASHLAR_TRY(const auto bytes, database_->get(Family::objects, root));
    return parse_record(bytes);
}

Result<void> StoreIndex::put_object(const Bytes32& root, const ObjectRecord& record)
{
    return database_->put(Family::objects, root, encode(record));
}

Result<void> StoreIndex::erase_object(const Bytes32& root)
{
    const auto end = end_of(root);
    rocksdb::WriteBatch batch;
    for (const auto which :
        {Family::objects, Family::pieces, Family::metadata, Family::certificates})
    {
        const auto status =
            batch.DeleteRange(database_->family(which), slice_of(root), slice_of(end));
        if (!status.ok())
            return failure(status);
    }
    return to_result(database_->db->Write(synced(), &batch));
}

Result<PieceLocation> StoreIndex::piece(const Bytes32& root, std::uint64_t piece) const
{
    ASHLAR_TRY(const auto bytes, database_->get(Family::pieces, piece_key(root, piece)));
    return parse_location(bytes);
}

Result<void> StoreIndex::put_pieces(const Bytes32& root, std::span<const IndexedPiece> pieces)
{
    rocksdb::WriteBatch batch;
    for (const auto& [piece, location] : pieces)
    {
        const auto status = batch.Put(database_->family(Family::pieces),
            slice_of(piece_key(root, piece)), slice_of(encode(location)));
        if (!status.ok())
            return failure(status);
    }
    return to_result(database_->db->Write(synced(), &batch));
}

Result<void> StoreIndex::erase_piece(const Bytes32& root, std::uint64_t piece)
{
    return to_result(database_->db->Delete(
        synced(), database_->family(Family::pieces), slice_of(piece_key(root, piece))));
}

Result<std::vector<IndexedPiece>> StoreIndex::pieces(const Bytes32& root) const
{
    std::vector<IndexedPiece> pieces;
    const auto collect = [&](ByteView key, ByteView value) -> Result<void> {
        if (key.size() != sizeof(Bytes32) + 8)
            return fail(ErrorKind::corrupted, "the node's index has a key of another form");
        ASHLAR_TRY(const auto location, parse_location(value));
        pieces.push_back(
            {.piece = load_big_endian<std::uint64_t>(key.subspan<sizeof(Bytes32), 8>()),
                .location = location});
        return {};
    };
    ASHLAR_CHECK(database_->scan(Family::pieces, root, end_of(root), collect));
    return pieces;
}

Result<void> StoreIndex::put_metadata(const Bytes32& root, const ObjectMetadata& metadata)
{
    const auto put_part = [&](MetadataPart part, ByteView bytes) -> Result<void> {
        for (std::uint64_t at = 0; at < bytes.size(); at += METADATA_CHUNK_BYTES)
        {
            const auto chunk = bytes.subspan(at, std::min(METADATA_CHUNK_BYTES, bytes.size() - at));
            const auto key = chunk_key(root, part, at / METADATA_CHUNK_BYTES);
            // Not synced one by one: the synced write of the object's record, which comes after
            // them in the log, makes them all durable.
            ASHLAR_CHECK(to_result(database_->db->Put(rocksdb::WriteOptions{},
                database_->family(Family::metadata), slice_of(key), slice_of(chunk))));
        }
        return {};
    };
    ASHLAR_CHECK(put_part(MetadataPart::commitments, metadata.commitments));
    return put_part(MetadataPart::group_parity_hashes, metadata.group_parity_hashes);
}

Result<Bytes> StoreIndex::metadata(
    const Bytes32& root, MetadataPart part, std::uint64_t offset, std::uint64_t size) const
{
    Bytes out;
    out.reserve(size);
    while (out.size() < size)
    {
        const auto at = offset + out.size();
        ASHLAR_TRY(const auto chunk,
            database_->get(Family::metadata, chunk_key(root, part, at / METADATA_CHUNK_BYTES)));
        const auto skip = at % METADATA_CHUNK_BYTES;
        if (chunk.size() <= skip)
            return fail(ErrorKind::corrupted, "the node's index lacks metadata of the object");
        const auto rest = ByteView{chunk}.subspan(skip);
        append(out, rest.first(std::min<std::uint64_t>(rest.size(), size - out.size())));
    }
    return out;
}

Result<std::optional<Bytes>> StoreIndex::certificate(const Bytes32& root) const
{
    auto bytes = database_->get(Family::certificates, root);
    if (!bytes && bytes.error().kind == ErrorKind::not_found)
        return std::optional<Bytes>{};
    if (!bytes)
        return tl::unexpected<Error>{std::move(bytes).error()};
    return std::optional{std::move(*bytes)};
}

Result<void> StoreIndex::put_certificate(const Bytes32& root, ByteView certificate)
{
    return database_->put(Family::certificates, root, certificate);
}

}  // namespace ashlar
