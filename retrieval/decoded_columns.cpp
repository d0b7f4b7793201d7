#include "retrieval/decoded_columns.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view COLUMN_MAGIC = "ashcolum";
constexpr std::size_t BYTES_PER_COLUMN = ELEMENTS_PER_COLUMN * BYTES_PER_ELEMENT;

/// Decoded at once: a run of the code finds the erasure polynomial once for all of them, and its
/// columns are what a kill loses.
constexpr std::size_t COLUMNS_AT_ONCE = 8;

/// Slices of wanted blobs, each into the file of its column.
class ColumnWriter final : public SliceWriter
{
public:
    ColumnWriter(std::span<const std::uint64_t> wanted, std::size_t head_bytes,
        std::size_t first_column, std::span<const File> files)
      : wanted_{wanted}, head_bytes_{head_bytes}, first_column_{first_column}, files_{files}
    {}

    [[nodiscard]] Result<void> write(
        std::uint64_t stored, std::size_t element_begin, ByteView bytes) override
    {
        const auto place = std::ranges::lower_bound(wanted_, stored);
        ASHLAR_ASSERT(place != wanted_.end() && *place == stored);
        const auto index = static_cast<std::uint64_t>(place - wanted_.begin());
        auto at = element_begin * BYTES_PER_ELEMENT;
        while (!bytes.empty())
        {
            const auto column = at / BYTES_PER_COLUMN;
            const auto part =
                bytes.first(std::min(bytes.size(), (column + 1) * BYTES_PER_COLUMN - at));
            ASHLAR_CHECK(files_[column - first_column_].write_at(
                head_bytes_ + index * BYTES_PER_COLUMN + at % BYTES_PER_COLUMN, part));
            at += part.size();
            bytes = bytes.subspan(part.size());
        }
        return {};
    }

private:
    std::span<const std::uint64_t> wanted_;
    std::size_t head_bytes_;
    std::size_t first_column_;
    std::span<const File> files_;
};

Result<void> rename_file(const std::filesystem::path& from, const std::filesystem::path& to)
{
    std::error_code error;
    std::filesystem::rename(from, to, error);
    if (error)
        return fail(
            ErrorKind::unavailable, "cannot name {}: {}", printable(to.native()), error.message());
    return {};
}

}  // namespace

DecodedColumns::DecodedColumns(std::filesystem::path folder, std::vector<std::uint64_t> wanted)
  : folder_{std::move(folder)}, wanted_{std::move(wanted)}, columns_(CELL_COLUMNS)
{}

Result<DecodedColumns> DecodedColumns::open(const std::filesystem::path& folder,
    const Bytes32& object_root, std::span<const std::uint64_t> wanted)
{
    ASHLAR_ASSERT(std::ranges::is_sorted(wanted));
    ASHLAR_CHECK(make_folders(folder));
    DecodedColumns columns{folder, {wanted.begin(), wanted.end()}};
    Bytes list;
    for (const auto stored : wanted)
        append(list, big_endian(stored));
    append(columns.head_, as_byte_view(COLUMN_MAGIC));
    append(columns.head_, object_root);
    append(columns.head_, sha256(list));
    for (std::size_t column = 0; column < CELL_COLUMNS; ++column)
        ASHLAR_CHECK(columns.find(column));
    return columns;
}

std::filesystem::path DecodedColumns::path_of(std::size_t column) const
{
    return folder_ / fmt::format("columns-{:02}", column);
}

Result<void> DecodedColumns::find(std::size_t column)
{
    const auto path = path_of(column);
    std::error_code error;
    if (!std::filesystem::exists(path, error))
        return {};
    ASHLAR_TRY(auto file, File::open_read(path));
    ASHLAR_TRY(const auto size, file.size_bytes());
    Bytes head(head_.size());
    const bool is_ours = size == head_.size() + wanted_.size() * BYTES_PER_COLUMN &&
                         file.read_at(0, head) && head == head_;
    if (is_ours)
        columns_[column] = std::move(file);
    else
        spdlog::warn("{} is of another repair and not used", printable(path.native()));
    return {};
}

std::size_t DecodedColumns::count() const noexcept
{
    return static_cast<std::size_t>(std::ranges::count_if(columns_, &File::is_open));
}

std::vector<CellColumns> DecodedColumns::missing(const CellColumns& columns) const
{
    std::vector<CellColumns> out;
    for (auto at = columns.begin; at < columns.end;)
    {
        auto width = columns_[at].is_open() ? std::size_t{0} : std::size_t{1};
        // The code takes powers of two.
        const auto is_free = [&](std::size_t end) {
            return end <= columns.end && std::none_of(columns_.begin() + static_cast<long>(at),
                                             columns_.begin() + static_cast<long>(end),
                                             [](const File& file) { return file.is_open(); });
        };
        while (width > 0 && 2 * width <= COLUMNS_AT_ONCE && is_free(at + 2 * width))
            width *= 2;
        if (width > 0)
            out.push_back({.begin = at, .end = at + width});
        at += std::max(width, std::size_t{1});
    }
    return out;
}

Result<void> DecodedColumns::add(const CellColumns& range,
    const std::function<Result<void>(const ColumnRange&, SliceWriter&)>& decode)
{
    // Another machine may work in the same folder.
    const auto tag = system_random().below(~std::uint64_t{0});
    const auto unnamed = [&](std::size_t column) {
        return folder_ / fmt::format(".columns-{:02}-{:016x}", column, tag);
    };
    std::vector<File> files;
    for (auto column = range.begin; column < range.end; ++column)
    {
        ASHLAR_TRY(auto file, File::open_or_create(unnamed(column)));
        ASHLAR_CHECK(file.truncate(head_.size() + wanted_.size() * BYTES_PER_COLUMN));
        ASHLAR_CHECK(file.write_at(0, head_));
        files.push_back(std::move(file));
    }
    ColumnWriter writer{wanted_, head_.size(), range.begin, files};
    ASHLAR_CHECK(
        decode({.begin = range.begin * ELEMENTS_PER_COLUMN, .end = range.end * ELEMENTS_PER_COLUMN},
            writer));
    for (auto column = range.begin; column < range.end; ++column)
    {
        ASHLAR_CHECK(files[column - range.begin].sync());
        ASHLAR_CHECK(rename_file(unnamed(column), path_of(column)));
        columns_[column] = std::move(files[column - range.begin]);
    }
    return sync_folder(folder_);
}

Result<void> DecodedColumns::read_blob(
    std::size_t index, std::span<std::byte, BYTES_PER_BLOB> out) const
{
    for (std::size_t column = 0; column < CELL_COLUMNS; ++column)
        ASHLAR_CHECK(columns_[column].read_at(head_.size() + index * BYTES_PER_COLUMN,
            out.subspan(column * BYTES_PER_COLUMN, BYTES_PER_COLUMN)));
    return {};
}

Result<void> DecodedColumns::remove()
{
    for (std::size_t column = 0; column < CELL_COLUMNS; ++column)
    {
        columns_[column] = File{};
        std::error_code error;
        std::filesystem::remove(path_of(column), error);
        if (error)
            return fail(ErrorKind::unavailable, "cannot remove {}: {}",
                printable(path_of(column).native()), error.message());
    }
    return {};
}

}  // namespace ashlar
