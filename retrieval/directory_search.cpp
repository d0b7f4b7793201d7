#include "retrieval/directory_search.hpp"

#include "base/log.hpp"
#include "checkpoint/blob_packing.hpp"
#include "checkpoint/directory_ssz.hpp"
#include "checkpoint/path_rules.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t FILE_BYTES_MAX = FILE_HEAD_BYTES + PATH_BYTES_MAX;
constexpr std::uint64_t TENSOR_BYTES_MAX =
    TENSOR_HEAD_BYTES + TENSOR_NAME_BYTES_MAX + TENSOR_RANK_MAX * sizeof(std::uint64_t);

/// Tensors of one name that are looked at for the one in a file.
constexpr std::uint64_t NAMESAKES_MAX = 4096;

/// Looks into the table of offsets for the place of an entry. Tables are nearly straight lines.
constexpr int GUESSES_MAX = 8;

tl::unexpected<Error> broken_directory(std::string_view why)
{
    return fail(ErrorKind::proof_invalid, "the publisher's directory is malformed: {}", why);
}

std::uint64_t offset_at(ByteView bytes, std::size_t at)
{
    return load_little_endian<std::uint32_t>(bytes.subspan(at).first<SSZ_OFFSET_BYTES>());
}

/// The name in an entry that has its head; nothing if it has no place there.
std::optional<std::string_view> name_in(ByteView entry, std::size_t head_bytes)
{
    if (entry.size() < head_bytes || offset_at(entry, 0) != head_bytes)
        return std::nullopt;
    const auto end = head_bytes == TENSOR_HEAD_BYTES ? offset_at(entry, 9) : entry.size();
    if (end < head_bytes || end > entry.size())
        return std::nullopt;
    return as_text(entry.subspan(head_bytes, static_cast<std::size_t>(end) - head_bytes));
}

/// Where something that looks like a tensor's entry begins, at or after `at`; bytes.size() if
/// nothing does.
std::size_t find_entry(ByteView bytes, std::size_t at)
{
    while (at < bytes.size() && !name_in(bytes.subspan(at), TENSOR_HEAD_BYTES))
        ++at;
    return at;
}

}  // namespace

Result<Bytes> ProvenCells::read(std::uint64_t offset, std::uint64_t size)
{
    Bytes out;
    const auto last = (offset + size - 1) / PAYLOAD_BYTES_PER_CELL;
    const auto first = offset / PAYLOAD_BYTES_PER_CELL;
    for (auto cell = first; cell <= last; ++cell)
    {
        ASHLAR_TRY(const auto* const bytes, cell_bytes(cell));
        append(out, *bytes);
    }
    const auto skipped = static_cast<std::ptrdiff_t>(offset - first * PAYLOAD_BYTES_PER_CELL);
    out.erase(out.begin(), out.begin() + skipped);
    out.resize(static_cast<std::size_t>(size));
    return out;
}

Result<const Bytes*> ProvenCells::cell_bytes(std::uint64_t cell)
{
    auto& bytes = cells_[cell];
    if (!bytes.empty())
        return &bytes;
    ASHLAR_TRY(const auto* const bound, bound_blob(cell / CELLS_PER_BLOB));
    ASHLAR_TRY(const auto proven, object_->cell(*bound, cell % CELLS_PER_BLOB));
    Bytes unpacked(PAYLOAD_BYTES_PER_CELL);
    if (const auto fits = unpack_elements(proven.cell, unpacked); !fits)
        return fail(ErrorKind::proof_invalid, "the publisher's object is INVALID: {}",
            fits.error().message);
    bytes = std::move(unpacked);
    return &bytes;
}

Result<const BoundCommitment*> ProvenCells::bound_blob(std::uint64_t blob)
{
    if (const auto found = blobs_.find(blob); found != blobs_.end())
        return &found->second;
    // One walk binds all of a fiber.
    std::vector<std::uint64_t> fiber;
    const auto begin = blob / FOLD_FIBER * FOLD_FIBER;
    const auto end = std::min(begin + FOLD_FIBER, object_->header().shape().data_blobs());
    // The holder of the first is asked for the walk, and for the cell.
    fiber.push_back(blob);
    for (auto position = begin; position < end; ++position)
    {
        if (position != blob)
            fiber.push_back(position);
    }
    ASHLAR_TRY(auto bound, object_->bind(fiber));
    for (auto& one : bound)
        blobs_.emplace(one.position, std::move(one));
    return &blobs_.at(blob);
}

Result<DirectorySearch> DirectorySearch::open(LightObject& object)
{
    const auto& fields = object.header().fields();
    const auto read = [cells = ProvenCells{object}](std::uint64_t offset,
                          std::uint64_t size) mutable { return cells.read(offset, size); };
    return open(read, fields.directory_offset, fields.payload_bytes);
}

