#include "da-node/store/stored_object.hpp"

#include <charconv>

#include "base/log.hpp"
#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view SEGMENT_PREFIX = "segment-";
constexpr std::string_view SEGMENT_SUFFIX = ".seg";
constexpr std::string_view INHERITED_PREFIX = "inherited-";

/// Marks the numbers of inherited segments in the index.
constexpr std::uint32_t INHERITED_BIT = std::uint32_t{1} << 31;

std::optional<std::uint32_t> parse_segment_number(std::string_view text)
{
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number == 0 ||
        number >= INHERITED_BIT)
        return std::nullopt;
    return number;
}

/// What a segment's file name says after its prefix and before its suffix.
std::optional<std::string_view> inside_segment_name(std::string_view name, std::string_view prefix)
{
    if (!name.starts_with(prefix) || !name.ends_with(SEGMENT_SUFFIX))
        return std::nullopt;
    name.remove_prefix(prefix.size());
    name.remove_suffix(SEGMENT_SUFFIX.size());
    return name;
}

/// Number in the name of a segment of the object's own.
std::optional<std::uint32_t> segment_number(std::string_view name)
{
    const auto inside = inside_segment_name(name, SEGMENT_PREFIX);
    return inside ? parse_segment_number(*inside) : std::nullopt;
}

/// Segment numbers, as `number_of` reads them in file names, and the whole slots that the files
/// have room for.
Result<std::map<std::uint32_t, std::uint64_t>> list_segments(const std::filesystem::path& folder,
    const std::function<std::optional<std::uint32_t>(std::string_view)>& number_of)
{
    std::map<std::uint32_t, std::uint64_t> slots;
    std::error_code error;
    for (std::filesystem::directory_iterator at{folder, error}, end; !error && at != end;
         at.increment(error))
    {
        const auto number = number_of(at->path().filename().native());
        if (!number)
            continue;
        ASHLAR_TRY(const auto file, File::open_read(at->path()));
        ASHLAR_TRY(const auto size, file.size_bytes());
        slots.emplace(*number, size / SLOT_BYTES);
    }
    if (error)
        return fail(ErrorKind::unavailable, "cannot list {}: {}", printable(folder.native()),
            error.message());
    return slots;
}

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
  : place_{std::move(place)}, index_{index}, header_{std::move(header)}, record_{record}
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
        object->recover_fold();
    }
    ASHLAR_CHECK(object->recover_ledger());
    return object;
}

