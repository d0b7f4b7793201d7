#include "retrieval/verify_folder.hpp"

#include <atomic>

#include "base/parallel.hpp"
#include "base/pool.hpp"
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

/// Checks a folder's data blobs against their commitments. The directory's own came from the
/// object.
class FolderCheck
{
public:
    FolderCheck(const ObjectView& view, const Payload& payload, ProgressListener& progress)
      : view_{view}, payload_{payload}, progress_{progress}
    {}

    [[nodiscard]] std::uint64_t blobs() const
    {
        return view_.header.fields().directory_offset / PAYLOAD_BYTES_PER_BLOB;
    }

    /// @return  proof_invalid if one of the blobs [begin, end) does not match
    [[nodiscard]] Result<void> check(std::uint64_t begin, std::uint64_t end)
    {
        RunningBlobCheck check;
        const auto batches = (end - begin + BLOBS_PER_BATCH - 1) / BLOBS_PER_BATCH;
        ASHLAR_CHECK(try_parallel_for(static_cast<std::size_t>(batches), [&](std::size_t i) {
            const auto first = begin + i * BLOBS_PER_BATCH;
            return add(check, first, std::min(first + BLOBS_PER_BATCH, end));
        }));
        return check.finish();
    }

private:
    static constexpr std::size_t BLOBS_PER_BATCH = 16;

    /// Blobs that are read and added together.
    struct Batch
    {
        Bytes bytes = Bytes(BLOBS_PER_BATCH * PAYLOAD_BYTES_PER_BLOB);
        std::vector<BlobClaim> claims;
    };

    [[nodiscard]] Result<void> add(RunningBlobCheck& check, std::uint64_t begin, std::uint64_t end)
    {
        const auto batch = batches_.borrow();
        batch->claims.clear();
        std::span<std::byte> room = batch->bytes;
        for (auto blob = begin; blob < end; ++blob)
        {
            const auto bytes = room.first<PAYLOAD_BYTES_PER_BLOB>();
            room = room.subspan(PAYLOAD_BYTES_PER_BLOB);
            ASHLAR_CHECK(payload_.read(blob * PAYLOAD_BYTES_PER_BLOB, bytes));
            batch->claims.push_back({PayloadBlob{bytes}, view_.commitments->at(blob)});
        }
        check.add(batch->claims);
        progress_.advance("verify", ProgressUnit::bytes,
            (done_.fetch_add(end - begin) + end - begin) * PAYLOAD_BYTES_PER_BLOB,
            blobs() * PAYLOAD_BYTES_PER_BLOB);
        return {};
    }

    const ObjectView& view_;
    const Payload& payload_;
    ProgressListener& progress_;
    Pool<Batch> batches_{thread_count()};
    std::atomic<std::uint64_t> done_{0};
};

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

    // Equal files lie at equal offsets.
    FolderCheck folder_check{view, payload, progress};
    for (std::uint64_t at = 0; at < folder_check.blobs(); at += BLOBS_PER_CHECK)
    {
        const auto end = std::min(at + BLOBS_PER_CHECK, folder_check.blobs());
        auto checked = folder_check.check(at, end);
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
