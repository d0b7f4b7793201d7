#pragma once

/// An object's metadata: everything public about it but its blobs, as it travels, and the two
/// steps by which any reader comes to trust it. DESIGN §4, §6.

#include "commitments/walk.hpp"
#include "object/header.hpp"

namespace ashlar
{

/// Untrusted until it passed check_metadata_roots(). Virtual positions are not sent.
struct ObjectMetadata
{
    Bytes commitments;          ///< 48·(K + D) bytes: positions 0 … K−1, then D … 2D−1.
    Bytes group_parity_hashes;  ///< 32·G bytes, in local parity order.

    friend bool operator==(const ObjectMetadata&, const ObjectMetadata&) = default;
};

/// Lengths of an object's metadata: they follow from its shape.
struct MetadataSizes
{
    std::size_t commitments;          ///< 48·(K + D)
    std::size_t group_parity_hashes;  ///< 32·G

    [[nodiscard]] static MetadataSizes of(const ObjectShape& shape) noexcept
    {
        return {.commitments = BYTES_PER_G1 * (shape.data_blobs() + shape.domain()),
            .group_parity_hashes = 32 * shape.local_parity_count()};
    }
    [[nodiscard]] std::size_t total() const noexcept { return commitments + group_parity_hashes; }
};

/// Metadata in the form that travels.
/// @pre codeword.size() == 2D and hashes.size() == G
[[nodiscard]] ObjectMetadata make_metadata(const ObjectShape& shape,
    std::span<const Commitment> codeword, std::span<const Bytes32> group_parity_hashes);

/// The commitment tree's root, from bytes that nobody has parsed yet.
/// @pre commitments.size() == MetadataSizes::of(shape).commitments
[[nodiscard]] Bytes32 commitments_root(const ObjectShape& shape, ByteView commitments);

/// First step: are these the bytes that the header binds? Whoever sent others is to blame. No
/// curve arithmetic, so that a flood of wrong bytes costs little.
///
/// @return  invalid_input for a wrong length, proof_invalid for a wrong root.
[[nodiscard]] Result<void> check_metadata_roots(
    const ObjectHeader& header, const ObjectMetadata& metadata);

/// All 2D commitments, which may be no codeword.
///
/// @pre check_metadata_roots() passed
/// @return  invalid_input for a point that is none.
[[nodiscard]] Result<std::vector<Commitment>> parse_codeword(
    const ObjectShape& shape, const ObjectMetadata& metadata);

/// Second step: all 2D commitments, with the full check passed. Failing it is the publisher's
/// fault and makes the object INVALID.
///
/// @pre check_metadata_roots() passed
/// @return  invalid_input for a point that is none, proof_invalid if they are no codeword.
[[nodiscard]] Result<std::vector<Commitment>> check_codeword(
    const ObjectShape& shape, const ObjectMetadata& metadata);

/// What a header says about its fold.
[[nodiscard]] FoldBinding fold_binding(const ObjectHeader& header);

}  // namespace ashlar
