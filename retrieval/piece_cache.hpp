#pragma once

/// Pieces of one object on their way: a nameless sparse file with a slot per piece, and which
/// slots hold verified bytes.

#include "base/file.hpp"
#include "erasure/group_code.hpp"
#include "erasure/object_code.hpp"

namespace ashlar
{

/// Reads and writes of distinct pieces are thread-safe; the flags belong to one thread.
class PieceCache final : public SliceReader, public SliceWriter
{
public:
    [[nodiscard]] static Result<PieceCache> make(
        const std::filesystem::path& scratch_folder, std::uint64_t piece_count);

    [[nodiscard]] Result<void> read(
        std::uint64_t piece, std::size_t element_begin, std::span<std::byte> out) const override;
    [[nodiscard]] Result<void> write(
        std::uint64_t piece, std::size_t element_begin, ByteView bytes) override;

    [[nodiscard]] bool holds(std::uint64_t piece) const noexcept { return verified_[piece] != 0; }
    void mark_verified(std::uint64_t piece) noexcept { verified_[piece] = 1; }

    /// One flag per piece: 1 if it holds verified bytes.
    [[nodiscard]] std::span<const std::uint8_t> flags() const noexcept { return verified_; }

private:
    PieceCache(File file, std::uint64_t piece_count)
      : file_{std::move(file)}, verified_(static_cast<std::size_t>(piece_count), 0)
    {}

    File file_;
    std::vector<std::uint8_t> verified_;
};

}  // namespace ashlar
