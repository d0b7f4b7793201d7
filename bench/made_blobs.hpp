#pragma once

/// Blobs to measure with.

#include "commitments/blob.hpp"

namespace ashlar
{

/// Bytes of a blob as a view.
[[nodiscard]] inline BlobView blob_view(ByteView blob)
{
    return blob.first<BYTES_PER_BLOB>();
}

/// Payload bytes packed as elements: a zero byte, then 31 of payload.
[[nodiscard]] Bytes random_blob(std::uint64_t seed);

/// bf16 weights from a normal distribution, as of a layer of a language model.
[[nodiscard]] Bytes weights_blob(std::uint64_t seed);

/// Random in its first half.
[[nodiscard]] Bytes half_zero_blob(std::uint64_t seed);

/// The same byte everywhere, and so the same element.
[[nodiscard]] Bytes all_equal_blob();

/// Elements of 256 different random values: a quantized tensor's runs.
[[nodiscard]] Bytes few_values_blob(std::uint64_t seed);

/// Every element r − 1: no payload, but a valid blob.
[[nodiscard]] Bytes largest_blob();

/// Blobs one after another, and their commitments.
struct CommittedBlobs
{
    Bytes blobs;
    std::vector<Bytes48> commitments;
};

/// Different multiples of one blob, whose elements are below 2¹⁸⁴, by random integers below 2⁶⁴:
/// payload like any other, and commitments without their cost.
[[nodiscard]] CommittedBlobs blob_multiples(std::size_t count, std::uint64_t seed);

}  // namespace ashlar
