#include "retrieval/verify_folder.hpp"

#include <atomic>

#include "checkpoint/payload.hpp"
#include "commitments/blob_batch.hpp"

namespace ashlar
{
namespace
{

/// Blobs that one commitment verifies.
constexpr std::uint64_t BLOBS_PER_CHECK = 4096;

/// The folder's files without reading tensor headers: what they say is in the object's directory,
/// and a local file that is damaged must count as a difference, not as unusable input.
Result<Payload> read_folder(const std::filesystem::path& folder, ProgressListener& progress)
{
    PayloadOptions options;
    ASHLAR_TRY(const auto files, scan_folder(folder));
    for (const auto& file : files)
    {
        if (file.path.ends_with(".safetensors") || file.path.ends_with(".gguf"))
            options.opaque.insert(file.path);
    }
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
        progress.advance("hash", ProgressUnit::bytes, done, total);
    };
    return Payload::from_folder(folder, options);
}

/// Both lists are sorted by path.
std::vector<Mismatch> compare_files(
    std::span<const FileEntry> local, std::span<const FileEntry> object)
{
    std::vector<Mismatch> out;
    auto mine = local.begin();
    auto theirs = object.begin();
    while (mine != local.end() || theirs != object.end())
    {
        if (theirs == object.end() || (mine != local.end() && mine->path < theirs->path))
        {
            out.push_back({mine->path, "is not in the object"});
            ++mine;
        }
        else if (mine == local.end() || theirs->path < mine->path)
        {
            out.push_back({theirs->path, "is missing from the folder"});
            ++theirs;
        }
        else
        {
            if (mine->size != theirs->size)
                out.push_back({mine->path,
                    fmt::format("has {} bytes instead of {}", mine->size, theirs->size)});
            else if (mine->sha256 != theirs->sha256)
                out.push_back({mine->path, "has another SHA-256"});
            else if (mine->git_sha1 != theirs->git_sha1)
                out.push_back({mine->path, "has another git SHA-1 than the directory declares"});
            ++mine;
            ++theirs;
        }
    }
    return out;
}

/// Checks data blobs [begin, end) of the folder against their commitments.
/// @param checked  Told of each blob, from several threads.
Result<void> check_blobs(const ObjectView& view, const Payload& payload, std::uint64_t begin,
    std::uint64_t end, const std::function<void()>& checked)
{
    RunningBlobCheck check;
    ASHLAR_CHECK(check.add_read(static_cast<std::size_t>(end - begin),
        [&](std::size_t i, BlobBuffer room) -> Result<BlobClaim> {
            const auto bytes = room.first<PAYLOAD_BYTES_PER_BLOB>();
            ASHLAR_CHECK(payload.read((begin + i) * PAYLOAD_BYTES_PER_BLOB, bytes));
            checked();
            return BlobClaim{PayloadBlob{bytes}, view.commitments->at(begin + i)};
        }));
    return check.finish();
}

}  // namespace

Result<std::vector<Mismatch>> verify_folder(const ObjectView& view, const Directory& directory,
    const std::filesystem::path& folder, ProgressListener& progress,
    const std::optional<AddedFile>& added)
{
    ASHLAR_TRY(auto payload, read_folder(folder, progress));
    if (added && payload.directory().find_file(added->path) == nullptr)
    {
        ASHLAR_TRY(payload, payload.with_file(added->path, added->contents));
    }
    auto mismatches = compare_files(payload.directory().files(), directory.files());
    if (!mismatches.empty())
        return mismatches;

    // Equal files lie at equal offsets. The directory's own blobs came from the object.
    const auto blobs = view.header.fields().directory_offset / PAYLOAD_BYTES_PER_BLOB;
    std::atomic<std::uint64_t> done{0};
    const auto advance = [&] {
        progress.advance("verify", ProgressUnit::bytes,
            (done.fetch_add(1) + 1) * PAYLOAD_BYTES_PER_BLOB, blobs * PAYLOAD_BYTES_PER_BLOB);
    };
    for (std::uint64_t at = 0; at < blobs; at += BLOBS_PER_CHECK)
    {
        const auto end = std::min(at + BLOBS_PER_CHECK, blobs);
        auto checked = check_blobs(view, payload, at, end, advance);
        if (!checked && checked.error().kind != ErrorKind::proof_invalid)
            return tl::unexpected<Error>(std::move(checked).error());
        if (!checked)
            mismatches.push_back({"", fmt::format("payload blobs {} to {} do not match the "
                                                  "commitments, though the declared SHA-256s do",
                                          at, end - 1)});
    }
    return mismatches;
}

}  // namespace ashlar
