#pragma once

/// Entries of an object's directory for a reader of little.

#include <variant>

#include "retrieval/directory_search.hpp"
#include "retrieval/fetch.hpp"

namespace ashlar
{

/// Reads the directory where it is small, and is then sure of its root; else searches it, and is
/// sure of the entries that it gives.
class DirectoryLookup
{
public:
    /// Greatest directory that is read whole: about 10,000 tensors. A search takes some twenty
    /// cells, one after another.
    static constexpr std::uint64_t WHOLE_BLOBS_MAX = 8;

    /// @param blobs  Over view_by_walks(object).
    /// @return  an error of fetch_directory() or DirectorySearch::open()
    [[nodiscard]] static Result<DirectoryLookup> open(
        LightObject& object, BlobFetcher& blobs, ProgressListener& progress);

    /// @return  as DirectorySearch::tensor()
    [[nodiscard]] Result<Tensor> tensor(
        std::string_view name, const std::optional<std::string>& file);

    /// @return  as DirectorySearch::file()
    [[nodiscard]] Result<FileEntry> file(std::string_view path);

private:
    explicit DirectoryLookup(std::variant<Directory, DirectorySearch> source)
      : source_{std::move(source)}
    {}

    std::variant<Directory, DirectorySearch> source_;
};

}  // namespace ashlar
