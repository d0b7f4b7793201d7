#include "algebra/lane_fft.hpp"

namespace ashlar
{
namespace
{

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
        scratch_{std::make_unique<LaneScratch>()},
        multiplier_{kernels}
    {
        // G1Affine is one blst_p1_affine.
        static_assert(sizeof(G1Affine) == sizeof(blst_p1_affine));
        kernels.points_to_lanes(&points.front().raw(), points_.get(), count_);
    }

    void read_back(std::span<G1Affine> points) const
    {
        std::vector<blst_p1_affine> raw(count_);
        kernels_->points_from_lanes(points_.get(), raw.data(), count_);
        for (std::size_t i = 0; i < count_; ++i)
            points[i] = G1Affine{raw[i]};
    }

    /// Notes the product of a slot by a factor, to be made by multiply().
    void note_product(std::size_t slot, const PointScalar& factor)
    {
        if (!is_infinite(points_[slot]))
            products_.push_back({.point = ref_to(points_[slot]), .scalar = &factor});
    }

    /// Notes (aᵢ, aⱼ) ← (aᵢ + aⱼ, aᵢ − aⱼ), to be made by add_pairs().
    void note_pair(std::size_t i, std::size_t j)
    {
        pairs_.insert(pairs_.end(),
            {ref_to(points_[i]), ref_to(points_[j]), ref_to(points_[i]), ref_to(points_[j], true)});
        slots_.insert(slots_.end(), {i, j});
    }

    void add_pairs();
    void multiply();

private:
    const LaneKernels* kernels_;
    std::size_t count_;
    LaneArray points_;
    LaneArray results_;  ///< Of additions.
    std::unique_ptr<LaneScratch> scratch_;
    PointMultiplier multiplier_;
    std::vector<PointMultiplier::Product> products_;
    std::vector<PointRef> pairs_;
    std::vector<std::size_t> slots_;  ///< Where the pairs' sums go.
};

void LaneFft::Work::add_pairs()
{
    kernels_->add({.pairs = pairs_.data(),
        .count = slots_.size(),
        .out = results_.get(),
        .scratch = scratch_.get()});
    for (std::size_t i = 0; i < slots_.size(); ++i)
        points_[slots_[i]] = results_[i];
    pairs_.clear();
    slots_.clear();
}

void LaneFft::Work::multiply()
{
    for (std::size_t at = 0; at < products_.size(); at += PointMultiplier::BATCH)
    {
        const auto batch = std::span{products_}.subspan(
            at, std::min(PointMultiplier::BATCH, products_.size() - at));
        const auto sums = multiplier_.multiply(batch);
        for (std::size_t i = 0; i < batch.size(); ++i)
            *reinterpret_cast<LanePoint*>(batch[i].point) =
                *reinterpret_cast<const LanePoint*>(sums[i]);
    }
    products_.clear();
}

LaneFft::LaneFft(const FftDomain& domain, const LaneKernels& kernels)
  : size_{domain.size()}, kernels_{&kernels}
{
    for (std::size_t i = 0; i < size_ / 2; ++i)
    {
        roots_.emplace_back(domain.root(i));
        inverse_roots_.emplace_back(domain.inverse_root(i));
    }
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
            if (k != 0)
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
            if (k != 0)
                work.note_product(j, inverse_roots_[k * stride]);
        });
        work.multiply();
        each([&](std::size_t i, std::size_t j, std::size_t) { work.note_pair(i, j); });
        work.add_pairs();
    }
    work.read_back(points);
}

}  // namespace ashlar
