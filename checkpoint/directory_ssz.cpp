// The directory as SSZ bytes: parts of fixed size first, in them 4-byte offsets to the others.
//
//   Directory  u32 8 ‖ u32 offset of tensors ‖ files ‖ tensors
//   list       u32 offset of each item, from the list's start ‖ the items
//   File       u32 72 ‖ u64 offset ‖ u64 size ‖ sha256 ‖ git_sha1 ‖ path
//   Tensor     u32 29 ‖ u32 file_index ‖ u8 dtype ‖ u32 offset of shape ‖ u64 offset ‖ u64 size
//              ‖ name ‖ shape, u64 each
//
// Every offset must be exactly where the part before ends, which leaves one encoding per value.

#include "checkpoint/directory_ssz.hpp"

namespace ashlar
{
namespace
{

std::uint64_t encoded_size(const FileEntry& file) noexcept
{
    return FILE_HEAD_BYTES + file.path.size();
}

std::uint64_t encoded_size(const Tensor& tensor) noexcept
{
    return TENSOR_HEAD_BYTES + tensor.name.size() + 8 * tensor.shape.size();
}

template <typename T>
std::uint64_t encoded_size(const std::vector<T>& items) noexcept
{
    std::uint64_t bytes = SSZ_OFFSET_BYTES * items.size();
    for (const auto& item : items)
        bytes += encoded_size(item);
    return bytes;
}

void append_offset(Bytes& out, std::uint64_t offset)
{
    append(out, little_endian(static_cast<std::uint32_t>(offset)));
}

void append_item(Bytes& out, const FileEntry& file)
{
    append_offset(out, FILE_HEAD_BYTES);
    append(out, little_endian(file.offset));
    append(out, little_endian(file.size));
    append(out, file.sha256);
    append(out, file.git_sha1);
    append(out, as_byte_view(file.path));
}

void append_item(Bytes& out, const Tensor& tensor)
{
    append_offset(out, TENSOR_HEAD_BYTES);
    append(out, little_endian(tensor.file_index));
    out.push_back(static_cast<std::byte>(tensor.dtype));
    append_offset(out, TENSOR_HEAD_BYTES + tensor.name.size());
    append(out, little_endian(tensor.offset));
    append(out, little_endian(tensor.size));
    append(out, as_byte_view(tensor.name));
    for (const auto dimension : tensor.shape)
        append(out, little_endian(dimension));
}

template <typename T>
void append_list(Bytes& out, const std::vector<T>& items)
{
    std::uint64_t offset = SSZ_OFFSET_BYTES * items.size();
    for (const auto& item : items)
    {
        append_offset(out, offset);
        offset += encoded_size(item);
    }
    for (const auto& item : items)
        append_item(out, item);
}

/// Takes fixed parts off the front of an item whose length was checked before.
class Cursor
{
public:
    explicit Cursor(ByteView bytes) noexcept : rest_{bytes} {}

    template <std::size_t N>
    ByteArray<N> take() noexcept
    {
        const auto bytes = to_array(rest_.first<N>());
        rest_ = rest_.subspan(N);
        return bytes;
    }

    template <std::unsigned_integral T>
    T take_integer() noexcept
    {
        return load_little_endian<T>(take<sizeof(T)>());
    }

