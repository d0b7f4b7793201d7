#include "retrieval/file_assembly.hpp"

#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/parallel.hpp"
#include "checkpoint/blob_packing.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t HASH_CHUNK_BYTES = 1u << 20;

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

Result<void> check_contents(const FileEntry& entry,
    const std::function<Result<void>(std::uint64_t, std::span<std::byte>)>& read,
    const std::function<void(std::uint64_t)>& hashed)
{
    Hasher sha256{DigestKind::sha256};
    Hasher git_sha1{DigestKind::sha1};
    git_sha1.update(as_byte_view(fmt::format("blob {}", entry.size)));
    git_sha1.update(ByteArray<1>{});
    Bytes buffer;
    for (std::uint64_t at = 0; at < entry.size; at += buffer.size())
    {
        buffer.resize(
            static_cast<std::size_t>(std::min<std::uint64_t>(HASH_CHUNK_BYTES, entry.size - at)));
        ASHLAR_CHECK(read(at, buffer));
        sha256.update(buffer);
        git_sha1.update(buffer);
        hashed(buffer.size());
    }
    if (sha256.finish<32>() != entry.sha256 || git_sha1.finish<20>() != entry.git_sha1)
        return fail(ErrorKind::proof_invalid,
            "{}: the proven bytes do not have the SHA-256 that the publisher declared; nothing "
            "was written under this name",
            printable(entry.path));
    return {};
}

Result<FileAssembly> FileAssembly::open(
    Destination& destination, std::span<const FileEntry> files, const File& notes)
{
    ASHLAR_ASSERT(files.size() <= FILES_AT_ONCE);
    FileAssembly assembly{notes};
    ASHLAR_TRY(const auto note_bytes, notes.size_bytes());
    assembly.is_there_.resize(static_cast<std::size_t>(note_bytes));
    ASHLAR_CHECK(notes.read_at(0, std::as_writable_bytes(std::span{assembly.is_there_})));
    for (const auto& entry : files)
    {
        ASHLAR_TRY(auto partial, destination.begin(entry.path, entry.size));
        const auto [begin, end] = blobs_of(entry);
        const auto flags = std::span{assembly.is_there_}.subspan(begin, end - begin);
        const bool has_old_blobs = std::ranges::find(flags, std::uint8_t{1}) != flags.end();
        assembly.parts_.push_back(
            {.entry = entry, .partial = std::move(partial), .has_old_blobs = has_old_blobs});
    }
    return assembly;
}

std::vector<std::uint64_t> FileAssembly::missing() const
{
    std::vector<std::uint64_t> out;
    for (const auto& part : parts_)
    {
        const auto [begin, end] = blobs_of(part.entry);
        for (auto stored = begin; stored < end; ++stored)
        {
            if (!holds(stored))
                out.push_back(stored);
        }
    }
    return out;
}

/// The file that the blob is of, or null. An empty file may share its offset with the next one,
/// which then follows it.
const FileAssembly::Part* FileAssembly::find(std::uint64_t stored) const
{
    const auto after = std::ranges::upper_bound(parts_, stored * PAYLOAD_BYTES_PER_BLOB, {},
        [](const Part& part) { return part.entry.offset; });
    if (after == parts_.begin())
        return nullptr;
    const auto& part = *std::prev(after);
    return stored < blobs_of(part.entry).end ? &part : nullptr;
}

bool FileAssembly::takes(std::uint64_t stored) const
{
    return find(stored) != nullptr;
}

bool FileAssembly::holds(std::uint64_t stored) const
{
    return stored < is_there_.size() && is_there_[stored] == 1;
}

Result<void> FileAssembly::put(std::uint64_t stored, BlobView blob)
{
    const auto* const part = find(stored);
    ASHLAR_ASSERT(part != nullptr);
    Bytes payload(PAYLOAD_BYTES_PER_BLOB);
    if (auto unpacked = unpack_elements(blob, payload); !unpacked)
        return fail(ErrorKind::proof_invalid,
            "data blob {} is no payload: {}; the publisher's object is INVALID", stored,
            unpacked.error().message);
    const auto size = bytes_in_blob(part->entry, stored);
    // Neither a file nor a hash of one covers what lies behind its end.
    const auto gap = std::span{payload}.subspan(size);
    if (std::ranges::any_of(gap, [](std::byte b) { return b != std::byte{0}; }))
        return fail(ErrorKind::proof_invalid,
            "the gap behind {} is not zero; the publisher's object breaks the layout",
            printable(part->entry.path));
    ASHLAR_CHECK(part->partial.write_at(
        stored * PAYLOAD_BYTES_PER_BLOB - part->entry.offset, std::span{payload}.first(size)));
    return note(stored, true);
}

Result<void> FileAssembly::note(std::uint64_t stored, bool is_there)
{
    const std::uint8_t flag = is_there ? 1 : 0;
    is_there_[stored] = flag;
    return notes_->write_at(stored, std::as_bytes(std::span{&flag, 1}));
}

Result<void> FileAssembly::read(
    std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const
{
    const auto* const part = find(stored);
    ASHLAR_ASSERT(part != nullptr);
    Bytes payload(out.size() / BYTES_PER_ELEMENT * PAYLOAD_BYTES_PER_ELEMENT);
    const auto begin = element_begin * PAYLOAD_BYTES_PER_ELEMENT;
    const auto size = bytes_in_blob(part->entry, stored);
    if (begin < size)
        ASHLAR_CHECK(
            part->partial.read_at(stored * PAYLOAD_BYTES_PER_BLOB - part->entry.offset + begin,
                std::span{payload}.first(std::min(payload.size(), size - begin))));
    pack_elements(payload, out);
    return {};
}

Result<void> FileAssembly::commit_part(Part& part, const std::function<void(std::uint64_t)>& hashed)
{
    const auto read = [&](std::uint64_t offset, std::span<std::byte> out) {
        return part.partial.read_at(offset, out);
    };
    auto checked = check_contents(part.entry, read, hashed);
    if (!checked && checked.error().kind == ErrorKind::proof_invalid && part.has_old_blobs)
    {
        spdlog::warn("{}: what an earlier run left of it is damaged; fetching it again",
            printable(part.entry.path));
        part.has_old_blobs = false;
        const auto [begin, end] = blobs_of(part.entry);
        for (auto stored = begin; stored < end; ++stored)
            ASHLAR_CHECK(note(stored, false));
        return {};
    }
    if (!checked)
    {
        part.partial.abandon();
        return checked;
    }
    ASHLAR_CHECK(part.partial.commit());
    part.is_named = true;
    return {};
}

Result<void> FileAssembly::commit(const std::function<void(std::uint64_t)>& hashed)
{
    return try_parallel_for(parts_.size(), [&](std::size_t i) {
        return parts_[i].is_named ? Result<void>{} : commit_part(parts_[i], hashed);
    });
}

}  // namespace ashlar
