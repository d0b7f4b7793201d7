#include "checkpoint/folder.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.hpp"
#include "checkpoint/directory.hpp"
#include "checkpoint/path_rules.hpp"

namespace ashlar
{
namespace
{

namespace fs = std::filesystem;

/// Folders that may be entered: links between folders can name few files exponentially often.
constexpr std::size_t FOLDERS_MAX = FILES_MAX;

tl::unexpected<Error> refuse(std::string_view path, std::string_view why)
{
    return fail(ErrorKind::invalid_input, "cannot publish {}: {}", printable(path), why);
}

tl::unexpected<Error> refuse_by_system(std::string_view path, int code)
{
    return refuse(path, std::generic_category().message(code));
}

FileIdentity identity_of(const struct stat& info)
{
    constexpr std::int64_t NS_PER_SECOND = 1'000'000'000;
    return {.device = info.st_dev,
        .inode = info.st_ino,
        .size = static_cast<std::uint64_t>(info.st_size),
        .modified_ns = info.st_mtim.tv_sec * NS_PER_SECOND + info.st_mtim.tv_nsec};
}

/// True if `path` is `folder` or lies in it; both absolute and free of symlinks.
bool is_inside(const fs::path& path, const fs::path& folder)
{
    return std::ranges::mismatch(folder, path).in1 == folder.end();
}

/// The cache's blobs/ folder if `folder` is a snapshot of a Hugging Face cache; else empty.
fs::path cache_blobs_of(const fs::path& folder)
{
    const auto snapshots = folder.parent_path();
    const auto model = snapshots.parent_path();
    const bool snapshot =
        snapshots.filename() == "snapshots" && model.filename().native().starts_with("models--");
    return snapshot ? model / "blobs" : fs::path{};
}

Result<std::vector<std::string>> list_names(const fs::path& folder, std::string_view shown)
{
    struct Close
    {
        void operator()(DIR* d) const noexcept { ::closedir(d); }
    };
    const std::unique_ptr<DIR, Close> stream{::opendir(folder.c_str())};
    if (!stream)
        return refuse_by_system(shown, errno);
    std::vector<std::string> names;
    errno = 0;
    while (const auto* const entry = ::readdir(stream.get()))
    {
        const std::string_view name{entry->d_name};
        if (name != "." && name != "..")
            names.emplace_back(name);
        if (names.size() > FILES_MAX)
            return refuse(shown, "the folder has too many entries");
        errno = 0;
    }
    if (errno != 0)
        return refuse_by_system(shown, errno);
    return names;
}

class Scan
{
public:
    explicit Scan(fs::path root) : root_{std::move(root)}, cache_blobs_{cache_blobs_of(root_)} {}

    Result<std::vector<SourceFile>> run()
    {
        ASHLAR_CHECK(enter(root_, ""));
        std::ranges::sort(files_, {}, &SourceFile::path);
        std::vector<std::string_view> paths(files_.size());
        std::ranges::transform(files_, paths.begin(), &SourceFile::path);
        ASHLAR_CHECK(check_path_set(paths));
        return std::move(files_);
    }

private:
    Result<void> enter(const fs::path& folder, const std::string& relative)
    {
        const auto shown = relative.empty() ? root_.native() : relative;
        if (std::ranges::find(open_folders_, folder) != open_folders_.end())
            return refuse(shown, "the link leads back to a folder that contains it");
        if (relative.size() > PATH_BYTES_MAX)
            return refuse(shown, "the path is longer than 1024 bytes");
        if (++folders_entered_ > FOLDERS_MAX)
            return refuse(shown, "too many folders");
        ASHLAR_TRY(const auto names, list_names(folder, shown));
        open_folders_.push_back(folder);
        const auto prefix = relative.empty() ? std::string{} : fmt::format("{}/", relative);
        for (const auto& name : names)
            ASHLAR_CHECK(visit(folder / name, fmt::format("{}{}", prefix, name)));
        open_folders_.pop_back();
        return {};
    }

    Result<void> visit(const fs::path& location, const std::string& relative)
    {
        struct stat info
        {
        };
        if (::lstat(location.c_str(), &info) != 0)
            return refuse_by_system(relative, errno);
        if (S_ISLNK(info.st_mode))
            return follow(location, relative);
        return take(location, relative, info);
    }

    Result<void> follow(const fs::path& link, const std::string& relative)
    {
        std::error_code error;
        const auto target = fs::canonical(link, error);
        if (error)
            return refuse(relative, "the symlink leads nowhere: " + error.message());
        struct stat info
        {
        };
        if (::lstat(target.c_str(), &info) != 0)
            return refuse_by_system(relative, errno);
        const bool in_cache =
            !cache_blobs_.empty() && S_ISREG(info.st_mode) && is_inside(target, cache_blobs_);
        if (!in_cache && !is_inside(target, root_))
            return refuse(
                relative, "the symlink leads out of the folder, to " + printable(target.native()));
        return take(target, relative, info);
    }

    Result<void> take(
        const fs::path& location, const std::string& relative, const struct stat& info)
    {
        if (S_ISDIR(info.st_mode))
            return enter(location, relative);
        if (!S_ISREG(info.st_mode))
            return refuse(relative, "it is neither a file nor a folder");
        ASHLAR_CHECK(check_path(relative));
        if (::access(location.c_str(), R_OK) != 0)
            return refuse_by_system(relative, errno);
        if (files_.size() == FILES_MAX)
            return refuse(root_.native(), "the folder has too many files");
        files_.push_back({.path = relative, .location = location, .identity = identity_of(info)});
        return {};
    }

    fs::path root_;
    fs::path cache_blobs_;
    std::vector<fs::path> open_folders_;  ///< From the root to the folder being read.
    std::size_t folders_entered_ = 0;
    std::vector<SourceFile> files_;
};

}  // namespace

Result<std::vector<SourceFile>> scan_folder(const fs::path& folder)
{
    std::error_code error;
    auto root = fs::canonical(folder, error);
    if (error)
        return refuse(folder.native(), error.message());
    if (!fs::is_directory(root, error))
        return refuse(folder.native(), "it is not a folder");
    return Scan{std::move(root)}.run();
}

Result<File> open_source(const SourceFile& source)
{
    auto file = File::open_read(source.location);
    if (!file)
        return within(fmt::format("file \"{}\"", printable(source.path)), std::move(file).error());
    ASHLAR_CHECK(check_unchanged(*file, source));
    return file;
}

Result<void> check_unchanged(const File& file, const SourceFile& source)
{
    struct stat info
    {
    };
    if (::fstat(file.descriptor(), &info) != 0)
        return refuse_by_system(source.path, errno);
    if (identity_of(info) != source.identity)
        return refuse(source.path,
            "the file changed while it was being published; start again "
            "when nothing writes to it");
    return {};
}

}  // namespace ashlar
