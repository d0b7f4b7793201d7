#include "retrieval/file_assembly.hpp"

#include <atomic>
#include <deque>

#include "base/log.hpp"
#include "base/parallel.hpp"
#include "checkpoint/blob_packing.hpp"
#include "checkpoint/hf_cache.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t HASH_CHUNK_BYTES = 1u << 20;

/// After so many bytes a file's progress is noted and they are on their way to the disk.
constexpr std::uint64_t BYTES_PER_NOTE = 64 * PAYLOAD_BYTES_PER_BLOB;

struct BlobRange
{
    std::uint64_t begin;
    std::uint64_t end;
};

/// The data blobs of a file; no other file has a part in them.
BlobRange blobs_of(const FileEntry& entry)
{
    const auto begin = entry.offset / PAYLOAD_BYTES_PER_BLOB;
    return {begin, begin + (entry.size + PAYLOAD_BYTES_PER_BLOB - 1) / PAYLOAD_BYTES_PER_BLOB};
}

/// Bytes of the file that lie in a blob of its.
std::size_t bytes_in_blob(const FileEntry& entry, std::uint64_t stored)
{
    const auto from = stored * PAYLOAD_BYTES_PER_BLOB - entry.offset;
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(PAYLOAD_BYTES_PER_BLOB, entry.size - from));
}

}  // namespace

ContentsCheck::ContentsCheck(const FileEntry& entry) : entry_{&entry}
{
    if (hf_etag(entry) != to_hex(entry.git_sha1))
        return;
    git_sha1_.emplace(DigestKind::sha1);
    git_sha1_->update(as_byte_view(fmt::format("blob {}", entry.size)));
    git_sha1_->update(ByteArray<1>{});
}

ContentsCheck::ContentsCheck(const FileEntry& entry, const ResumableSha256::Progress& progress)
  : ContentsCheck{entry}
{
    if (git_sha1_ || progress.bytes > entry.size)
        return;
    bytes_ = progress.bytes;
    sha256_ = ResumableSha256{progress};
}

void ContentsCheck::update(ByteView bytes)
{
    sha256_.update(bytes);
    if (git_sha1_)
        git_sha1_->update(bytes);
    bytes_ += bytes.size();
}

std::optional<ResumableSha256::Progress> ContentsCheck::progress() const
{
    if (git_sha1_ || bytes_ % ResumableSha256::BLOCK_BYTES != 0)
        return std::nullopt;
    return sha256_.progress();
}

Result<void> ContentsCheck::finish()
{
    if (sha256_.finish() == entry_->sha256 &&
        (!git_sha1_ || git_sha1_->finish<20>() == entry_->git_sha1))
        return {};
    return fail(ErrorKind::proof_invalid,
        "{}: the proven bytes do not have the hash that the publisher declared; nothing was "
        "written under this name",
        printable(entry_->path));
}

Result<void> check_contents(const FileEntry& entry,
    const std::function<Result<void>(std::uint64_t, std::span<std::byte>)>& read,
    const std::function<void(std::uint64_t)>& hashed)
{
    ContentsCheck check{entry};
    Bytes buffer;
    while (check.bytes() < entry.size)
    {
        buffer.resize(static_cast<std::size_t>(
            std::min<std::uint64_t>(HASH_CHUNK_BYTES, entry.size - check.bytes())));
        ASHLAR_CHECK(read(check.bytes(), buffer));
        check.update(buffer);
        hashed(buffer.size());
    }
    return check.finish();
}

/// A file that is hashed while its blobs come. Thread-safe, but one thread at a time hashes.
class FileAssembly::HashedFile
{
public:
    HashedFile(FileEntry entry, PartialFile partial, FetchNotes& notes)
      : entry_{std::move(entry)},
        partial_{std::move(partial)},
        notes_{notes},
        blobs_{blobs_of(entry_)},
        check_{entry_}
    {
        if (blobs_.begin == blobs_.end)
            return;
        const auto progress = notes.hash_progress(blobs_.begin);
        if (progress && progress->bytes % PAYLOAD_BYTES_PER_BLOB == 0 &&
            !lacks_before(blobs_.begin + progress->bytes / PAYLOAD_BYTES_PER_BLOB))
            check_ = ContentsCheck{entry_, *progress};
        noted_ = check_.bytes();
    }

