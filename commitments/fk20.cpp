#include "commitments/fk20.hpp"

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

/// Transform of the points of stride s, reversed so that the convolution correlates.
std::vector<G1Affine> transformed_setup(std::size_t s)
{
    std::vector<G1> points(LENGTH);
    // m = 63 would meet only p₄₀₉₆₊ₛ and beyond, which are zero.
    for (std::size_t m = 0; m + 1 < STRIDE_LENGTH; ++m)
        points[(LENGTH - m) % LENGTH] = G1{TrustedSetup::ethereum().monomial()[STRIDES * m + s]};
    fft(Elements<G1>{points}, convolution_domain());
    return to_affine(points);
}

/// Frequencies whose sums one thread takes at a time: enough to share inversions.
constexpr std::size_t FREQUENCIES_PER_TASK = 16;

/// Transforms of the polynomial's strides, laid out as the bases, times 1/128: scalars take the
/// inverse transform's factor more cheaply than points do.
std::vector<blst_scalar> transformed_strides(std::span<const Fr, ELEMENTS_PER_BLOB> coefficients)
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
    static const FixedBaseMsm built = [] {
        std::vector<G1Affine> out(LENGTH * STRIDES);
        parallel_for(STRIDES, [&](std::size_t s) {
            const auto points = transformed_setup(s);
            for (std::size_t frequency = 0; frequency < LENGTH; ++frequency)
                out[frequency * STRIDES + s] = points[frequency];
        });
        return FixedBaseMsm{out, {.bases_per_sum = STRIDES, .step_bits = 4, .window_bits = 8}};
    }();
    return built;
}

std::vector<Proof> fk20_proofs(std::span<const Fr, ELEMENTS_PER_BLOB> coefficients)
{
    const auto& msm = fk20_msm();
    const auto rows = transformed_strides(coefficients);

    std::vector<G1> points(LENGTH);
    parallel_for(LENGTH / FREQUENCIES_PER_TASK, [&](std::size_t task) {
        const auto first = task * FREQUENCIES_PER_TASK;
        const auto sums = msm.sums(
            std::span{rows}.subspan(first * STRIDES, FREQUENCIES_PER_TASK * STRIDES), first);
        std::ranges::copy(sums, points.begin() + static_cast<std::ptrdiff_t>(first));
    });
    inverse_fft_unscaled(Elements<G1>{points}, convolution_domain());

    // H₀ is no quotient, and what follows H₆₃ is the convolution's other half.
    std::shift_left(points.begin(), points.end(), 1);
    std::fill(points.begin() + STRIDE_LENGTH - 1, points.end(), G1{});
    fft(Elements<G1>{points}, convolution_domain());

    std::vector<Proof> proofs;
    proofs.reserve(LENGTH);
    for (const auto& point : to_affine(points))
        proofs.push_back(Proof::from_point(point));
    return proofs;
}

}  // namespace ashlar
