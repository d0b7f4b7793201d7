#pragma once

/// Pieces that only exist because the publisher made them: parity blobs and local parities, in a
/// scratch file.

#include "base/file.hpp"
#include "erasure/group_code.hpp"
#include "erasure/object_code.hpp"

namespace ashlar
{

/// Thread-safe for disjoint ranges.
class ScratchPieces final : public SliceReader, public SliceWriter
{
public:
    /// In a nameless file.
    /// @return  insufficient if the folder's file system has no room for (P + G) blobs.
    [[nodiscard]] static Result<std::unique_ptr<ScratchPieces>> make(
        const std::filesystem::path& folder, const ObjectShape& shape);

    /// In a file of that name, made if need be, which stays when the process ends.
    /// @return  as make()
    [[nodiscard]] static Result<std::unique_ptr<ScratchPieces>> open(
        const std::filesystem::path& path, const ObjectShape& shape);

    /// True if open() would find a file that an earlier call made for this shape.
    [[nodiscard]] static bool exists(const std::filesystem::path& path, const ObjectShape& shape);

    /// What was written survives power loss after this.
    [[nodiscard]] Result<void> sync() const { return file_.sync(); }

    [[nodiscard]] Result<void> read(
        std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const override;
    [[nodiscard]] Result<void> write(
        std::uint64_t stored, std::size_t element_begin, ByteView bytes) override;

    /// @pre piece is a parity blob (K … S−1) or a local parity (S … S+G−1)
    [[nodiscard]] Result<void> write_piece(std::uint64_t piece, ConstBlobBuffer bytes);
    [[nodiscard]] Result<void> read_piece(std::uint64_t piece, BlobBuffer out) const;

private:
    ScratchPieces(File file, std::uint64_t first_piece)
      : file_{std::move(file)}, first_piece_{first_piece}
    {}

    [[nodiscard]] static Result<std::unique_ptr<ScratchPieces>> take_room(
        File file, const std::filesystem::path& folder, const ObjectShape& shape);

    [[nodiscard]] std::uint64_t offset_of(std::uint64_t piece) const noexcept;

    File file_;
    std::uint64_t first_piece_;  ///< K
};

}  // namespace ashlar
