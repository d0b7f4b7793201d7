#include "checkpoint/payload.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/mutex.hpp"
#include "base/parallel.hpp"
#include "base/shape.hpp"
#include "checkpoint/folder_advice.hpp"
#include "checkpoint/gguf.hpp"
#include "checkpoint/safetensors.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t HASH_CHUNK_BYTES = std::size_t{1} << 20;

/// Adds up the bytes that all threads have hashed.
class Progress
{
public:
    Progress(const PayloadOptions& options, std::uint64_t total)
      : report_{options.progress}, total_{total}
    {}

    void add(std::uint64_t bytes)
    {
        const MutexLock lock{mutex_};
        done_ += bytes;
        if (report_)
            report_(done_, total_);
    }

private:
    const std::function<void(std::uint64_t, std::uint64_t)>& report_;
    const std::uint64_t total_;
    Mutex mutex_;
    std::uint64_t done_ ASHLAR_GUARDED_BY(mutex_) = 0;
};

Result<TensorList> read_header_tensors(const SourceFile& source, std::vector<std::string>& advice)
{
    const bool safetensors = source.path.ends_with(".safetensors");
    if (!safetensors && !source.path.ends_with(".gguf"))
        return TensorList{};
    ASHLAR_TRY(const auto file, open_source(source));
    auto tensors = safetensors ? parse_safetensors(file, source.identity.size)
                               : parse_gguf(file, source.identity.size);
    if (!tensors)
    {
        ASHLAR_CHECK(check_unchanged(file, source));
        return within(fmt::format("the header of \"{}\" (declare the file opaque to publish it "
                                  "without tensors)",
                          printable(source.path)),
            std::move(tensors).error());
    }
    if (safetensors)
    {
        if (auto sentence =
                advise_header(source.path, tensors->data_begin() - SAFETENSORS_LENGTH_BYTES))
            advice.push_back(std::move(*sentence));
    }
    return tensors;
}

Result<std::vector<Tensor>> collect_tensors(std::span<const SourceFile> sources,
    std::span<const FileEntry> files, const std::set<std::string>& opaque,
    std::vector<std::string>& advice)
{
    std::vector<Tensor> tensors;
    for (std::uint32_t i = 0; i < sources.size(); ++i)
    {
        if (opaque.contains(sources[i].path))
            continue;
        ASHLAR_TRY(const auto found, read_header_tensors(sources[i], advice));
        tensors.reserve(tensors.size() + found.size());
        for (std::size_t t = 0; t < found.size(); ++t)
        {
            auto tensor = found[t];
            tensors.push_back({.name = std::move(tensor.name),
                .file_index = i,
                .dtype = tensor.dtype,
                .shape = std::move(tensor.shape),
                .offset = files[i].offset + tensor.offset,
                .size = tensor.size});
        }
        if (tensors.size() > TENSORS_MAX)
            return fail(
                ErrorKind::invalid_input, "the folder has more than {} tensors", TENSORS_MAX);
    }
    std::ranges::sort(tensors, {}, [](const Tensor& t) {
        return std::pair<const std::string&, std::uint32_t>{t.name, t.file_index};
    });
    return tensors;
}

Result<void> hash_file(
    const SourceFile& source, FileEntry& entry, const PayloadOptions& options, Progress& progress)
{
    if (const auto known = options.known ? options.known(source) : std::nullopt)
    {
        entry.sha256 = known->sha256;
        entry.git_sha1 = known->git_sha1;
        progress.add(entry.size);
        return {};
    }
    ASHLAR_TRY(const auto file, open_source(source));
    Hasher sha256{DigestKind::sha256};
    Hasher git_sha1{DigestKind::sha1};
    git_sha1.update(as_byte_view(fmt::format("blob {}", entry.size)));
    git_sha1.update(std::array{std::byte{0}});
    Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(HASH_CHUNK_BYTES, entry.size)));
    for (std::uint64_t at = 0; at < entry.size;)
    {
        const auto count = std::min<std::uint64_t>(buffer.size(), entry.size - at);
        const auto chunk = std::span{buffer}.first(static_cast<std::size_t>(count));
        const auto got = file.read_at(at, chunk);
        ASHLAR_CHECK(check_unchanged(file, source));
        ASHLAR_CHECK(got);
        sha256.update(chunk);
        git_sha1.update(chunk);
        at += count;
        progress.add(count);
    }
    entry.sha256 = sha256.finish<32>();
    entry.git_sha1 = git_sha1.finish<20>();
    return options.hashed
               ? options.hashed(source, {.sha256 = entry.sha256, .git_sha1 = entry.git_sha1})
               : Result<void>{};
}

Result<void> check_opaque(std::span<const SourceFile> sources, const std::set<std::string>& opaque)
{
    for (const auto& path : opaque)
    {
        if (!std::ranges::binary_search(sources, path, {}, &SourceFile::path))
            return fail(ErrorKind::invalid_input, "\"{}\" is declared opaque but is not there",
                printable(path));
    }
    return {};
}

}  // namespace

Payload::Payload(std::vector<Source> sources, Directory directory, std::vector<std::string> advice)
  : sources_{std::move(sources)},
    advice_{std::move(advice)},
    directory_{std::move(directory)},
    directory_bytes_{directory_.encode()}
{}