Result<void> StoredObject::recover_segments()
{
    ASHLAR_TRY(const auto rows, index_.pieces(place_.root));
    ASHLAR_TRY(const auto segments, list_segments(place_.folder, segment_number));
    ASHLAR_TRY(const auto inherited, list_inherited());

    std::map<std::uint32_t, std::uint32_t> ends;  // First slot of each segment without a row.
    std::map<std::uint64_t, PieceLocation> held;
    for (const auto& [piece, location] : rows)
    {
        const bool own = (location.segment & INHERITED_BIT) == 0;
        const auto& files = own ? segments : inherited;
        const auto segment = files.find(location.segment);
        if (segment == files.end() || location.slot >= segment->second)
        {
            spdlog::error("object {} lost piece {}: its slot is not in segment {}",
                to_hex(place_.root), piece, location.segment);
            ASHLAR_CHECK(index_.erase_piece(place_.root, piece));
            continue;
        }
        held.emplace(piece, location);
        if (!own)
            continue;  // Another object appends to it, or did.
        auto& end = ends[location.segment];
        end = std::max(end, location.slot + 1);
    }

    std::vector<IndexedPiece> found;
    for (const auto& [number, slots] : segments)
    {
        ASHLAR_TRY(const auto file, File::open_or_create(segment_path(number)));
        auto& end = ends[number];
        ASHLAR_TRY(const auto whole, scan_segment(file, place_.root, end));
        for (const auto& [piece, slot] : whole)
        {
            const PieceLocation location{.segment = number, .slot = slot};
            if (held.emplace(piece, location).second)
                found.push_back({.piece = piece, .location = location});
            end = slot + 1;
        }
        ASHLAR_CHECK(file.truncate(std::uint64_t{end} * SLOT_BYTES));
        segment_ = number;
        next_slot_ = end;
    }
    if (!found.empty())
    {
        spdlog::warn("object {}: {} pieces on disk were not indexed; taken up", to_hex(place_.root),
            found.size());
        ASHLAR_CHECK(index_.put_pieces(place_.root, found));
    }
    std::vector<IndexedPiece> all;
    all.reserve(held.size());
    for (const auto& [piece, location] : held)
        all.push_back({.piece = piece, .location = location});
    return note_added(all);
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

std::map<Bytes32, std::uint64_t> StoredObject::piece_counts() const
{
    const MutexLock lock{mutex_};
    return piece_counts_;
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
    ASHLAR_CHECK(FoldFile::write(fold_path(), header_.shape(), fold));
    ASHLAR_TRY(auto file, FoldFile::open(fold_path(), header_.shape()));
    {
        const MutexLock fields{mutex_};
        fold_ = std::make_shared<const FoldFile>(std::move(file));
    }
    auto next = record();
    next.metadata = true;
    return save(next);
}

void StoredObject::recover_fold()
{
    if (!record().metadata)
        return;
    auto file = FoldFile::open(fold_path(), header_.shape());
    if (!file)
    {
        spdlog::warn(
            "object {}: its fold is made again: {}", to_hex(place_.root), file.error().message);
        const auto made = make_fold_again();
        if (made)
            file = FoldFile::open(fold_path(), header_.shape());
        else
            spdlog::error("object {} has no fold: {}", to_hex(place_.root), made.error().message);
    }
    if (!file)
        return;
    const MutexLock fields{mutex_};
    fold_ = std::make_shared<const FoldFile>(std::move(*file));
}

Result<void> StoredObject::make_fold_again() const
{
    ASHLAR_TRY(const auto metadata, this->metadata());
    ASHLAR_CHECK(check_metadata_roots(header_, metadata));
    ASHLAR_TRY(const auto codeword, check_codeword(header_.shape(), metadata));
    const auto& root = header_.fields().commitments_root;
    return FoldFile::write(
        fold_path(), header_.shape(), Fold::make(header_.shape(), root, codeword));
}

Result<std::shared_ptr<const FoldFile>> StoredObject::open_fold() const
{
    const MutexLock lock{mutex_};
    if (!fold_)
        return fail(ErrorKind::not_found, "the node has no fold of the object");
    return fold_;
}

Result<FoldRecord> StoredObject::fold_record() const
{
    ASHLAR_TRY(const auto fold, open_fold());
    ASHLAR_TRY(const auto bytes, fold->record());
    auto record = FoldRecord::parse_for(header_.shape(), header_.fields().fold_root, bytes);
    if (!record)
        return fail(ErrorKind::corrupted, "the fold on disk: {}", record.error().message);
    return record;
}

Result<std::array<Bytes48, FOLD_FIBER>> StoredObject::first_fiber(std::uint64_t fiber) const
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
    ASHLAR_TRY(const auto bytes, index_.metadata(place_.root, MetadataPart::commitments,
                                     index * BYTES_PER_G1, count * BYTES_PER_G1));
    for (std::size_t i = 0; i < count; ++i)
        out.at(i) = to_array(ByteView{bytes}.subspan(i * BYTES_PER_G1).first<BYTES_PER_G1>());
    return out;
}

Result<Bytes> StoredObject::walk(std::uint64_t position) const
{
    ASHLAR_TRY(const auto record, fold_record());
    ASHLAR_TRY(const auto fold, open_fold());
    ASHLAR_TRY(const auto fiber, first_fiber(position / FOLD_FIBER));
    ASHLAR_TRY(auto bytes, fold->walk(position, fiber));
    // A node that serves bytes from a bad disk would be taken for a liar.
    if (const auto parsed = parse_walk(fold_binding(header_), record, position, bytes); !parsed)
    {
        std::error_code ignored;
        std::filesystem::remove(fold_path(), ignored);
        spdlog::error(
            "object {}: its fold is damaged: {}", to_hex(place_.root), parsed.error().message);
        return fail(ErrorKind::corrupted, "the fold is damaged on disk");
    }
    return bytes;
}

