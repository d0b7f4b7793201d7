#include "retrieval/fetch_notes.hpp"

#include <fstream>

#include <sys/stat.h>

#include "base/hash.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view HASH_KIND = "hash";
constexpr std::string_view NAMED_KIND = "named";

constexpr std::size_t COUNT_OFFSET = 32;
constexpr std::size_t BOOT_OFFSET = 40;

std::optional<ByteArray<16>> this_boot()
{
    std::ifstream file{"/proc/sys/kernel/random/boot_id"};
    std::string id;
    if (!(file >> id) || id.empty())
        return std::nullopt;
    return to_array(ByteView{sha256(as_byte_view(id))}.first<16>());
}

/// The digest that ends a record.
ByteArray<8> digest_of(std::uint64_t first_blob, std::string_view kind, ByteView known)
{
    const auto digest = sha256(
        {as_byte_view("ashlar/fetch-notes/v1"), as_byte_view(kind), big_endian(first_blob), known});
    return to_array(ByteView{digest}.first<8>());
}

std::uint64_t nanoseconds(const timespec& time) noexcept
{
    constexpr std::uint64_t PER_SECOND = 1'000'000'000;
    return static_cast<std::uint64_t>(time.tv_sec) * PER_SECOND +
           static_cast<std::uint64_t>(time.tv_nsec);
}

/// What changes with any change of a file, but for bits that rot.
std::optional<ByteArray<COUNT_OFFSET>> identity_of(const File& file)
{
    struct stat info
    {
    };
    if (::fstat(file.descriptor(), &info) != 0)
        return std::nullopt;
    ByteArray<COUNT_OFFSET> out;
    auto* to = out.data();
    for (const auto value : {std::uint64_t{info.st_ino}, static_cast<std::uint64_t>(info.st_size),
             nanoseconds(info.st_mtim), nanoseconds(info.st_ctim)})
        to = std::ranges::copy(big_endian(value), to).out;
    return out;
}

}  // namespace

std::uint64_t FetchNotes::size_bytes(std::uint64_t data_blobs) noexcept
{
    return data_blobs * (1 + RECORD_BYTES);
}

FetchNotes::FetchNotes(File file, std::vector<std::uint8_t> states)
  : file_{std::move(file)},
    data_blobs_{states.size()},
    boot_{this_boot()},
    states_{std::move(states)}
{}

Result<std::unique_ptr<FetchNotes>> FetchNotes::open(File file, std::uint64_t data_blobs)
{
    std::vector<std::uint8_t> states(static_cast<std::size_t>(data_blobs));
    ASHLAR_CHECK(file.read_at(0, std::as_writable_bytes(std::span{states})));
    for (auto& state : states)
    {
        if (state > static_cast<std::uint8_t>(BlobState::arrived))
            state = static_cast<std::uint8_t>(BlobState::absent);
    }
    return std::unique_ptr<FetchNotes>{new FetchNotes{std::move(file), std::move(states)}};
}

BlobState FetchNotes::state(std::uint64_t blob) const
{
    const MutexLock lock{mutex_};
    return BlobState{states_[blob]};
}

Result<void> FetchNotes::set(std::span<const std::uint64_t> blobs, BlobState state)
{
    if (blobs.empty())
        return {};
    const auto [first, last] = std::ranges::minmax(blobs);
    // Written under the lock, or an older note could follow a newer one.
    const MutexLock lock{mutex_};
    for (const auto blob : blobs)
        states_[blob] = static_cast<std::uint8_t>(state);
    return file_.write_at(
        first, std::as_bytes(std::span{states_}).subspan(first, last - first + 1));
}

std::uint64_t FetchNotes::record_offset(std::uint64_t first_blob) const noexcept
{
    return data_blobs_ + first_blob * RECORD_BYTES;
}

std::optional<FetchNotes::Record> FetchNotes::read_record(
    std::uint64_t first_blob, std::string_view kind) const
{
    Record record;
    const auto read = file_.read_at(record_offset(first_blob), record);
    const auto known = ByteView{record}.first<DIGESTED_BYTES>();
    if (!read ||
        !equal(ByteView{record}.subspan(DIGESTED_BYTES), digest_of(first_blob, kind, known)))
        return std::nullopt;
    return record;
}

Result<void> FetchNotes::write_record(
    std::uint64_t first_blob, std::string_view kind, Record record) const
{
    const auto digest = digest_of(first_blob, kind, ByteView{record}.first<DIGESTED_BYTES>());
    std::ranges::copy(digest, record.begin() + DIGESTED_BYTES);
    return file_.write_at(record_offset(first_blob), record);
}

std::optional<ResumableSha256::Progress> FetchNotes::hash_progress(std::uint64_t first_blob) const
{
    const auto record = read_record(first_blob, HASH_KIND);
    if (!record || !boot_ || !equal(ByteView{*record}.subspan<BOOT_OFFSET, 16>(), *boot_))
        return std::nullopt;
    ResumableSha256::Progress progress;
    progress.chaining_value = to_array(ByteView{*record}.first<COUNT_OFFSET>());
    progress.bytes = load_big_endian<std::uint64_t>(
        ByteView{*record}.subspan<COUNT_OFFSET, sizeof(std::uint64_t)>());
    if (progress.bytes % ResumableSha256::BLOCK_BYTES != 0)
        return std::nullopt;
    return progress;
}

Result<void> FetchNotes::note_hash_progress(
    std::uint64_t first_blob, const ResumableSha256::Progress& progress)
{
    if (!boot_)
        return {};
    Record record{};
    std::ranges::copy(progress.chaining_value, record.begin());
    std::ranges::copy(big_endian(progress.bytes), record.begin() + COUNT_OFFSET);
    std::ranges::copy(*boot_, record.begin() + BOOT_OFFSET);
    return write_record(first_blob, HASH_KIND, record);
}

Result<void> FetchNotes::forget_hash_progress(std::uint64_t first_blob)
{
    return file_.write_at(record_offset(first_blob), Record{});
}

bool FetchNotes::is_as_named(std::uint64_t first_blob, const File& file) const
{
    const auto record = read_record(first_blob, NAMED_KIND);
    const auto identity = identity_of(file);
    return record && identity && equal(ByteView{*record}.first<COUNT_OFFSET>(), *identity);
}

Result<void> FetchNotes::note_named(std::uint64_t first_blob, const File& file)
{
    const auto identity = identity_of(file);
    if (!identity)
        return {};
    Record record{};
    std::ranges::copy(*identity, record.begin());
    return write_record(first_blob, NAMED_KIND, record);
}

}  // namespace ashlar
