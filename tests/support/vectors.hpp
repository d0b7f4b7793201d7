#pragma once

/// Where the test vectors are. They are data outside the repository, and other folders of the same
/// layout may hold more cases.

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace ashlar::test
{

/// A folder of the vectors: of those that ASHLAR_VECTORS names, else of ../shared/vectors beside
/// the source tree. Nothing, and a line that says so, if it does not exist.
[[nodiscard]] std::optional<std::filesystem::path> vectors_folder(std::string_view relative);

/// Entries of a folder in order of their names.
[[nodiscard]] std::vector<std::filesystem::path> sorted_entries(
    const std::filesystem::path& folder);

}  // namespace ashlar::test
