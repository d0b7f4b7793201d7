#pragma once

/// Codewords of known discrete logarithm: d is a codeword of scalars, cₙ = dₙ·G. Whatever holds for
/// points can then be recomputed, slowly and obviously, on scalars.

#include "algebra/fft.hpp"
#include "base/random.hpp"
#include "commitments/codeword.hpp"

namespace ashlar::test
{

/// D data blobs with the default parity and no groups.
inline ObjectShape shape_of(std::uint64_t data)
{
    return ObjectShape::make({.data_blobs = data,
                                 .parity_blobs = ObjectShape::default_parity_blobs(data),
                                 .group_parities = 0})
        .value();
}

inline Fr random_scalar(RandomSource& random)
{
    Bytes64 bytes;
    random.fill(bytes);
    return Fr::reduce(std::span<const std::byte, 64>{bytes});
}

/// 2D scalars: random at data positions, zero at virtual ones, parity as the code demands.
inline std::vector<Fr> scalar_codeword(const ObjectShape& shape, RandomSource& random)
{
    const auto domain = static_cast<std::size_t>(shape.domain());
    std::vector<Fr> low(domain);
    for (std::uint64_t n = 0; n < shape.data_blobs(); ++n)
        low[n] = random_scalar(random);
    auto high = low;
    extend_to_coset(Elements<Fr>{high}, FftDomain{domain});
    low.insert(low.end(), high.begin(), high.end());
    return low;
}

inline std::vector<Commitment> commitments_of(std::span<const Fr> logarithms)
{
    std::vector<Commitment> out;
    for (const auto& d : logarithms)
        out.push_back(Commitment::from_point((G1::generator() * d).to_affine()));
    return out;
}

}  // namespace ashlar::test
