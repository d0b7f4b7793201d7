#pragma once

/// The files of a checkpoint folder, as DESIGN §2 counts them.

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.hpp"

namespace ashlar
{

/// What must not change while a file is published.
struct FileIdentity
{
    std::uint64_t device;
    std::uint64_t inode;
    std::uint64_t size;  ///< Bytes.
    std::int64_t modified_ns;

    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

struct SourceFile
{
    std::string path;                ///< Relative to the folder, UTF-8, `/` between components.
    std::filesystem::path location;  ///< Absolute, free of symlinks: what to open.
    FileIdentity identity;
};

/// Finds all regular files, hidden ones included, in byte order of their relative paths.
///
/// A symlink may lead to a file or folder inside `folder`, or to a file in the `blobs/` folder of
/// the Hugging Face cache (models--NAME/snapshots/REVISION) that the folder is a snapshot of; what
/// it leads to is found under the link's own name.
///
/// @return  invalid_input, naming the path, for any other link, a link that dangles or runs in a
///          circle, anything that is neither file nor folder, names that check_path() or
///          check_path_set() refuse, and what cannot be read.
[[nodiscard]] Result<std::vector<SourceFile>> scan_folder(const std::filesystem::path& folder);

/// Opens a file found by scan_folder().
/// @return  invalid_input, naming it, if it is not the same file any more.
[[nodiscard]] Result<File> open_source(const SourceFile& source);

/// @return  invalid_input, naming it, if the open file changed since the scan.
[[nodiscard]] Result<void> check_unchanged(const File& file, const SourceFile& source);

}  // namespace ashlar
