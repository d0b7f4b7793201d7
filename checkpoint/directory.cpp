#include "checkpoint/directory.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/log.hpp"
#include "base/parallel.hpp"
#include "base/shape.hpp"
#include "base/ssz.hpp"
#include "checkpoint/path_rules.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t PAYLOAD_BYTES_MAX = DOMAIN_MAX * PAYLOAD_BYTES_PER_BLOB;

Result<void> check_files(std::span<const FileEntry> files)
{
    if (files.size() > FILES_MAX)
        return fail(
            ErrorKind::invalid_input, "{} files, at most {} are allowed", files.size(), FILES_MAX);
    std::vector<std::string_view> paths;
    paths.reserve(files.size());
    std::uint64_t expected = 0;
    for (const auto& file : files)
    {
        ASHLAR_CHECK(check_path(file.path));
        paths.push_back(file.path);
        if (file.offset != expected)
            return fail(ErrorKind::invalid_input, "the file \"{}\" has offset {} instead of {}",
                printable(file.path), file.offset, expected);
        if (file.size > PAYLOAD_BYTES_MAX - expected)
            return fail(ErrorKind::invalid_input, "the file \"{}\" ends beyond the largest object",
                printable(file.path));
        ASHLAR_TRY(expected, next_blob_boundary(expected + file.size));
    }
    return check_path_set(paths);
}

Result<void> check_tensor(const Tensor& tensor, std::span<const FileEntry> files)
{
    if (tensor.name.size() > TENSOR_NAME_BYTES_MAX || !is_utf8(tensor.name))
        return fail(ErrorKind::invalid_input, "its name is too long or not UTF-8");
    if (tensor.shape.size() > TENSOR_RANK_MAX)
        return fail(ErrorKind::invalid_input, "it has {} dimensions, at most {} are allowed",
            tensor.shape.size(), TENSOR_RANK_MAX);
    if (tensor.file_index >= files.size())
        return fail(ErrorKind::invalid_input, "its file {} does not exist", tensor.file_index);
    const auto& file = files[tensor.file_index];
    const bool inside = tensor.offset >= file.offset && tensor.size <= file.size &&
                        tensor.offset - file.offset <= file.size - tensor.size;
    if (!inside)
        return fail(ErrorKind::invalid_input, "it lies outside its file");
    if (!is_defined(tensor.dtype))
        return fail(ErrorKind::invalid_input, "its dtype is undefined");
    ASHLAR_CHECK(element_count(tensor.shape));
    if (const auto info = describe(tensor.dtype))
    {
        ASHLAR_TRY(const auto size, tensor_bytes(*info, tensor.shape));
        if (size != tensor.size)
            return fail(ErrorKind::invalid_input, "it has {} bytes, its dtype and shape say {}",
                tensor.size, size);
    }
    return {};
}

bool in_order(const Tensor& a, const Tensor& b)
{
    return std::tie(a.name, a.file_index) < std::tie(b.name, b.file_index);
}

Result<void> check_tensors(std::span<const Tensor> tensors, std::span<const FileEntry> files)
{
    if (tensors.size() > TENSORS_MAX)
        return fail(ErrorKind::invalid_input, "{} tensors, at most {} are allowed", tensors.size(),
            TENSORS_MAX);
    for (std::size_t i = 0; i < tensors.size(); ++i)
    {
        auto checked = check_tensor(tensors[i], files);
        if (checked && i > 0 && !in_order(tensors[i - 1], tensors[i]))
            checked = fail(ErrorKind::invalid_input, "it is listed twice or out of order");
        if (!checked)
            return within(fmt::format("tensor \"{}\"", printable(tensors[i].name)),
                std::move(checked).error());
    }
    return {};
}

Bytes32 root_of(const FileEntry& file)
{
    return ssz::container_root(std::array{
        ssz::byte_list_root(as_byte_view(file.path), PATH_BYTES_MAX),
        ssz::chunk_of(file.offset),
        ssz::chunk_of(file.size),
        ssz::byte_vector_root(file.sha256),
        ssz::byte_vector_root(file.git_sha1),
    });
}

Bytes32 root_of(const Tensor& tensor)
{
    return tensor_root(tensor);
}

