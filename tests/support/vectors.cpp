#include "tests/support/vectors.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace ashlar::test
{

std::optional<std::filesystem::path> vectors_folder(std::string_view relative)
{
    const char* const named = std::getenv("ASHLAR_VECTORS");
    const auto folder =
        std::filesystem::path{named != nullptr ? named : ASHLAR_VECTORS_DEFAULT} / relative;
    if (std::filesystem::is_directory(folder))
        return folder;
    std::cout << "no vectors in " << folder << " (set ASHLAR_VECTORS); only built-in cases ran\n";
    return std::nullopt;
}

std::vector<std::filesystem::path> sorted_entries(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
        out.push_back(entry.path());
    std::ranges::sort(out);
    return out;
}

}  // namespace ashlar::test
