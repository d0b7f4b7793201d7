#include "sampling-client/schedule.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "commitments/cells.hpp"

namespace ashlar
{
namespace
{

/// Cells that give a blob back; hiding it takes all the others and one more.
constexpr std::uint64_t CELLS_TO_RECOVER = CELLS_PER_EXT_BLOB / 2;

/// Added to every logarithm of a tail, so that rounding only ever delays a verdict. The sums
/// below are off by less: ln n! is a sum of 4096 roundings of numbers under 2¹⁵, in all under
/// 2·10⁻⁸ even where long double has 53 bits; the powers of p and 1 − p stay under 2¹⁷ with a
/// relative error of some 2⁻⁵².
constexpr double LOG_MARGIN = 1e-6;

/// ln n! for n = 0 … SAMPLES_MAX.
std::span<const long double> log_factorials()
{
    static const auto table = [] {
        std::array<long double, SAMPLES_MAX + 1> values{};
        for (std::size_t n = 1; n < values.size(); ++n)
            values[n] = values[n - 1] + std::log(static_cast<long double>(n));
        return values;
    }();
    return table;
}

/// ln(1 − p) without cancellation at either end. @pre p < 1
long double log_complement(Fraction p)
{
    const auto numerator = static_cast<long double>(p.numerator);
    const auto denominator = static_cast<long double>(p.denominator);
    if (p.numerator < p.denominator / 2)
        return std::log1p(-numerator / denominator);
    return std::log(static_cast<long double>(p.denominator - p.numerator) / denominator);
}

double halvings(std::uint64_t count) noexcept
{
    return static_cast<double>(count) * std::numbers::ln2;
}

double probability_from_log(double log_value)
{
    return std::min(1.0, std::exp(log_value));
}

/// i, if `draws` is look i.
std::optional<unsigned> refuse_look_at(std::uint64_t draws) noexcept
{
    for (unsigned i = 0; i < UNAVAILABLE_LOOKS; ++i)
    {
        if (draws == UNAVAILABLE_LOOK_FIRST << i)
            return i;
    }
    return std::nullopt;
}

}  // namespace

Fraction hidden_share(const ObjectShape& shape, SampleMode mode) noexcept
{
    const auto blobs = shape.parity_blobs() + 1;
    if (mode == SampleMode::blob)
        return {blobs, shape.stored_count()};
    return {blobs * (CELLS_PER_EXT_BLOB - CELLS_TO_RECOVER + 1),
        CELLS_PER_EXT_BLOB * shape.stored_count()};
}

Fraction lost_share(const ObjectShape& shape) noexcept
{
    return {shape.parity_blobs(), shape.stored_count()};
}

double log_tail_at_most(std::uint64_t n, std::uint64_t k, Fraction p)
{
    ASHLAR_ASSERT(n <= SAMPLES_MAX);
    ASHLAR_ASSERT(p.numerator > 0 && p.numerator <= p.denominator);
    if (k >= n)
        return 0;
    if (p.numerator == p.denominator)
        return -std::numeric_limits<double>::infinity();

    const auto factorials = log_factorials();
    const auto log_p =
        std::log(static_cast<long double>(p.numerator) / static_cast<long double>(p.denominator));
    const auto log_q = log_complement(p);
    std::vector<long double> terms;
    terms.reserve(k + 1);
    for (std::uint64_t i = 0; i <= k; ++i)
        terms.push_back(factorials[n] - factorials[i] - factorials[n - i] +
                        static_cast<long double>(i) * log_p +
                        static_cast<long double>(n - i) * log_q);

    // The greatest term as the unit: nothing overflows, and what underflows does not count.
    const auto greatest = std::ranges::max(terms);
    long double sum = 0;
    for (const auto term : terms)
        sum += std::exp(term - greatest);
    return std::min(0.0, static_cast<double>(greatest + std::log(sum)) + LOG_MARGIN);
}

double log_tail_at_least(std::uint64_t n, std::uint64_t k, Fraction p)
{
    ASHLAR_ASSERT(p.numerator < p.denominator);
    if (k == 0)
        return 0;
    if (k > n)
        return -std::numeric_limits<double>::infinity();
    return log_tail_at_most(n, n - k, {p.denominator - p.numerator, p.denominator});
}

std::optional<std::uint64_t> AcceptSchedule::draws_for(std::uint64_t failures) const
{
    const auto log_threshold = std::log(error_) - halvings(failures + 1);
    const auto small_enough = [&](std::uint64_t draws) {
        return log_tail_at_most(draws, failures, p_) <= log_threshold;
    };
    // The tail falls with the number of draws, so the least that suffices is found by halving.
    std::uint64_t too_few = failures;
    std::uint64_t enough = SAMPLES_MAX;
    if (too_few >= enough || !small_enough(enough))
        return std::nullopt;
    while (enough - too_few > 1)
    {
        const auto middle = too_few + (enough - too_few) / 2;
        (small_enough(middle) ? enough : too_few) = middle;
    }
    return enough;
}

bool AcceptSchedule::accepts(std::uint64_t draws, std::uint64_t failures) const
{
    // Look t = failures came no later than now, and no more had failed then than have by now.
    const auto needed = draws_for(failures);
    return needed && *needed <= draws;
}

double AcceptSchedule::achieved_error(std::uint64_t draws, std::uint64_t failures) const
{
    return probability_from_log(log_tail_at_most(draws, failures, p_) + halvings(failures + 1));
}

std::optional<std::uint64_t> RefuseSchedule::next_look(std::uint64_t draws) noexcept
{
    for (unsigned i = 0; i < UNAVAILABLE_LOOKS; ++i)
    {
        if (draws < UNAVAILABLE_LOOK_FIRST << i)
            return UNAVAILABLE_LOOK_FIRST << i;
    }
    return std::nullopt;
}

bool RefuseSchedule::refuses(std::uint64_t draws, std::uint64_t failures) const
{
    const auto look = refuse_look_at(draws);
    return look && log_tail_at_least(draws, failures, p_) <= std::log(error_) - halvings(*look + 1);
}

double RefuseSchedule::achieved_error(std::uint64_t draws, std::uint64_t failures) const
{
    const auto look = refuse_look_at(draws);
    if (!look)
        return 1;
    return probability_from_log(log_tail_at_least(draws, failures, p_) + halvings(*look + 1));
}

}  // namespace ashlar
