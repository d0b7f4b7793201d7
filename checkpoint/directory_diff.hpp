#pragma once

/// What changed between two checkpoints, told from their directories and, where those do not say,
/// from which of their blobs are equal. No weights are read.

#include <functional>

#include "checkpoint/directory.hpp"

namespace ashlar
{

enum class ChangeKind : std::uint8_t
{
    added,
    removed,
    changed,  ///< The same path; for tensors, the same name in the same file.
    moved,    ///< Files: equal contents at another path. Tensors: the same name in another file.
};

/// What can be said of a tensor's bytes.
enum class ContentChange : std::uint8_t
{
    same,
    changed,
    unknown,  ///< Only blobs that it shares with neighbours differ, or it lies otherwise in its
              ///< blobs.
};

struct FileChange
{
    ChangeKind kind;
    std::string path;      ///< The new path; the old one if it was removed.
    std::string old_path;  ///< Of a moved file; else empty.
    std::uint64_t old_size = 0;
    std::uint64_t size = 0;

    friend bool operator==(const FileChange&, const FileChange&) = default;
};

struct TensorChange
{
    ChangeKind kind;
    std::string name;
    std::string file;            ///< The new file's path; the old one's if it was removed.
    std::string old_file;        ///< Of a moved tensor; else empty.
    bool dtype_changed = false;  ///< As shape_changed: false for added and removed tensors.
    bool shape_changed = false;
    ContentChange content = ContentChange::changed;

    friend bool operator==(const TensorChange&, const TensorChange&) = default;
};

struct DirectoryDiff
{
    std::vector<FileChange> files;      ///< By path.
    std::vector<TensorChange> tensors;  ///< By name.
    std::uint64_t unchanged_files = 0;
    std::uint64_t unchanged_tensors = 0;
};

/// True if a data blob of the old object has the bytes of one of the new object, as equal
/// commitments prove.
using SameBlob = std::function<bool(std::uint64_t old_blob, std::uint64_t new_blob)>;

/// Files are compared by path, size and SHA-256: a publisher's claims, as directories are. Tensors
/// are compared by name, dtype and shape; then, if their files differ, by the blobs they lie in.
///
/// A change in a tensor that lies inside its blobs with others is certain only if a blob that
/// belongs to it alone differs.
[[nodiscard]] DirectoryDiff diff_directories(
    const Directory& old_directory, const Directory& new_directory, const SameBlob& same_blob);

}  // namespace ashlar
