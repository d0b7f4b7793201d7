#include "tests/oracle/vectors.hpp"

#include <algorithm>
#include <cstdlib>

namespace ashlar::oracle
{

std::optional<std::filesystem::path> vectors_folder()
{
    const char* const named = std::getenv("ASHLAR_VECTORS");
    const std::filesystem::path folder{named != nullptr ? named : ASHLAR_VECTORS_DEFAULT};
    if (!std::filesystem::is_directory(folder))
        return std::nullopt;
    return folder;
}

std::vector<std::filesystem::path> sorted_entries(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
        out.push_back(entry.path());
    std::ranges::sort(out);
    return out;
}

}  // namespace ashlar::oracle
