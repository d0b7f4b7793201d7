#pragma once

/// An object's fold on disk, laid out so that a walk takes few reads: the nodes of a tree lie in
/// pages of 4,096 bytes, each a subtree six levels high, so that a path of 21 siblings is in four
/// pages. A terabyte's fold is 0.3 GB, and a walk in it some twenty reads, most of them of pages
/// that every walk reads.

#include "base/file.hpp"
#include "commitments/walk.hpp"

namespace ashlar
{

/// Immutable; threads may share it. What it reads is not checked: callers compare with the header.
class FoldFile
{
public:
    /// Writes a file under a temporary name, syncs it and gives it its name.
    [[nodiscard]] static Result<void> write(
        const std::filesystem::path& path, const ObjectShape& shape, const Fold& fold);

    /// @return  corrupted unless the file begins and ends as the shape wants.
    [[nodiscard]] static Result<FoldFile> open(
        const std::filesystem::path& path, const ObjectShape& shape);

    /// The record's bytes.
    [[nodiscard]] Result<Bytes> record() const;

    /// The walk from a position, as it travels.
    /// @param first_fiber  The 8 commitments of fiber ⌊position/8⌋: the file has no layer 0.
    [[nodiscard]] Result<Bytes> walk(
        std::uint64_t position, std::span<const Bytes48, FOLD_FIBER> first_fiber) const;

private:
    FoldFile(File file, const ObjectShape& shape);

    [[nodiscard]] Result<void> append_path(
        Bytes& out, std::size_t layer, std::uint64_t fiber) const;

    File file_;
    FoldGeometry geometry_;
    std::vector<std::uint64_t> layer_offsets_;  ///< Of the points of layers 1 … J−1.
    std::vector<std::uint64_t> tree_offsets_;   ///< Of the trees of layers 0 … J−1.
};

}  // namespace ashlar
