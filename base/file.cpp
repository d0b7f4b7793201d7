#include "base/file.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.hpp"

namespace ashlar
{
namespace
{

ErrorKind kind_of(int code) noexcept
{
    switch (code)
    {
        case ENOENT:
            return ErrorKind::not_found;
        case EACCES:
        case EPERM:
        case EEXIST:
        case EISDIR:
        case ENOTDIR:
        case ELOOP:
        case ENAMETOOLONG:
            return ErrorKind::invalid_input;
        case ENOSPC:
        case EDQUOT:
            return ErrorKind::insufficient;
        default:
            return ErrorKind::unavailable;
    }
}

tl::unexpected<Error> system_failure(const char* doing, const std::filesystem::path& path)
{
    const int code = errno;
    return fail(kind_of(code), "cannot {} {}: {}", doing, printable(path.native()),
        std::generic_category().message(code));
}

}  // namespace

File::File(int descriptor, std::filesystem::path path)
  : descriptor_{descriptor}, path_{std::move(path)}
{}

File::File(File&& other) noexcept
  : descriptor_{std::exchange(other.descriptor_, -1)}, path_{std::move(other.path_)}
{}

File& File::operator=(File&& other) noexcept
{
    if (this != &other)
    {
        close();
        descriptor_ = std::exchange(other.descriptor_, -1);
        path_ = std::move(other.path_);
    }
    return *this;
}

File::~File()
{
    close();
}

void File::close() noexcept
{
    if (descriptor_ >= 0)
        ::close(descriptor_);
    descriptor_ = -1;
}

Result<File> File::open_read(const std::filesystem::path& path)
{
    // O_NONBLOCK: opening a FIFO without a writer would otherwise wait for ever.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return system_failure("open", path);
    File file{descriptor, path};
    struct stat info
    {
    };
    if (::fstat(descriptor, &info) != 0)
        return system_failure("stat", path);
    if (!S_ISREG(info.st_mode))
        return fail(ErrorKind::invalid_input, "{} is not a regular file", printable(path.native()));
    return file;
}

Result<File> File::open_or_create(const std::filesystem::path& path)
{
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return system_failure("open", path);
    return File{descriptor, path};
}

Result<File> File::create(const std::filesystem::path& path, bool secret)
{
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    const int descriptor = ::open(path.c_str(), flags, secret ? 0600 : 0644);
    if (descriptor < 0)
        return system_failure("create", path);
    return File{descriptor, path};
}

Result<File> File::temporary(const std::filesystem::path& folder)
{
    const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0)
        return File{descriptor, folder};
    if (errno != EOPNOTSUPP && errno != EISDIR)
        return system_failure("make a temporary file in", folder);

    // Some file systems have no O_TMPFILE: make a named file and remove its name at once.
    auto name = (folder / "ashlar-XXXXXX").native();
    const int named = ::mkostemp(name.data(), O_CLOEXEC);
    if (named < 0)
        return system_failure("make a temporary file in", folder);
    ::unlink(name.c_str());
    return File{named, folder};
}

File File::adopt(int descriptor, std::filesystem::path path)
{
    return File{descriptor, std::move(path)};
}

Result<std::uint64_t> File::size_bytes() const
{
    struct stat info
    {
    };
    if (::fstat(descriptor_, &info) != 0)
        return system_failure("stat", path_);
    return static_cast<std::uint64_t>(info.st_size);
}

Result<void> File::read_at(std::uint64_t offset, std::span<std::byte> out) const
{
    while (!out.empty())
    {
        const auto got = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return system_failure("read", path_);
        if (got == 0)
            return fail(ErrorKind::corrupted, "{} ends at byte {}, {} bytes early",
                printable(path_.native()), offset, out.size());
        out = out.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
    return {};
}

Result<void> File::write_at(std::uint64_t offset, ByteView bytes) const
{
    while (!bytes.empty())
    {
        const auto put =
            ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return system_failure("write", path_);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
        offset += static_cast<std::uint64_t>(put);
    }
    return {};
}

Result<void> File::truncate(std::uint64_t size_bytes) const
{
    if (::ftruncate(descriptor_, static_cast<off_t>(size_bytes)) != 0)
        return system_failure("resize", path_);
    return {};
}

Result<void> File::reserve(std::uint64_t size_bytes) const
{
    if (size_bytes == 0)
        return {};
    int failed = 0;
    do
        failed = ::fallocate(descriptor_, 0, 0, static_cast<off_t>(size_bytes));
    while (failed != 0 && errno == EINTR);
    if (failed != 0 && (errno == EOPNOTSUPP || errno == ENOSYS))
        return truncate(size_bytes);
    if (failed != 0)
        return system_failure("take room for", path_);
    return {};
}

Result<void> File::sync() const
{
    if (::fsync(descriptor_) != 0)
        return system_failure("sync", path_);
    return {};
}

Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t size_max_bytes)
{
    ASHLAR_TRY(const auto file, File::open_read(path));
    ASHLAR_TRY(const auto size, file.size_bytes());
    if (size > size_max_bytes)
        return fail(ErrorKind::invalid_input, "{} has {} bytes; at most {} are read",
            printable(path.native()), size, size_max_bytes);
    Bytes bytes(size);
    ASHLAR_CHECK(file.read_at(0, bytes));
    return bytes;
}

Result<void> write_file_atomically(const std::filesystem::path& path, ByteView bytes, bool secret)
{
    auto temporary = path;
    temporary += fmt::format(".{}.tmp", ::getpid());
    ::unlink(temporary.c_str());
    auto written = [&]() -> Result<void> {
        ASHLAR_TRY(const auto file, File::create(temporary, secret));
        ASHLAR_CHECK(file.write_at(0, bytes));
        ASHLAR_CHECK(file.sync());
        if (::rename(temporary.c_str(), path.c_str()) != 0)
            return system_failure("rename", path);
        return {};
    }();
    if (!written)
    {
        ::unlink(temporary.c_str());
        return written;
    }
    return sync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

Result<void> sync_folder(const std::filesystem::path& folder)
{
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return system_failure("open", folder);
    const auto file = File::adopt(descriptor, folder);
    return file.sync();
}

Result<void> make_folders(const std::filesystem::path& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
    {
        errno = error.value();
        return system_failure("make folder", folder);
    }
    return {};
}

}  // namespace ashlar