Result<ObjectMetadata> StoredObject::metadata() const
{
    if (!record().metadata)
        return fail(ErrorKind::not_found, "the object's metadata has not arrived");
    const auto sizes = MetadataSizes::of(header_.shape());
    ObjectMetadata metadata;
    ASHLAR_TRY(metadata.commitments,
        index_.metadata(place_.root, MetadataPart::commitments, 0, sizes.commitments));
    ASHLAR_TRY(metadata.group_parity_hashes,
        index_.metadata(
            place_.root, MetadataPart::group_parity_hashes, 0, sizes.group_parity_hashes));
    return metadata;
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

std::filesystem::path StoredObject::segment_path(std::uint32_t segment) const
{
    return place_.folder / fmt::format("{}{:06}{}", SEGMENT_PREFIX, segment, SEGMENT_SUFFIX);
}

Result<void> StoredObject::append_slots(ByteView slots)
{
    const auto path = segment_path(segment_);
    const auto offset = std::uint64_t{next_slot_} * SLOT_BYTES;
    ASHLAR_TRY(const auto file, File::open_or_create(path));
    auto written = file.write_at(offset, slots);
    if (written)
        written = file.sync();
    if (written && next_slot_ == 0)
        written = sync_folder(place_.folder);
    if (!written && !file.truncate(offset))
        spdlog::warn("{} keeps a torn tail", printable(path.native()));
    return written;
}

Result<void> StoredObject::put_pieces(std::span<const PieceView> pieces)
{
    const MutexLock lock{write_mutex_};
    ASHLAR_CHECK(check_present());
    if (std::uint64_t{next_slot_} * SLOT_BYTES >= place_.segment_bytes_max)
    {
        ++segment_;
        next_slot_ = 0;
    }
    Bytes slots;
    std::vector<IndexedPiece> rows;
    for (const auto& piece : pieces)
    {
        const auto known = index_.piece(place_.root, piece.piece);
        const bool repeated =
            std::ranges::find(rows, piece.piece, &IndexedPiece::piece) != rows.end();
        if (known || repeated)
            continue;
        if (known.error().kind != ErrorKind::not_found)
            return tl::unexpected<Error>{known.error()};
        const auto slot = next_slot_ + static_cast<std::uint32_t>(rows.size());
        rows.push_back({.piece = piece.piece, .location = {.segment = segment_, .slot = slot}});
        append_slot(slots, place_.root, piece);
    }
    if (rows.empty())
        return {};
    ASHLAR_CHECK(append_slots(slots));
    // Even if the rows fail to be written, some may be: their slots are never written again.
    next_slot_ += static_cast<std::uint32_t>(rows.size());
    ASHLAR_CHECK(index_.put_pieces(place_.root, rows));
    return note_added(rows);
}

Result<void> StoredObject::note_added(std::span<const IndexedPiece> rows)
{
    std::map<Bytes32, std::uint64_t> more;
    for (const auto& row : rows)
    {
        ASHLAR_TRY(const auto writer, writer_of(row.location.segment));
        ++more[writer.origin];
    }
    bool complete_again = false;
    {
        const MutexLock fields{mutex_};
        std::uint64_t held = 0;
        for (const auto& [origin, count] : more)
            piece_counts_[origin] += count;
        for (const auto& [origin, count] : piece_counts_)
            held += count;
        complete_again = ledger_ && !holds_all_signed_ && held == ledger_->piece_count;
    }
    return complete_again ? compare_with_ledger() : Result<void>{};
}

std::filesystem::path StoredObject::inherited_path(
    std::uint32_t number, const InheritedSegment& source) const
{
    return place_.folder / fmt::format("{}{:06}-{}-{:06}{}", INHERITED_PREFIX,
                               number & ~INHERITED_BIT, to_hex(source.origin), source.segment,
                               SEGMENT_SUFFIX);
}

Result<std::map<std::uint32_t, std::uint64_t>> StoredObject::list_inherited()
{
    std::map<std::uint32_t, InheritedSegment> found;
    ASHLAR_TRY(auto slots, list_segments(place_.folder, [&](std::string_view name) {
        const auto inside = inside_segment_name(name, INHERITED_PREFIX);
        std::optional<std::uint32_t> number;
        if (!inside || std::ranges::count(*inside, '-') != 2)
            return number;
        const auto first = inside->find('-');
        const auto last = inside->rfind('-');
        const auto origin =
            array_from_hex<sizeof(Bytes32)>(inside->substr(first + 1, last - first - 1));
        const auto segment = parse_segment_number(inside->substr(last + 1));
        number = parse_segment_number(inside->substr(0, first));
        if (!number || !origin || !segment)
            return std::optional<std::uint32_t>{};
        *number |= INHERITED_BIT;
        found.emplace(*number, InheritedSegment{.origin = *origin, .segment = *segment});
        return number;
    }));
    const MutexLock lock{mutex_};
    inherited_ = std::move(found);
    return slots;
}

Result<StoredObject::InheritedSegment> StoredObject::writer_of(std::uint32_t segment) const
{
    if ((segment & INHERITED_BIT) == 0)
        return InheritedSegment{.origin = place_.root, .segment = segment};
    const MutexLock lock{mutex_};
    const auto found = inherited_.find(segment);
    if (found == inherited_.end())
        return fail(ErrorKind::corrupted, "an inherited segment is not in its folder");
    return found->second;
}

std::filesystem::path StoredObject::path_of(
    std::uint32_t segment, const InheritedSegment& writer) const
{
    return (segment & INHERITED_BIT) == 0 ? segment_path(segment) : inherited_path(segment, writer);
}

Result<std::uint32_t> StoredObject::link_segment(const StoredObject& origin, std::uint32_t segment)
{
    ASHLAR_TRY(const auto writer, origin.writer_of(segment));
    std::uint32_t number = INHERITED_BIT;
    {
        const MutexLock lock{mutex_};
        for (const auto& [known, source] : inherited_)
        {
            if (source == writer)
                return known;
            number = known;
        }
    }
    ++number;
    std::error_code error;
    std::filesystem::create_hard_link(
        origin.path_of(segment, writer), inherited_path(number, writer), error);
    if (error)
        return fail(ErrorKind::unavailable, "cannot link a segment of {}: {}",
            to_hex(origin.place_.root), error.message());
    const MutexLock lock{mutex_};
    inherited_.emplace(number, writer);
    return number;
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
    parallel_for(rows.size(), [&](std::size_t i) { whole[i] = origin.read_slot(rows[i]) ? 1 : 0; });
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
            ASHLAR_TRY(const auto linked, link_segment(origin, row.location.segment));
            number = numbers.emplace(row.location.segment, linked).first;
        }
        row.location.segment = number->second;
    }
    // Names before the rows that rely on them.
    ASHLAR_CHECK(sync_folder(place_.folder));
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