Result<DirectorySearch> DirectorySearch::open(
    PayloadReader read, std::uint64_t directory_offset, std::uint64_t payload_bytes)
{
    DirectorySearch search{std::move(read), directory_offset};
    if (payload_bytes - directory_offset < DIRECTORY_HEAD_BYTES)
        return broken_directory("it ends early");
    ASHLAR_TRY(const auto head, search.read_(directory_offset, DIRECTORY_HEAD_BYTES));
    const auto files_at = directory_offset + offset_at(head, 0);
    const auto tensors_at = directory_offset + offset_at(head, SSZ_OFFSET_BYTES);
    if (offset_at(head, 0) != DIRECTORY_HEAD_BYTES || files_at > tensors_at ||
        tensors_at > payload_bytes)
        return broken_directory("its lists have no such place");
    search.files_ = {.begin = files_at,
        .end = tensors_at,
        .count = 0,
        .head_bytes = FILE_HEAD_BYTES,
        .entry_bytes_max = FILE_BYTES_MAX};
    search.tensors_ = {.begin = tensors_at,
        .end = payload_bytes,
        .count = 0,
        .head_bytes = TENSOR_HEAD_BYTES,
        .entry_bytes_max = TENSOR_BYTES_MAX};
    ASHLAR_CHECK(search.count_entries(search.files_));
    ASHLAR_CHECK(search.count_entries(search.tensors_));
    return search;
}

Result<void> DirectorySearch::count_entries(List& list)
{
    const auto size = list.end - list.begin;
    if (size == 0)
        return {};
    if (size < SSZ_OFFSET_BYTES)
        return broken_directory("a list ends early");
    ASHLAR_TRY(const auto first, read_(list.begin, SSZ_OFFSET_BYTES));
    const auto table_bytes = offset_at(first, 0);
    if (table_bytes == 0 || table_bytes % SSZ_OFFSET_BYTES != 0 || table_bytes >= size)
        return broken_directory("a list has no whole number of entries");
    list.count = table_bytes / SSZ_OFFSET_BYTES;
    return {};
}

/// From the list's begin; its size for index == count.
Result<std::uint64_t> DirectorySearch::offset_of(const List& list, std::uint64_t index)
{
    if (index == list.count)
        return list.end - list.begin;
    ASHLAR_TRY(const auto bytes, read_(list.begin + index * SSZ_OFFSET_BYTES, SSZ_OFFSET_BYTES));
    return offset_at(bytes, 0);
}

/// @return  the entry's bytes, with a name in them
/// @pre index < list.count
Result<Bytes> DirectorySearch::entry(const List& list, std::uint64_t index)
{
    ASHLAR_TRY(const auto first, offset_of(list, index));
    ASHLAR_TRY(const auto end, offset_of(list, index + 1));
    if (first < list.count * SSZ_OFFSET_BYTES || end > list.end - list.begin || end <= first ||
        end - first > list.entry_bytes_max)
        return broken_directory("an entry has no such place");
    ASHLAR_TRY(auto bytes, read_(list.begin + first, end - first));
    if (!name_in(bytes, list.head_bytes))
        return broken_directory("an entry has no name");
    return bytes;
}

/// The first entry whose name is not below `name`: from the hint in growing steps, then in halves.
/// What it says rests on entries that were proven, wherever the hint is.
Result<std::uint64_t> DirectorySearch::lower_bound(
    const List& list, std::string_view name, std::uint64_t hint)
{
    std::uint64_t low = 0;
    auto high = list.count;
    std::uint64_t step = 1;
    bool is_bracketed = false;
    auto probe = std::min(hint, list.count == 0 ? 0 : list.count - 1);
    bool was_below = false;
    for (bool is_first = true; low < high; is_first = false)
    {
        ASHLAR_TRY(const auto bytes, entry(list, probe));
        const bool is_below = *name_in(bytes, list.head_bytes) < name;
        is_bracketed |= !is_first && is_below != was_below;
        was_below = is_below;
        (is_below ? low : high) = is_below ? probe + 1 : probe;
        if (low == high)
            break;
        if (is_bracketed)
            probe = low + (high - low) / 2;
        else
        {
            probe =
                is_below ? std::min(high - 1, low + step - 1) : high - std::min(step, high - low);
            step *= 2;
        }
    }
    return low;
}

