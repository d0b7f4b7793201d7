#include "checkpoint/safetensors.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "base/log.hpp"
#include "checkpoint/json_reader.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t LENGTH_BYTES = 8;
constexpr std::size_t KEYWORD_BYTES_MAX = 32;

/// The shortest text of a tensor, a name of no bytes included.
constexpr std::string_view SHORTEST_TENSOR = R"("":{"dtype":"U8","shape":[],"data_offsets":[0,0]})";

/// What a tensor's JSON object says, in whatever order.
struct TensorFields
{
    std::optional<std::string> dtype;
    std::optional<std::vector<std::uint64_t>> shape;
    std::optional<std::vector<std::uint64_t>> data_offsets;
};

Result<std::vector<std::uint64_t>> read_integers(JsonReader& json, std::size_t count_max)
{
    std::vector<std::uint64_t> values;
    ASHLAR_CHECK(json.read_array([&]() -> Result<void> {
        if (values.size() == count_max)
            return fail(ErrorKind::invalid_input, "a list has more than {} numbers", count_max);
        ASHLAR_TRY(const auto value, json.read_unsigned());
        values.push_back(value);
        return {};
    }));
    return values;
}

Result<void> read_field(JsonReader& json, std::string_view key, TensorFields& fields)
{
    if (key == "dtype" && !fields.dtype)
    {
        ASHLAR_TRY(fields.dtype, json.read_string(KEYWORD_BYTES_MAX));
        return {};
    }
    if (key == "shape" && !fields.shape)
    {
        ASHLAR_TRY(fields.shape, read_integers(json, TENSOR_RANK_MAX));
        return {};
    }
    if (key == "data_offsets" && !fields.data_offsets)
    {
        ASHLAR_TRY(fields.data_offsets, read_integers(json, 2));
        return {};
    }
    return fail(
        ErrorKind::invalid_input, "the field \"{}\" is unknown or there twice", printable(key));
}

/// @param data_begin  Where the tensors' bytes start in the file.
Result<HeaderTensor> make_tensor(std::string name, TensorFields fields, std::uint64_t data_begin)
{
    if (!fields.dtype || !fields.shape || !fields.data_offsets || fields.data_offsets->size() != 2)
        return fail(ErrorKind::invalid_input, "dtype, shape or data_offsets is missing");
    const auto dtype = safetensors_dtype(*fields.dtype);
    if (!dtype)
        return fail(
            ErrorKind::invalid_input, "the dtype \"{}\" is unknown", printable(*fields.dtype));
    const auto begin = fields.data_offsets->front();
    const auto end = fields.data_offsets->back();
    ASHLAR_TRY(const auto size, tensor_bytes(*describe(*dtype), *fields.shape));
    std::uint64_t offset = 0;
    if (end < begin || end - begin != size || __builtin_add_overflow(data_begin, begin, &offset))
        return fail(ErrorKind::invalid_input,
            "its data_offsets [{}, {}] do not fit its dtype and shape, {} bytes", begin, end, size);
    return HeaderTensor{.name = std::move(name),
        .shape = std::move(*fields.shape),
        .offset = offset,
        .size = size,
        .dtype = *dtype};
}

Result<HeaderTensor> read_tensor(JsonReader& json, std::string name, std::uint64_t data_begin)
{
    const auto doing = fmt::format("tensor \"{}\"", printable(name));
    TensorFields fields;
    auto read = json.read_object(
        KEYWORD_BYTES_MAX, [&](const std::string& key) { return read_field(json, key, fields); });
    if (!read)
        return within(doing, std::move(read).error());
    auto tensor = make_tensor(std::move(name), std::move(fields), data_begin);
    if (!tensor)
        return within(doing, std::move(tensor).error());
    return tensor;
}

Result<void> read_metadata(JsonReader& json)
{
    std::unordered_set<std::string> keys;
    return json.read_object(TENSOR_NAME_BYTES_MAX, [&](std::string key) -> Result<void> {
        if (keys.size() == SAFETENSORS_METADATA_ENTRIES_MAX)
            return fail(ErrorKind::invalid_input, "__metadata__ has more than {} entries",
                SAFETENSORS_METADATA_ENTRIES_MAX);
        if (!keys.insert(std::move(key)).second)
            return fail(ErrorKind::invalid_input, "__metadata__ has a key twice");
        return json.skip_string();
    });
}

Result<std::vector<HeaderTensor>> read_header(HeaderReader& source, std::uint64_t data_begin)
{
    JsonReader json{source};
    std::vector<HeaderTensor> tensors;
    // Room for as many as the text can hold: growing would copy, and hold both copies at once.
    tensors.reserve(std::min(
        TENSORS_MAX, static_cast<std::size_t>(source.remaining()) / SHORTEST_TENSOR.size() + 1));
    bool has_metadata = false;
    ASHLAR_CHECK(json.read_object(TENSOR_NAME_BYTES_MAX, [&](std::string name) -> Result<void> {
        if (name == "__metadata__")
        {
            if (std::exchange(has_metadata, true))
                return fail(ErrorKind::invalid_input, "__metadata__ is there twice");
            return read_metadata(json);
        }
        if (tensors.size() == TENSORS_MAX)
            return fail(ErrorKind::invalid_input, "more than {} tensors", TENSORS_MAX);
        ASHLAR_TRY(auto tensor, read_tensor(json, std::move(name), data_begin));
        tensors.push_back(std::move(tensor));
        return {};
    }));
    ASHLAR_CHECK(json.finish());
    return tensors;
}

/// The tensors fill [data_begin, data_end) without holes and without overlap.
Result<void> check_cover(
    std::vector<HeaderTensor>& tensors, std::uint64_t data_begin, std::uint64_t data_end)
{
    std::ranges::sort(tensors, {}, [](const HeaderTensor& t) {
        return std::pair{t.offset, t.size};
    });
    auto end = data_begin;
    for (const auto& tensor : tensors)
    {
        if (tensor.offset != end)
            return fail(ErrorKind::invalid_input,
                "the tensor \"{}\" begins at byte {} of the file instead of {}: a hole or overlap",
                printable(tensor.name), tensor.offset, end);
        if (tensor.size > data_end - end)
            return fail(ErrorKind::invalid_input, "the tensor \"{}\" ends beyond the file",
                printable(tensor.name));
        end += tensor.size;
    }
    if (end != data_end)
        return fail(ErrorKind::invalid_input, "{} bytes follow the last tensor", data_end - end);
    return {};
}

}  // namespace

Result<std::vector<HeaderTensor>> parse_safetensors(const File& file, std::uint64_t size_bytes)
{
    HeaderReader length{file, 0, size_bytes};
    ASHLAR_TRY(const auto header_bytes, length.read_little_endian<std::uint64_t>());
    if (header_bytes > SAFETENSORS_HEADER_BYTES_MAX || header_bytes > size_bytes - LENGTH_BYTES)
        return fail(ErrorKind::invalid_input,
            "the header claims {} bytes; the file has {} and a header at most {}", header_bytes,
            size_bytes, SAFETENSORS_HEADER_BYTES_MAX);
    const auto data_begin = LENGTH_BYTES + header_bytes;
    HeaderReader source{file, LENGTH_BYTES, data_begin};
    ASHLAR_TRY(auto tensors, read_header(source, data_begin));
    ASHLAR_CHECK(check_cover(tensors, data_begin, size_bytes));
    ASHLAR_CHECK(sort_by_unique_name(tensors));
    return tensors;
}

}  // namespace ashlar