Result<Bytes> StoredObject::read_slot(const IndexedPiece& row) const
{
    Bytes slot(SLOT_BYTES);
    ASHLAR_TRY(const auto writer, writer_of(row.location.segment));
    ASHLAR_TRY(const auto file, File::open_read(path_of(row.location.segment, writer)));
    ASHLAR_CHECK(file.read_at(std::uint64_t{row.location.slot} * SLOT_BYTES, slot));
    ASHLAR_TRY(const auto view,
        parse_slot(writer.origin, std::span<const std::byte>{slot}.first<SLOT_BYTES>()));
    if (view.piece != row.piece)
        return fail(ErrorKind::corrupted, "the slot holds piece {}", view.piece);
    return slot;
}

Result<Bytes> StoredObject::read_piece(std::uint64_t piece)
{
    ASHLAR_TRY(const auto location, index_.piece(place_.root, piece));
    auto slot = read_slot({.piece = piece, .location = location});
    if (!slot && slot.error().kind == ErrorKind::unavailable)
        return tl::unexpected<Error>{slot.error()};
    if (!slot)
    {
        spdlog::error("object {}: piece {} is damaged ({}); no longer held", to_hex(place_.root),
            piece, slot.error().message);
        forget_piece({.piece = piece, .location = location});
        return fail(ErrorKind::corrupted, "piece {} is damaged on disk", piece);
    }
    slot->erase(slot->begin(), slot->begin() + SLOT_HEADER_BYTES);
    return slot;
}

void StoredObject::forget_piece(const IndexedPiece& row)
{
    const MutexLock lock{write_mutex_};
    // Another reader may have been first, and the piece may have come again since.
    const auto now = index_.piece(place_.root, row.piece);
    if (!now || *now != row.location)
        return;
    const auto writer = writer_of(row.location.segment);
    {
        const MutexLock fields{mutex_};
        holds_all_signed_ = false;
        if (writer)
            --piece_counts_[writer->origin];
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
