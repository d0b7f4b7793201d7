#pragma once

/// The object code: one Reed-Solomon code over Fr down the whole object, for each of the 4096
/// element indices of a blob. Any K of the S stored blobs give back everything. DESIGN §3.
///
/// Work is out of core: memory is a setting and not a property of the object. It goes by column
/// slices (a range of element indices of every blob) while memory holds slices of 2 KiB a blob and
/// more, and through a scratch file beyond (row_transform.hpp). Blobs are read and written through
/// interfaces, so they may live in files, in memory or on other machines.

#include <filesystem>
#include <functional>

#include "algebra/fr.hpp"
#include "base/shape.hpp"

namespace ashlar
{

class LaneMemory;

/// Where slices of stored blobs are read. Called from several threads at once.
class SliceReader
{
public:
    virtual ~SliceReader() = default;

    /// Elements [element_begin, element_begin + out.size()/32) of blob `stored`, 32 bytes each,
    /// big-endian.
    [[nodiscard]] virtual Result<void> read(
        std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const = 0;
};

/// Where slices of stored blobs are written. Called from several threads at once, for disjoint
/// slices.
class SliceWriter
{
public:
    virtual ~SliceWriter() = default;
    [[nodiscard]] virtual Result<void> write(
        std::uint64_t stored, std::size_t element_begin, ByteView bytes) = 0;
};

/// Element columns begin … end − 1 of every blob.
struct ColumnRange
{
    std::size_t begin = 0;
    std::size_t end = ELEMENTS_PER_BLOB;

    [[nodiscard]] std::size_t count() const noexcept { return end - begin; }
};

/// Bounds and progress of one run of the code.
struct CodeOptions
{
    /// Working memory for all threads together, the tables of the transform included. What is
    /// least needed is exceeded where it must be: 64 columns of √(4·D) blobs, and tables of 16·D
    /// bytes to encode and of 160·D bytes to decode.
    std::uint64_t memory_bytes = 1ULL << 30;

    /// Called now and then with how much is done, of 4096 parts, from the caller's thread; returns
    /// false to cancel, which ends the run with `unavailable`.
    std::function<bool(std::size_t done)> progress;

    /// Work on these columns only: 64 independent workers can take a cell column each, 64 columns
    /// or K × 2,048 bytes.
    /// @pre begin is a multiple of 64, and the count a power of two ≥ 64
    ColumnRange columns = {};

    /// Folder for what does not fit memory: up to 2·D blobs and a quarter to encode, twice that to
    /// decode, in a nameless file that vanishes with the run.
    std::filesystem::path scratch_folder = std::filesystem::temp_directory_path();

    /// Of runs before, for encoding to work in instead of memory of its own; null for none. One run
    /// at a time.
    LaneMemory* lanes = nullptr;
};

/// Writes all parity blobs (stored indices K … S−1) from the data blobs.
/// @return  invalid_input naming blob and element if a data element is not below r; the reader's
///          or writer's error otherwise. Parity written before a failure must be discarded.
[[nodiscard]] Result<void> encode_object(const ObjectShape& shape, const SliceReader& data,
    SliceWriter& parity, const CodeOptions& options = {});

/// Writes the wanted blobs from any K or more of the stored blobs.
///
/// @param present  One flag per stored index; the reader is asked only for these. They must be
///                 right: a false blob spoils all, so callers verify them before.
/// @param wanted   Stored indices to rebuild.
/// K present blobs are read; few wanted blobs are summed up from them directly, many by
/// transforms, whichever is cheaper.
///
/// @return  insufficient, with the counts, if fewer than K are present, and then nothing is
///          written; else as encode_object().
[[nodiscard]] Result<void> decode_object(const ObjectShape& shape, const SliceReader& reader,
    std::span<const std::uint8_t> present, std::span<const std::uint64_t> wanted,
    SliceWriter& writer, const CodeOptions& options = {});

}  // namespace ashlar
