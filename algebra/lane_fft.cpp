#include "algebra/lane_fft.hpp"

namespace ashlar
{
namespace
{

constexpr unsigned WINDOW_BITS = 4;

/// Multiples 1 … 8 of a point: what a signed digit of four bits can ask for.
constexpr std::size_t MULTIPLES = 8;

/// z² for the curve's parameter z = −0xd201000000010000, low half first.
constexpr std::array<std::uint64_t, 2> Z_SQUARED = {0x0000000100000000, 0xac45a4010001a402};

/// The cube root of unity with z²·(x, y) = (β·x, −y), in blst's Montgomery form.
constexpr blst_fp BETA = {{0x30f1361b798a64e8, 0xf3b8ddab7ece5a2a, 0x16a8ca3ac61577f7,
    0xc26a2ff874fd029b, 0x3636b76660701c6e, 0x051ba4ab241b6160}};

using Half = std::array<std::uint64_t, 2>;

/// scalar = remainder + quotient·z², by long division: factors are recoded once.
std::array<Half, 2> divide_by_z_squared(const blst_scalar& scalar)
{
    Half quotient{};
    Half remainder{};
    for (unsigned bit = 256; bit-- > 0;)
    {
        const auto overflow = remainder[1] >> 63;
        remainder[1] = remainder[1] << 1 | remainder[0] >> 63;
        remainder[0] = remainder[0] << 1 | ((scalar.b[bit / 8] >> (bit % 8)) & 1U);
        quotient[1] = quotient[1] << 1 | quotient[0] >> 63;
        quotient[0] <<= 1;
        const bool below = remainder[1] != Z_SQUARED[1] ? remainder[1] < Z_SQUARED[1]
                                                        : remainder[0] < Z_SQUARED[0];
        if (overflow == 0 && below)
            continue;
        const std::uint64_t borrow = remainder[0] < Z_SQUARED[0] ? 1 : 0;
        remainder[0] -= Z_SQUARED[0];
        remainder[1] -= Z_SQUARED[1] + borrow;
        quotient[0] |= 1;
    }
    return {remainder, quotient};
}

bool is_infinite(const LanePoint& point)
{
    return std::ranges::all_of(point.x.limbs, [](std::uint64_t limb) { return limb == 0; });
}

PointRef ref_to(const LanePoint& point, bool negated = false)
{
    return reinterpret_cast<PointRef>(&point) | (negated ? NEGATED : 0);
}

}  // namespace

/// Memory of one call of a transform.
class LaneFft::Work
{
public:
    Work(const LaneKernels& kernels, std::span<const G1Affine> points)
      : kernels_{&kernels},
        count_{points.size()},
        points_{make_lane_array(count_)},
        results_{make_lane_array(count_)},
        table_{make_lane_array(2 * MULTIPLES * (count_ / 2))},
        scratch_{std::make_unique<LaneScratch>()}
    {
        // G1Affine is one blst_p1_affine.
        static_assert(sizeof(G1Affine) == sizeof(blst_p1_affine));
        kernels.points_to_lanes(&points.front().raw(), points_.get(), count_);
        const std::vector<blst_fp> betas(count_ / 2, BETA);
        betas_.resize(betas.size());
        kernels.to_lanes(betas.data(), betas_.data(), betas.size());
    }

    void read_back(std::span<G1Affine> points) const
    {
        std::vector<blst_p1_affine> raw(count_);
        kernels_->points_from_lanes(points_.get(), raw.data(), count_);
        for (std::size_t i = 0; i < count_; ++i)
            points[i] = G1Affine{raw[i]};
    }

    /// Notes the product of a slot by a factor, to be made by multiply().
    void note_product(std::size_t slot, const Factor& factor)
    {
        if (!factor.is_one && !is_infinite(points_[slot]))
            products_.push_back({.slot = slot, .factor = &factor});
    }

