#include "checkpoint/hf_cache.hpp"

#include <algorithm>
#include <system_error>

#include "base/file.hpp"
#include "base/log.hpp"
#include "checkpoint/path_rules.hpp"

namespace ashlar
{
namespace
{

namespace fs = std::filesystem;

/// huggingface_hub/utils/_validators.py: validate_repo_id.
constexpr std::size_t REPO_BYTES_MAX = 96;

/// The Hub makes git keep larger files in LFS.
constexpr std::uint64_t LFS_BYTES_MIN = 10'000'000;

/// Endings in the .gitattributes that the Hub puts into a new model repository.
constexpr std::string_view LFS_ENDINGS[] = {".7z", ".arrow", ".bin", ".bz2", ".ckpt", ".ftz",
    ".gguf", ".gz", ".h5", ".joblib", ".mlmodel", ".model", ".msgpack", ".npy", ".npz", ".onnx",
    ".ot", ".parquet", ".pb", ".pickle", ".pkl", ".pt", ".pth", ".rar", ".safetensors", ".tar",
    ".tflite", ".tgz", ".wasm", ".xz", ".zip", ".zst"};

tl::unexpected<Error> refuse(const fs::path& path, const std::error_code& error)
{
    return fail(ErrorKind::invalid_input, "{}: {}", printable(path.native()), error.message());
}

bool is_repo_character(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool is_repo_part(std::string_view part)
{
    const auto edge = [](char c) { return c == '-' || c == '.'; };
    return !part.empty() && std::ranges::all_of(part, is_repo_character) && !edge(part.front()) &&
           !edge(part.back()) && part.find("--") == std::string_view::npos &&
           part.find("..") == std::string_view::npos;
}

/// The link from snapshots/COMMIT/`path` to a blob.
fs::path link_target(std::string_view path, const std::string& etag)
{
    fs::path up{"../.."};
    for (auto i = std::ranges::count(path, '/'); i > 0; --i)
        up /= "..";
    return up / "blobs" / etag;
}

/// Puts a link in the place of another, at once.
Result<void> place_link(const fs::path& target, const fs::path& link)
{
    std::error_code error;
    const auto there = fs::symlink_status(link, error);
    if (fs::exists(there) && !fs::is_symlink(there))
        return fail(ErrorKind::invalid_input, "{} is no link: remove it", printable(link.native()));
    auto temporary = link;
    temporary += ".ashlar-tmp";
    fs::remove(temporary, error);
    fs::create_symlink(target, temporary, error);
    if (!error)
        fs::rename(temporary, link, error);
    if (error)
        return refuse(link, error);
    return {};
}

/// Moves one file, unless an earlier file with the same contents went to the same name.
Result<void> move_blob(const fs::path& from, const fs::path& blob, std::uint64_t size)
{
    std::error_code error;
    if (!fs::exists(from, error) && fs::file_size(blob, error) == size && !error)
        return {};
    // Over whatever is there: what comes was verified.
    fs::rename(from, blob, error);
    if (error)
        return refuse(from, error);
    return {};
}

}  // namespace

Bytes20 commit_of(const Bytes32& object_root) noexcept
{
    return to_array(std::span{object_root}.first<20>());
}

Result<std::string> hf_repo_folder(std::string_view repo)
{
    const auto slash = repo.find('/');
    const auto name = slash == std::string_view::npos ? repo : repo.substr(slash + 1);
    const bool whole = slash == std::string_view::npos || is_repo_part(repo.substr(0, slash));
    if (!whole || !is_repo_part(name) || repo.size() > REPO_BYTES_MAX)
        return fail(ErrorKind::invalid_input,
            "\"{}\" is no repository of the Hub: ORG/NAME or NAME, of letters, digits, '-', '_' "
            "and '.'",
            printable(repo));
    if (slash == std::string_view::npos)
        return fmt::format("models--{}", repo);
    return fmt::format("models--{}--{}", repo.substr(0, slash), name);
}

std::string hf_etag(const FileEntry& file)
{
    const auto name = std::string_view{file.path}.substr(file.path.rfind('/') + 1);
    const bool lfs = file.size >= LFS_BYTES_MIN ||
                     std::ranges::any_of(LFS_ENDINGS,
                         [&](std::string_view ending) { return name.ends_with(ending); });
    return lfs ? to_hex(file.sha256) : to_hex(file.git_sha1);
}

Result<fs::path> move_into_hf_cache(
    const fs::path& fetched, const Directory& directory, const HfCacheTarget& target)
{
    ASHLAR_TRY(const auto folder_name, hf_repo_folder(target.repo));
    ASHLAR_CHECK(check_path(target.revision));
    const auto repo = target.cache / folder_name;
    const auto commit = to_hex(target.commit);
    const auto snapshot = repo / "snapshots" / commit;
    ASHLAR_CHECK(make_folders(repo / "blobs"));
    ASHLAR_CHECK(make_folders(snapshot));
    for (const auto& file : directory.files())
    {
        const auto etag = hf_etag(file);
        ASHLAR_CHECK(move_blob(fetched / file.path, repo / "blobs" / etag, file.size));
        const auto link = snapshot / file.path;
        ASHLAR_CHECK(make_folders(link.parent_path()));
        ASHLAR_CHECK(place_link(link_target(file.path, etag), link));
    }
    ASHLAR_CHECK(sync_folder(repo / "blobs"));
    ASHLAR_CHECK(sync_folder(snapshot));

    // Last: a ref says that its snapshot is whole.
    const auto ref = repo / "refs" / target.revision;
    ASHLAR_CHECK(make_folders(ref.parent_path()));
    ASHLAR_CHECK(write_file_atomically(ref, as_byte_view(commit)));
    return snapshot;
}

}  // namespace ashlar
