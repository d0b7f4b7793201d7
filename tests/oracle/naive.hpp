#pragma once

/// Slow twins: each says what a fast path computes in the fewest words.

#include "algebra/fft.hpp"
#include "algebra/g1.hpp"
#include "base/shape.hpp"

namespace ashlar::naive
{

/// Σ scalarᵢ·pointᵢ, one multiplication a point.
inline G1 sum_of_products(std::span<const G1Affine> points, std::span<const Fr> scalars)
{
    G1 sum;
    for (std::size_t i = 0; i < points.size(); ++i)
        sum += G1{points[i]} * scalars[i];
    return sum;
}

/// Σ coefficientⱼ·xʲ by Horner's rule, for scalars and points alike.
template <typename T>
T evaluate(std::span<const T> coefficients, const Fr& x)
{
    T value;
    for (std::size_t j = coefficients.size(); j-- > 0;)
        value = value * x + coefficients[j];
    return value;
}

/// The field point of bit-reversed position n among `count`.
inline Fr point_of(std::size_t n, std::size_t count)
{
    const auto bits = static_cast<unsigned>(std::countr_zero(count));
    return root_of_unity(bits).pow(reverse_bits(n, bits));
}

/// Values at positions 0 … count−1 in bit-reversed order.
template <typename T>
std::vector<T> dft(std::span<const T> coefficients, std::size_t count)
{
    std::vector<T> out;
    for (std::size_t n = 0; n < count; ++n)
        out.push_back(evaluate(coefficients, point_of(n, count)));
    return out;
}

}  // namespace ashlar::naive
