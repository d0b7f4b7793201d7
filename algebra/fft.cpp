#include "algebra/fft.hpp"

#include "base/shape.hpp"

namespace ashlar
{

FftDomain::FftDomain(std::size_t size)
  : size_{size},
    generator_{root_of_unity(static_cast<unsigned>(std::countr_zero(size)))},
    size_inverse_{Fr::from_u64(size).inverse()},
    half_roots_{powers(generator_, std::max<std::size_t>(size / 2, 1))}
{
    ASHLAR_ASSERT(std::has_single_bit(size));
}

Fr FftDomain::root(std::size_t exponent) const noexcept
{
    ASHLAR_ASSERT(exponent < size_);
    if (exponent < half_roots_.size())
        return half_roots_[exponent];
    return -half_roots_[exponent - half_roots_.size()];
}

Fr FftDomain::point(std::size_t position) const noexcept
{
    const auto bits = static_cast<unsigned>(std::countr_zero(size_));
    return root(static_cast<std::size_t>(reverse_bits(position, bits)));
}

void Rows::add_then_scale_difference(std::size_t i, std::size_t j, const Fr& w) noexcept
{
    const auto a = row(i);
    const auto b = row(j);
    for (std::size_t k = 0; k < width_; ++k)
    {
        const Fr difference = a[k] - b[k];
        a[k] += b[k];
        b[k] = difference;
    }
    scale(j, w);
}

void Rows::scale_then_add(std::size_t i, std::size_t j, const Fr& w) noexcept
{
    scale(j, w);
    const auto a = row(i);
    const auto b = row(j);
    for (std::size_t k = 0; k < width_; ++k)
    {
        const Fr product = b[k];
        b[k] = a[k] - product;
        a[k] += product;
    }
}

void Rows::scale(std::size_t i, const Fr& w) noexcept
{
    // A good part of all factors of small transforms.
    if (w.is_one())
        return;
    for (auto& value : row(i))
        value *= w;
}

}  // namespace ashlar
