#pragma once

/// Do these local files match what is on chain?

#include <filesystem>

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

/// Compares the folder with the object's checkpoint: every file's SHA-256 with the directory, and
/// all bytes with the commitments by random linear combinations. Reads no weights from the nodes.
///
/// @return  every difference found; empty means that it matches. Errors are about the folder
///          itself (missing, unreadable).
[[nodiscard]] Result<std::vector<Mismatch>> verify_folder(const ObjectView& view,
    const Directory& directory, const std::filesystem::path& folder, ProgressListener& progress);

}  // namespace ashlar
