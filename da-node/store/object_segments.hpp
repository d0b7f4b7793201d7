#pragma once

/// The segment files in one object's folder: its own, and those of other objects from which it
/// inherited, by second names (hard links).

#include <filesystem>
#include <map>

#include "base/mutex.hpp"
#include "da-node/store/store_index.hpp"

namespace ashlar
{

/// What slots are read with, one after another, of one object and on one thread: the segment stays
/// open, and the room is used again.
class SlotReader
{
    friend class ObjectSegments;

    std::uint32_t segment_ = 0;  ///< That `file_` is; 0 if none is open.
    File file_;
    Bytes bytes_;
};

/// Reads are thread-safe; recover(), append() and link() are for one thread at a time.
class ObjectSegments
{
public:
    /// @param folder  Exists.
    ObjectSegments(
        std::filesystem::path folder, const Bytes32& object_root, std::uint64_t segment_bytes_max);

    /// True for the number of a segment that another object wrote.
    [[nodiscard]] static bool is_inherited(std::uint32_t segment) noexcept;

    /// Looks into the folder. Bytes of each segment file by its number here.
    [[nodiscard]] Result<std::map<std::uint32_t, std::uint64_t>> list();

    /// Finds the whole slots of an own segment from an offset on and cuts off what is behind the
    /// last of them. Appending goes on after the segment that was recovered last.
    [[nodiscard]] Result<std::vector<FoundPiece>> recover(
        std::uint32_t segment, std::uint64_t first_offset);

    /// Writes the pieces' slots, in one segment, and syncs. Their room is not used again even if
    /// the rows are never indexed.
    [[nodiscard]] Result<std::vector<IndexedPiece>> append(std::span<const CarriedPiece> pieces);

    /// The piece of a row; a view of the reader until that is used again.
    /// @return  corrupted unless it is what was written; unavailable if the disk does not answer.
    [[nodiscard]] Result<CarriedPiece> read(const IndexedPiece& row, SlotReader& reader) const;

    /// The object that wrote a segment.
    /// @return  corrupted if the folder has no such segment.
    [[nodiscard]] Result<Bytes32> origin_of(std::uint32_t segment) const;

    /// The number here of a segment of another object's folder, linked into this one if it is not
    /// yet. The names are durable after sync_names().
    /// @return  unavailable if the file system makes no links.
    [[nodiscard]] Result<std::uint32_t> link(const ObjectSegments& other, std::uint32_t segment);
    [[nodiscard]] Result<void> sync_names() const { return sync_folder(folder_); }

private:
    /// Whose a segment is, and its number there.
    struct Writer
    {
        Bytes32 origin;
        std::uint32_t segment;

        friend auto operator<=>(const Writer&, const Writer&) = default;
    };

    [[nodiscard]] Result<Writer> writer_of(std::uint32_t segment) const;
    [[nodiscard]] std::filesystem::path own_path(std::uint32_t segment) const;
    [[nodiscard]] std::filesystem::path inherited_path(
        std::uint32_t number, const Writer& writer) const;
    [[nodiscard]] std::filesystem::path path_of(std::uint32_t segment, const Writer& writer) const;
    [[nodiscard]] Result<void> write(ByteView slots) const;

    const std::filesystem::path folder_;
    const Bytes32 root_;
    const std::uint64_t segment_bytes_max_;

    std::uint32_t segment_ = 1;  ///< That is appended to,
    std::uint64_t end_ = 0;      ///< and where.

    mutable Mutex mutex_;  ///< Held for moments.
    std::map<std::uint32_t, Writer> inherited_ ASHLAR_GUARDED_BY(mutex_);
};

}  // namespace ashlar
