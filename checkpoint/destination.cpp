#include "checkpoint/destination.hpp"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "checkpoint/path_rules.hpp"

namespace ashlar
{
namespace
{

constexpr const char* PARTIAL_FOLDER = ".ashlar-partial";
/// In the partial folder of resumable work: its name, and its notes.
constexpr const char* RESUME_NAME_FILE = "resume-as";
constexpr const char* NOTES_FILE = "notes";
constexpr std::uint64_t RESUME_NAME_BYTES_MAX = 256;
constexpr std::size_t STALE_FILES_MAX = 1 << 16;
constexpr ::mode_t FILE_MODE = 0644;
constexpr ::mode_t FOLDER_MODE = 0755;

tl::unexpected<Error> cannot(std::string_view doing, std::string_view path, int code)
{
    const auto what = std::generic_category().message(code);
    if (code == ENOSYS)
        return fail(ErrorKind::unavailable,
            "cannot {} {}: the kernel lacks openat2 (Linux 5.6), without which links could lead "
            "out of the destination",
            doing, printable(path));
    if (code == ENOSPC || code == EDQUOT)
        return fail(ErrorKind::insufficient, "cannot {} {}: {}", doing, printable(path), what);
    if (code == EIO || code == EMFILE || code == ENFILE || code == ENOMEM)
        return fail(ErrorKind::unavailable, "cannot {} {}: {}", doing, printable(path), what);
    return fail(ErrorKind::invalid_input, "cannot {} {}: {}", doing, printable(path), what);
}

/// Opens `name` in `folder` without following any link; -1 and errno on failure.
int open_beneath(int folder, const std::string& name, int flags, ::mode_t mode)
{
    struct open_how how
    {
    };
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC | O_NOFOLLOW);
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    // The kernel answers EAGAIN when a rename elsewhere raced with the walk.
    constexpr int ATTEMPTS_MAX = 16;
    for (int attempt = 1;; ++attempt)
    {
        const auto opened = ::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how);
        const bool again = opened < 0 && (errno == EAGAIN || errno == EINTR);
        if (!again || attempt == ATTEMPTS_MAX)
            return static_cast<int>(opened);
    }
}

/// An open folder that a path passes through.
Result<File> open_folder(const File& parent, const std::string& name, std::string_view path)
{
    const int descriptor = open_beneath(parent.descriptor(), name, O_RDONLY | O_DIRECTORY, 0);
    if (descriptor < 0)
        return cannot("open a folder on the way to", path, errno);
    return File::adopt(descriptor, parent.path() / name);
}

Result<File> make_folder(const File& parent, const std::string& name, std::string_view path)
{
    if (::mkdirat(parent.descriptor(), name.c_str(), FOLDER_MODE) == 0)
        ASHLAR_CHECK(parent.sync());
    else if (errno != EEXIST)
        return cannot("make a folder on the way to", path, errno);
    return open_folder(parent, name, path);
}

