#include "erasure/erasure_locator.hpp"

#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

/// Factors multiplied one by one before FFTs pay off.
constexpr std::size_t SCHOOLBOOK_DEGREE_MAX = 64;

/// Coefficients of Π (X − root), lowest first.
std::vector<Fr> product_schoolbook(std::span<const Fr> roots)
{
    std::vector<Fr> out{Fr::one()};
    for (const auto& root : roots)
    {
        out.push_back(out.back());
        for (std::size_t k = out.size() - 2; k > 0; --k)
            out[k] = out[k - 1] - root * out[k];
        out[0] = -(root * out[0]);
    }
    return out;
}

/// Product of two monic polynomials.
std::vector<Fr> multiply(std::vector<Fr> a, std::vector<Fr> b)
{
    const auto degree = a.size() + b.size() - 2;
    const FftDomain domain{std::bit_ceil(degree)};
    const bool wraps = degree == domain.size();
    const auto fold = [&](std::vector<Fr>& values) {
        values.resize(domain.size());
        fft(Elements<Fr>{values}, domain);
    };
    fold(a);
    fold(b);
    for (std::size_t i = 0; i < a.size(); ++i)
        a[i] *= b[i];
    inverse_fft(Elements<Fr>{a}, domain);
    a.resize(degree + 1);
    // A domain as large as the degree adds the leading coefficient, one, to the lowest.
    if (wraps)
    {
        a[0] -= Fr::one();
        a[degree] = Fr::one();
    }
    return a;
}

/// Product tree: O(n·log² n), on all threads.
std::vector<Fr> product(std::span<const Fr> roots)
{
    std::vector<std::vector<Fr>> factors(std::max<std::size_t>(
        (roots.size() + SCHOOLBOOK_DEGREE_MAX - 1) / SCHOOLBOOK_DEGREE_MAX, 1));
    parallel_for(factors.size(), [&](std::size_t i) {
        const auto rest = roots.subspan(i * SCHOOLBOOK_DEGREE_MAX);
        factors[i] = product_schoolbook(rest.first(std::min(rest.size(), SCHOOLBOOK_DEGREE_MAX)));
    });
    while (factors.size() > 1)
    {
        const auto half = (factors.size() + 1) / 2;
        parallel_for(factors.size() / 2, [&](std::size_t i) {
            factors[i] = multiply(std::move(factors[i]), std::move(factors[i + half]));
        });
        factors.resize(half);
    }
    return std::move(factors.front());
}

}  // namespace

ErasureLocator ErasureLocator::make(const FftDomain& domain, std::span<const std::uint8_t> lost)
{
    ASHLAR_ASSERT(lost.size() == domain.size());
    std::vector<Fr> roots;
    for (std::size_t n = 0; n < lost.size(); ++n)
    {
        if (lost[n] != 0)
            roots.push_back(domain.point(n));
    }
    // Decoding loses at most half of the positions, so Z fits the domain.
    ASHLAR_ASSERT(roots.size() < domain.size());

    ErasureLocator locator;
    locator.values = product(roots);
    locator.values.resize(domain.size());
    locator.derivative_inverses.resize(domain.size());
    for (std::size_t k = 1; k < domain.size(); ++k)
        locator.derivative_inverses[k - 1] = locator.values[k] * Fr::from_u64(k);

    fft(Elements<Fr>{locator.values}, domain);
    fft(Elements<Fr>{locator.derivative_inverses}, domain);
    batch_invert(locator.derivative_inverses);
    return locator;
}

}  // namespace ashlar
