#pragma once

/// Blobs: 4096 field elements of 32 bytes, big-endian, as in EIP-4844.

#include "algebra/fft.hpp"
#include "base/shape.hpp"

namespace ashlar
{

/// Untrusted bytes of a blob.
using BlobView = std::span<const std::byte, BYTES_PER_BLOB>;

/// Untrusted bytes of a blob, said in one of two ways. A view.
class BlobContents
{
public:
    /// The elements.
    BlobContents(BlobView elements) noexcept : bytes_{elements} {}

    /// The payload bytes of a data blob: those of its elements but the first of each, which is 0.
    BlobContents(PayloadBlob payload) noexcept : bytes_{payload} {}

    [[nodiscard]] ByteView bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::size_t bytes_per_element() const noexcept
    {
        return bytes_.size() / ELEMENTS_PER_BLOB;
    }
    [[nodiscard]] bool is_payload() const noexcept
    {
        return bytes_.size() == PAYLOAD_BYTES_PER_BLOB;
    }

    /// @pre !is_payload()
    [[nodiscard]] BlobView elements() const noexcept { return BlobView{bytes_}; }
    /// @pre is_payload()
    [[nodiscard]] PayloadBlob payload() const noexcept { return PayloadBlob{bytes_}; }

private:
    ByteView bytes_;
};

/// A blob's elements: the polynomial's evaluations at ω₄₀₉₆^rev₁₂(e), e = 0 … 4095.
class BlobElements
{
public:
    /// @return  invalid_input naming the first element that is not below r.
    [[nodiscard]] static Result<BlobElements> parse(BlobView blob);

    [[nodiscard]] std::span<const Fr, ELEMENTS_PER_BLOB> values() const noexcept
    {
        return std::span<const Fr, ELEMENTS_PER_BLOB>{values_};
    }

private:
    explicit BlobElements(std::vector<Fr> values) : values_{std::move(values)} {}

    std::vector<Fr> values_;
};

/// The subgroup of order 4096: element e of a blob is its polynomial's value at point(e).
[[nodiscard]] const FftDomain& blob_domain();

}  // namespace ashlar
