#include "retrieval/fetch.hpp"

#include <atomic>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/parallel.hpp"
#include "checkpoint/blob_packing.hpp"
#include "checkpoint/destination.hpp"

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

/// SHA-256 and git's SHA-1 of contents as they pass by.
class ContentHash
{
public:
    explicit ContentHash(std::uint64_t size_bytes)
    {
        git_sha1_.update(as_byte_view(fmt::format("blob {}", size_bytes)));
        git_sha1_.update(ByteArray<1>{});
    }

    void update(ByteView bytes)
    {
        sha256_.update(bytes);
        git_sha1_.update(bytes);
    }

    [[nodiscard]] bool matches(const FileEntry& file)
    {
        return sha256_.finish<32>() == file.sha256 && git_sha1_.finish<20>() == file.git_sha1;
    }

private:
    Hasher sha256_{DigestKind::sha256};
    Hasher git_sha1_{DigestKind::sha1};
};

Result<void> write_file(const BlobFetcher& blobs, const FileEntry& file, Destination& destination,
    const std::function<void(std::uint64_t)>& written)
{
    ASHLAR_TRY(auto partial, destination.begin(file.path, file.size));
    ContentHash hash{file.size};
    Bytes buffer;
    for (std::uint64_t at = 0; at < file.size; at += buffer.size())
    {
        buffer.resize(static_cast<std::size_t>(
            std::min<std::uint64_t>(PAYLOAD_BYTES_PER_BLOB, file.size - at)));
        ASHLAR_CHECK(read_payload(blobs, file.offset + at, buffer));
        hash.update(buffer);
        ASHLAR_CHECK(partial.write_at(at, buffer));
        written(buffer.size());
    }
    if (!hash.matches(file))
        return fail(ErrorKind::proof_invalid,
            "{}: the proven bytes do not have the SHA-256 that the publisher declared; nothing "
            "was written under this name",
            printable(file.path));
    ASHLAR_CHECK(check_gap(blobs, file.offset + file.size));
    return partial.commit();
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

Result<FetchedFiles> fetch_files(BlobFetcher& blobs, const Directory& directory,
    const FetchRequest& request, ProgressListener& progress)
{
    ASHLAR_TRY(const auto files, select_files(directory, request.files));
    ASHLAR_TRY(
        auto destination, Destination::open(request.destination, {.overwrite = request.overwrite}));
    std::vector<std::uint64_t> wanted;
    FetchedFiles fetched;
    for (const auto& file : files)
    {
        ASHLAR_CHECK(destination.check(file.path));
        add_blobs_of(file.offset, file.offset + file.size, wanted);
        fetched.bytes += file.size;
    }
    ASHLAR_CHECK(blobs.require(wanted, progress));

    std::atomic<std::uint64_t> done{0};
    const auto written = [&](std::uint64_t bytes) {
        progress.advance(
            "write", ProgressUnit::bytes, done.fetch_add(bytes) + bytes, fetched.bytes);
    };
    ASHLAR_CHECK(try_parallel_for(files.size(),
        [&](std::size_t i) { return write_file(blobs, files[i], destination, written); }));
    fetched.files = files.size();
    return fetched;
}

}  // namespace ashlar
