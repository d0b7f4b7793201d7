#include "base/cache.hpp"

#include <cstdlib>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.hpp"
#include "base/file.hpp"
#include "base/log.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t CHECKSUM_BYTES = 8;

std::optional<std::filesystem::path> cache_folder()
{
    if (const char* const chosen = std::getenv("ASHLAR_CACHE_DIR"))
        return *chosen == '\0' ? std::nullopt : std::optional<std::filesystem::path>{chosen};
    const char* const cache = std::getenv("XDG_CACHE_HOME");
    if (cache != nullptr && *cache != '\0')
        return std::filesystem::path{cache} / "ashlar";
    const char* const home = std::getenv("HOME");
    if (home != nullptr && *home != '\0')
        return std::filesystem::path{home} / ".cache/ashlar";
    return std::nullopt;
}

bool only_this_user_writes(const File& file)
{
    struct stat info
    {
    };
    return ::fstat(file.descriptor(), &info) == 0 && info.st_uid == ::geteuid() &&
           (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// @param size  Of what is kept in it.
Result<File> open_file_of_cache(const std::filesystem::path& path, std::size_t size)
{
    ASHLAR_TRY(auto file, File::open_read(path));
    ASHLAR_TRY(const auto file_size, file.size_bytes());
    if (file_size != size + CHECKSUM_BYTES || !only_this_user_writes(file))
        return fail(ErrorKind::invalid_input, "not of this size and user");
    return file;
}

Result<void> read_file_of_cache(const std::filesystem::path& path, std::span<std::byte> out)
{
    ASHLAR_TRY(const auto file, open_file_of_cache(path, out.size()));
    // Each part is summed while the processor's cache holds it.
    constexpr std::size_t PART_BYTES = std::size_t{1} << 18;
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < out.size(); at += PART_BYTES)
    {
        const auto part = out.subspan(at, std::min(PART_BYTES, out.size() - at));
        ASHLAR_CHECK(file.read_at(at, part));
        sum = crc64(sum, part);
    }
    ByteArray<CHECKSUM_BYTES> expected;
    ASHLAR_CHECK(file.read_at(out.size(), expected));
    if (little_endian(sum) != expected)
        return fail(ErrorKind::corrupted, "its checksum does not agree");
    return {};
}

/// Without a sync: what a power loss leaves of the file does not agree with its checksum.
Result<void> write_file_of_cache(
    const std::filesystem::path& folder, std::string_view name, ByteView bytes)
{
    ASHLAR_CHECK(make_folders(folder));
    const auto temporary = folder / fmt::format("{}.{}.tmp", name, ::getpid());
    std::error_code error;
    std::filesystem::remove(temporary, error);
    auto written = [&]() -> Result<void> {
        ASHLAR_TRY(const auto file, File::create(temporary, true));
        ASHLAR_CHECK(file.write_at(0, bytes));
        return file.write_at(bytes.size(), little_endian(crc64(0, bytes)));
    }();
    if (written)
        std::filesystem::rename(temporary, folder / name, error);
    if (!written || error)
        std::filesystem::remove(temporary, error);
    return written;
}

}  // namespace

bool read_cache(std::string_view name, std::span<std::byte> out)
{
    const auto folder = cache_folder();
    return folder && read_file_of_cache(*folder / name, out).has_value();
}

MappedCache::MappedCache(MappedCache&& other) noexcept
  : begin_{std::exchange(other.begin_, nullptr)}, size_{std::exchange(other.size_, 0)}
{}

MappedCache::~MappedCache()
{
    if (begin_ != nullptr)
        ::munmap(begin_, size_ + CHECKSUM_BYTES);
}

std::optional<MappedCache> map_cache(std::string_view name, std::size_t size)
{
    const auto folder = cache_folder();
    if (!folder || size == 0)
        return std::nullopt;
    const auto file = open_file_of_cache(*folder / name, size);
    if (!file)
        return std::nullopt;
    void* const memory =
        ::mmap(nullptr, size + CHECKSUM_BYTES, PROT_READ, MAP_PRIVATE, file->descriptor(), 0);
    if (memory == MAP_FAILED)
        return std::nullopt;
    MappedCache mapped{static_cast<std::byte*>(memory), size};
    ByteArray<CHECKSUM_BYTES> expected;
    std::memcpy(expected.data(), mapped.bytes().data() + size, expected.size());
    if (little_endian(crc64(0, mapped.bytes())) != expected)
        return std::nullopt;
    return mapped;
}

void write_cache(std::string_view name, ByteView bytes)
{
    const auto folder = cache_folder();
    if (!folder)
        return;
    if (const auto written = write_file_of_cache(*folder, name, bytes); !written)
        spdlog::debug("{} is not kept: {}", name, written.error().message);
}

void trim_cache(std::string_view prefix, std::size_t files_max)
{
    namespace fs = std::filesystem;
    const auto folder = cache_folder();
    if (!folder)
        return;
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code error;
    for (fs::directory_iterator at{*folder, error}, end; !error && at != end; at.increment(error))
    {
        if (at->path().filename().native().starts_with(prefix))
            files.emplace_back(at->last_write_time(error), at->path());
    }
    std::ranges::sort(files);
    // Another process may have removed them by now.
    for (std::size_t i = 0; i + files_max < files.size(); ++i)
        fs::remove(files[i].second, error);
}

}  // namespace ashlar
