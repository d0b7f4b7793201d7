#pragma once

/// Fast Fourier transforms over any Fr-module: scalars, rows of scalars and points share one
/// code. Coefficients are in natural order, evaluations in bit-reversed order throughout, which
/// is the order of blobs, codewords and commitments, so nothing is ever permuted.

#include <bit>
#include <concepts>

#include "algebra/fr.hpp"

namespace ashlar
{

/// The subgroup of 2^k elements with its tables. Immutable; threads may share it.
class FftDomain
{
public:
    /// @pre size is a power of two ≤ 2³²
    explicit FftDomain(std::size_t size);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Generator ω of the subgroup: root_of_unity(log₂ size).
    [[nodiscard]] const Fr& generator() const noexcept { return generator_; }

    /// ω^exponent for exponent < size (any size but one; ω⁰ for size one).
    [[nodiscard]] Fr root(std::size_t exponent) const noexcept;

    /// ω^−exponent.
    [[nodiscard]] Fr inverse_root(std::size_t exponent) const noexcept
    {
        return root(exponent == 0 ? 0 : size_ - exponent);
    }

    /// 1/size.
    [[nodiscard]] const Fr& size_inverse() const noexcept { return size_inverse_; }

    /// ω^rev(position): the field point that a bit-reversed position stands for.
    [[nodiscard]] Fr point(std::size_t position) const noexcept;

private:
    std::size_t size_;
    Fr generator_;
    Fr size_inverse_;
    std::vector<Fr> half_roots_;  ///< ω⁰ … ω^(size/2 − 1); the rest are their negatives.
};

/// A vector over an Fr-module, which the transforms change in place.
template <typename V>
concept ModuleVector = requires(V v, const V cv, std::size_t i, std::size_t j, const Fr& w) {
    {
        cv.size()
    } -> std::convertible_to<std::size_t>;
    v.add_then_scale_difference(i, j, w);  ///< (aᵢ, aⱼ) ← (aᵢ + aⱼ, (aᵢ − aⱼ)·w)
    v.scale_then_add(i, j, w);             ///< (aᵢ, aⱼ) ← (aᵢ + w·aⱼ, aᵢ − w·aⱼ)
    v.scale(i, w);                         ///< aᵢ ← w·aᵢ
};

/// One module element a slot: Fr or G1.
template <typename T>
class Elements
{
public:
    explicit Elements(std::span<T> values) noexcept : values_{values} {}

    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

    void add_then_scale_difference(std::size_t i, std::size_t j, const Fr& w) noexcept
    {
        const T difference = values_[i] - values_[j];
        values_[i] += values_[j];
        values_[j] = scaled(difference, w);
    }
    void scale_then_add(std::size_t i, std::size_t j, const Fr& w) noexcept
    {
        const T product = scaled(values_[j], w);
        values_[j] = values_[i] - product;
        values_[i] += product;
    }
    void scale(std::size_t i, const Fr& w) noexcept { values_[i] = scaled(values_[i], w); }

private:
    /// Half of all butterflies of small transforms multiply by one, and a point multiplication
    /// costs 255 doublings.
    static T scaled(const T& value, const Fr& w) noexcept { return w.is_one() ? value : value * w; }

    std::span<T> values_;
};

/// A row of `width` scalars a slot, rows stored one after another.
class Rows
{
public:
    /// @pre values.size() is a multiple of width
    Rows(std::span<Fr> values, std::size_t width) noexcept : values_{values}, width_{width} {}

    [[nodiscard]] std::size_t size() const noexcept { return values_.size() / width_; }
    [[nodiscard]] std::span<Fr> row(std::size_t i) const noexcept
    {
        return values_.subspan(i * width_, width_);
    }

    void add_then_scale_difference(std::size_t i, std::size_t j, const Fr& w) noexcept;
    void scale_then_add(std::size_t i, std::size_t j, const Fr& w) noexcept;
    void scale(std::size_t i, const Fr& w) noexcept;

private:
    std::span<Fr> values_;
    std::size_t width_;
};

/// Coefficients in natural order → evaluations in bit-reversed order.
/// @pre a.size() == domain.size()
template <ModuleVector V>
void fft(V a, const FftDomain& domain)
{
    const std::size_t n = a.size();
    ASHLAR_ASSERT(n == domain.size());
    for (std::size_t half = n / 2, stride = 1; half >= 1; half /= 2, stride *= 2)
    {
        for (std::size_t k = 0; k < half; ++k)
        {
            const Fr w = domain.root(k * stride);
            for (std::size_t start = k; start < n; start += 2 * half)
                a.add_then_scale_difference(start, start + half, w);
        }
    }
}

/// Evaluations in bit-reversed order → size·coefficients in natural order. For callers that fold
/// 1/size into a scaling of their own.
template <ModuleVector V>
void inverse_fft_unscaled(V a, const FftDomain& domain)
{
    const std::size_t n = a.size();
    ASHLAR_ASSERT(n == domain.size());
    for (std::size_t half = 1, stride = n / 2; half < n; half *= 2, stride /= 2)
    {
        for (std::size_t k = 0; k < half; ++k)
        {
            const Fr w = domain.inverse_root(k * stride);
            for (std::size_t start = k; start < n; start += 2 * half)
                a.scale_then_add(start, start + half, w);
        }
    }
}

/// Evaluations in bit-reversed order → coefficients in natural order.
template <ModuleVector V>
void inverse_fft(V a, const FftDomain& domain)
{
    inverse_fft_unscaled(a, domain);
    for (std::size_t i = 0; i < a.size(); ++i)
        a.scale(i, domain.size_inverse());
}

/// The other half of a codeword: from the values of a polynomial of degree < D on the subgroup
/// of size D to its values on the coset ω·⟨ω²⟩, both bit-reversed, in place. ω generates the
/// subgroup of size 2D, so these are positions D … 2D−1 of the codeword (DESIGN §3).
/// @pre a.size() == domain.size() == D
template <ModuleVector V>
void extend_to_coset(V a, const FftDomain& domain)
{
    inverse_fft_unscaled(a, domain);
    const Fr omega = root_of_unity(static_cast<unsigned>(std::bit_width(domain.size())));
    Fr factor = domain.size_inverse();
    for (std::size_t i = 0; i < a.size(); ++i, factor *= omega)
        a.scale(i, factor);
    fft(a, domain);
}

}  // namespace ashlar
