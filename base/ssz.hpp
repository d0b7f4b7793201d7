#pragma once

/// The parts of SSZ that Ashlar's formats use: hash_tree_root of basic values, byte lists, fixed
/// vectors and lists of containers.
///
/// Source: Ethereum consensus specifications, ssz/simple-serialize.md.

#include "base/bytes.hpp"

namespace ashlar::ssz
{

/// A little-endian integer in a 32-byte chunk.
[[nodiscard]] Bytes32 chunk_of(std::uint64_t value) noexcept;

/// Up to 32 bytes in one chunk, zero-filled at the end.
/// @pre bytes.size() <= 32
[[nodiscard]] Bytes32 chunk_of(ByteView bytes) noexcept;

/// Bytes packed into chunks, the last one zero-filled.
[[nodiscard]] std::vector<Bytes32> pack(ByteView bytes);

/// Merkle root of the chunks, padded with zero chunks to bit_ceil(chunk_limit) leaves without
/// building them.
/// @pre chunks.size() <= chunk_limit
[[nodiscard]] Bytes32 merkleize(std::span<const Bytes32> chunks, std::uint64_t chunk_limit);

/// SHA256(root ‖ length as a little-endian chunk): how SSZ lists bind their length.
[[nodiscard]] Bytes32 mix_in_length(const Bytes32& root, std::uint64_t length);

/// hash_tree_root of a List[byte, limit].
/// @pre bytes.size() <= limit_bytes
[[nodiscard]] Bytes32 byte_list_root(ByteView bytes, std::uint64_t limit_bytes);

/// hash_tree_root of a Vector[byte, N].
[[nodiscard]] Bytes32 byte_vector_root(ByteView bytes);

/// hash_tree_root of a List[uint64, limit].
[[nodiscard]] Bytes32 uint64_list_root(std::span<const std::uint64_t> values, std::uint64_t limit);

/// hash_tree_root of a container, from its fields' roots.
[[nodiscard]] Bytes32 container_root(std::span<const Bytes32> field_roots);

/// hash_tree_root of a List[Container, limit], from its elements' roots.
[[nodiscard]] Bytes32 list_root(std::span<const Bytes32> element_roots, std::uint64_t limit);

/// Merkle path of chunk `index` within merkleize(chunks, chunk_limit): siblings, leaf upwards.
[[nodiscard]] std::vector<Bytes32> chunk_path(
    std::span<const Bytes32> chunks, std::uint64_t chunk_limit, std::uint64_t index);

}  // namespace ashlar::ssz
