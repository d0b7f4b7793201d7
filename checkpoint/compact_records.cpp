#include "checkpoint/compact_records.hpp"

#include <limits>

namespace ashlar
{

Result<std::uint32_t> CompactRecords::add(std::initializer_list<ByteView> parts)
{
    std::size_t bytes = 0;
    for (const auto part : parts)
        bytes += part.size();
    ASHLAR_ASSERT(bytes <= RECORD_BYTES_MAX);
    if (bytes > CHUNK_BYTES - used_)
    {
        if (chunks_.size() > std::numeric_limits<std::uint32_t>::max() / CHUNK_BYTES)
            return fail(ErrorKind::invalid_input, "names and shapes pass 4 GiB");
        chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(CHUNK_BYTES));
        used_ = 0;
    }
    const auto position = (chunks_.size() - 1) * CHUNK_BYTES + used_;
    for (const auto part : parts)
    {
        std::ranges::copy(part, chunks_.back().get() + used_);
        used_ += part.size();
    }
    return static_cast<std::uint32_t>(position);
}

Result<void> CompactStrings::add(std::string_view text)
{
    const auto length = little_endian(static_cast<std::uint16_t>(text.size()));
    ASHLAR_TRY(const auto position, records_.add({length, as_byte_view(text)}));
    positions_.push_back(position);
    return {};
}

std::optional<std::string_view> CompactStrings::find_repeated()
{
    const auto text = [this](std::uint32_t position) { return text_at(position); };
    std::ranges::sort(positions_, {}, text);
    const auto twice = std::ranges::adjacent_find(positions_, {}, text);
    return twice == positions_.end() ? std::nullopt : std::optional{text_at(*twice)};
}

std::string_view CompactStrings::text_at(std::uint32_t position) const noexcept
{
    const auto* const record = records_.at(position);
    const auto length = load_little_endian<std::uint16_t>(std::span<const std::byte, 2>{record, 2});
    return as_text({record + 2, length});
}

}  // namespace ashlar