    [[nodiscard]] ByteView rest() const noexcept { return rest_; }

private:
    ByteView rest_;
};

tl::unexpected<Error> malformed(std::string_view what)
{
    return fail(ErrorKind::invalid_input, "the directory is not canonical SSZ: {}", what);
}

template <typename T>
Result<std::vector<T>> parse_list(ByteView bytes, Result<T> (*parse_item)(ByteView),
    std::size_t item_bytes_min, std::size_t count_max)
{
    if (bytes.empty())
        return std::vector<T>{};
    if (bytes.size() < SSZ_OFFSET_BYTES)
        return malformed("a list is too short");
    const auto offset_at = [&](std::size_t i) -> std::size_t {
        return load_little_endian<std::uint32_t>(
            bytes.subspan(i * SSZ_OFFSET_BYTES).first<SSZ_OFFSET_BYTES>());
    };
    const auto count = offset_at(0) / SSZ_OFFSET_BYTES;
    // The count is backed by bytes before anything is allocated for it.
    if (count == 0 || offset_at(0) % SSZ_OFFSET_BYTES != 0 || count > count_max ||
        count > bytes.size() / (SSZ_OFFSET_BYTES + item_bytes_min))
        return malformed("the length of a list");
    std::vector<T> items(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        const auto begin = offset_at(i);
        const auto end = i + 1 < count ? offset_at(i + 1) : bytes.size();
        if (begin > end || end > bytes.size())
            return malformed("the offsets of a list");
        ASHLAR_TRY(items[i], parse_item(bytes.subspan(begin, end - begin)));
    }
    return items;
}

}  // namespace

Result<FileEntry> parse_file_entry(ByteView bytes)
{
    if (bytes.size() < FILE_HEAD_BYTES)
        return malformed("a file is too short");
    Cursor cursor{bytes};
    if (cursor.take_integer<std::uint32_t>() != FILE_HEAD_BYTES)
        return malformed("the offset of a path");
    FileEntry file{};
    file.offset = cursor.take_integer<std::uint64_t>();
    file.size = cursor.take_integer<std::uint64_t>();
    file.sha256 = cursor.take<32>();
    file.git_sha1 = cursor.take<20>();
    file.path = as_text(cursor.rest());
    return file;
}

Result<Tensor> parse_tensor_entry(ByteView bytes)
{
    if (bytes.size() < TENSOR_HEAD_BYTES)
        return malformed("a tensor is too short");
    Cursor cursor{bytes};
    if (cursor.take_integer<std::uint32_t>() != TENSOR_HEAD_BYTES)
        return malformed("the offset of a tensor's name");
    Tensor tensor{};
    tensor.file_index = cursor.take_integer<std::uint32_t>();
    tensor.dtype = Dtype{cursor.take_integer<std::uint8_t>()};
    const auto shape_offset = cursor.take_integer<std::uint32_t>();
    tensor.offset = cursor.take_integer<std::uint64_t>();
    tensor.size = cursor.take_integer<std::uint64_t>();
    if (shape_offset < TENSOR_HEAD_BYTES || shape_offset > bytes.size())
        return malformed("the offset of a tensor's shape");
    tensor.name = as_text(cursor.rest().first(shape_offset - TENSOR_HEAD_BYTES));

    const auto shape = bytes.subspan(shape_offset);
    if (shape.size() % 8 != 0 || shape.size() > 8 * TENSOR_RANK_MAX)
        return malformed("the length of a tensor's shape");
    Cursor dimensions{shape};
    tensor.shape.resize(shape.size() / 8);
    for (auto& dimension : tensor.shape)
        dimension = dimensions.take_integer<std::uint64_t>();
    return tensor;
}

std::uint64_t Directory::encoded_bytes() const noexcept
{
    return DIRECTORY_HEAD_BYTES + encoded_size(files_) + encoded_size(tensors_);
}

Bytes Directory::encode() const
{
    Bytes out;
    out.reserve(static_cast<std::size_t>(encoded_bytes()));
    append_offset(out, DIRECTORY_HEAD_BYTES);
    append_offset(out, DIRECTORY_HEAD_BYTES + encoded_size(files_));
    append_list(out, files_);
    append_list(out, tensors_);
    return out;
}

Result<Directory> Directory::parse(ByteView bytes)
{
    if (bytes.size() < DIRECTORY_HEAD_BYTES)
        return malformed("it is too short");
    Cursor cursor{bytes};
    const auto files_offset = cursor.take_integer<std::uint32_t>();
    const auto tensors_offset = cursor.take_integer<std::uint32_t>();
    if (files_offset != DIRECTORY_HEAD_BYTES || tensors_offset < files_offset ||
        tensors_offset > bytes.size())
        return malformed("the offsets of its lists");
    const auto files_bytes = bytes.first(tensors_offset).subspan(files_offset);
    ASHLAR_TRY(auto files, parse_list(files_bytes, parse_file_entry, FILE_HEAD_BYTES, FILES_MAX));
    ASHLAR_TRY(auto tensors, parse_list(bytes.subspan(tensors_offset), parse_tensor_entry,
                                 TENSOR_HEAD_BYTES, TENSORS_MAX));
    return from_parts(std::move(files), std::move(tensors));
}

}  // namespace ashlar
