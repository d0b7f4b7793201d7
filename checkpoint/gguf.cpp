#include "checkpoint/gguf.hpp"

#include <algorithm>
#include <bit>

#include "base/log.hpp"
#include "checkpoint/header_reader.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view MAGIC = "GGUF";
constexpr std::string_view ALIGNMENT_KEY = "general.alignment";
constexpr std::uint32_t ALIGNMENT_DEFAULT = 32;
constexpr std::uint32_t TYPE_UINT32 = 4;
constexpr std::uint32_t TYPE_STRING = 8;
constexpr std::uint32_t TYPE_ARRAY = 9;
constexpr std::uint64_t KEY_VALUE_BYTES_MIN = 8 + 1 + 4 + 1;
constexpr std::uint64_t TENSOR_BYTES_MIN = 8 + 4 + 4 + 8;
constexpr std::uint64_t LOADER_MAX = 0x7fff'ffff'ffff'ffff;  ///< The loader counts in int64.

/// Bytes of the types 0 … 12; zero for strings and arrays, which have none of their own.
constexpr std::array<std::uint8_t, 13> VALUE_BYTES{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

Result<std::string> read_text(HeaderReader& source, std::size_t bytes_max, std::string_view what)
{
    ASHLAR_TRY(const auto length, source.read_little_endian<std::uint64_t>());
    if (length > bytes_max)
        return fail(ErrorKind::invalid_input, "a {} of {} bytes, at most {} are allowed", what,
            length, bytes_max);
    std::string text(static_cast<std::size_t>(length), '\0');
    ASHLAR_CHECK(source.read(std::as_writable_bytes(std::span{text})));
    if (!is_utf8(text))
        return fail(ErrorKind::invalid_input, "a {} is not UTF-8", what);
    return text;
}

Result<void> skip_string(HeaderReader& source)
{
    ASHLAR_TRY(const auto length, source.read_little_endian<std::uint64_t>());
    return source.skip(length);
}

Result<void> skip_values(HeaderReader& source, std::uint32_t type, std::uint64_t count)
{
    if (type == TYPE_STRING)
    {
        // Every string takes at least 8 bytes of what is left, so the loop is bounded by that.
        for (std::uint64_t i = 0; i < count; ++i)
            ASHLAR_CHECK(skip_string(source));
        return {};
    }
    if (type >= VALUE_BYTES.size() || type == TYPE_ARRAY)
        return fail(ErrorKind::invalid_input, "values of type {}", type);
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(count, std::uint64_t{VALUE_BYTES[type]}, &bytes))
        return fail(ErrorKind::invalid_input, "an array of {} values", count);
    return source.skip(bytes);
}

Result<void> skip_value(HeaderReader& source, std::uint32_t type)
{
    if (type != TYPE_ARRAY)
        return skip_values(source, type, 1);
    ASHLAR_TRY(const auto element_type, source.read_little_endian<std::uint32_t>());
    ASHLAR_TRY(const auto count, source.read_little_endian<std::uint64_t>());
    return skip_values(source, element_type, count);
}

Result<std::uint32_t> read_alignment(HeaderReader& source, std::uint32_t type)
{
    if (type != TYPE_UINT32)
        return fail(ErrorKind::invalid_input, "{} has type {}", ALIGNMENT_KEY, type);
    ASHLAR_TRY(const auto alignment, source.read_little_endian<std::uint32_t>());
    if (!std::has_single_bit(alignment) || alignment > GGUF_ALIGNMENT_MAX)
        return fail(ErrorKind::invalid_input, "{} is {}: no power of two up to {}", ALIGNMENT_KEY,
            alignment, GGUF_ALIGNMENT_MAX);
    return alignment;
}

/// @return  the alignment of the tensors' bytes.
Result<std::uint32_t> read_key_values(HeaderReader& source, std::uint64_t count)
{
    auto alignment = ALIGNMENT_DEFAULT;
    CompactStrings keys;
    for (std::uint64_t i = 0; i < count; ++i)
    {
        ASHLAR_TRY(const auto key, read_text(source, GGUF_KEY_BYTES_MAX, "key"));
        ASHLAR_TRY(const auto type, source.read_little_endian<std::uint32_t>());
        if (key.empty())
            return fail(ErrorKind::invalid_input, "a key is empty");
        if (key == ALIGNMENT_KEY)
        {
            ASHLAR_TRY(alignment, read_alignment(source, type));
        }
        else if (auto skipped = skip_value(source, type); !skipped)
        {
            return within(fmt::format("key \"{}\"", printable(key)), std::move(skipped).error());
        }
        ASHLAR_CHECK(keys.add(key));
    }
    if (const auto key = keys.find_repeated())
        return fail(ErrorKind::invalid_input, "the key \"{}\" occurs twice", printable(*key));
    return alignment;
}

Result<std::vector<std::uint64_t>> read_shape(HeaderReader& source)
{
    ASHLAR_TRY(const auto rank, source.read_little_endian<std::uint32_t>());
    if (rank > GGUF_DIMENSIONS_MAX)
        return fail(ErrorKind::invalid_input, "{} dimensions, at most {} are allowed", rank,
            GGUF_DIMENSIONS_MAX);
    std::vector<std::uint64_t> shape(rank);
    for (auto& dimension : shape)
    {
        ASHLAR_TRY(dimension, source.read_little_endian<std::uint64_t>());
    }
    return shape;
}

