#include "rollup/tensor_slice.hpp"

#include <charconv>

#include "checkpoint/dtype.hpp"

namespace ashlar
{
namespace
{

/// Coordinates first … end − 1 of one dimension.
struct Interval
{
    std::uint64_t first;
    std::uint64_t end;
};

std::optional<std::uint64_t> parse_number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto* const last = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), last, value);
    if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != last)
        return std::nullopt;
    return value;
}

/// One dimension's part of an index.
Result<Interval> parse_interval(std::string_view text, std::uint64_t size)
{
    const auto colon = text.find(':');
    const auto before = text.substr(0, colon);
    auto first = parse_number(before);
    auto end = first;
    if (colon != std::string_view::npos)
    {
        const auto after = text.substr(colon + 1);
        first = before.empty() ? std::optional<std::uint64_t>{0} : first;
        end = after.empty() ? std::optional{size} : parse_number(after);
    }
    else if (first && *first < size)
        end = *first + 1;
    if (!first || !end || *first >= *end || *end > size)
        return fail(ErrorKind::invalid_input,
            "\"{}\" is no index into a dimension of {}: give a number, or FIRST:END", text, size);
    return Interval{.first = *first, .end = *end};
}

Result<std::vector<Interval>> parse_intervals(
    std::span<const std::uint64_t> shape, std::string_view index)
{
    std::vector<Interval> intervals;
    while (!index.empty())
    {
        if (intervals.size() == shape.size())
            return fail(ErrorKind::invalid_input, "the tensor has {} dimensions", shape.size());
        const auto comma = index.find(',');
        ASHLAR_TRY(
            const auto interval, parse_interval(index.substr(0, comma), shape[intervals.size()]));
        intervals.push_back(interval);
        index = comma == std::string_view::npos ? std::string_view{} : index.substr(comma + 1);
        if (comma != std::string_view::npos && index.empty())
            return fail(ErrorKind::invalid_input, "the index ends with a comma");
    }
    for (auto d = intervals.size(); d < shape.size(); ++d)
        intervals.push_back({.first = 0, .end = shape[d]});
    return intervals;
}

/// Bytes of one element, which must be whole.
Result<std::uint64_t> element_bytes(const Tensor& tensor)
{
    const auto info = describe(tensor.dtype);
    if (!info || info->block_elements != 1 || info->block_bits % 8 != 0)
        return fail(ErrorKind::invalid_input,
            "elements of {} are no whole bytes: leave the index out, or give a range of bytes",
            to_string(tensor.dtype));
    return info->block_bits / 8;
}

}  // namespace

Result<PayloadRange> tensor_slice(const Tensor& tensor, std::string_view index)
{
    if (index.empty())
        return PayloadRange{.offset = 0, .size = tensor.size};
    ASHLAR_TRY(const auto unit, element_bytes(tensor));
    ASHLAR_TRY(auto intervals, parse_intervals(tensor.shape, index));
    auto shape = tensor.shape;
    if (static_cast<std::uint8_t>(tensor.dtype) >= DTYPE_GGUF_BASE)
    {
        std::ranges::reverse(intervals);
        std::ranges::reverse(shape);
    }
    // From the last dimension on: whole ones grow the block that follows one another; before the
    // first that is not whole, there may be single coordinates alone.
    std::uint64_t stride = unit;
    PayloadRange range{.offset = 0, .size = unit};
    bool is_closed = false;
    for (auto d = intervals.size(); d-- > 0;)
    {
        const auto [first, end] = intervals[d];
        if (is_closed && end - first != 1)
            return fail(ErrorKind::invalid_input,
                "the bytes of [{}] do not follow one another: ask for its rows one by one", index);
        range.offset += first * stride;
        range.size *= end - first;
        is_closed |= end - first != shape[d];
        stride *= shape[d];
    }
    return range;
}

}  // namespace ashlar
