#pragma once

/// KZG commitments to blobs (EIP-4844).

#include "commitments/blob.hpp"
#include "commitments/trusted_setup.hpp"

namespace ashlar
{

/// A validated commitment: a point of G1, infinity included, with its compressed bytes.
class Commitment
{
public:
    /// Infinity: the commitment of the zero blob.
    Commitment() noexcept;

    /// @return  invalid_input for a bad encoding or a point outside G1.
    [[nodiscard]] static Result<Commitment> parse(std::span<const std::byte, 48> bytes);

    /// @pre the point is in G1.
    [[nodiscard]] static Commitment from_point(const G1Affine& point) noexcept
    {
        return Commitment{point, point.compress()};
    }

    [[nodiscard]] const G1Affine& point() const noexcept { return point_; }
    [[nodiscard]] const Bytes48& bytes() const noexcept { return bytes_; }
    [[nodiscard]] bool is_infinity() const noexcept { return point_.is_infinity(); }

    friend bool operator==(const Commitment& a, const Commitment& b) noexcept
    {
        return a.bytes_ == b.bytes_;
    }

private:
    friend Result<std::vector<Commitment>> parse_commitments(ByteView bytes);
    Commitment(const G1Affine& point, const Bytes48& bytes) noexcept : point_{point}, bytes_{bytes}
    {}

    G1Affine point_;
    Bytes48 bytes_;
};

/// Parses concatenated 48-byte commitments on all cores.
/// @return  invalid_input naming the first bad index.
[[nodiscard]] Result<std::vector<Commitment>> parse_commitments(ByteView bytes);

/// The specification's blob_to_kzg_commitment. Runs on the caller's thread.
/// @return  invalid_input if an element is not below r.
[[nodiscard]] Result<Commitment> blob_to_kzg_commitment(BlobView blob);

/// The same of many blobs, in order, on all cores: one blob at a time on each.
/// @return  invalid_input naming the first bad blob.
[[nodiscard]] Result<std::vector<Commitment>> blobs_to_kzg_commitments(
    std::span<const BlobView> blobs);

/// Commitment of elements already validated.
[[nodiscard]] Commitment commit(std::span<const Fr, ELEMENTS_PER_BLOB> elements);

}  // namespace ashlar