    [[nodiscard]] const FileEntry& entry() const noexcept { return entry_; }
    [[nodiscard]] const BlobRange& blobs() const noexcept { return blobs_; }
    [[nodiscard]] PartialFile& partial() noexcept { return partial_; }

    /// Hashes what follows what was hashed, up to the first blob that is not there.
    [[nodiscard]] Result<void> hash(const std::stop_token& stop) ASHLAR_EXCLUDES(mutex_);

    /// The last hash() stopped for this blob, or is about to hash it. A blob that was put before
    /// the question was is never overlooked.
    [[nodiscard]] bool waits_for(std::uint64_t blob) const noexcept { return wanted_ == blob; }

    /// Bytes have changed, or will: what was hashed counts no more.
    [[nodiscard]] Result<void> hash_again() ASHLAR_EXCLUDES(mutex_)
    {
        {
            const MutexLock lock{mutex_};
            restart_ = true;
        }
        return notes_.forget_hash_progress(blobs_.begin);
    }

    /// Hashes the rest and compares. @pre all blobs were put, and no thread puts any
    [[nodiscard]] Result<void> finish()
    {
        ASHLAR_CHECK(hash({}));
        ASHLAR_ASSERT(check_.bytes() == entry_.size);
        return check_.finish();
    }

    bool has_old_blobs = false;  ///< Some came from an earlier run.
    bool is_named = false;

private:
    [[nodiscard]] std::uint64_t next_blob() const
    {
        return blobs_.begin + check_.bytes() / PAYLOAD_BYTES_PER_BLOB;
    }
    [[nodiscard]] bool lacks_before(std::uint64_t end) const;
    [[nodiscard]] Result<void> hash_next();

    const FileEntry entry_;
    PartialFile partial_;
    FetchNotes& notes_;
    const BlobRange blobs_;
    Mutex mutex_;
    bool restart_ ASHLAR_GUARDED_BY(mutex_) = false;
    std::atomic<std::uint64_t> wanted_ = 0;

    // Of the one thread that hashes.
    ContentsCheck check_;
    std::uint64_t noted_ = 0;  ///< Bytes that were noted, or need not be.
    Bytes buffer_;
};

bool FileAssembly::HashedFile::lacks_before(std::uint64_t end) const
{
    for (auto blob = blobs_.begin; blob < std::min(end, blobs_.end); ++blob)
    {
        if (notes_.state(blob) == BlobState::absent)
            return true;
    }
    return false;
}

Result<void> FileAssembly::HashedFile::hash(const std::stop_token& stop)
{
    while (!stop.stop_requested())
    {
        {
            const MutexLock lock{mutex_};
            if (std::exchange(restart_, false))
            {
                check_ = ContentsCheck{entry_};
                noted_ = 0;
            }
        }
        wanted_ = next_blob();
        const bool is_whole = check_.bytes() == entry_.size;
        if (is_whole || notes_.state(wanted_) == BlobState::absent)
            return {};
        ASHLAR_CHECK(hash_next());
    }
    return {};
}

Result<void> FileAssembly::HashedFile::hash_next()
{
    const auto at = check_.bytes();
    buffer_.resize(bytes_in_blob(entry_, next_blob()));
    ASHLAR_CHECK(partial_.read_at(at, buffer_));
    check_.update(buffer_);
    const auto end = check_.bytes();
    if (end - noted_ < BYTES_PER_NOTE && end < entry_.size)
        return {};
    partial_.start_write_back(noted_, end - noted_);
    noted_ = end;
    const auto progress = check_.progress();
    return progress && end < entry_.size ? notes_.note_hash_progress(blobs_.begin, *progress)
                                         : Result<void>{};
}

/// Files that have got the blob which their hash waited for. Thread-safe.
class FileAssembly::ReadyFiles
{
public:
    void push(HashedFile& file) ASHLAR_EXCLUDES(mutex_)
    {
        {
            const MutexLock lock{mutex_};
            files_.push_back(&file);
        }
        changed_.notify_one();
    }