/// Where, counted from its list's begin, the entry of a tensor with that name would begin, by what
/// looks like entries in cells halfway: a cell each step, where the table of offsets would take
/// another. A guess: bytes of a name may look like an entry's head.
Result<std::optional<std::uint64_t>> DirectorySearch::guess_place(std::string_view name)
{
    const auto entries = tensors_.begin + tensors_.count * SSZ_OFFSET_BYTES;
    auto low = entries / PAYLOAD_BYTES_PER_CELL;
    auto high = (tensors_.end - 1) / PAYLOAD_BYTES_PER_CELL;
    const auto read_cell = [&](std::uint64_t cell) -> Result<Bytes> {
        const auto begin = std::max(entries, cell * PAYLOAD_BYTES_PER_CELL);
        const auto end = std::min(tensors_.end, (cell + 1) * PAYLOAD_BYTES_PER_CELL);
        return read_(begin, end - begin);
    };
    while (low < high)
    {
        const auto middle = high - (high - low) / 2;
        ASHLAR_TRY(const auto bytes, read_cell(middle));
        const auto at = find_entry(bytes, 0);
        if (at == bytes.size())
            return std::nullopt;
        if (*name_in(ByteView{bytes}.subspan(at), TENSOR_HEAD_BYTES) <= name)
            low = middle;
        else
            high = middle - 1;
    }
    ASHLAR_TRY(const auto bytes, read_cell(low));
    auto at = find_entry(bytes, 0);
    while (at < bytes.size() && *name_in(ByteView{bytes}.subspan(at), TENSOR_HEAD_BYTES) < name)
        at = find_entry(bytes, at + TENSOR_HEAD_BYTES);
    return std::max(entries, low * PAYLOAD_BYTES_PER_CELL) + at - tensors_.begin;
}

/// Index of the tensor's entry at a place: along the straight line between entries that are known.
Result<std::uint64_t> DirectorySearch::guess_index(std::uint64_t place)
{
    std::uint64_t low = 0;
    auto high = tensors_.count;
    auto low_place = tensors_.count * SSZ_OFFSET_BYTES;
    auto high_place = tensors_.end - tensors_.begin;
    auto index = low;
    for (int i = 0; i < GUESSES_MAX && low + 1 < high && low_place < place && place < high_place;
         ++i)
    {
        index = low + std::clamp<std::uint64_t>(
                          (high - low) * (place - low_place) / (high_place - low_place), 1,
                          high - low - 1);
        ASHLAR_TRY(const auto there, offset_of(tensors_, index));
        if (there == place)
            return index;
        (there < place ? low : high) = index;
        (there < place ? low_place : high_place) = there;
    }
    return index;
}

Result<Tensor> DirectorySearch::tensor(
    std::string_view name, const std::optional<std::string>& file)
{
    auto hint = tensors_.count / 2;
    if (tensors_.count > 0)
    {
        ASHLAR_TRY(const auto place, guess_place(name));
        if (place)
        {
            ASHLAR_TRY(hint, guess_index(*place));
        }
    }
    ASHLAR_TRY(const auto first, lower_bound(tensors_, name, hint));
    std::optional<Tensor> found;
    for (auto index = first; index < std::min(tensors_.count, first + NAMESAKES_MAX); ++index)
    {
        ASHLAR_TRY(const auto bytes, entry(tensors_, index));
        ASHLAR_TRY(auto tensor, parse_tensor(bytes));
        if (tensor.name != name)
            break;
        if (file)
        {
            if (tensor.file_index >= files_.count)
                return broken_directory("a tensor is in no file");
            ASHLAR_TRY(const auto its_file, entry(files_, tensor.file_index));
            if (*name_in(its_file, FILE_HEAD_BYTES) != *file)
                continue;
        }
        if (found)
            return fail(ErrorKind::invalid_input, "several files have a tensor {}: say which file",
                printable(name));
        found = std::move(tensor);
    }
    if (!found)
        return fail(ErrorKind::not_found, "the object declares no tensor {}", printable(name));
    return std::move(*found);
}

Result<FileEntry> DirectorySearch::file(std::string_view path)
{
    ASHLAR_TRY(const auto index, lower_bound(files_, path, files_.count / 2));
    if (index < files_.count)
    {
        ASHLAR_TRY(const auto bytes, entry(files_, index));
        ASHLAR_TRY(auto found, parse_file(bytes));
        if (found.path == path)
            return found;
    }
    return fail(ErrorKind::not_found, "the object has no file {}", printable(path));
}

/// A directory's own rules, in one of one file that is the whole payload before the directory.
Result<Tensor> DirectorySearch::parse_tensor(ByteView bytes) const
{
    auto tensor = parse_tensor_entry(bytes);
    if (!tensor)
        return broken_directory(tensor.error().message);
    auto alone = *tensor;
    alone.file_index = 0;
    const FileEntry whole{
        .path = "payload", .offset = 0, .size = directory_offset_, .sha256 = {}, .git_sha1 = {}};
    if (const auto valid = Directory::from_parts({whole}, {std::move(alone)}); !valid)
        return broken_directory(valid.error().message);
    return tensor;
}

Result<FileEntry> DirectorySearch::parse_file(ByteView bytes) const
{
    auto file = parse_file_entry(bytes);
    if (!file)
        return broken_directory(file.error().message);
    if (const auto legal = check_path(file->path); !legal)
        return broken_directory(legal.error().message);
    if (file->offset % PAYLOAD_BYTES_PER_BLOB != 0 || file->offset > directory_offset_ ||
        file->size > directory_offset_ - file->offset)
        return broken_directory("a file lies outside the payload");
    return file;
}

}  // namespace ashlar
