#pragma once

/// The erasure locator polynomial Z(X) = Π (X − x_e) over the lost positions e of a codeword:
/// computed once, used for all columns.

#include "algebra/fft.hpp"

namespace ashlar
{

/// Values that decoding takes from Z at the 2D positions of a codeword.
struct ErasureLocator
{
    std::vector<Fr> values;               ///< Z(xₙ); zero exactly at the lost positions.
    std::vector<Fr> derivative_inverses;  ///< 1/Z′(x_e) at lost positions; unspecified elsewhere.

    /// @param domain  The 2D positions.
    /// @param lost    One flag per position.
    [[nodiscard]] static ErasureLocator make(
        const FftDomain& domain, std::span<const std::uint8_t> lost);
};

}  // namespace ashlar
