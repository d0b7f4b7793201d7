#pragma once

/// Where the official test vectors are. They are data outside the repository.

#include <filesystem>
#include <optional>
#include <vector>

namespace ashlar::oracle
{

/// The folder named by ASHLAR_VECTORS, else ../shared/vectors beside the source tree; nothing if
/// it does not exist.
[[nodiscard]] std::optional<std::filesystem::path> vectors_folder();

/// Entries of a folder in order of their names.
[[nodiscard]] std::vector<std::filesystem::path> sorted_entries(
    const std::filesystem::path& folder);

}  // namespace ashlar::oracle
