#include "checkpoint/folder_advice.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/size_text.hpp"
#include "checkpoint/safetensors.hpp"
#include "checkpoint/shard_index.hpp"

namespace ashlar
{
namespace
{

/// The sentences of a list and how many more there are.
std::string join(const ShardIndexFindings::List& list)
{
    const auto more = list.count - list.first.size();
    return fmt::format("{}{}", fmt::join(list.first, "; "),
        more == 0 ? std::string{} : fmt::format("; and {} more", more));
}

Result<void> advise_index(
    const FolderContents& contents, const SourceFile& source, std::vector<std::string>& advice)
{
    const auto doing = fmt::format(
        "the index \"{}\" (declare it opaque to publish it as it is)", printable(source.path));
    ASHLAR_TRY(const auto file, open_source(source));
    const auto index = ShardIndex::parse(file, source.identity.size);
    ASHLAR_CHECK(check_unchanged(file, source));
    if (!index)
        return within(doing, index.error());
    const auto findings =
        compare_shard_index(*index, source.path, contents.files, contents.tensors);
    if (findings.missing.count > 0)
        return within(doing, {ErrorKind::invalid_input, join(findings.missing)});
    for (const auto* const list : {&findings.extra, &findings.duplicate})
    {
        if (list->count > 0)
            advice.push_back(
                fmt::format("the index \"{}\": {}", printable(source.path), join(*list)));
    }
    if (findings.total_size)
        advice.push_back(
            fmt::format("the index \"{}\": {}", printable(source.path), *findings.total_size));
    return {};
}

std::string_view folder_of(std::string_view path)
{
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash + 1);
}

/// torch writes `.metadata` under another name and renames it last, so it marks a whole checkpoint.
void advise_distributed(std::span<const FileEntry> files, std::vector<std::string>& advice)
{
    std::set<std::string_view> folders;
    for (const auto& file : files)
    {
        if (file.path.ends_with(".distcp"))
            folders.insert(folder_of(file.path));
    }
    for (const auto folder : folders)
    {
        const auto metadata = fmt::format("{}.metadata", folder);
        if (!std::ranges::binary_search(files, metadata, {}, &FileEntry::path))
            advice.push_back(fmt::format(
                "\"{}\" is not there: the torch distributed checkpoint beside it looks unfinished",
                printable(metadata)));
    }
}

}  // namespace

Result<std::vector<std::string>> advise(const FolderContents& contents)
{
    std::vector<std::string> advice;
    for (const auto& source : contents.sources)
    {
        if (source.identity.size > HUB_HTTP_FILE_BYTES_MAX)
            advice.push_back(
                fmt::format("\"{}\" has {}: Python's huggingface_hub downloads files over {} from "
                            "the Hub alone",
                    printable(source.path), format_size(source.identity.size),
                    format_size(HUB_HTTP_FILE_BYTES_MAX)));
        if (source.path.ends_with(SHARD_INDEX_SUFFIX) && !contents.opaque.contains(source.path))
            ASHLAR_CHECK(advise_index(contents, source, advice));
    }
    advise_distributed(contents.files, advice);
    return advice;
}

std::optional<std::string> advise_header(std::string_view path, std::uint64_t header_bytes)
{
    if (header_bytes <= SAFETENSORS_HEADER_BYTES_HUB_MAX)
        return std::nullopt;
    return fmt::format("the header of \"{}\" has {} bytes: the Hub's tools read at most {}",
        printable(path), header_bytes, SAFETENSORS_HEADER_BYTES_HUB_MAX);
}

}  // namespace ashlar
