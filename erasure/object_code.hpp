#pragma once

/// The object code: one Reed-Solomon code over Fr down the whole object, for each of the 4096
/// element indices of a blob. Any K of the S stored blobs give back everything. DESIGN §3.
///
/// Work goes by column slices (a range of element indices of every blob), so memory is a setting
/// and not a property of the object; blobs are read and written through interfaces, so they may
/// live in files, in memory or on other machines.

#include <functional>

#include "algebra/fr.hpp"
#include "base/shape.hpp"

namespace ashlar
{

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

/// Bounds and progress of one run of the code.
struct CodeOptions
{
    /// Working memory for all threads together. At least one element column per blob is always
    /// used: 64·D bytes.
    std::uint64_t memory_bytes = 1ULL << 30;

    /// Called now and then with element columns done of 4096, from any thread; returns false to
    /// cancel, which ends the run with `unavailable`.
    std::function<bool(std::size_t done)> progress;
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
/// @return  insufficient, with the counts, if fewer than K are present; else as encode_object().
[[nodiscard]] Result<void> decode_object(const ObjectShape& shape, const SliceReader& reader,
    std::span<const std::uint8_t> present, std::span<const std::uint64_t> wanted,
    SliceWriter& writer, const CodeOptions& options = {});

}  // namespace ashlar
