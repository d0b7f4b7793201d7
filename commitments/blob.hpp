#pragma once

/// Blobs: 4096 field elements of 32 bytes, big-endian, as in EIP-4844.

#include "algebra/fft.hpp"
#include "base/shape.hpp"

namespace ashlar
{

/// Untrusted bytes of a blob.
using BlobView = std::span<const std::byte, BYTES_PER_BLOB>;

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
