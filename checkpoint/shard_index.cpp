#include "checkpoint/shard_index.hpp"

#include <algorithm>
#include <charconv>

#include "base/log.hpp"
#include "checkpoint/json_reader.hpp"
#include "checkpoint/path_rules.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t INDEX_KEY_BYTES_MAX = 256;
constexpr std::size_t DEPTH_MAX = 16;

/// The shortest text of an entry: a name and a file of no bytes.
constexpr std::string_view SHORTEST_ENTRY = R"("":"",)";

}  // namespace

/// Takes the index from its JSON.
class ShardIndex::Reader
{
public:
    Reader(HeaderReader& source, ShardIndex& index) : json_{source}, index_{index} {}

    Result<void> run()
    {
        bool mapped = false;
        ASHLAR_CHECK(json_.read_object(INDEX_KEY_BYTES_MAX, [&](const std::string& key) {
            if (key == "metadata")
                return read_metadata();
            if (key == "weight_map" && !std::exchange(mapped, true))
                return read_map();
            return key == "weight_map"
                       ? Result<void>{fail(ErrorKind::invalid_input, "weight_map is there twice")}
                       : json_.skip_value(DEPTH_MAX);
        }));
        ASHLAR_CHECK(json_.finish());
        if (!mapped)
            return fail(ErrorKind::invalid_input, "it has no weight_map");
        return {};
    }

private:
    Result<void> read_metadata()
    {
        ASHLAR_TRY(const auto first, json_.peek_value());
        if (first != '{')
            return json_.skip_value(DEPTH_MAX);
        return json_.read_object(INDEX_KEY_BYTES_MAX, [&](const std::string& key) -> Result<void> {
            ASHLAR_TRY(const auto next, json_.peek_value());
            if (key != "total_size" || next < '0' || next > '9')
                return json_.skip_value(DEPTH_MAX);
            ASHLAR_TRY(const auto text, json_.read_number());
            std::uint64_t value = 0;
            const auto* const end = text.data() + text.size();
            const auto parsed = std::from_chars(text.data(), end, value);
            if (parsed.ec == std::errc{} && parsed.ptr == end)
                index_.total_size_ = value;
            return {};
        });
    }

    Result<void> read_map()
    {
        return json_.read_object(
            TENSOR_NAME_BYTES_MAX, [&](const std::string& name) -> Result<void> {
                ASHLAR_TRY(const auto file, json_.read_string(PATH_BYTES_MAX));
                if (index_.positions_.size() == TENSORS_MAX)
                    return fail(ErrorKind::invalid_input, "more than {} tensors", TENSORS_MAX);
                ASHLAR_TRY(const auto position,
                    index_.records_.add({little_endian(static_cast<std::uint16_t>(name.size())),
                        little_endian(static_cast<std::uint16_t>(file.size())), as_byte_view(name),
                        as_byte_view(file)}));
                index_.positions_.push_back(position);
                return {};
            });
    }

    JsonReader json_;
    ShardIndex& index_;
};

Result<ShardIndex> ShardIndex::parse(const File& file, std::uint64_t size_bytes)
{
    if (size_bytes > SHARD_INDEX_BYTES_MAX)
        return fail(ErrorKind::invalid_input, "{} bytes, at most {} are allowed", size_bytes,
            SHARD_INDEX_BYTES_MAX);
    ShardIndex index;
    index.positions_.reserve(
        std::min(TENSORS_MAX, static_cast<std::size_t>(size_bytes) / SHORTEST_ENTRY.size() + 1));
    HeaderReader source{file, 0, size_bytes};
    ASHLAR_CHECK((Reader{source, index}.run()));
    const auto tensor = [&](std::uint32_t position) { return index.entry_at(position).tensor; };
    std::ranges::sort(index.positions_, {}, tensor);
    const auto twice = std::ranges::adjacent_find(index.positions_, {}, tensor);
    if (twice != index.positions_.end())
        return fail(ErrorKind::invalid_input, "the tensor \"{}\" is mapped twice",
            printable(tensor(*twice)));
    return index;
}

ShardIndex::Entry ShardIndex::operator[](std::size_t index) const noexcept
{
    return entry_at(positions_[index]);
}

ShardIndex::Entry ShardIndex::entry_at(std::uint32_t position) const noexcept
{
    const std::span<const std::byte, 4> lengths{records_.at(position), 4};
    const auto* const text = records_.at(position) + lengths.size();
    const auto name_bytes = load_little_endian<std::uint16_t>(lengths.first<2>());
    const auto file_bytes = load_little_endian<std::uint16_t>(lengths.last<2>());
    return {
        .tensor = as_text({text, name_bytes}), .file = as_text({text + name_bytes, file_bytes})};
}

