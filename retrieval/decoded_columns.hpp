#pragma once

/// Decoded blobs by cell columns, in files of a folder, so that a decode goes on after any end and
/// several machines can share one: each decodes some columns, and their files are brought together
/// by a shared folder or by copying.
///
/// File `columns-NN`: "ashcolum" ‖ object root (32) ‖ SHA-256 of the wanted list (32) ‖ for each
/// wanted blob, in order, the 2,048 bytes of cell column NN. It gets its name when it is whole. A
/// false one is found when the blobs that it gives are verified.

#include <filesystem>

#include "base/file.hpp"
#include "erasure/object_code.hpp"

namespace ashlar
{

inline constexpr std::size_t CELL_COLUMNS = 64;
inline constexpr std::size_t ELEMENTS_PER_COLUMN = ELEMENTS_PER_BLOB / CELL_COLUMNS;

/// Cell columns begin … end − 1: 64 elements or 2,048 bytes of every blob each.
struct CellColumns
{
    std::size_t begin = 0;
    std::size_t end = CELL_COLUMNS;
};

/// For one thread, but for read_blob().
class DecodedColumns
{
public:
    /// @param folder  Made if it is not there.
    /// @param wanted  The blobs that are decoded, ascending. Columns in the folder that are of
    ///                another object or of other blobs are none.
    [[nodiscard]] static Result<DecodedColumns> open(const std::filesystem::path& folder,
        const Bytes32& object_root, std::span<const std::uint64_t> wanted);

    /// Columns that are in the folder.
    [[nodiscard]] std::size_t count() const noexcept;

    /// What is missing among `columns`, in ranges that encode_object() and decode_object() take.
    [[nodiscard]] std::vector<CellColumns> missing(const CellColumns& columns) const;

    /// Calls `decode` with a writer for the range's slices of the wanted blobs; then the columns
    /// are in the folder.
    [[nodiscard]] Result<void> add(const CellColumns& range,
        const std::function<Result<void>(const ColumnRange&, SliceWriter&)>& decode);

    /// A wanted blob, not verified. Thread-safe.
    /// @pre all columns are there; index < wanted.size()
    [[nodiscard]] Result<void> read_blob(
        std::size_t index, std::span<std::byte, BYTES_PER_BLOB> out) const;

    /// Removes all columns from the folder, whosever they are.
    [[nodiscard]] Result<void> remove();

private:
    DecodedColumns(std::filesystem::path folder, std::vector<std::uint64_t> wanted);

    [[nodiscard]] std::filesystem::path path_of(std::size_t column) const;
    [[nodiscard]] Result<void> find(std::size_t column);

    std::filesystem::path folder_;
    std::vector<std::uint64_t> wanted_;
    Bytes head_;                 ///< First bytes of each file.
    std::vector<File> columns_;  ///< Open where the column is there.
};

}  // namespace ashlar
