#pragma once

/// Files and folders for tests.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace ashlar::test
{

/// A folder that goes away with the object.
class TemporaryFolder
{
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Writes a file, and the folders on the way to it.
    std::filesystem::path write(const std::string& relative, std::string_view contents) const;

    void link(const std::string& target, const std::string& relative) const;

private:
    std::filesystem::path path_;
};

[[nodiscard]] std::string contents_of(const std::filesystem::path& path);

/// Contents of all files below a folder, by relative path.
[[nodiscard]] std::map<std::string, std::string> tree_of(const std::filesystem::path& folder);

/// Bytes that differ from one another and from seed to seed.
[[nodiscard]] std::string pattern(std::size_t size, std::uint64_t seed);

}  // namespace ashlar::test
