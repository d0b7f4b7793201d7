#pragma once

/// Sequential reading of a file's header through a small buffer, so that no length field of a
/// hostile file is ever allocated.

#include <optional>

#include "base/file.hpp"

namespace ashlar
{

/// Reads the bytes [begin, end) of a file in order. Not thread-safe; the file must outlive it.
class HeaderReader
{
public:
    /// @pre begin <= end
    HeaderReader(const File& file, std::uint64_t begin, std::uint64_t end) noexcept;

    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
    [[nodiscard]] std::uint64_t remaining() const noexcept { return end_ - position_; }

    /// The next byte without taking it; nothing at the end.
    [[nodiscard]] Result<std::optional<char>> peek();

    /// @return  invalid_input if less than out.size() bytes are left.
    [[nodiscard]] Result<void> read(std::span<std::byte> out);

    /// @return  invalid_input if less than `count` bytes are left.
    [[nodiscard]] Result<void> skip(std::uint64_t count);

    template <std::unsigned_integral T>
    [[nodiscard]] Result<T> read_little_endian()
    {
        ByteArray<sizeof(T)> bytes;
        ASHLAR_CHECK(read(bytes));
        return load_little_endian<T>(bytes);
    }

private:
    [[nodiscard]] Result<void> refill();

    static constexpr std::size_t BUFFER_BYTES = 65536;

    const File& file_;
    std::uint64_t position_;
    std::uint64_t end_;
    std::uint64_t buffer_begin_ = 0;  ///< File offset of buffer_[0].
    Bytes buffer_;
};

}  // namespace ashlar
