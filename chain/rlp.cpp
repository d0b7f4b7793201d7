#include "chain/rlp.hpp"

namespace ashlar
{
namespace
{

// The first byte of an item: below STRING it is the string itself.
constexpr unsigned RLP_STRING = 0x80;
constexpr unsigned RLP_LIST = 0xc0;

/// Payloads of up to so many bytes have their length in the first byte.
constexpr unsigned RLP_SHORT_MAX = 55;

tl::unexpected<Error> refuse_rlp(const char* why)
{
    return fail(ErrorKind::invalid_input, "RLP {}", why);
}

/// The big-endian length in `bytes`.
Result<std::uint64_t> long_length(ByteView bytes)
{
    if (bytes.front() == std::byte{0})
        return refuse_rlp("has a length with leading zeros");
    std::uint64_t length = 0;
    for (const auto byte : bytes)
        length = (length << 8) | std::to_integer<std::uint64_t>(byte);
    if (length <= RLP_SHORT_MAX)
        return refuse_rlp("has a long length where a short one does");
    return length;
}

/// An item and where the next begins, which is the end of item.encoding.
Result<RlpItem> read_item(ByteView bytes)
{
    if (bytes.empty())
        return refuse_rlp("ends early");
    const auto first = std::to_integer<unsigned>(bytes.front());
    if (first < RLP_STRING)
        return RlpItem{.payload = bytes.first(1), .encoding = bytes.first(1)};
    const bool is_list = first >= RLP_LIST;
    const auto code = first - (is_list ? RLP_LIST : RLP_STRING);
    std::size_t head = 1;
    std::uint64_t length = code;
    if (code > RLP_SHORT_MAX)
    {
        const std::size_t length_bytes = code - RLP_SHORT_MAX;
        if (bytes.size() - 1 < length_bytes)
            return refuse_rlp("ends early");
        ASHLAR_TRY(length, long_length(bytes.subspan(1, length_bytes)));
        head += length_bytes;
    }
    if (length > bytes.size() - head)
        return refuse_rlp("ends early");
    const auto payload = bytes.subspan(head, static_cast<std::size_t>(length));
    if (!is_list && length == 1 && std::to_integer<unsigned>(payload.front()) < RLP_STRING)
        return refuse_rlp("has a length before a byte that needs none");
    return RlpItem{
        .is_list = is_list, .payload = payload, .encoding = bytes.first(head + payload.size())};
}

ByteView without_leading_zeros(ByteView bytes)
{
    while (!bytes.empty() && bytes.front() == std::byte{0})
        bytes = bytes.subspan(1);
    return bytes;
}

Bytes with_length(unsigned kind, ByteView payload)
{
    const bool is_short = payload.size() <= RLP_SHORT_MAX;
    const auto length = big_endian(std::uint64_t{payload.size()});
    const auto length_bytes = is_short ? ByteView{} : without_leading_zeros(length);
    Bytes out(1 + length_bytes.size() + payload.size());
    out[0] = static_cast<std::byte>(
        kind + (is_short ? payload.size() : RLP_SHORT_MAX + length_bytes.size()));
    std::ranges::copy(length_bytes, out.begin() + 1);
    std::ranges::copy(payload, out.end() - static_cast<std::ptrdiff_t>(payload.size()));
    return out;
}

}  // namespace

Result<RlpItem> parse_rlp(ByteView bytes)
{
    ASHLAR_TRY(const auto item, read_item(bytes));
    if (item.encoding.size() != bytes.size())
        return refuse_rlp("has bytes left over");
    return item;
}

Result<std::vector<RlpItem>> parse_rlp_list(const RlpItem& list, std::size_t items_max)
{
    if (!list.is_list)
        return refuse_rlp("has a string where a list belongs");
    std::vector<RlpItem> items;
    for (auto rest = list.payload; !rest.empty(); rest = rest.subspan(items.back().encoding.size()))
    {
        if (items.size() == items_max)
            return refuse_rlp("has a list of too many items");
        ASHLAR_TRY(const auto item, read_item(rest));
        items.push_back(item);
    }
    return items;
}

Bytes rlp_string(ByteView bytes)
{
    if (bytes.size() == 1 && std::to_integer<unsigned>(bytes.front()) < RLP_STRING)
        return {bytes.front()};
    return with_length(RLP_STRING, bytes);
}

Bytes rlp_number(ByteView big_endian_bytes)
{
    return rlp_string(without_leading_zeros(big_endian_bytes));
}

Bytes rlp_list(ByteView items)
{
    return with_length(RLP_LIST, items);
}

}  // namespace ashlar