    /// Notes (aᵢ, aⱼ) ← (aᵢ + aⱼ, aᵢ − aⱼ), to be made by add_pairs().
    void note_pair(std::size_t i, std::size_t j)
    {
        pairs_.insert(pairs_.end(),
            {ref_to(points_[i]), ref_to(points_[j]), ref_to(points_[i]), ref_to(points_[j], true)});
        slots_.insert(slots_.end(), {i, j});
    }

    void add_pairs() { add_to(points_.get()); }
    void multiply();

private:
    struct Product
    {
        std::size_t slot;
        const Factor* factor;
    };

    /// Multiple m + 1 of product n, times z² in the second half.
    [[nodiscard]] LanePoint* multiples(std::size_t half, std::size_t m) const
    {
        return table_.get() + (half * MULTIPLES + m) * products_.size();
    }

    void add_to(LanePoint* points);
    void build_table();
    void add_digits(std::size_t half, std::size_t digit);

    const LaneKernels* kernels_;
    std::size_t count_;
    LaneArray points_;
    LaneArray results_;  ///< Of additions; and the running products.
    LaneArray table_;
    std::unique_ptr<LaneScratch> scratch_;
    std::vector<LaneFp> betas_;
    std::vector<Product> products_;
    std::vector<LanePoint> running_;  ///< One a product.
    std::vector<PointRef> pairs_;
    std::vector<std::size_t> slots_;  ///< Where the pairs' sums go.
};

/// Makes the sums that were noted.
void LaneFft::Work::add_to(LanePoint* points)
{
    kernels_->add({.pairs = pairs_.data(),
        .count = slots_.size(),
        .out = results_.get(),
        .scratch = scratch_.get()});
    for (std::size_t i = 0; i < slots_.size(); ++i)
        points[slots_[i]] = results_[i];
    pairs_.clear();
    slots_.clear();
}

void LaneFft::Work::build_table()
{
    const auto count = products_.size();
    for (std::size_t n = 0; n < count; ++n)
        multiples(0, 0)[n] = points_[products_[n].slot];
    for (std::size_t m = 1; m < MULTIPLES; ++m)
    {
        auto* const out = multiples(0, m);
        if (m % 2 != 0)
        {
            kernels_->twice(
                {.in = multiples(0, m / 2), .count = count, .out = out, .scratch = scratch_.get()});
            continue;
        }
        for (std::size_t n = 0; n < count; ++n)
            pairs_.insert(
                pairs_.end(), {ref_to(multiples(0, m - 1)[n]), ref_to(multiples(0, 0)[n])});
        kernels_->add(
            {.pairs = pairs_.data(), .count = count, .out = out, .scratch = scratch_.get()});
        pairs_.clear();
    }
    std::vector<LaneFp> x(count);
    for (std::size_t m = 0; m < MULTIPLES; ++m)
    {
        for (std::size_t n = 0; n < count; ++n)
            x[n] = multiples(0, m)[n].x;
        kernels_->multiply(x.data(), betas_.data(), x.data(), count);
        for (std::size_t n = 0; n < count; ++n)
            multiples(1, m)[n] = {.x = x[n], .y = multiples(0, m)[n].y};
    }
}

/// Adds the multiples that the digit asks for, of all products.
void LaneFft::Work::add_digits(std::size_t half, std::size_t digit)
{
    for (std::size_t n = 0; n < products_.size(); ++n)
    {
        const int value = products_[n].factor->halves[half][digit];
        if (value == 0)
            continue;
        const auto m = static_cast<std::size_t>(value < 0 ? -value : value) - 1;
        // z²·P has the opposite of P's ordinate.
        const auto ref = ref_to(multiples(half, m)[n], (value < 0) != (half == 1));
        pairs_.insert(pairs_.end(), {ref_to(running_[n]), ref});
        slots_.push_back(n);
    }
    if (!slots_.empty())
        add_to(running_.data());
}

void LaneFft::Work::multiply()
{
    if (products_.empty())
        return;
    build_table();
    running_.assign(products_.size(), LanePoint{});
    for (std::size_t digit = Factor::DIGITS; digit-- > 0;)
    {
        if (digit + 1 != Factor::DIGITS)
        {
            for (unsigned bit = 0; bit < WINDOW_BITS; ++bit)
                kernels_->twice({.in = running_.data(),
                    .count = running_.size(),
                    .out = running_.data(),
                    .scratch = scratch_.get()});
        }
        add_digits(0, digit);
        add_digits(1, digit);
    }
    for (std::size_t n = 0; n < products_.size(); ++n)
        points_[products_[n].slot] = running_[n];
    products_.clear();
}

LaneFft::LaneFft(const FftDomain& domain, const LaneKernels& kernels)
  : size_{domain.size()}, kernels_{&kernels}
{
    for (std::size_t i = 0; i < size_ / 2; ++i)
    {
        roots_.push_back(recode(domain.root(i)));
        inverse_roots_.push_back(recode(domain.inverse_root(i)));
    }
}

LaneFft::Factor LaneFft::recode(const Fr& factor)
{
    constexpr std::size_t DIGITS_PER_LIMB = 64 / WINDOW_BITS;
    Factor out;
    out.is_one = factor.is_one();
    const auto halves = divide_by_z_squared(factor.to_scalar());
    for (std::size_t half = 0; half < halves.size(); ++half)
    {
        int carry = 0;
        for (std::size_t d = 0; d + 1 < Factor::DIGITS; ++d)
        {
            const auto limb = halves[half][d / DIGITS_PER_LIMB];
            int digit =
                static_cast<int>((limb >> (WINDOW_BITS * (d % DIGITS_PER_LIMB))) & 15U) + carry;
            carry = digit > static_cast<int>(MULTIPLES) ? 1 : 0;
            digit -= carry << WINDOW_BITS;
            out.halves[half][d] = digit;
        }
        out.halves[half][Factor::DIGITS - 1] = carry;
    }
    return out;
}

void LaneFft::forward(std::span<G1Affine> points) const
{
    ASHLAR_ASSERT(points.size() % size_ == 0);
    if (points.empty() || size_ == 1)
        return;
    Work work{*kernels_, points};
    for (std::size_t half = size_ / 2, stride = 1; half >= 1; half /= 2, stride *= 2)
    {
        const auto each = [&, half](const auto& visit) {
            for (std::size_t start = 0; start < points.size(); start += 2 * half)
                for (std::size_t k = 0; k < half; ++k)
                    visit(start + k, start + k + half, k);
        };
        each([&](std::size_t i, std::size_t j, std::size_t) { work.note_pair(i, j); });
        work.add_pairs();
        each([&](std::size_t, std::size_t j, std::size_t k) {
            work.note_product(j, roots_[k * stride]);
        });
        work.multiply();
    }
    work.read_back(points);
}

void LaneFft::inverse_unscaled(std::span<G1Affine> points) const
{
    ASHLAR_ASSERT(points.size() % size_ == 0);
    if (points.empty() || size_ == 1)
        return;
    Work work{*kernels_, points};
    for (std::size_t half = 1, stride = size_ / 2; half < size_; half *= 2, stride /= 2)
    {
        const auto each = [&, half](const auto& visit) {
            for (std::size_t start = 0; start < points.size(); start += 2 * half)
                for (std::size_t k = 0; k < half; ++k)
                    visit(start + k, start + k + half, k);
        };
        each([&](std::size_t, std::size_t j, std::size_t k) {
            work.note_product(j, inverse_roots_[k * stride]);
        });
        work.multiply();
        each([&](std::size_t i, std::size_t j, std::size_t) { work.note_pair(i, j); });
        work.add_pairs();
    }
    work.read_back(points);
}

}  // namespace ashlar
