#include "da-node/store/stored_object.hpp"

#include "base/log.hpp"
#include "base/parallel.hpp"
#include "checkpoint/stored_blob.hpp"

namespace ashlar
{
namespace
{

std::vector<std::uint64_t> numbers_of(std::span<const IndexedPiece> rows)
{
    std::vector<std::uint64_t> pieces;
    pieces.reserve(rows.size());
    for (const auto& row : rows)
        pieces.push_back(row.piece);
    return pieces;
}

}  // namespace

StoredObject::StoredObject(Place place, StoreIndex& index, ObjectHeader header, ObjectRecord record)
  : place_{std::move(place)},
    index_{index},
    header_{std::move(header)},
    segments_{place_.folder, place_.root, place_.segment_bytes_max},
    fold_{place_.folder / "fold", header_, index},
    record_{record}
{}

Result<std::shared_ptr<StoredObject>> StoredObject::open(Place place, StoreIndex& index)
{
    ASHLAR_TRY(const auto record, index.object(place.root));
    auto header = ObjectHeader::parse_for(place.root, record.header);
    if (!header)
        return fail(ErrorKind::corrupted, "its header: {}", header.error().message);
    const std::shared_ptr<StoredObject> object{
        new StoredObject{std::move(place), index, std::move(*header), record}};
    {
        const MutexLock lock{object->write_mutex_};
        ASHLAR_CHECK(object->recover_segments());
        if (object->record().metadata)
            object->fold_.recover();
    }
    ASHLAR_CHECK(object->recover_ledger());
    return object;
}

Result<void> StoredObject::recover_segments()
{
    ASHLAR_TRY(const auto rows, index_.pieces(place_.root));
    ASHLAR_TRY(const auto sizes, segments_.list());
    std::map<std::uint32_t, std::uint64_t> ends;
    std::map<std::uint64_t, PieceLocation> held;
    for (const auto& [number, size] : sizes)
    {
        if (!ObjectSegments::is_inherited(number))  // Another object appends to those, or did.
            ends.emplace(number, 0);
    }
    for (const auto& [piece, location] : rows)
    {
        const auto segment = sizes.find(location.segment);
        const auto piece_end = location.offset + SLOT_HEADER_BYTES + location.bytes;
        if (segment == sizes.end() || piece_end > segment->second)
        {
            spdlog::error("object {} lost piece {}: its slot is not in segment {}",
                to_hex(place_.root), piece, location.segment);
            ASHLAR_CHECK(index_.erase_piece(place_.root, piece));
            continue;
        }
        held.emplace(piece, location);
        if (const auto end = ends.find(location.segment); end != ends.end())
            end->second = std::max(end->second, location.offset + slot_bytes(location.bytes));
    }
    ASHLAR_CHECK(recover_tails(ends, held));
    std::vector<IndexedPiece> all;
    all.reserve(held.size());
    for (const auto& [piece, location] : held)
        all.push_back({.piece = piece, .location = location});
    return note_added(all);
}

Result<void> StoredObject::recover_tails(const std::map<std::uint32_t, std::uint64_t>& ends,
    std::map<std::uint64_t, PieceLocation>& held)
{
    std::vector<IndexedPiece> found;
    for (const auto& [number, end] : ends)
    {
        ASHLAR_TRY(const auto whole, segments_.recover(number, end));
        for (const auto& [piece, offset, bytes] : whole)
        {
            const PieceLocation location{.segment = number, .bytes = bytes, .offset = offset};
            if (held.emplace(piece, location).second)
                found.push_back({.piece = piece, .location = location});
        }
    }
    if (found.empty())
        return {};
    spdlog::warn("object {}: {} pieces on disk were not indexed; taken up", to_hex(place_.root),
        found.size());
    return index_.put_pieces(place_.root, found);
}

Result<void> StoredObject::recover_ledger()
{
    auto ledger = read_ledger(place_.folder, place_.root);
    auto record = this->record();
    const auto root = to_hex(place_.root);
    if (!ledger)
        spdlog::error("object {}: {}; not claimed", root, ledger.error().message);
    else if (*ledger && (*ledger)->expiry_unix_seconds > record.signed_expiry)
    {
        // Killed between ledger and record: the signature may or may not have left.
        record.signed_expiry = (*ledger)->expiry_unix_seconds;
        ASHLAR_CHECK(save(record));
    }
    else if (record.signed_expiry > (*ledger ? (*ledger)->expiry_unix_seconds : 0))
    {
        spdlog::error("object {}: signed until {} but the ledger does not say so; not claimed",
            root, record.signed_expiry);
        return {};
    }
    {
        const MutexLock lock{mutex_};
        ledger_ = ledger ? *ledger : std::nullopt;
        if (!ledger_)
            return {};
    }
    ASHLAR_CHECK(compare_with_ledger());
    if (claimed_expiry() == 0)
        spdlog::error("object {}: not all that was signed for is here; not claimed", root);
    return {};
}

Result<void> StoredObject::compare_with_ledger()
{
    ASHLAR_TRY(const auto held, pieces());
    const MutexLock lock{mutex_};
    holds_all_signed_ = record_.metadata && ledger_ && ledger_->piece_count == held.size() &&
                        ledger_->pieces_digest == pieces_digest(held);
    return {};
}

ObjectRecord StoredObject::record() const
{
    const MutexLock lock{mutex_};
    return record_;
}

std::uint64_t StoredObject::claimed_expiry() const
{
    const MutexLock lock{mutex_};
    return holds_all_signed_ ? ledger_->expiry_unix_seconds : 0;
}

std::map<Bytes32, StoredAmount> StoredObject::amounts() const
{
    const MutexLock lock{mutex_};
    return amounts_;
}

StoredAmount StoredObject::amount() const
{
    StoredAmount all;
    for (const auto& [origin, amount] : amounts())
    {
        all.pieces += amount.pieces;
        all.bytes += amount.bytes;
    }
    return all;
}

Result<std::vector<std::uint64_t>> StoredObject::pieces() const
{
    ASHLAR_TRY(const auto rows, index_.pieces(place_.root));
    return numbers_of(rows);
}

Result<void> StoredObject::save(const ObjectRecord& record)
{
    ASHLAR_CHECK(index_.put_object(place_.root, record));
    const MutexLock lock{mutex_};
    record_ = record;
    return {};
}

Result<void> StoredObject::check_present() const
{
    if (dropped_)
        return fail(ErrorKind::not_found, "the object was dropped");
    return {};
}

Result<void> StoredObject::put_lease(const ObjectRecord& lease)
{
    const MutexLock lock{write_mutex_};
    ASHLAR_CHECK(check_present());
    auto next = record();
    next.publisher_key = lease.publisher_key;
    next.reserved_expiry = lease.reserved_expiry;
    next.reserved_at = lease.reserved_at;
    return save(next);
}

Result<void> StoredObject::put_metadata(const ObjectMetadata& metadata, const Fold& fold)
{
    const MutexLock lock{write_mutex_};
    ASHLAR_CHECK(check_present());
    ASHLAR_CHECK(index_.put_metadata(place_.root, metadata));
    ASHLAR_CHECK(fold_.put(fold));
    auto next = record();
    next.metadata = true;
    return save(next);
}

Result<ObjectMetadata> StoredObject::metadata() const
{
    if (!record().metadata)
        return fail(ErrorKind::not_found, "the object's metadata has not arrived");
    return read_metadata(index_, header_);
}

Result<Commitment> StoredObject::commitment(std::uint64_t stored) const
{
    // Without the virtual positions, stored blob t has the t-th commitment.
    ASHLAR_TRY(const auto bytes, index_.metadata(place_.root, MetadataPart::commitments,
                                     stored * BYTES_PER_G1, BYTES_PER_G1));
    return Commitment::parse(ByteView{bytes}.first<BYTES_PER_G1>());
}

Result<Bytes32> StoredObject::group_parity_hash(std::uint64_t local_parity) const
{
    ASHLAR_TRY(const auto bytes, index_.metadata(place_.root, MetadataPart::group_parity_hashes,
                                     local_parity * sizeof(Bytes32), sizeof(Bytes32)));
    return to_array(ByteView{bytes}.first<sizeof(Bytes32)>());
}

Result<void> StoredObject::put_pieces(std::span<const CarriedPiece> pieces)
{
    const MutexLock lock{write_mutex_};
    ASHLAR_CHECK(check_present());
    std::vector<CarriedPiece> missing;
    for (const auto& piece : pieces)
    {
        const auto known = index_.piece(place_.root, piece.piece);
        const bool repeated =
            std::ranges::find(missing, piece.piece, &CarriedPiece::piece) != missing.end();
        if (known || repeated)
            continue;
        if (known.error().kind != ErrorKind::not_found)
            return tl::unexpected<Error>{known.error()};
        missing.push_back(piece);
    }
    if (missing.empty())
        return {};
    ASHLAR_TRY(const auto rows, segments_.append(missing));
    ASHLAR_CHECK(index_.put_pieces(place_.root, rows));
    return note_added(rows);
}

Result<void> StoredObject::note_added(std::span<const IndexedPiece> rows)
{
    std::map<Bytes32, StoredAmount> more;
    for (const auto& row : rows)
    {
        ASHLAR_TRY(const auto origin, segments_.origin_of(row.location.segment));
        ++more[origin].pieces;
        more[origin].bytes += row.location.bytes;
    }
    bool complete_again = false;
    {
        const MutexLock fields{mutex_};
        std::uint64_t held = 0;
        for (const auto& [origin, amount] : more)
        {
            amounts_[origin].pieces += amount.pieces;
            amounts_[origin].bytes += amount.bytes;
        }
        for (const auto& [origin, amount] : amounts_)
            held += amount.pieces;
        complete_again = ledger_ && !holds_all_signed_ && held == ledger_->piece_count;
    }
    return complete_again ? compare_with_ledger() : Result<void>{};
}

Result<std::vector<IndexedPiece>> StoredObject::whole_rows(
    const StoredObject& origin, std::span<const std::uint64_t> pieces) const
{
    std::vector<IndexedPiece> rows;
    for (const auto piece : pieces)
    {
        const auto known = index_.piece(place_.root, piece);
        const auto theirs = index_.piece(origin.place_.root, piece);
        if (known || !theirs)
            continue;
        if (known.error().kind != ErrorKind::not_found)
            return tl::unexpected<Error>{known.error()};
        rows.push_back({.piece = piece, .location = *theirs});
    }
    std::vector<std::uint8_t> whole(rows.size());
    parallel_for(rows.size(), [&](std::size_t i) {
        SlotReader reader;
        whole[i] = origin.segments_.read(rows[i], reader) ? 1 : 0;
    });
    std::size_t at = 0;
    std::erase_if(rows, [&](const IndexedPiece&) { return whole[at++] == 0; });
    return rows;
}

Result<void> StoredObject::inherit_batch(
    const StoredObject& origin, std::span<const std::uint64_t> pieces)
{
    ASHLAR_TRY(auto rows, whole_rows(origin, pieces));
    if (rows.empty())
        return {};
    std::map<std::uint32_t, std::uint32_t> numbers;  // Of the origin's segments here.
    for (auto& row : rows)
    {
        auto number = numbers.find(row.location.segment);
        if (number == numbers.end())
        {
            ASHLAR_TRY(const auto linked, segments_.link(origin.segments_, row.location.segment));
            number = numbers.emplace(row.location.segment, linked).first;
        }
        row.location.segment = number->second;
    }
    // Names before the rows that rely on them.
    ASHLAR_CHECK(segments_.sync_names());
    ASHLAR_CHECK(index_.put_pieces(place_.root, rows));
    return note_added(rows);
}

Result<void> StoredObject::inherit(
    const StoredObject& origin, std::span<const std::uint64_t> pieces)
{
    constexpr std::size_t BATCH = 1024;  // What an end in between may have to read again.
    const MutexLock lock{write_mutex_};
    ASHLAR_CHECK(check_present());
    for (std::size_t at = 0; at < pieces.size(); at += BATCH)
        ASHLAR_CHECK(
            inherit_batch(origin, pieces.subspan(at, std::min(BATCH, pieces.size() - at))));
    return {};
}

Result<CarriedPiece> StoredObject::read_held(std::uint64_t piece, SlotReader& reader)
{
    ASHLAR_TRY(const auto location, index_.piece(place_.root, piece));
    auto held = segments_.read({.piece = piece, .location = location}, reader);
    if (held || held.error().kind == ErrorKind::unavailable)
        return held;
    spdlog::error("object {}: piece {} is damaged ({}); no longer held", to_hex(place_.root), piece,
        held.error().message);
    forget_piece({.piece = piece, .location = location});
    return fail(ErrorKind::corrupted, "piece {} is damaged on disk", piece);
}

Result<Bytes> StoredObject::read_piece(std::uint64_t piece)
{
    SlotReader reader;
    ASHLAR_TRY(const auto held, read_held(piece, reader));
    if (held.form == PieceForm::raw)
        return Bytes{held.bytes.begin(), held.bytes.end()};
    Bytes raw(BYTES_PER_BLOB);
    // It was decoded before it was kept, and its checksum agrees.
    if (const auto decoded = decode_stored_blob(held.bytes, std::span{raw}.first<BYTES_PER_BLOB>());
        !decoded)
        return fail(ErrorKind::corrupted, "piece {}: {}", piece, decoded.error().message);
    return raw;
}

void StoredObject::forget_piece(const IndexedPiece& row)
{
    const MutexLock lock{write_mutex_};
    // Another reader may have been first, and the piece may have come again since.
    const auto now = index_.piece(place_.root, row.piece);
    if (!now || *now != row.location)
        return;
    const auto origin = segments_.origin_of(row.location.segment);
    {
        const MutexLock fields{mutex_};
        holds_all_signed_ = false;
        if (origin)
        {
            --amounts_[*origin].pieces;
            amounts_[*origin].bytes -= row.location.bytes;
        }
    }
    if (const auto erased = index_.erase_piece(place_.root, row.piece); !erased)
        spdlog::error("{}", erased.error().message);
}

Result<void> StoredObject::record_signature(
    std::uint64_t expiry_unix_seconds, std::span<const std::uint64_t> required)
{
    const MutexLock lock{write_mutex_};
    ASHLAR_CHECK(check_present());
    ASHLAR_TRY(const auto held, pieces());
    if (!std::ranges::includes(held, required))
        return fail(ErrorKind::corrupted, "a piece was found damaged on disk");
    const SignedLedger ledger{.expiry_unix_seconds = expiry_unix_seconds,
        .piece_count = held.size(),
        .pieces_digest = pieces_digest(held)};
    ASHLAR_CHECK(write_ledger(place_.folder, place_.root, ledger));
    auto next = record();
    next.signed_expiry = expiry_unix_seconds;
    ASHLAR_CHECK(save(next));
    const MutexLock fields{mutex_};
    ledger_ = ledger;
    holds_all_signed_ = true;
    return {};
}

Result<std::optional<Bytes>> StoredObject::certificate() const
{
    return index_.certificate(place_.root);
}

Result<void> StoredObject::put_certificate(ByteView certificate)
{
    const MutexLock lock{write_mutex_};
    ASHLAR_CHECK(check_present());
    return index_.put_certificate(place_.root, certificate);
}

Result<void> StoredObject::drop(const std::filesystem::path& grave)
{
    const MutexLock lock{write_mutex_};
    ASHLAR_CHECK(check_present());
    std::error_code error;
    std::filesystem::rename(place_.folder, grave, error);
    if (error)
        return fail(ErrorKind::unavailable, "cannot drop {}: {}", printable(place_.folder.native()),
            error.message());
    dropped_ = true;
    ASHLAR_CHECK(sync_folder(grave.parent_path()));
    return index_.erase_object(place_.root);
}

}  // namespace ashlar