Result<Payload> Payload::from_folder(
    const std::filesystem::path& folder, const PayloadOptions& options)
{
    ASHLAR_TRY(auto sources, scan_folder(folder));
    ASHLAR_CHECK(check_opaque(sources, options.opaque));

    std::vector<FileEntry> files;
    files.reserve(sources.size());
    for (const auto& source : sources)
        files.push_back({.path = source.path,
            .offset = 0,
            .size = source.identity.size,
            .sha256 = {},
            .git_sha1 = {}});
    ASHLAR_CHECK(lay_out(files));

    // Headers first: a file that stops the publish should do so before hours of hashing.
    std::vector<std::string> advice;
    ASHLAR_TRY(auto tensors, collect_tensors(sources, files, options.opaque, advice));
    ASHLAR_TRY(auto more,
        advise({.sources = sources, .files = files, .tensors = tensors, .opaque = options.opaque}));
    std::ranges::move(more, std::back_inserter(advice));
    std::uint64_t total = 0;
    for (const auto& file : files)
        total += file.size;
    Progress progress{options, total};
    ASHLAR_CHECK(try_parallel_for(files.size(),
        [&](std::size_t i) { return hash_file(sources[i], files[i], options, progress); }));

    ASHLAR_TRY(auto directory, Directory::from_parts(std::move(files), std::move(tensors)));
    ASHLAR_CHECK(next_blob_boundary(directory.offset() + directory.encoded_bytes()));
    std::vector<Source> from_disk;
    from_disk.reserve(sources.size());
    for (auto& source : sources)
        from_disk.push_back({.file = std::move(source), .contents = std::nullopt});
    return Payload{std::move(from_disk), std::move(directory), std::move(advice)};
}

Result<Payload> Payload::with_file(const std::string& path, Bytes contents) const
{
    auto files = directory_.files();
    auto sources = sources_;
    const auto found = std::ranges::lower_bound(files, path, {}, &FileEntry::path);
    const auto index = found - files.begin();
    const bool replaces = found != files.end() && found->path == path;
    Hasher git_sha1{DigestKind::sha1};
    git_sha1.update(as_byte_view(fmt::format("blob {}", contents.size())));
    git_sha1.update(std::array{std::byte{0}}).update(contents);
    FileEntry entry{.path = path,
        .offset = 0,
        .size = contents.size(),
        .sha256 = sha256(contents),
        .git_sha1 = git_sha1.finish<20>()};
    Source source{
        .file = {.path = path, .location = {}, .identity = {}}, .contents = std::move(contents)};
    if (replaces)
    {
        files[static_cast<std::size_t>(index)] = std::move(entry);
        sources[static_cast<std::size_t>(index)] = std::move(source);
    }
    else
    {
        files.insert(found, std::move(entry));
        sources.insert(sources.begin() + index, std::move(source));
    }
    ASHLAR_CHECK(lay_out(files));

    auto tensors = directory_.tensors();
    for (auto& tensor : tensors)
    {
        const auto old_offset = directory_.files()[tensor.file_index].offset;
        tensor.file_index += !replaces && tensor.file_index >= index ? 1U : 0U;
        tensor.offset += files[tensor.file_index].offset - old_offset;
    }
    if (replaces)
        std::erase_if(tensors, [&](const Tensor& t) { return t.file_index == index; });
    ASHLAR_TRY(auto directory, Directory::from_parts(std::move(files), std::move(tensors)));
    ASHLAR_CHECK(next_blob_boundary(directory.offset() + directory.encoded_bytes()));
    return Payload{std::move(sources), std::move(directory), advice_};
}

std::uint64_t Payload::payload_bytes() const noexcept
{
    return directory_offset() + directory_bytes_.size();
}

Result<void> Payload::read(std::uint64_t payload_offset, std::span<std::byte> out) const
{
    const auto end = *next_blob_boundary(payload_bytes());
    if (payload_offset > end || out.size() > end - payload_offset)
        return fail(ErrorKind::invalid_input, "bytes {} + {} lie beyond the payload's {}",
            payload_offset, out.size(), end);
    std::ranges::fill(out, std::byte{0});
    ASHLAR_CHECK(read_files(payload_offset, out));

    const auto out_end = payload_offset + out.size();
    const auto begin = std::max(payload_offset, directory_offset());
    const auto stop = std::min(out_end, payload_bytes());
    if (begin < stop)
        std::memcpy(out.data() + (begin - payload_offset),
            directory_bytes_.data() + (begin - directory_offset()), stop - begin);
    return {};
}

Result<void> Payload::read_files(std::uint64_t begin, std::span<std::byte> out) const
{
    const auto& files = directory_.files();
    const auto end = begin + out.size();
    // The last file that starts at or before `begin`; empty ones share their successor's offset.
    auto next = std::ranges::upper_bound(files, begin, {}, &FileEntry::offset);
    if (next != files.begin())
        --next;
    for (; next != files.end() && next->offset < end; ++next)
    {
        const auto from = std::max(begin, next->offset);
        const auto stop = std::min(end, next->offset + next->size);
        if (from >= stop)
            continue;
        const auto& source = sources_[static_cast<std::size_t>(next - files.begin())];
        ASHLAR_CHECK(read_source(source, from - next->offset,
            out.subspan(
                static_cast<std::size_t>(from - begin), static_cast<std::size_t>(stop - from))));
    }
    return {};
}

Result<void> Payload::read_source(
    const Source& source, std::uint64_t offset, std::span<std::byte> out)
{
    if (source.contents)
    {
        const auto at = std::span{*source.contents}.subspan(static_cast<std::size_t>(offset));
        std::ranges::copy(at.first(out.size()), out.begin());
        return {};
    }
    ASHLAR_TRY(const auto file, open_source(source.file));
    auto got = file.read_at(offset, out);
    ASHLAR_CHECK(check_unchanged(file, source.file));
    return got;
}

}  // namespace ashlar