    /// Waits for one. @return  null after close()
    [[nodiscard]] HashedFile* pop() ASHLAR_EXCLUDES(mutex_)
    {
        const MutexLock lock{mutex_};
        while (files_.empty() && !is_closed_)
            changed_.wait(mutex_);
        if (is_closed_)
            return nullptr;
        auto* const file = files_.front();
        files_.pop_front();
        return file;
    }

    void close() ASHLAR_EXCLUDES(mutex_)
    {
        {
            const MutexLock lock{mutex_};
            is_closed_ = true;
        }
        changed_.notify_one();
    }

private:
    Mutex mutex_;
    ConditionVariable changed_;
    std::deque<HashedFile*> files_ ASHLAR_GUARDED_BY(mutex_);
    bool is_closed_ ASHLAR_GUARDED_BY(mutex_) = false;
};

FileAssembly::FileAssembly(FetchNotes& notes)
  : notes_{&notes}, ready_{std::make_unique<ReadyFiles>()}
{}
FileAssembly::FileAssembly(FileAssembly&&) noexcept = default;
FileAssembly::~FileAssembly() = default;

Result<FileAssembly> FileAssembly::open(
    Destination& destination, std::span<const FileEntry> files, FetchNotes& notes)
{
    ASHLAR_ASSERT(files.size() <= FILES_AT_ONCE);
    FileAssembly assembly{notes};
    for (const auto& entry : files)
    {
        auto partial = destination.begin(entry.path, entry.size);
        if (!partial)
        {
            assembly.abandon_empty();
            return tl::unexpected{std::move(partial).error()};
        }
        auto file = std::make_unique<HashedFile>(entry, *std::move(partial), notes);
        for (auto blob = file->blobs().begin; blob < file->blobs().end; ++blob)
            file->has_old_blobs |= notes.state(blob) != BlobState::absent;
        assembly.files_.push_back(std::move(file));
    }
    return assembly;
}

/// Gives back the room of files that hold nothing yet.
void FileAssembly::abandon_empty() noexcept
{
    for (const auto& file : files_)
    {
        if (!file->has_old_blobs)
            file->partial().abandon();
    }
}

std::vector<std::uint64_t> FileAssembly::blobs_in(BlobState state) const
{
    std::vector<std::uint64_t> out;
    for (const auto& file : files_)
    {
        for (auto blob = file->blobs().begin; blob < file->blobs().end; ++blob)
        {
            if (notes_->state(blob) == state)
                out.push_back(blob);
        }
    }
    return out;
}

std::vector<std::uint64_t> FileAssembly::missing() const
{
    auto out = blobs_in(BlobState::absent);
    std::ranges::copy(unconfirmed(), std::back_inserter(out));
    std::ranges::sort(out);
    return out;
}

std::vector<std::uint64_t> FileAssembly::unconfirmed() const
{
    return blobs_in(BlobState::arrived);
}

/// The file that the blob is of, or null. An empty file may share its offset with the next one,
/// which then follows it.
FileAssembly::HashedFile* FileAssembly::find(std::uint64_t stored) const
{
    const auto after = std::ranges::upper_bound(files_, stored * PAYLOAD_BYTES_PER_BLOB, {},
        [](const auto& file) { return file->entry().offset; });
    if (after == files_.begin())
        return nullptr;
    auto& file = **std::prev(after);
    return stored < file.blobs().end ? &file : nullptr;
}

bool FileAssembly::takes(std::uint64_t stored) const
{
    return find(stored) != nullptr;
}

bool FileAssembly::holds(std::uint64_t stored) const
{
    return takes(stored) && notes_->state(stored) == BlobState::verified;
}

Result<void> FileAssembly::put(std::uint64_t stored, const BlobContents& blob)
{
    if (blob.is_payload())
        return put_payload(stored, blob.payload());
    // On the stack: a fresh buffer would cost as much as what is done with it.
    std::array<std::byte, PAYLOAD_BYTES_PER_BLOB> payload;
    if (auto unpacked = unpack_elements(blob.elements(), payload); !unpacked)
        return fail(ErrorKind::proof_invalid,
            "data blob {} is no payload: {}; the publisher's object is INVALID", stored,
            unpacked.error().message);
    return put_payload(stored, payload);
}

