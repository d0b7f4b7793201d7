#include "algebra/point_multiplier.hpp"

#include "algebra/g1.hpp"

namespace ashlar
{
namespace
{

/// Signed windows of five bits: odd digits −15 … 15, one in six steps.
constexpr unsigned WINDOW_BITS = 5;
constexpr std::size_t TABLE_POINTS = std::size_t{1} << (WINDOW_BITS - 2);

/// 128 bits, enough for either part of a scalar.
struct Wide
{
    std::uint64_t low;
    std::uint64_t high;
};

/// λ = z² − 1, z = −0xd201000000010000 being the curve's parameter: λ² + λ + 1 = r.
constexpr Wide LAMBDA = {.low = 0x00000000ffffffff, .high = 0xac45a4010001a402};

bool at_least(const Wide& a, const Wide& b)
{
    return a.high != b.high ? a.high > b.high : a.low >= b.low;
}

Wide minus(const Wide& a, const Wide& b)
{
    const std::uint64_t borrow = a.low < b.low ? 1 : 0;
    return {.low = a.low - b.low, .high = a.high - b.high - borrow};
}

/// Quotient and remainder of a scalar by λ, bit by bit: both are below 2¹²⁸, since λ·2¹²⁸ > r.
std::array<Wide, 2> divide_by_lambda(const blst_scalar& scalar)
{
    Wide quotient{};
    Wide remainder{};
    for (std::size_t bit = 256; bit-- > 0;)
    {
        const std::uint64_t next = scalar.b[bit / 8] >> (bit % 8) & 1;
        const bool overflows = remainder.high >> 63 != 0;
        remainder = {
            .low = remainder.low << 1 | next, .high = remainder.high << 1 | remainder.low >> 63};
        const bool subtracts = overflows || at_least(remainder, LAMBDA);
        if (subtracts)
            remainder = minus(remainder, LAMBDA);
        quotient = {.low = quotient.low << 1 | (subtracts ? 1U : 0U),
            .high = quotient.high << 1 | quotient.low >> 63};
    }
    return {remainder, quotient};
}

/// β: the cube root of one in Fp for which φ is multiplication by λ, from one point.
blst_fp beta()
{
    Bytes32 lambda{};
    for (std::size_t i = 0; i < 8; ++i)
    {
        lambda[31 - i] = static_cast<std::byte>(LAMBDA.low >> (8 * i) & 0xff);
        lambda[23 - i] = static_cast<std::byte>(LAMBDA.high >> (8 * i) & 0xff);
    }
    const auto generator = G1::generator();
    const auto image = (generator * Fr::reduce(std::span<const std::byte, 32>{lambda})).to_affine();
    blst_fp out;
    blst_fp_eucl_inverse(&out, &generator.to_affine().raw().x);
    blst_fp_mul(&out, &out, &image.raw().x);
    return out;
}

blst_fp one()
{
    blst_fp x = blst_p1_affine_generator()->x;
    blst_fp out;
    blst_fp_eucl_inverse(&out, &x);
    blst_fp_mul(&out, &out, &x);
    return out;
}

PointRef ref_to(const LanePoint& point, bool negated = false)
{
    return reinterpret_cast<PointRef>(&point) | (negated ? NEGATED : 0);
}

}  // namespace

PointScalar::PointScalar(const Fr& scalar)
{
    const auto parts = divide_by_lambda(scalar.to_scalar());
    for (std::size_t part = 0; part < 2; ++part)
    {
        constexpr int RADIX = 1 << WINDOW_BITS;
        auto rest = parts[part];
        for (std::size_t step = 0; rest.low != 0 || rest.high != 0; ++step)
        {
            if ((rest.low & 1) != 0)
            {
                int digit = static_cast<int>(rest.low & (RADIX - 1));
                if (digit >= RADIX / 2)
                    digit -= RADIX;
                digits_[part][step] = static_cast<std::int8_t>(digit);
                rest.low -= static_cast<std::uint64_t>(digit);
                // A negative digit adds, and may carry.
                if (digit < 0 && rest.low < RADIX)
                    ++rest.high;
            }
            rest = {.low = rest.low >> 1 | rest.high << 63, .high = rest.high >> 1};
            length_ = std::max(length_, step + 1);
        }
    }
}

PointMultiplier::PointMultiplier(const LaneKernels& kernels)
  : kernels_{&kernels},
    scratch_{std::make_unique<LaneScratch>()},
    tables_{make_lane_array(2 * TABLE_POINTS * BATCH)},
    running_{make_lane_array(BATCH)},
    results_{make_lane_array(BATCH)},
    endomorphism_(2 * BATCH)
{
    static const std::array<blst_fp, 2> FACTORS{beta(), one()};
    for (std::size_t i = 0; i < BATCH; ++i)
        kernels.to_lanes(FACTORS.data(), &endomorphism_[2 * i], 2);
}

LanePoint* PointMultiplier::multiples(std::size_t part, std::size_t index) const
{
    return tables_.get() + (part * TABLE_POINTS + index) * BATCH;
}

std::span<const PointRef> PointMultiplier::multiply(std::span<const Product> products)
{
    const auto count = products.size();
    ASHLAR_ASSERT(count <= BATCH);
    make_tables(products);
    std::fill_n(running_.get(), count, LanePoint{});
    std::size_t length = 0;
    for (const auto& product : products)
        length = std::max(length, product.scalar->length());
    for (std::size_t step = length; step-- > 0;)
    {
        if (step + 1 != length)
            kernels_->twice({.in = running_.get(),
                .count = count,
                .out = running_.get(),
                .scratch = scratch_.get()});
        add_digits(products, 0, step);
        add_digits(products, 1, step);
    }
    sums_.clear();
    for (std::size_t i = 0; i < count; ++i)
        sums_.push_back(ref_to(running_[i]));
    return sums_;
}

/// P, 3P, 5P … 15P of every point, and their images by φ.
void PointMultiplier::make_tables(std::span<const Product> products)
{
    const auto count = products.size();
    auto* const first = multiples(0, 0);
    auto* const twice = results_.get();
    for (std::size_t i = 0; i < count; ++i)
        first[i] = *reinterpret_cast<const LanePoint*>(products[i].point);
    kernels_->twice({.in = first, .count = count, .out = twice, .scratch = scratch_.get()});
    for (std::size_t index = 1; index < TABLE_POINTS; ++index)
    {
        pairs_.clear();
        for (std::size_t i = 0; i < count; ++i)
            pairs_.insert(pairs_.end(), {ref_to(multiples(0, index - 1)[i]), ref_to(twice[i])});
        kernels_->add({.pairs = pairs_.data(),
            .count = count,
            .out = multiples(0, index),
            .scratch = scratch_.get()});
    }
    // A point is its two coordinates: β multiplies the first.
    for (std::size_t index = 0; index < TABLE_POINTS; ++index)
        kernels_->multiply(
            &multiples(0, index)->x, endomorphism_.data(), &multiples(1, index)->x, 2 * count);
}

void PointMultiplier::add_digits(
    std::span<const Product> products, std::size_t part, std::size_t step)
{
    pairs_.clear();
    targets_.clear();
    for (std::size_t i = 0; i < products.size(); ++i)
    {
        const int digit = products[i].scalar->digit(part, step);
        if (digit == 0)
            continue;
        const auto& entry = multiples(part, static_cast<std::size_t>(std::abs(digit)) / 2)[i];
        pairs_.insert(pairs_.end(), {ref_to(running_[i]), ref_to(entry, digit < 0)});
        targets_.push_back(i);
    }
    kernels_->add({.pairs = pairs_.data(),
        .count = targets_.size(),
        .out = results_.get(),
        .scratch = scratch_.get()});
    for (std::size_t k = 0; k < targets_.size(); ++k)
        running_[targets_[k]] = results_[k];
}

}  // namespace ashlar