template <typename T>
std::vector<Bytes32> roots_of(const std::vector<T>& items)
{
    std::vector<Bytes32> roots(items.size());
    constexpr std::size_t PIECE = 1024;
    parallel_for((items.size() + PIECE - 1) / PIECE, [&](std::size_t piece) {
        const auto end = std::min(items.size(), (piece + 1) * PIECE);
        for (auto i = piece * PIECE; i < end; ++i)
            roots[i] = root_of(items[i]);
    });
    return roots;
}

}  // namespace

Bytes32 tensor_root(const Tensor& tensor)
{
    return ssz::container_root(std::array{
        ssz::byte_list_root(as_byte_view(tensor.name), TENSOR_NAME_BYTES_MAX),
        ssz::chunk_of(std::uint64_t{tensor.file_index}),
        ssz::chunk_of(static_cast<std::uint64_t>(tensor.dtype)),
        ssz::uint64_list_root(tensor.shape, TENSOR_RANK_MAX),
        ssz::chunk_of(tensor.offset),
        ssz::chunk_of(tensor.size),
    });
}

Result<Directory> Directory::from_parts(std::vector<FileEntry> files, std::vector<Tensor> tensors)
{
    ASHLAR_CHECK(check_files(files));
    ASHLAR_CHECK(check_tensors(tensors, files));
    Directory directory;
    directory.files_ = std::move(files);
    directory.tensors_ = std::move(tensors);
    if (directory.encoded_bytes() > std::numeric_limits<std::uint32_t>::max())
        return fail(ErrorKind::invalid_input, "the directory takes {} bytes; SSZ ends at 4 GiB",
            directory.encoded_bytes());
    return directory;
}

Bytes32 Directory::root() const
{
    return ssz::container_root(std::array{ssz::list_root(roots_of(files_), FILES_MAX),
        ssz::list_root(roots_of(tensors_), TENSORS_MAX)});
}

std::vector<Bytes32> Directory::tensor_path(std::size_t index) const
{
    auto path = ssz::chunk_path(roots_of(tensors_), TENSORS_MAX, index);
    path.push_back(ssz::chunk_of(std::uint64_t{tensors_.size()}));
    path.push_back(ssz::list_root(roots_of(files_), FILES_MAX));
    return path;
}

std::uint64_t Directory::offset() const noexcept
{
    if (files_.empty())
        return 0;
    // check_files() took the same step without an error.
    return *next_blob_boundary(files_.back().offset + files_.back().size);
}

Result<void> Directory::validate_layout(
    std::uint64_t payload_bytes, std::uint64_t directory_offset) const
{
    if (directory_offset != offset() || payload_bytes != offset() + encoded_bytes())
        return fail(ErrorKind::invalid_input,
            "the directory belongs at byte {} of a payload of {}; the header says {} of {}",
            offset(), offset() + encoded_bytes(), directory_offset, payload_bytes);
    return {};
}

const FileEntry* Directory::find_file(std::string_view path) const noexcept
{
    const auto found = std::ranges::lower_bound(files_, path, {}, &FileEntry::path);
    return found != files_.end() && found->path == path ? &*found : nullptr;
}

std::span<const Tensor> Directory::find_tensors(std::string_view name) const noexcept
{
    const auto [first, last] = std::ranges::equal_range(tensors_, name, {}, &Tensor::name);
    return {first, last};
}

Result<std::uint64_t> next_blob_boundary(std::uint64_t payload_bytes)
{
    if (payload_bytes > PAYLOAD_BYTES_MAX)
        return fail(ErrorKind::invalid_input, "{} bytes do not fit the largest object, {} bytes",
            payload_bytes, PAYLOAD_BYTES_MAX);
    const auto blobs = (payload_bytes + PAYLOAD_BYTES_PER_BLOB - 1) / PAYLOAD_BYTES_PER_BLOB;
    return blobs * PAYLOAD_BYTES_PER_BLOB;
}

Result<void> lay_out(std::vector<FileEntry>& files)
{
    std::uint64_t at = 0;
    for (auto& file : files)
    {
        file.offset = at;
        if (file.size > PAYLOAD_BYTES_MAX - at)
            return fail(ErrorKind::invalid_input, "the files pass the largest object, {} bytes",
                PAYLOAD_BYTES_MAX);
        ASHLAR_TRY(at, next_blob_boundary(at + file.size));
    }
    return {};
}

}  // namespace ashlar