void ShardIndexFindings::List::add(std::string sentence)
{
    ++count;
    if (first.size() < FINDINGS_MAX)
        first.push_back(std::move(sentence));
}

namespace
{

/// One comparison: which files the index names, then each entry, then each tensor of those files.
class Comparison
{
public:
    Comparison(const ShardIndex& index, std::string_view index_path,
        std::span<const FileEntry> files, std::span<const Tensor> tensors)
      : index_{index},
        files_{files},
        tensors_{tensors},
        is_shard_(files.size(), 0),
        has_tensors_(files.size(), 0)
    {
        const auto slash = index_path.rfind('/');
        if (slash != std::string_view::npos)
            folder_ = index_path.substr(0, slash + 1);
        for (const auto& tensor : tensors)
            has_tensors_[tensor.file_index] = 1;
    }

    ShardIndexFindings run() &&
    {
        for (std::size_t i = 0; i < index_.size(); ++i)
            check_entry(index_[i]);
        for (const auto& tensor : tensors_)
            check_tensor(tensor);
        if (index_.total_size() && *index_.total_size() != bytes_ && findings_.missing.count == 0)
            findings_.total_size =
                fmt::format("metadata.total_size is {}, its tensors have {} bytes",
                    *index_.total_size(), bytes_);
        return std::move(findings_);
    }

private:
    /// The index in files_, or nothing.
    [[nodiscard]] std::optional<std::size_t> find_file(std::string_view name) const
    {
        const auto path = fmt::format("{}{}", folder_, name);
        const auto found = std::ranges::lower_bound(files_, path, {}, &FileEntry::path);
        if (found == files_.end() || found->path != path)
            return std::nullopt;
        return static_cast<std::size_t>(found - files_.begin());
    }

    void check_entry(const ShardIndex::Entry& entry)
    {
        // Neighbours mostly name the same file.
        if (entry.file != last_name_ || !last_file_)
        {
            last_name_ = entry.file;
            last_file_ = find_file(entry.file);
        }
        if (!last_file_)
        {
            findings_.missing.add(
                fmt::format("the tensor \"{}\" should be in \"{}\", which is not there",
                    printable(entry.tensor), printable(entry.file)));
            return;
        }
        is_shard_[*last_file_] = 1;
        const auto wanted = std::pair{entry.tensor, *last_file_};
        const auto found = std::ranges::lower_bound(tensors_, wanted, {}, [](const Tensor& t) {
            return std::pair{std::string_view{t.name}, std::size_t{t.file_index}};
        });
        if (found != tensors_.end() && found->name == entry.tensor &&
            found->file_index == *last_file_)
            bytes_ += found->size;
        else if (has_tensors_[*last_file_] != 0)
            findings_.missing.add(fmt::format("the tensor \"{}\" is not in \"{}\"",
                printable(entry.tensor), printable(entry.file)));
    }

    void check_tensor(const Tensor& tensor)
    {
        if (is_shard_[tensor.file_index] == 0)
            return;
        const auto& path = files_[tensor.file_index].path;
        const auto mapped = file_of(tensor.name);
        if (!mapped)
            findings_.extra.add(fmt::format("the tensor \"{}\" of \"{}\" is not in the index",
                printable(tensor.name), printable(path)));
        else if (fmt::format("{}{}", folder_, *mapped) != path)
            findings_.duplicate.add(fmt::format("the tensor \"{}\" is in \"{}\" and in \"{}\"",
                printable(tensor.name), printable(path), printable(*mapped)));
    }

    /// The file that the index says for a tensor. Both lists are in order of names, so one pass
    /// over the index serves all calls.
    [[nodiscard]] std::optional<std::string_view> file_of(std::string_view tensor)
    {
        while (next_entry_ < index_.size() && index_[next_entry_].tensor < tensor)
            ++next_entry_;
        if (next_entry_ == index_.size() || index_[next_entry_].tensor != tensor)
            return std::nullopt;
        return index_[next_entry_].file;
    }

    const ShardIndex& index_;
    std::span<const FileEntry> files_;
    std::span<const Tensor> tensors_;
    std::string_view folder_;  ///< With its slash; empty at the top.
    std::vector<std::uint8_t> is_shard_;
    std::vector<std::uint8_t> has_tensors_;
    std::string_view last_name_;
    std::optional<std::size_t> last_file_;
    std::size_t next_entry_ = 0;
    std::uint64_t bytes_ = 0;
    ShardIndexFindings findings_;
};

}  // namespace

ShardIndexFindings compare_shard_index(const ShardIndex& index, std::string_view index_path,
    std::span<const FileEntry> files, std::span<const Tensor> tensors)
{
    return Comparison{index, index_path, files, tensors}.run();
}

}  // namespace ashlar
