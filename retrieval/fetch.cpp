#include "retrieval/fetch.hpp"

#include <atomic>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "checkpoint/blob_packing.hpp"
#include "retrieval/file_assembly.hpp"

namespace ashlar
{
namespace
{

/// Data blobs that payload bytes [begin, end) touch, appended to `out`.
void add_blobs_of(std::uint64_t begin, std::uint64_t end, std::vector<std::uint64_t>& out)
{
    if (begin == end)
        return;
    for (auto i = begin / PAYLOAD_BYTES_PER_BLOB; i <= (end - 1) / PAYLOAD_BYTES_PER_BLOB; ++i)
        out.push_back(i);
}

Result<std::vector<FileEntry>> select_files(
    const Directory& directory, std::span<const std::string> paths)
{
    if (paths.empty())
        return directory.files();
    std::vector<FileEntry> selected;
    for (const auto& path : paths)
    {
        const auto* const file = directory.find_file(path);
        if (file == nullptr)
            return fail(ErrorKind::not_found, "the object has no file {}", printable(path));
        selected.push_back(*file);
    }
    return selected;
}

/// Refuses what is hidden between the contents that end at payload byte `end` and the blob that
/// comes next: neither a file nor a hash of one covers it.
/// @pre the blob of the last byte was required
Result<void> check_gap(const BlobFetcher& blobs, std::uint64_t end)
{
    const auto used = end % PAYLOAD_BYTES_PER_BLOB;
    if (used == 0)
        return {};
    Bytes gap(static_cast<std::size_t>(PAYLOAD_BYTES_PER_BLOB - used));
    ASHLAR_CHECK(read_payload(blobs, end, gap));
    if (std::ranges::any_of(gap, [](std::byte b) { return b != std::byte{0}; }))
        return fail(ErrorKind::proof_invalid,
            "the gap after payload byte {} is not zero; the publisher's object breaks the layout",
            end);
    return {};
}

/// The file is in the destination already, byte for byte, or as an earlier run of this fetch left
/// it.
Result<void> compare_with_existing(const Destination& destination, const FetchNotes& notes,
    const FileEntry& entry, ProgressListener& progress)
{
    ASHLAR_TRY(const auto existing, destination.find(entry.path));
    if (!existing)
        return fail(ErrorKind::not_found, "{} is not there", printable(entry.path));
    ASHLAR_TRY(const auto size, existing->size_bytes());
    if (size != entry.size)
        return fail(ErrorKind::proof_invalid, "{} has another size", printable(entry.path));
    if (size > 0 && notes.is_as_named(entry.offset / PAYLOAD_BYTES_PER_BLOB, *existing))
        return {};
    std::uint64_t done = 0;
    const auto hashed = [&](std::uint64_t bytes) {
        done += bytes;
        progress.advance("compare", ProgressUnit::bytes, done, entry.size);
    };
    const auto read = [&](std::uint64_t offset, std::span<std::byte> out) {
        return existing->read_at(offset, out);
    };
    return check_contents(entry, read, hashed);
}

/// Those that are not in the destination yet.
Result<std::vector<FileEntry>> without_existing(const Destination& destination,
    const FetchNotes& notes, std::vector<FileEntry> files, ProgressListener& progress)
{
    std::vector<FileEntry> missing;
    for (auto& file : files)
    {
        if (compare_with_existing(destination, notes, file, progress))
            continue;
        ASHLAR_CHECK(destination.check(file.path));
        missing.push_back(std::move(file));
    }
    return missing;
}

/// Data blobs of files, which are their positions too.
std::vector<std::uint64_t> blobs_of(std::span<const FileEntry> files)
{
    std::vector<std::uint64_t> blobs;
    for (const auto& file : files)
        add_blobs_of(file.offset, file.offset + file.size, blobs);
    return blobs;
}

/// Fetches files that are open together, until each has its name.
Result<void> fetch_group(BlobFetcher& blobs, Destination& destination, FetchNotes& notes,
    std::span<const FileEntry> files, ProgressListener& progress)
{
    ASHLAR_TRY(auto assembly, FileAssembly::open(destination, files, notes));
    std::uint64_t total = 0;
    for (const auto& file : files)
        total += file.size;
    // A second pass only if an earlier run left damage behind.
    for (auto missing = assembly.missing();; missing = assembly.missing())
    {
        {
            const auto hashing = assembly.hash_arriving();
            ASHLAR_CHECK(blobs.deliver(missing, assembly, progress));
        }
        std::atomic<std::uint64_t> done{0};
        ASHLAR_CHECK(assembly.commit([&](std::uint64_t bytes) {
            progress.advance("hash", ProgressUnit::bytes, done.fetch_add(bytes) + bytes, total);
        }));
        if (assembly.missing().empty())
            return {};
    }
}

/// Nodes may come back and disks be emptied: then what has arrived is worth keeping.
bool worth_resuming(ErrorKind kind) noexcept
{
    return kind == ErrorKind::unavailable || kind == ErrorKind::insufficient;
}

}  // namespace

Result<void> read_payload(const BlobFetcher& blobs, std::uint64_t offset, std::span<std::byte> out)
{
    Bytes elements(BYTES_PER_BLOB);
    Bytes payload(PAYLOAD_BYTES_PER_BLOB);
    while (!out.empty())
    {
        const auto index = offset / PAYLOAD_BYTES_PER_BLOB;
        const auto start = static_cast<std::size_t>(offset % PAYLOAD_BYTES_PER_BLOB);
        const auto count = std::min(out.size(), PAYLOAD_BYTES_PER_BLOB - start);
        ASHLAR_CHECK(blobs.read(index, std::span{elements}.first<BYTES_PER_BLOB>()));
        if (auto unpacked = unpack_elements(elements, payload); !unpacked)
            return fail(ErrorKind::proof_invalid,
                "data blob {} is no payload: {}; the publisher's object is INVALID", index,
                unpacked.error().message);
        std::ranges::copy(std::span{payload}.subspan(start, count), out.begin());
        out = out.subspan(count);
        offset += count;
    }
    return {};
}

Result<Directory> fetch_directory(
    const ObjectView& view, BlobFetcher& blobs, ProgressListener& progress)
{
    const auto& fields = view.header.fields();
    std::vector<std::uint64_t> wanted;
    add_blobs_of(fields.directory_offset, fields.payload_bytes, wanted);
    ASHLAR_CHECK(blobs.require(wanted, progress));
    Bytes bytes(static_cast<std::size_t>(fields.payload_bytes - fields.directory_offset));
    ASHLAR_CHECK(read_payload(blobs, fields.directory_offset, bytes));
    ASHLAR_CHECK(check_gap(blobs, fields.payload_bytes));

    return check_directory(view.header, bytes);
}

Result<Directory> check_directory(const ObjectHeader& header, ByteView bytes)
{
    const auto& fields = header.fields();
    auto directory = Directory::parse(bytes);
    if (!directory)
        return fail(ErrorKind::proof_invalid, "the publisher's directory is not valid: {}",
            directory.error().message);
    if (directory->root() != fields.directory_root)
        return fail(
            ErrorKind::proof_invalid, "the publisher's directory does not have the header's root");
    if (auto layout = directory->validate_layout(fields.payload_bytes, fields.directory_offset);
        !layout)
        return fail(ErrorKind::proof_invalid,
            "the publisher's directory does not fit the payload: {}", layout.error().message);
    return std::move(*directory);
}

Result<Bytes> fetch_small_file(
    BlobFetcher& blobs, const FileEntry& file, std::uint64_t size_max, ProgressListener& progress)
{
    if (file.size > size_max)
        return fail(ErrorKind::invalid_input, "\"{}\" has {} bytes, at most {} are read",
            printable(file.path), file.size, size_max);
    std::vector<std::uint64_t> wanted;
    add_blobs_of(file.offset, file.offset + file.size, wanted);
    ASHLAR_CHECK(blobs.require(wanted, progress));
    Bytes bytes(static_cast<std::size_t>(file.size));
    ASHLAR_CHECK(read_payload(blobs, file.offset, bytes));
    if (sha256(bytes) != file.sha256)
        return fail(ErrorKind::proof_invalid, "\"{}\" is not what its directory declares",
            printable(file.path));
    return bytes;
}

Result<FetchedFiles> fetch_files(BlobFetcher& blobs, const Directory& directory,
    const FetchRequest& request, ProgressListener& progress)
{
    ASHLAR_TRY(auto files, select_files(directory, request.files));
    return fetch_entries(blobs, std::move(files), request, progress);
}

Result<FetchedFiles> fetch_entries(BlobFetcher& blobs, std::vector<FileEntry> files,
    const FetchRequest& request, ProgressListener& progress)
{
    const auto& header = blobs.view().header;
    ASHLAR_TRY(auto destination,
        Destination::open(request.destination,
            {.overwrite = request.overwrite, .resume_as = to_hex(header.root())}));
    FetchedFiles fetched;
    fetched.files = files.size();
    for (const auto& file : files)
        fetched.bytes += file.size;

    auto outcome = [&]() -> Result<void> {
        const auto data_blobs = header.shape().data_blobs();
        ASHLAR_TRY(auto notes_file, destination.open_notes(FetchNotes::size_bytes(data_blobs)));
        ASHLAR_TRY(const auto notes, FetchNotes::open(std::move(notes_file), data_blobs));
        ASHLAR_TRY(files, without_existing(destination, *notes, std::move(files), progress));
        fetched.files_kept = fetched.files - files.size();
        // Before anything that an earlier run left is looked at.
        ASHLAR_CHECK(blobs.view().commitments->learn(blobs_of(files)));
        for (std::size_t at = 0; at < files.size(); at += FileAssembly::FILES_AT_ONCE)
        {
            const auto count = std::min(FileAssembly::FILES_AT_ONCE, files.size() - at);
            ASHLAR_CHECK(fetch_group(
                blobs, destination, *notes, std::span{files}.subspan(at, count), progress));
        }
        return {};
    }();
    if (outcome || !worth_resuming(outcome.error().kind))
        ASHLAR_CHECK(destination.forget());
    ASHLAR_CHECK(outcome);
    return fetched;
}

Result<const Tensor*> find_tensor_entry(
    const Directory& directory, std::string_view name, const std::optional<std::string>& file)
{
    std::vector<const Tensor*> found;
    for (const auto& tensor : directory.find_tensors(name))
    {
        if (!file || directory.files()[tensor.file_index].path == *file)
            found.push_back(&tensor);
    }
    if (found.empty())
        return fail(ErrorKind::not_found, "the object declares no tensor {}", printable(name));
    if (found.size() > 1)
        return fail(ErrorKind::invalid_input, "{} files have a tensor {}: say which file",
            found.size(), printable(name));
    return found.front();
}

Result<PayloadRange> find_tensor(
    const Directory& directory, std::string_view name, const std::optional<std::string>& file)
{
    ASHLAR_TRY(const auto* const tensor, find_tensor_entry(directory, name, file));
    return PayloadRange{.offset = tensor->offset, .size = tensor->size};
}

Result<void> fetch_range(
    BlobFetcher& blobs, const PayloadRange& range, const ByteSink& sink, ProgressListener& progress)
{
    const auto payload_bytes = blobs.view().header.fields().payload_bytes;
    if (range.offset > payload_bytes || range.size > payload_bytes - range.offset)
        return fail(ErrorKind::invalid_input, "bytes {} + {} leave the payload of {} bytes",
            range.offset, range.size, payload_bytes);
    constexpr std::uint64_t WINDOW_BYTES = 256 * PAYLOAD_BYTES_PER_BLOB;
    const auto end = range.offset + range.size;
    ASHLAR_CHECK(blobs.view().commitments->expect(range.size / PAYLOAD_BYTES_PER_BLOB));
    Bytes buffer;
    for (auto at = range.offset; at < end; at += buffer.size())
    {
        // Windows end at blob boundaries, so that no blob is read in two of them.
        const auto window_end =
            std::min(end, at / PAYLOAD_BYTES_PER_BLOB * PAYLOAD_BYTES_PER_BLOB + WINDOW_BYTES);
        std::vector<std::uint64_t> wanted;
        add_blobs_of(at, window_end, wanted);
        ASHLAR_CHECK(blobs.require(wanted, progress));
        buffer.resize(static_cast<std::size_t>(window_end - at));
        ASHLAR_CHECK(read_payload(blobs, at, buffer));
        ASHLAR_CHECK(sink(buffer));
    }
    return {};
}

}  // namespace ashlar
