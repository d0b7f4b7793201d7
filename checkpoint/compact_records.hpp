#pragma once

/// Byte strings side by side in large chunks, named by 32-bit positions: what a parser of hostile
/// bytes keeps its findings in, so that they take about the room that they took in the file.

#include <initializer_list>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"

namespace ashlar
{

/// Append-only. Not thread-safe while it grows; readers of a finished one may share it.
class CompactRecords
{
public:
    static constexpr std::size_t RECORD_BYTES_MAX = 8192;

    /// Stores the concatenation of the parts.
    ///
    /// @pre    at most RECORD_BYTES_MAX bytes together
    /// @return the record's position; invalid_input once all records together pass 4 GiB.
    [[nodiscard]] Result<std::uint32_t> add(std::initializer_list<ByteView> parts);

    /// The record's bytes from its first on. They stay where they are for as long as this lives;
    /// how many there are the record itself must say.
    [[nodiscard]] const std::byte* at(std::uint32_t position) const noexcept
    {
        return chunks_[position / CHUNK_BYTES].get() + position % CHUNK_BYTES;
    }

private:
    static constexpr std::size_t CHUNK_BYTES = std::size_t{1} << 16;

    std::vector<std::unique_ptr<std::byte[]>> chunks_;
    std::size_t used_ = CHUNK_BYTES;  ///< Bytes of the last chunk.
};

/// Strings of at most 65,535 bytes, kept only to find out whether one occurs twice.
class CompactStrings
{
public:
    /// @return  as CompactRecords::add()
    /// @pre     text.size() + 2 <= CompactRecords::RECORD_BYTES_MAX
    [[nodiscard]] Result<void> add(std::string_view text);

    [[nodiscard]] std::size_t size() const noexcept { return positions_.size(); }

    /// Sorts them; a string that was added twice, or nothing.
    [[nodiscard]] std::optional<std::string_view> find_repeated();

private:
    [[nodiscard]] std::string_view text_at(std::uint32_t position) const noexcept;

    CompactRecords records_;
    std::vector<std::uint32_t> positions_;
};

}  // namespace ashlar
