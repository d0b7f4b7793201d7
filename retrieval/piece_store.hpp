#pragma once

/// Verified pieces of one object on their way: in a sparse scratch file with a slot per piece, or
/// in the target that they are for.

#include "base/file.hpp"
#include "erasure/group_code.hpp"
#include "erasure/object_code.hpp"
#include "retrieval/blob_fetcher.hpp"
#include "retrieval/piece_download.hpp"

namespace ashlar
{

/// Calls for distinct pieces are thread-safe; set_target() is not.
class PieceStore final : public SliceReader, public SliceWriter, public ArrivalTarget
{
public:
    /// In a nameless file, which vanishes with the process.
    [[nodiscard]] static Result<PieceStore> make(
        const std::filesystem::path& scratch_folder, std::uint64_t piece_count);

    /// In the folder's files `pieces` and `held`, which stay: what earlier runs put is held again,
    /// unless power failed, so whoever relies on it verifies it.
    [[nodiscard]] static Result<PieceStore> open(
        const std::filesystem::path& folder, std::uint64_t piece_count);

    /// Null for none. Not owned.
    void set_target(BlobTarget* target) noexcept { target_ = target; }

    [[nodiscard]] bool holds(std::uint64_t piece) const
    {
        return is_targets(piece) ? target_->holds(piece) : in_scratch_[piece] != 0;
    }

    /// Keeps a verified piece where it belongs.
    [[nodiscard]] Result<void> put(const PieceContents& piece);

    /// In the scratch file a piece is held from its arrival on.
    [[nodiscard]] Result<void> arrive(const PieceContents& piece) override;
    [[nodiscard]] Result<void> confirm(std::span<const std::uint64_t> pieces) override;
    [[nodiscard]] Result<void> revoke(std::uint64_t piece) override;
    [[nodiscard]] Result<BlobContents> read_arrived(
        std::uint64_t piece, BlobBuffer room) const override;

    /// @pre holds(piece), or the slice was written before
    [[nodiscard]] Result<void> read(
        std::uint64_t piece, std::size_t element_begin, std::span<std::byte> out) const override;

    /// Slices of a piece that is not verified yet; read() gives them back, put() keeps them.
    [[nodiscard]] Result<void> write(
        std::uint64_t piece, std::size_t element_begin, ByteView bytes) override;

    /// One flag per piece below `count`: 1 if it is held.
    [[nodiscard]] std::vector<std::uint8_t> flags(std::uint64_t count) const;

private:
    PieceStore(File file, std::uint64_t piece_count)
      : file_{std::move(file)}, in_scratch_(static_cast<std::size_t>(piece_count), 0)
    {}

    [[nodiscard]] bool is_targets(std::uint64_t piece) const
    {
        return target_ != nullptr && target_->takes(piece);
    }
    [[nodiscard]] Result<void> note(std::uint64_t piece, std::uint8_t is_held);

    File file_;
    File notes_;  ///< Not open unless pieces stay; in_scratch_ byte for byte.
    std::vector<std::uint8_t> in_scratch_;
    BlobTarget* target_ = nullptr;
};

}  // namespace ashlar