Result<void> FileAssembly::put_payload(std::uint64_t stored, PayloadBlob payload)
{
    auto* const file = find(stored);
    ASHLAR_ASSERT(file != nullptr);
    const auto size = bytes_in_blob(file->entry(), stored);
    // Neither a file nor a hash of one covers what lies behind its end.
    const auto gap = payload.subspan(size);
    if (std::ranges::any_of(gap, [](std::byte b) { return b != std::byte{0}; }))
        return fail(ErrorKind::proof_invalid,
            "the gap behind {} is not zero; the publisher's object breaks the layout",
            printable(file->entry().path));
    ASHLAR_CHECK(file->partial().write_at(
        stored * PAYLOAD_BYTES_PER_BLOB - file->entry().offset, payload.first(size)));
    ASHLAR_CHECK(notes_->set({&stored, 1}, BlobState::arrived));
    if (file->waits_for(stored))
        ready_->push(*file);
    return {};
}

Result<void> FileAssembly::confirm(std::span<const std::uint64_t> stored)
{
    return notes_->set(stored, BlobState::verified);
}

Result<void> FileAssembly::revoke(std::uint64_t stored)
{
    ASHLAR_CHECK(notes_->set({&stored, 1}, BlobState::absent));
    return find(stored)->hash_again();
}

/// Payload bytes from `begin` on; zeros behind the file's end.
Result<void> FileAssembly::read_from(
    std::uint64_t stored, std::size_t begin, std::span<std::byte> out) const
{
    auto* const file = find(stored);
    ASHLAR_ASSERT(file != nullptr);
    const auto size = bytes_in_blob(file->entry(), stored);
    const auto in_file = std::min(out.size(), size - std::min(begin, size));
    std::ranges::fill(out.subspan(in_file), std::byte{0});
    return file->partial().read_at(
        stored * PAYLOAD_BYTES_PER_BLOB - file->entry().offset + begin, out.first(in_file));
}

Result<void> FileAssembly::read_payload(
    std::uint64_t stored, std::span<std::byte, PAYLOAD_BYTES_PER_BLOB> out) const
{
    return read_from(stored, 0, out);
}

Result<void> FileAssembly::read(
    std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const
{
    Bytes payload(out.size() / BYTES_PER_ELEMENT * PAYLOAD_BYTES_PER_ELEMENT);
    ASHLAR_CHECK(read_from(stored, element_begin * PAYLOAD_BYTES_PER_ELEMENT, payload));
    pack_elements(payload, out);
    return {};
}

std::jthread FileAssembly::hash_arriving()
{
    ready_ = std::make_unique<ReadyFiles>();
    for (const auto& file : files_)
        ready_->push(*file);
    return std::jthread{[this](const std::stop_token& stop) {
        const std::stop_callback end{stop, [this] { ready_->close(); }};
        while (auto* const file = ready_->pop())
        {
            if (!file->hash(stop))
                return;
        }
    }};
}

Result<void> FileAssembly::commit_file(HashedFile& file)
{
    // While the disk writes, the rest is hashed.
    file.partial().start_write_back(0, file.entry().size);
    auto checked = file.finish();
    if (!checked && checked.error().kind == ErrorKind::proof_invalid && file.has_old_blobs)
    {
        spdlog::warn("{}: what an earlier run left of it is damaged; fetching it again",
            printable(file.entry().path));
        file.has_old_blobs = false;
        std::vector<std::uint64_t> all;
        for (auto blob = file.blobs().begin; blob < file.blobs().end; ++blob)
            all.push_back(blob);
        ASHLAR_CHECK(notes_->set(all, BlobState::absent));
        return file.hash_again();
    }
    if (!checked)
    {
        file.partial().abandon();
        return checked;
    }
    ASHLAR_CHECK(file.partial().commit());
    file.is_named = true;
    return file.entry().size == 0 ? Result<void>{}
                                  : notes_->note_named(file.blobs().begin, file.partial().file());
}

Result<void> FileAssembly::commit(const std::function<void(std::uint64_t)>& hashed)
{
    return try_parallel_for(files_.size(), [&](std::size_t i) -> Result<void> {
        auto& file = *files_[i];
        if (file.is_named)
            return {};
        ASHLAR_CHECK(commit_file(file));
        hashed(file.entry().size);
        return {};
    });
}

}  // namespace ashlar
