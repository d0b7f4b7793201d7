#include "commitments/fk20.hpp"

#include "algebra/lane_fft.hpp"
#include "base/parallel.hpp"

// The proof of the cell on the coset h·⟨ω₆₄⟩ commits to the quotient of p by X⁶⁴ − a, a = h⁶⁴:
//
//     q = Σₜ aᵗ⁻¹·⌊p / X⁶⁴ᵗ⌋, t = 1 … 63,   so   π = Σₜ aᵗ⁻¹·Hₜ,   Hₜ = Σⱼ p₆₄ₜ₊ⱼ·[τʲ].
//
// With j = 64m + s this is, for every s, a correlation over m of the stride p₆₄ᵤ₊ₛ with the
// points [τ^(64m + s)]: a cyclic convolution of length 128, done by FFT. As a = ω₁₂₈^rev₇(i) for
// cell i, one more FFT over the Hₜ gives all proofs, in the order of the cells.

namespace ashlar
{
namespace
{

constexpr std::size_t STRIDES = ELEMENTS_PER_CELL;
constexpr std::size_t STRIDE_LENGTH = ELEMENTS_PER_BLOB / STRIDES;
constexpr std::size_t LENGTH = 2 * STRIDE_LENGTH;
static_assert(LENGTH == CELLS_PER_EXT_BLOB);

const FftDomain& convolution_domain()
{
    static const FftDomain domain{LENGTH};
    return domain;
}

const LaneFft& point_transform()
{
    static const LaneFft transform{convolution_domain()};
    return transform;
}

/// Transforms of the points of each stride, reversed so that the convolution correlates: the
/// points of one frequency side by side.
std::vector<G1Affine> transformed_setup()
{
    std::vector<G1Affine> points(STRIDES * LENGTH);
    for (std::size_t s = 0; s < STRIDES; ++s)
    {
        // m = 63 would meet only p₄₀₉₆₊ₛ and beyond, which are zero.
        for (std::size_t m = 0; m + 1 < STRIDE_LENGTH; ++m)
            points[s * LENGTH + (LENGTH - m) % LENGTH] =
                TrustedSetup::ethereum().monomial()[STRIDES * m + s];
    }
    constexpr std::size_t STRIDES_PER_TASK = 16;
    parallel_for(STRIDES / STRIDES_PER_TASK, [&](std::size_t task) {
        constexpr auto SIZE = STRIDES_PER_TASK * LENGTH;
        point_transform().forward(std::span{points}.subspan(task * SIZE, SIZE));
    });
    std::vector<G1Affine> out(points.size());
    for (std::size_t s = 0; s < STRIDES; ++s)
        for (std::size_t frequency = 0; frequency < LENGTH; ++frequency)
            out[frequency * STRIDES + s] = points[s * LENGTH + frequency];
    return out;
}

/// Frequencies whose sums one thread takes at a time: enough to share inversions.
constexpr std::size_t FREQUENCIES_PER_TASK = 16;

/// Transforms of the polynomial's strides, laid out as the bases, times 1/128: scalars take the
/// inverse transform's factor more cheaply than points do.
std::vector<blst_scalar> transformed_strides(std::span<const Fr> coefficients)
{
    std::vector<Fr> rows(LENGTH * STRIDES);
    for (std::size_t i = 0; i < coefficients.size(); ++i)
        rows[i] = coefficients[i] * convolution_domain().size_inverse();
    fft(Rows{rows, STRIDES}, convolution_domain());
    std::vector<blst_scalar> out;
    out.reserve(rows.size());
    for (const auto& value : rows)
        out.push_back(value.to_scalar());
    return out;
}

}  // namespace

const FixedBaseMsm& fk20_msm()
{
    static const FixedBaseMsm msm{LENGTH * STRIDES, transformed_setup,
        {.bases_per_sum = STRIDES, .step_bits = 4, .window_bits = 8, .cache_name = "fk20"}};
    return msm;
}

std::vector<std::vector<Proof>> fk20_proofs(std::span<const std::vector<Fr>> polynomials)
{
    const auto& msm = fk20_msm();
    std::vector<G1> sums(polynomials.size() * LENGTH);
    for (std::size_t b = 0; b < polynomials.size(); ++b)
    {
        const auto rows = transformed_strides(polynomials[b]);
        parallel_for(LENGTH / FREQUENCIES_PER_TASK, [&](std::size_t task) {
            const auto first = task * FREQUENCIES_PER_TASK;
            const auto some = msm.sums(
                std::span{rows}.subspan(first * STRIDES, FREQUENCIES_PER_TASK * STRIDES), first);
            std::ranges::copy(some, &sums[b * LENGTH + first]);
        });
    }
    auto points = to_affine(sums);
    point_transform().inverse_unscaled(points);
    for (std::size_t b = 0; b < polynomials.size(); ++b)
    {
        // H₀ is no quotient, and what follows H₆₃ is the convolution's other half.
        const auto h = std::span{points}.subspan(b * LENGTH, LENGTH);
        std::shift_left(h.begin(), h.end(), 1);
        std::ranges::fill(h.subspan(STRIDE_LENGTH - 1), G1Affine{});
    }
    point_transform().forward(points);

    std::vector<std::vector<Proof>> proofs(polynomials.size());
    for (std::size_t i = 0; i < points.size(); ++i)
        proofs[i / LENGTH].push_back(Proof::from_point(points[i]));
    return proofs;
}

}  // namespace ashlar