bool exists(const File& folder, const std::string& name)
{
    struct stat info
    {
    };
    return ::fstatat(folder.descriptor(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

struct SplitPath
{
    std::vector<std::string> folders;
    std::string name;
};

SplitPath split(std::string_view path)
{
    SplitPath parts;
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/'))
    {
        parts.folders.emplace_back(path.substr(0, slash));
        path.remove_prefix(slash + 1);
    }
    parts.name = path;
    return parts;
}

/// Removes what a killed process left.
Result<void> empty_folder(const File& folder)
{
    std::error_code error;
    // By descriptor: the path may have been given to another folder meanwhile.
    const auto path = fmt::format("/proc/self/fd/{}", folder.descriptor());
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator at{path, error}, end; !error && at != end;
         at.increment(error))
    {
        names.push_back(at->path().filename().native());
        if (names.size() > STALE_FILES_MAX)
            return fail(ErrorKind::invalid_input, "{} holds too much: remove it",
                printable(folder.path().native()));
    }
    if (error)
        return cannot("list", folder.path().native(), error.value());
    for (const auto& name : names)
    {
        if (::unlinkat(folder.descriptor(), name.c_str(), 0) != 0)
            return cannot("remove", (folder.path() / name).native(), errno);
    }
    return {};
}

/// Opens a file in the partial folder, making it if need be.
Result<File> open_own_file(const File& partial, const std::string& name, int flags = 0)
{
    const int descriptor =
        open_beneath(partial.descriptor(), name, O_RDWR | O_CREAT | flags, FILE_MODE);
    if (descriptor < 0)
        return cannot("make a temporary file in", partial.path().native(), errno);
    return File::adopt(descriptor, partial.path() / name);
}

/// Makes the file that long: unchanged if it is, else zeros.
/// @param make_long  File::truncate or File::reserve.
Result<void> reset_unless(const File& file, std::uint64_t size_bytes,
    Result<void> (File::*make_long)(std::uint64_t) const)
{
    ASHLAR_TRY(const auto size, file.size_bytes());
    if (size == size_bytes)
        return {};
    ASHLAR_CHECK(file.truncate(0));
    return (file.*make_long)(size_bytes);
}

/// Keeps what an earlier run of the same work left; anything else is removed.
Result<void> adopt_work(const File& partial, const std::string& resume_as)
{
    ASHLAR_TRY(auto name_file, open_own_file(partial, RESUME_NAME_FILE));
    ASHLAR_TRY(const auto size, name_file.size_bytes());
    std::string found(static_cast<std::size_t>(std::min(size, RESUME_NAME_BYTES_MAX)), '\0');
    ASHLAR_CHECK(name_file.read_at(0, std::as_writable_bytes(std::span{found})));
    if (found == resume_as)
        return {};
    ASHLAR_CHECK(empty_folder(partial));
    ASHLAR_TRY(name_file, open_own_file(partial, RESUME_NAME_FILE));
    return name_file.write_at(0, as_byte_view(resume_as));
}

Result<File> open_partial_folder(const File& root, const std::string& resume_as)
{
    ASHLAR_TRY(auto partial, make_folder(root, PARTIAL_FOLDER, PARTIAL_FOLDER));
    if (::flock(partial.descriptor(), LOCK_EX | LOCK_NB) != 0)
        return fail(ErrorKind::invalid_input, "another process is filling {}",
            printable(root.path().native()));
    ASHLAR_CHECK(resume_as.empty() ? empty_folder(partial) : adopt_work(partial, resume_as));
    return partial;
}

}  // namespace

struct Destination::State
{
    File root;
    File partial;
    DestinationOptions options;
    std::atomic<std::uint64_t> next_temporary{0};

    State(File root_folder, File partial_folder, DestinationOptions chosen)
      : root{std::move(root_folder)}, partial{std::move(partial_folder)}, options{std::move(chosen)}
    {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { ::unlinkat(root.descriptor(), PARTIAL_FOLDER, AT_REMOVEDIR); }

    [[nodiscard]] bool is_resumable() const noexcept { return !options.resume_as.empty(); }

    /// Walks `folders` from the root, making those that are missing.
    [[nodiscard]] Result<File> make_parents(const SplitPath& parts, std::string_view path) const
    {
        ASHLAR_TRY(auto folder, open_folder(root, ".", path));
        for (const auto& name : parts.folders)
        {
            ASHLAR_TRY(folder, make_folder(folder, name, path));
        }
        return folder;
    }

    /// As make_parents() without making any; nothing if one is missing.
    [[nodiscard]] Result<std::optional<File>> find_parents(
        const SplitPath& parts, std::string_view path) const
    {
        ASHLAR_TRY(auto folder, open_folder(root, ".", path));
        for (const auto& name : parts.folders)
        {
            if (!exists(folder, name))
                return std::optional<File>{};
            ASHLAR_TRY(folder, open_folder(folder, name, path));
        }
        return std::optional{std::move(folder)};
    }

    /// The name is free, or holds a file that may be replaced.
    [[nodiscard]] Result<void> check_free(
        const File& folder, const std::string& name, std::string_view path) const
    {
        struct stat info
        {
        };
        if (::fstatat(folder.descriptor(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
            return errno == ENOENT ? Result<void>{} : cannot("look at", path, errno);
        if (!S_ISREG(info.st_mode))
            return fail(ErrorKind::invalid_input, "{} exists and is not a file", printable(path));
        if (!options.overwrite)
            return fail(ErrorKind::invalid_input,
                "{} exists; allow overwriting, or choose another folder", printable(path));
        return {};
    }
};

Destination::Destination(std::unique_ptr<State> state) : state_{std::move(state)}
{}
Destination::Destination(Destination&&) noexcept = default;
Destination& Destination::operator=(Destination&&) noexcept = default;
Destination::~Destination() = default;

Result<Destination> Destination::open(
    const std::filesystem::path& folder, DestinationOptions options)
{
    ASHLAR_CHECK(make_folders(folder));
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return cannot("open", folder.native(), errno);
    auto root = File::adopt(descriptor, folder);
    ASHLAR_TRY(auto partial, open_partial_folder(root, options.resume_as));
    return Destination{
        std::make_unique<State>(std::move(root), std::move(partial), std::move(options))};
}

Result<void> Destination::check(std::string_view path) const
{
    ASHLAR_CHECK(check_path(path));
    const auto parts = split(path);
    const auto& first = parts.folders.empty() ? parts.name : parts.folders.front();
    if (first == PARTIAL_FOLDER)
        return fail(ErrorKind::invalid_input, "{} is kept for unfinished files", printable(path));
    ASHLAR_TRY(const auto folder, state_->find_parents(parts, path));
    return folder ? state_->check_free(*folder, parts.name, path) : Result<void>{};
}

Result<std::optional<File>> Destination::find(std::string_view path) const
{
    ASHLAR_CHECK(check_path(path));
    const auto parts = split(path);
    ASHLAR_TRY(const auto folder, state_->find_parents(parts, path));
    if (!folder || !exists(*folder, parts.name))
        return std::optional<File>{};
    const int descriptor = open_beneath(folder->descriptor(), parts.name, O_RDONLY | O_NONBLOCK, 0);
    if (descriptor < 0)
        return cannot("open", path, errno);
    auto file = File::adopt(descriptor, state_->root.path() / path);
    struct stat info
    {
    };
    if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode))
        return fail(ErrorKind::invalid_input, "{} exists and is not a file", printable(path));
    return std::optional{std::move(file)};
}

Result<PartialFile> Destination::begin(std::string_view path, std::uint64_t size_bytes)
{
    ASHLAR_CHECK(check(path));
    ASHLAR_CHECK(state_->make_parents(split(path), path));
    const bool resumable = state_->is_resumable();
    // Resumable work must find its files again.
    auto name = resumable ? to_hex(sha256(as_byte_view(path)))
                          : fmt::format("{}", state_->next_temporary.fetch_add(1));
    ASHLAR_TRY(auto file, open_own_file(state_->partial, name, resumable ? 0 : O_EXCL));
    PartialFile partial{*state_, std::move(file), std::move(name), std::string{path}, size_bytes};
    if (auto reset = reset_unless(partial.file_, size_bytes, &File::reserve); !reset)
    {
        partial.abandon();  // It holds nothing.
        return tl::unexpected{std::move(reset).error()};
    }
    return partial;
}

Result<File> Destination::open_notes(std::uint64_t size_bytes)
{
    ASHLAR_ASSERT(state_->is_resumable());
    ASHLAR_TRY(auto notes, open_own_file(state_->partial, NOTES_FILE));
    ASHLAR_CHECK(reset_unless(notes, size_bytes, &File::truncate));
    return notes;
}

Result<void> Destination::forget()
{
    return empty_folder(state_->partial);
}

PartialFile::PartialFile(const Destination::State& state, File file, std::string temporary_name,
    std::string path, std::uint64_t size_bytes)
  : state_{&state},
    file_{std::move(file)},
    temporary_name_{std::move(temporary_name)},
    path_{std::move(path)},
    size_bytes_{size_bytes}
{}

PartialFile::PartialFile(PartialFile&& other) noexcept
  : state_{other.state_},
    file_{std::move(other.file_)},
    temporary_name_{std::exchange(other.temporary_name_, {})},
    path_{std::move(other.path_)},
    size_bytes_{other.size_bytes_}
{}

PartialFile& PartialFile::operator=(PartialFile&& other) noexcept
{
    if (this != &other)
    {
        drop();
        state_ = other.state_;
        file_ = std::move(other.file_);
        temporary_name_ = std::exchange(other.temporary_name_, {});
        path_ = std::move(other.path_);
        size_bytes_ = other.size_bytes_;
    }
    return *this;
}

PartialFile::~PartialFile()
{
    drop();
}

void PartialFile::drop() noexcept
{
    if (state_->is_resumable())
        temporary_name_.clear();
    else
        abandon();
}

Result<void> PartialFile::write_at(std::uint64_t offset, ByteView bytes) const
{
    if (offset > size_bytes_ || bytes.size() > size_bytes_ - offset)
        return fail(ErrorKind::invalid_input, "bytes {} + {} lie beyond {} of {} bytes", offset,
            bytes.size(), printable(path_), size_bytes_);
    return file_.write_at(offset, bytes);
}

Result<void> PartialFile::read_at(std::uint64_t offset, std::span<std::byte> out) const
{
    return file_.read_at(offset, out);
}

void PartialFile::start_write_back(std::uint64_t offset, std::uint64_t size) const noexcept
{
    // Where it fails nothing is lost: commit() syncs the file.
    ::sync_file_range(file_.descriptor(), static_cast<::off64_t>(offset),
        static_cast<::off64_t>(size), SYNC_FILE_RANGE_WRITE);
}

Result<void> PartialFile::commit()
{
    ASHLAR_ASSERT(!temporary_name_.empty());
    auto committed = [&]() -> Result<void> {
        ASHLAR_CHECK(file_.sync());
        // Walked again: holding the folder since begin() would follow it wherever it was moved.
        const auto parts = split(path_);
        ASHLAR_TRY(const auto folder, state_->make_parents(parts, path_));
        ASHLAR_CHECK(state_->check_free(folder, parts.name, path_));
        const unsigned flags = state_->options.overwrite ? 0 : RENAME_NOREPLACE;
        if (::renameat2(state_->partial.descriptor(), temporary_name_.c_str(), folder.descriptor(),
                parts.name.c_str(), flags) != 0)
            return cannot("give its name to", path_, errno);
        temporary_name_.clear();
        return folder.sync();
    }();
    abandon();
    return committed;
}

void PartialFile::abandon() noexcept
{
    if (!temporary_name_.empty())
        ::unlinkat(state_->partial.descriptor(), temporary_name_.c_str(), 0);
    temporary_name_.clear();
}

}  // namespace ashlar
