#pragma once

/// Single entries found in a few cells of the directory, where the whole directory would be
/// megabytes.

#include <functional>
#include <map>

#include "checkpoint/directory.hpp"
#include "retrieval/light_object.hpp"

namespace ashlar
{

/// Payload bytes, each proven by its cell; none is asked for twice.
class ProvenCells
{
public:
    /// @pre the object outlives this
    explicit ProvenCells(LightObject& object) : object_{&object} {}

    /// @pre the range lies in the payload and is not empty
    [[nodiscard]] Result<Bytes> read(std::uint64_t offset, std::uint64_t size);

private:
    [[nodiscard]] Result<const Bytes*> cell_bytes(std::uint64_t cell);
    [[nodiscard]] Result<const BoundCommitment*> bound_blob(std::uint64_t blob);

    LightObject* object_;
    std::map<std::uint64_t, Bytes> cells_;  ///< Counted over all blobs: 64 in each.
    std::map<std::uint64_t, BoundCommitment> blobs_;
};

/// Payload bytes that are what the object root binds; the range lies in the payload and is not
/// empty.
using PayloadReader = std::function<Result<Bytes>(std::uint64_t offset, std::uint64_t size)>;

/// Every byte looked at is proven by its cell, but only they are: rules that the rest of the
/// directory breaks are not seen, and no path to the header's directory_root comes of it.
class DirectorySearch
{
public:
    /// Where the lists lie.
    /// @return  proof_invalid if the publisher's directory breaks its format; an error of
    ///          LightObject.
    [[nodiscard]] static Result<DirectorySearch> open(LightObject& object);

    /// The same over any reader. @pre directory_offset ≤ payload_bytes
    [[nodiscard]] static Result<DirectorySearch> open(
        PayloadReader read, std::uint64_t directory_offset, std::uint64_t payload_bytes);

    /// @param file  Path of its file; needed only if several files have a tensor of that name.
    /// @return  not_found if there is none where that name belongs; invalid_input if the file is
    ///          needed; as open()
    [[nodiscard]] Result<Tensor> tensor(
        std::string_view name, const std::optional<std::string>& file = std::nullopt);

    /// @return  not_found if there is none where that path belongs; as open()
    [[nodiscard]] Result<FileEntry> file(std::string_view path);

private:
    /// A list of entries in the payload: a table of offsets, then the entries.
    struct List
    {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        std::uint64_t count = 0;
        std::size_t head_bytes = 0;  ///< Of an entry, before its name.
        std::uint64_t entry_bytes_max = 0;
    };

    DirectorySearch(PayloadReader read, std::uint64_t directory_offset)
      : read_{std::move(read)}, directory_offset_{directory_offset}
    {}

    [[nodiscard]] Result<void> count_entries(List& list);
    [[nodiscard]] Result<std::uint64_t> offset_of(const List& list, std::uint64_t index);
    [[nodiscard]] Result<Bytes> entry(const List& list, std::uint64_t index);
    [[nodiscard]] Result<std::uint64_t> lower_bound(
        const List& list, std::string_view name, std::uint64_t hint);
    [[nodiscard]] Result<std::optional<std::uint64_t>> guess_place(std::string_view name);
    [[nodiscard]] Result<std::uint64_t> guess_index(std::uint64_t place);

    [[nodiscard]] Result<Tensor> parse_tensor(ByteView bytes) const;
    [[nodiscard]] Result<FileEntry> parse_file(ByteView bytes) const;

    PayloadReader read_;
    std::uint64_t directory_offset_;
    List files_;
    List tensors_;
};

}  // namespace ashlar
