#include "checkpoint/header_reader.hpp"

namespace ashlar
{

HeaderReader::HeaderReader(const File& file, std::uint64_t begin, std::uint64_t end) noexcept
  : file_{file}, position_{begin}, end_{end}
{
    ASHLAR_ASSERT(begin <= end);
}

Result<void> HeaderReader::refill()
{
    buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(BUFFER_BYTES, remaining())));
    buffer_begin_ = position_;
    return file_.read_at(position_, buffer_);
}

Result<std::optional<char>> HeaderReader::peek()
{
    if (position_ == end_)
        return std::optional<char>{};
    if (position_ - buffer_begin_ >= buffer_.size())
        ASHLAR_CHECK(refill());
    return std::optional{static_cast<char>(buffer_[position_ - buffer_begin_])};
}

Result<void> HeaderReader::read(std::span<std::byte> out)
{
    if (out.size() > remaining())
        return fail(ErrorKind::invalid_input, "the header ends early");
    while (!out.empty())
    {
        if (position_ - buffer_begin_ >= buffer_.size())
            ASHLAR_CHECK(refill());
        const auto at = static_cast<std::size_t>(position_ - buffer_begin_);
        const auto count = std::min(out.size(), buffer_.size() - at);
        std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(at), count, out.begin());
        out = out.subspan(count);
        position_ += count;
    }
    return {};
}

Result<void> HeaderReader::skip(std::uint64_t count)
{
    if (count > remaining())
        return fail(ErrorKind::invalid_input, "the header ends early");
    position_ += count;
    return {};
}

}  // namespace ashlar
