#include "checkpoint/safetensors.hpp"

#include <algorithm>
#include <optional>

#include "base/log.hpp"
#include "checkpoint/json_reader.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t KEYWORD_BYTES_MAX = 32;
constexpr std::string_view METADATA_KEY = "__metadata__";

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

/// @return  the tensor with its offset still counted from the start of the data.
Result<HeaderTensor> make_tensor(std::string name, TensorFields fields)
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
    if (end < begin || end - begin != size)
        return fail(ErrorKind::invalid_input,
            "its data_offsets [{}, {}] do not fit its dtype and shape, {} bytes", begin, end, size);
    return HeaderTensor{.name = std::move(name),
        .shape = std::move(*fields.shape),
        .offset = begin,
        .size = size,
        .dtype = *dtype};
}

Result<void> read_tensor(JsonReader& json, const std::string& name, TensorList& tensors)
{
    const auto read = [&]() -> Result<void> {
        TensorFields fields;
        ASHLAR_CHECK(json.read_object(KEYWORD_BYTES_MAX,
            [&](const std::string& key) { return read_field(json, key, fields); }));
        ASHLAR_TRY(const auto tensor, make_tensor(name, std::move(fields)));
        return tensors.add(tensor);
    };
    if (auto done = read(); !done)
        return within(fmt::format("tensor \"{}\"", printable(name)), std::move(done).error());
    return {};
}

Result<void> read_metadata(JsonReader& json)
{
    CompactStrings keys;
    ASHLAR_CHECK(
        json.read_object(TENSOR_NAME_BYTES_MAX, [&](const std::string& key) -> Result<void> {
            if (keys.size() == SAFETENSORS_METADATA_ENTRIES_MAX)
                return fail(ErrorKind::invalid_input, "__metadata__ has more than {} entries",
                    SAFETENSORS_METADATA_ENTRIES_MAX);
            ASHLAR_CHECK(keys.add(key));
            return json.skip_string();
        }));
    if (const auto key = keys.find_repeated())
        return fail(
            ErrorKind::invalid_input, "__metadata__ has the key \"{}\" twice", printable(*key));
    return {};
}

Result<TensorList> read_header(HeaderReader& source)
{
    JsonReader json{source};
    TensorList tensors;
    // Room for as many as the text can hold: growing would copy, and hold both copies at once.
    tensors.reserve(std::min(
        TENSORS_MAX, static_cast<std::size_t>(source.remaining()) / SHORTEST_TENSOR.size() + 1));
    bool has_metadata = false;
    ASHLAR_CHECK(
        json.read_object(TENSOR_NAME_BYTES_MAX, [&](const std::string& name) -> Result<void> {
            if (name != METADATA_KEY)
                return read_tensor(json, name, tensors);
            if (std::exchange(has_metadata, true))
                return fail(ErrorKind::invalid_input, "__metadata__ is there twice");
            return read_metadata(json);
        }));
    ASHLAR_CHECK(json.finish());
    return tensors;
}

/// The tensors fill the file from where the data begins, without holes and without overlap.
Result<void> check_cover(TensorList& tensors, std::uint64_t file_bytes)
{
    tensors.sort_by_place();
    auto end = tensors.data_begin();
    for (std::size_t i = 0; i < tensors.size(); ++i)
    {
        const auto tensor = tensors[i];
        if (tensor.offset != end)
            return fail(ErrorKind::invalid_input,
                "the tensor \"{}\" begins at byte {} of the file instead of {}: a hole or overlap",
                printable(tensor.name), tensor.offset, end);
        if (tensor.size > file_bytes - end)
            return fail(ErrorKind::invalid_input, "the tensor \"{}\" ends beyond the file",
                printable(tensor.name));
        end += tensor.size;
    }
    if (end != file_bytes)
        return fail(ErrorKind::invalid_input, "{} bytes follow the last tensor", file_bytes - end);
    return {};
}

}  // namespace

Result<TensorList> parse_safetensors(const File& file, std::uint64_t size_bytes)
{
    HeaderReader length{file, 0, size_bytes};
    ASHLAR_TRY(const auto header_bytes, length.read_little_endian<std::uint64_t>());
    if (header_bytes > SAFETENSORS_HEADER_BYTES_MAX ||
        header_bytes > size_bytes - SAFETENSORS_LENGTH_BYTES)
        return fail(ErrorKind::invalid_input,
            "the header claims {} bytes; the file has {} and a header at most {}", header_bytes,
            size_bytes, SAFETENSORS_HEADER_BYTES_MAX);
    const auto data_begin = SAFETENSORS_LENGTH_BYTES + header_bytes;
    HeaderReader source{file, SAFETENSORS_LENGTH_BYTES, data_begin};
    ASHLAR_TRY(auto tensors, read_header(source));
    tensors.set_data_begin(data_begin);
    ASHLAR_CHECK(check_cover(tensors, size_bytes));
    ASHLAR_CHECK(tensors.sort_by_unique_name());
    return tensors;
}

}  // namespace ashlar
