#pragma once

/// The directory at the end of a payload: which file and which tensor lies where (DESIGN §2).
///
/// It is the publisher's claim about bytes that are themselves proven. Validity is a property of
/// the value: parse() returns none that breaks a rule, and from_parts() makes none.

#include <array>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "checkpoint/tensor_header.hpp"

namespace ashlar
{

inline constexpr std::size_t FILES_MAX = std::size_t{1} << 20;

struct FileEntry
{
    std::string path;
    std::uint64_t offset;  ///< Payload bytes; a multiple of PAYLOAD_BYTES_PER_BLOB.
    std::uint64_t size;    ///< Bytes.
    Bytes32 sha256;
    Bytes20 git_sha1;  ///< SHA1("blob " ‖ decimal size ‖ 0 ‖ contents).

    friend bool operator==(const FileEntry&, const FileEntry&) = default;
};

struct Tensor
{
    std::string name;
    std::uint32_t file_index;
    Dtype dtype;
    std::vector<std::uint64_t> shape;  ///< In the header's own order.
    std::uint64_t offset;              ///< Payload bytes.
    std::uint64_t size;                ///< Bytes.

    friend bool operator==(const Tensor&, const Tensor&) = default;
};

/// Immutable, so threads may share it.
///
/// The rules: paths as of check_path() and check_path_set(); file offsets as the layout makes them
/// from the sizes; tensors strictly increasing by (name, file), with UTF-8 names of at most 1024
/// bytes, at most 8 dimensions, each inside its file; a defined dtype; a shape whose product fits
/// 64 bits and, if the dtype's size is known, agrees with the tensor's size.
class Directory
{
public:
    /// An object without files has this directory.
    Directory() = default;

    /// @return  invalid_input if a rule is broken, or the encoding would pass 4 GiB.
    [[nodiscard]] static Result<Directory> from_parts(
        std::vector<FileEntry> files, std::vector<Tensor> tensors);

    /// Strict: only the canonical SSZ encoding of a valid directory is accepted. Memory stays
    /// within a small multiple of the input, whatever it claims.
    [[nodiscard]] static Result<Directory> parse(ByteView bytes);

    /// Canonical SSZ; parse() gives back the same directory.
    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] std::uint64_t encoded_bytes() const noexcept;

    /// hash_tree_root: the header's directory_root.
    [[nodiscard]] Bytes32 root() const;

    /// Siblings of tensor `index` up to root(): 22 in the list, the list's length, the root of the
    /// files. Hashes the whole directory.
    /// @pre index < tensors().size()
    [[nodiscard]] std::vector<Bytes32> tensor_path(std::size_t index) const;

    /// Where the directory itself begins: the first blob boundary at or after the last file's end.
    [[nodiscard]] std::uint64_t offset() const noexcept;

    /// @return  invalid_input unless an object header with these numbers fits this directory.
    [[nodiscard]] Result<void> validate_layout(
        std::uint64_t payload_bytes, std::uint64_t directory_offset) const;

    [[nodiscard]] const std::vector<FileEntry>& files() const noexcept { return files_; }
    [[nodiscard]] const std::vector<Tensor>& tensors() const noexcept { return tensors_; }

    /// Nothing if there is no such file. The pointer lives as long as the directory.
    [[nodiscard]] const FileEntry* find_file(std::string_view path) const noexcept;

    /// All tensors of that name: one per file that has it.
    [[nodiscard]] std::span<const Tensor> find_tensors(std::string_view name) const noexcept;

    friend bool operator==(const Directory&, const Directory&) = default;

private:
    std::vector<FileEntry> files_;
    std::vector<Tensor> tensors_;
};

/// hash_tree_root of a directory's entry.
[[nodiscard]] Bytes32 tensor_root(const Tensor& tensor);

/// The least multiple of PAYLOAD_BYTES_PER_BLOB that is ≥ `payload_bytes`.
/// @return  invalid_input beyond what the largest object holds.
[[nodiscard]] Result<std::uint64_t> next_blob_boundary(std::uint64_t payload_bytes);

/// Sets each file's offset from the sizes before it; an empty file takes no room.
/// @return  invalid_input if the files do not fit the largest object.
[[nodiscard]] Result<void> lay_out(std::vector<FileEntry>& files);

}  // namespace ashlar