/// @return  the tensor with its offset still counted from the start of the data.
Result<HeaderTensor> read_tensor(HeaderReader& source)
{
    HeaderTensor tensor{};
    ASHLAR_TRY(tensor.name, read_text(source, GGUF_TENSOR_NAME_BYTES_MAX, "tensor name"));
    ASHLAR_TRY(tensor.shape, read_shape(source));
    ASHLAR_TRY(const auto type, source.read_little_endian<std::uint32_t>());
    ASHLAR_TRY(tensor.offset, source.read_little_endian<std::uint64_t>());
    const auto number = std::uint64_t{DTYPE_GGUF_BASE} + type;
    const auto info =
        number <= 255 ? describe(Dtype{static_cast<std::uint8_t>(number)}) : std::nullopt;
    if (!info)
        return fail(ErrorKind::invalid_input, "the tensor \"{}\" has the unknown ggml type {}",
            printable(tensor.name), type);
    tensor.dtype = info->dtype;
    auto size = tensor_bytes(*info, tensor.shape);
    if (!size)
        return within(
            fmt::format("tensor \"{}\"", printable(tensor.name)), std::move(size).error());
    tensor.size = *size;
    const bool representable =
        std::ranges::all_of(tensor.shape, [](std::uint64_t d) { return d <= LOADER_MAX; });
    if (!representable || tensor.size > LOADER_MAX)
        return fail(
            ErrorKind::invalid_input, "the tensor \"{}\" passes 63 bits", printable(tensor.name));
    return tensor;
}

/// Where the next tensor must begin, counted from the start of the data.
struct DataCursor
{
    std::uint64_t alignment_mask;
    std::uint64_t file_bytes;
    std::uint64_t next = 0;
    std::uint64_t end = 0;  ///< Of the last tensor, without the padding after it.
};

/// @pre  n is at most a file's length, so below 2⁶³.
std::uint64_t align(std::uint64_t n, std::uint64_t mask) noexcept
{
    return (n + mask) & ~mask;
}

/// Checks a tensor's place as soon as it is read: a list of a million tensors on one byte must not
/// be kept first.
Result<void> place(const HeaderTensor& tensor, DataCursor& cursor)
{
    if (tensor.offset != cursor.next)
        return fail(ErrorKind::invalid_input, "the tensor \"{}\" has offset {} instead of {}",
            printable(tensor.name), tensor.offset, cursor.next);
    if (cursor.next > cursor.file_bytes || tensor.size > cursor.file_bytes - cursor.next)
        return fail(ErrorKind::invalid_input, "the tensor \"{}\" ends beyond the file",
            printable(tensor.name));
    cursor.end = cursor.next + tensor.size;
    cursor.next = align(cursor.end, cursor.alignment_mask);
    return {};
}

Result<TensorList> read_tensors(HeaderReader& source, std::uint64_t count, DataCursor cursor)
{
    if (count > TENSORS_MAX || count > source.remaining() / TENSOR_BYTES_MIN)
        return fail(ErrorKind::invalid_input, "{} tensors do not fit the file", count);
    TensorList tensors;
    tensors.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i < count; ++i)
    {
        ASHLAR_TRY(const auto tensor, read_tensor(source));
        ASHLAR_CHECK(place(tensor, cursor));
        ASHLAR_CHECK(tensors.add(tensor));
    }
    const auto data_begin = align(source.position(), cursor.alignment_mask);
    const bool inside =
        data_begin <= cursor.file_bytes && cursor.end <= cursor.file_bytes - data_begin;
    if (count > 0 && !inside)
        return fail(ErrorKind::invalid_input, "the tensors end beyond the file");
    tensors.set_data_begin(data_begin);
    return tensors;
}

}  // namespace

Result<TensorList> parse_gguf(const File& file, std::uint64_t size_bytes)
{
    HeaderReader source{file, 0, std::min(size_bytes, GGUF_HEADER_BYTES_MAX)};
    ByteArray<MAGIC.size()> magic;
    ASHLAR_CHECK(source.read(magic));
    if (as_text(magic) != MAGIC)
        return fail(ErrorKind::invalid_input, "it does not begin with \"GGUF\"");
    ASHLAR_TRY(const auto version, source.read_little_endian<std::uint32_t>());
    if (version != 2 && version != 3)
        return fail(ErrorKind::invalid_input,
            "GGUF version {}; only little-endian 2 and 3 are read", version);
    ASHLAR_TRY(const auto tensor_count, source.read_little_endian<std::uint64_t>());
    ASHLAR_TRY(const auto key_value_count, source.read_little_endian<std::uint64_t>());
    if (key_value_count > GGUF_KEY_VALUES_MAX ||
        key_value_count > source.remaining() / KEY_VALUE_BYTES_MIN)
        return fail(ErrorKind::invalid_input, "{} keys do not fit the file", key_value_count);
    ASHLAR_TRY(const auto alignment, read_key_values(source, key_value_count));
    ASHLAR_TRY(auto tensors,
        read_tensors(source, tensor_count,
            {.alignment_mask = std::uint64_t{alignment} - 1, .file_bytes = size_bytes}));
    ASHLAR_CHECK(tensors.sort_by_unique_name());
    return tensors;
}

}  // namespace ashlar
