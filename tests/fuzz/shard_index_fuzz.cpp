// Whatever parses is in order, and can be compared with files that have or have not its tensors.

#include "checkpoint/shard_index.hpp"

#include <sys/mman.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ashlar;
    const auto file = File::adopt(::memfd_create("fuzz", MFD_CLOEXEC), "fuzz");
    ASHLAR_ASSERT(file.is_open());
    ASHLAR_ASSERT(file.write_at(0, std::as_bytes(std::span{data, size})).has_value());
    const auto index = ShardIndex::parse(file, size);
    if (!index)
    {
        ASHLAR_ASSERT(index.error().kind == ErrorKind::invalid_input);
        return 0;
    }
    for (std::size_t i = 1; i < index->size(); ++i)
        ASHLAR_ASSERT((*index)[i - 1].tensor < (*index)[i].tensor);
    const std::vector<FileEntry> files{
        {.path = "m/a", .offset = 0, .size = 4, .sha256 = {}, .git_sha1 = {}}};
    const std::vector<Tensor> tensors{
        {.name = "t", .file_index = 0, .dtype = Dtype{2}, .shape = {4}, .offset = 0, .size = 4}};
    const auto found = compare_shard_index(*index, "m/index", files, tensors);
    ASHLAR_ASSERT(found.missing.first.size() <= ShardIndexFindings::FINDINGS_MAX);
    ASHLAR_ASSERT(found.missing.count <= index->size());
    return 0;
}
