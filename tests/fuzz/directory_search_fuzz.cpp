// A directory searched entry by entry: in a valid one every file and tensor is found as it is, and
// in any other the search ends, inside the directory's bytes.

#include "retrieval/directory_search.hpp"

namespace ashlar
{
namespace
{

/// Of each list. More say nothing new.
constexpr std::size_t ENTRIES_LOOKED_AT = 16;

template <typename Entry>
std::size_t step_over(const std::vector<Entry>& entries)
{
    return entries.size() / ENTRIES_LOOKED_AT + 1;
}

void expect_all(DirectorySearch& search, const Directory& directory)
{
    const auto& files = directory.files();
    for (std::size_t i = 0; i < files.size(); i += step_over(files))
        ASHLAR_ASSERT(search.file(files[i].path).value() == files[i]);
    const auto& tensors = directory.tensors();
    for (std::size_t i = 0; i < tensors.size(); i += step_over(tensors))
    {
        const auto& path = files[tensors[i].file_index].path;
        ASHLAR_ASSERT(search.tensor(tensors[i].name, path).value() == tensors[i]);
    }
}

void run(ByteView bytes)
{
    const auto directory = Directory::parse(bytes);
    const auto begin = directory ? directory->offset() : 8 * PAYLOAD_BYTES_PER_BLOB;
    const auto end = begin + bytes.size();
    const auto read = [&](std::uint64_t offset, std::uint64_t size) -> Result<Bytes> {
        ASHLAR_ASSERT(begin <= offset && size > 0 && offset <= end && size <= end - offset);
        const auto part =
            bytes.subspan(static_cast<std::size_t>(offset - begin), static_cast<std::size_t>(size));
        return Bytes{part.begin(), part.end()};
    };
    auto search = DirectorySearch::open(read, begin, end);
    ASHLAR_ASSERT(search.has_value() || !directory.has_value());
    if (!search)
        return;
    if (directory)
        expect_all(*search, *directory);
    for (const auto* const name : {"", "a", "model.embed_tokens.weight", "weights.bin", "\xff\xff"})
    {
        const auto tensor = search->tensor(name);
        const auto file = search->file(name);
        ASHLAR_ASSERT(!tensor || tensor->name == name);
        ASHLAR_ASSERT(!file || file->path == name);
    }
}

}  // namespace
}  // namespace ashlar

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ashlar::run(std::as_bytes(std::span{data, size}));
    return 0;
}
