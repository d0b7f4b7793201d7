#include "publisher/journal.hpp"

#include <sys/file.h>

#include "base/hash.hpp"
#include "base/log.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t JOURNAL_WINDOW_BYTES = 4 * JOURNAL_BODY_BYTES_MAX;

/// The lock dies with the process, however it ends.
Result<File> open_locked(const std::filesystem::path& path)
{
    ASHLAR_TRY(auto file, File::open_or_create(path));
    if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0)
        return fail(ErrorKind::unavailable,
            "another process publishes the same, with the journal {}", printable(path.native()));
    return file;
}

Result<void> begin_journal(const File& file, const Bytes32& key)
{
    Bytes begin;
    append(begin, as_byte_view(JOURNAL_MAGIC));
    append(begin, key);
    ASHLAR_CHECK(file.truncate(0));
    ASHLAR_CHECK(file.write_at(0, begin));
    ASHLAR_CHECK(file.sync());
    return sync_folder(file.path().parent_path());
}

Bytes metadata_file_bytes(const ObjectMetadata& metadata)
{
    Bytes out = metadata.commitments;
    append(out, metadata.group_parity_hashes);
    return out;
}

}  // namespace

PublishJournal::PublishJournal(
    std::filesystem::path folder, std::filesystem::path parity_path, const Bytes32& key, File file)
  : folder_{std::move(folder)},
    parity_path_{std::move(parity_path)},
    key_{key},
    file_{std::move(file)},
    synced_at_{std::chrono::steady_clock::now()}
{}

Result<std::unique_ptr<PublishJournal>> PublishJournal::lock(const Place& place)
{
    const auto name = to_hex(ByteView{place.key}.first<16>());
    const auto folder = place.folder / name;
    ASHLAR_CHECK(make_folders(folder));
    ASHLAR_TRY(auto file, open_locked(folder / "journal"));
    auto parity_path = place.parity_folder.empty()
                           ? folder / "parity"
                           : place.parity_folder / ("ashlar-parity-" + name);
    return std::unique_ptr<PublishJournal>{
        new PublishJournal{folder, std::move(parity_path), place.key, std::move(file)}};
}

Result<std::unique_ptr<PublishJournal>> PublishJournal::open(const Place& place)
{
    ASHLAR_TRY(auto journal, lock(place));
    ASHLAR_CHECK(journal->read_records());
    return journal;
}

Result<void> PublishJournal::discard(const Place& place)
{
    ASHLAR_TRY(const auto journal, lock(place));
    return journal->remove();
}

Result<void> PublishJournal::read_records()
{
    const MutexLock lock{mutex_};
    end_ = JOURNAL_BEGIN_BYTES;
    ASHLAR_TRY(const auto size, file_.size_bytes());
    if (size < JOURNAL_BEGIN_BYTES)
        return begin_journal(file_, key_);
    ByteArray<JOURNAL_BEGIN_BYTES> begin;
    ASHLAR_CHECK(file_.read_at(0, begin));
    const auto view = ByteView{begin};
    if (!equal(view.first(JOURNAL_MAGIC.size()), as_byte_view(JOURNAL_MAGIC)) ||
        !equal(view.subspan(JOURNAL_MAGIC.size()), key_))
        return fail(ErrorKind::corrupted, "{} is no journal of this publish; --restart removes it",
            printable(file_.path().native()));

    // Windows overlap by what is left of the last record, so memory stays the same for any journal.
    Bytes window;
    while (end_ < size)
    {
        window.resize(
            static_cast<std::size_t>(std::min<std::uint64_t>(JOURNAL_WINDOW_BYTES, size - end_)));
        ASHLAR_CHECK(file_.read_at(end_, window));
        std::size_t at = 0;
        for (;;)
        {
            const auto record = parse_record(key_, end_ + at, ByteView{window}.subspan(at));
            if (!record || !found_.apply(*record))
                break;
            at += record->bytes;
        }
        end_ += at;
        if (at == 0)
            break;
    }
    if (end_ == size)
        return {};
    spdlog::warn("{}: {} bytes of an unfinished record are cut off",
        printable(file_.path().native()), size - end_);
    ASHLAR_CHECK(file_.truncate(end_));
    return file_.sync();
}

