#include "retrieval/directory_lookup.hpp"

#include "base/log.hpp"

namespace ashlar
{

Result<DirectoryLookup> DirectoryLookup::open(
    LightObject& object, BlobFetcher& blobs, ProgressListener& progress)
{
    const auto& fields = object.header().fields();
    const auto directory_bytes = fields.payload_bytes - fields.directory_offset;
    if (ObjectShape::data_blobs_for(directory_bytes) > WHOLE_BLOBS_MAX)
    {
        ASHLAR_TRY(auto search, DirectorySearch::open(object));
        return DirectoryLookup{std::move(search)};
    }
    ASHLAR_TRY(auto directory, fetch_directory(blobs.view(), blobs, progress));
    return DirectoryLookup{std::move(directory)};
}

Result<Tensor> DirectoryLookup::tensor(
    std::string_view name, const std::optional<std::string>& file)
{
    if (auto* const search = std::get_if<DirectorySearch>(&source_))
        return search->tensor(name, file);
    ASHLAR_TRY(
        const auto* const found, find_tensor_entry(std::get<Directory>(source_), name, file));
    return *found;
}

Result<FileEntry> DirectoryLookup::file(std::string_view path)
{
    if (auto* const search = std::get_if<DirectorySearch>(&source_))
        return search->file(path);
    const auto* const found = std::get<Directory>(source_).find_file(path);
    if (found == nullptr)
        return fail(ErrorKind::not_found, "the object has no file {}", printable(path));
    return *found;
}

}  // namespace ashlar
