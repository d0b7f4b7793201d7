#pragma once

/// Do these local files match what is on chain?

#include <filesystem>
#include <optional>

#include "checkpoint/directory.hpp"
#include "retrieval/object_view.hpp"

namespace ashlar
{

/// A difference between a local folder and an object.
struct Mismatch
{
    std::string path;  ///< Empty for the payload as a whole.
    std::string what;
};

/// A file that the publisher added to the folder's: its signed statement.
struct AddedFile
{
    std::string path;
    Bytes contents;
};

/// Compares the folder with the object's checkpoint: every file's SHA-256 with the directory, and
/// all bytes with the commitments by random linear combinations. Reads no weights from the nodes.
///
/// @param added  Counts as one of the folder's files, unless the folder has one of that name.
/// @return  every difference found; empty means that it matches. Errors are about the folder
///          itself (missing, unreadable).
[[nodiscard]] Result<std::vector<Mismatch>> verify_folder(const ObjectView& view,
    const Directory& directory, const std::filesystem::path& folder, ProgressListener& progress,
    const std::optional<AddedFile>& added = {});

}  // namespace ashlar