Result<void> PublishJournal::add(JournalKind kind, ByteView body)
{
    bool due = false;
    {
        const MutexLock lock{mutex_};
        const auto record = encode_record(key_, end_, kind, body);
        ASHLAR_CHECK(file_.write_at(end_, record));
        end_ += record.size();
        const auto now = std::chrono::steady_clock::now();
        due = now - synced_at_ >= SYNC_INTERVAL;
        if (due)
            synced_at_ = now;
    }
    // Without the lock: others go on while one waits for the disk.
    return due ? file_.sync() : Result<void>{};
}

Result<void> PublishJournal::add(JournalKind kind, std::initializer_list<ByteView> parts)
{
    Bytes body;
    for (const auto& part : parts)
        append(body, part);
    return add(kind, body);
}

Result<void> PublishJournal::note_parity_lost()
{
    ASHLAR_CHECK(add(JournalKind::parity_lost, ByteView{}));
    ASHLAR_CHECK(sync());
    return found_.apply({.kind = JournalKind::parity_lost, .body = {}, .bytes = 0});
}

Result<void> PublishJournal::sync() const
{
    return file_.sync();
}

Result<void> PublishJournal::note_file(const SourceFile& file, const FileDigests& digests)
{
    {
        const MutexLock lock{mutex_};
        noted_files_.insert(file.path);
    }
    return add(
        JournalKind::file, {big_endian(file.identity.size),
                               big_endian(static_cast<std::uint64_t>(file.identity.modified_ns)),
                               digests.sha256, digests.git_sha1, as_byte_view(file.path)});
}

bool PublishJournal::is_noted(const std::string& path)
{
    const MutexLock lock{mutex_};
    return noted_files_.contains(path);
}

std::optional<FileDigests> PublishJournal::known_digests(const SourceFile& file) const
{
    const auto known = found_.files.find(file.path);
    if (known == found_.files.end() || known->second.size != file.identity.size ||
        known->second.modified_ns != file.identity.modified_ns)
        return std::nullopt;
    return known->second.digests;
}

Result<void> PublishJournal::note_payload(const Directory& directory)
{
    if (found_.directory_root)
        return check_same_payload(found_, directory);
    for (const auto& file : directory.files())
    {
        // Made ones; those of the folder were noted when they were hashed, now or before.
        if (found_.files.contains(file.path) || is_noted(file.path))
            continue;
        const SourceFile made{.path = file.path,
            .location = {},
            .identity = {.device = 0, .inode = 0, .size = file.size, .modified_ns = 0}};
        ASHLAR_CHECK(note_file(made, {.sha256 = file.sha256, .git_sha1 = file.git_sha1}));
    }
    ASHLAR_CHECK(add(JournalKind::payload, directory.root()));
    return sync();
}

Result<void> PublishJournal::note_encoded(
    const ObjectHeader& header, const ObjectMetadata& metadata)
{
    const auto bytes = metadata_file_bytes(metadata);
    ASHLAR_CHECK(write_file_atomically(folder_ / "metadata", bytes));
    ASHLAR_CHECK(add(JournalKind::encoded, {header.bytes(), sha256(bytes)}));
    return sync();
}

std::optional<ObjectMetadata> PublishJournal::encoded_metadata(const ObjectShape& shape) const
{
    const auto sizes = MetadataSizes::of(shape);
    const auto bytes = read_file(folder_ / "metadata", sizes.total());
    if (!found_.encoded || !bytes || bytes->size() != sizes.total() ||
        sha256(*bytes) != found_.encoded->metadata_sha256)
        return std::nullopt;
    const auto split = bytes->begin() + static_cast<std::ptrdiff_t>(sizes.commitments);
    return ObjectMetadata{
        .commitments = {bytes->begin(), split}, .group_parity_hashes = {split, bytes->end()}};
}

Result<void> PublishJournal::remove()
{
    std::error_code error;
    std::filesystem::remove(parity_path_, error);
    if (!error)
        std::filesystem::remove_all(folder_, error);
    if (error)
        return fail(ErrorKind::unavailable, "cannot remove the journal {}: {}",
            printable(folder_.native()), error.message());
    return {};
}

}  // namespace ashlar
