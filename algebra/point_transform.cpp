#include "algebra/point_transform.hpp"

#include <unordered_map>

#include "algebra/point_multiplier.hpp"
#include "base/parallel.hpp"
#include "base/shape.hpp"

namespace ashlar
{
namespace
{

/// Twiddles of a batch, recoded once each.
class Scalars
{
public:
    const PointScalar* recoded(const Fr& w, std::size_t key)
    {
        return &known_.try_emplace(key, w).first->second;
    }

private:
    std::unordered_map<std::size_t, PointScalar> known_;  // Nodes: addresses stay.
};

/// One pair of points of a layer: (a, b) ← (a + w·b, a − w·b).
struct Butterfly
{
    std::size_t a;
    std::size_t b;
    std::size_t exponent;  ///< Of ω.
};

class PointTransform
{
public:
    PointTransform(
        std::span<const G1Affine> data, const FftDomain& domain, const LaneKernels& kernels)
      : domain_{domain},
        kernels_{kernels},
        size_{domain.size()},
        used_{data.size()},
        now_{make_lane_array(size_)},
        next_{make_lane_array(size_)},
        refs_(size_)
    {
        std::fill_n(now_.get(), size_, LanePoint{});
        static_assert(sizeof(G1Affine) == sizeof(blst_p1_affine));
        for_each_batch(data.size(), [&](std::size_t begin, std::size_t count) {
            kernels_.points_to_lanes(&data[begin].raw(), &now_[begin], count);
        });
        for (std::size_t n = 0; n < size_; ++n)
            refs_[n] = reinterpret_cast<PointRef>(&now_[n]);
    }

    void inverse_unscaled()
    {
        for (std::size_t half = 1; half < size_; half *= 2)
        {
            layer([&](std::size_t i) {
                const auto k = i % half;
                const auto a = 2 * (i - k) + k;
                const auto exponent = k * (size_ / (2 * half));
                return Butterfly{
                    .a = a, .b = a + half, .exponent = exponent == 0 ? 0 : size_ - exponent};
            });
            // What a layer touches is no longer zero.
            used_ = std::min(size_, (used_ + 2 * half - 1) / (2 * half) * (2 * half));
        }
    }

    /// Point k times ωᵏ/D, ω being of order 2D.
    void scale_to_coset()
    {
        const Fr omega = root_of_unity(static_cast<unsigned>(std::bit_width(size_)));
        for_each_batch(size_, [&](std::size_t begin, std::size_t count) {
            std::vector<PointScalar> scalars;
            Fr factor = omega.pow(begin) * domain_.size_inverse();
            for (std::size_t i = 0; i < count; ++i, factor *= omega)
                scalars.emplace_back(factor);
            std::vector<PointMultiplier::Product> products;
            for (std::size_t i = 0; i < count; ++i)
                products.push_back({.point = refs_[begin + i], .scalar = &scalars[i]});
            PointMultiplier multiplier{kernels_};
            const auto sums = multiplier.multiply(products);
            for (std::size_t i = 0; i < count; ++i)
                next_[begin + i] = signed_copy(sums[i]);
        });
        turn_over();
        for (std::size_t n = 0; n < size_; ++n)
            refs_[n] = reinterpret_cast<PointRef>(&now_[n]);
    }

    void forward()
    {
        unsigned level = 0;
        for (std::size_t half = size_ / 2; half >= 1; half /= 2, ++level)
        {
            layer([&](std::size_t i) {
                const auto block = i / half;
                const auto a = 2 * half * block + i % half;
                const auto exponent = static_cast<std::size_t>(reverse_bits(block, level)) * half;
                return Butterfly{.a = a, .b = a + half, .exponent = exponent};
            });
        }
    }

    [[nodiscard]] std::vector<G1Affine> points() const
    {
        std::vector<G1Affine> out(size_);
        for_each_batch(size_, [&](std::size_t begin, std::size_t count) {
            for (std::size_t n = begin; n < begin + count; ++n)
            {
                const auto point = signed_copy(refs_[n]);
                blst_p1_affine affine;
                kernels_.points_from_lanes(&point, &affine, 1);
                out[n] = G1Affine{affine};
            }
        });
        return out;
    }

private:
    /// Batches on all threads, smaller ones if there would not be one for each.
    template <typename Body>
    static void for_each_batch(std::size_t count, const Body& body)
    {
        const auto threads = thread_count();
        const auto batch =
            std::clamp<std::size_t>((count + threads - 1) / threads, 1, PointMultiplier::BATCH);
        parallel_for((count + batch - 1) / batch,
            [&](std::size_t i) { body(i * batch, std::min(batch, count - i * batch)); });
    }

    static LanePoint signed_copy(PointRef ref)
    {
        // Chains begin with their greatest digit, which is positive: no product is a table entry
        // with a sign.
        ASHLAR_ASSERT((ref & NEGATED) == 0);
        return *reinterpret_cast<const LanePoint*>(ref);
    }

    void turn_over() { std::swap(now_, next_); }

    /// All butterflies of a layer; number i of them leaves its two points in slots 2i and 2i + 1.
    template <typename Which>
    void layer(const Which& which)
    {
        for_each_batch(
            size_ / 2, [&](std::size_t begin, std::size_t count) { batch(begin, count, which); });
        turn_over();
    }

    template <typename Which>
    void batch(std::size_t begin, std::size_t count, const Which& which)
    {
        PointMultiplier multiplier{kernels_};
        Scalars scalars;
        std::vector<Butterfly> joins;
        std::vector<PointMultiplier::Product> products;
        std::vector<PointRef> terms;
        auto* out = &next_[2 * begin];
        for (std::size_t i = begin; i < begin + count; ++i)
        {
            const auto butterfly = which(i);
            if (butterfly.b >= used_)
            {
                *out = signed_copy(refs_[butterfly.a]);
                refs_[butterfly.a] = refs_[butterfly.b] = reinterpret_cast<PointRef>(out++);
                continue;
            }
            joins.push_back(butterfly);
            if (butterfly.exponent != 0)
                products.push_back({.point = refs_[butterfly.b],
                    .scalar =
                        scalars.recoded(domain_.root(butterfly.exponent), butterfly.exponent)});
        }
        const auto multiplied = multiplier.multiply(products);
        std::size_t taken = 0;
        for (const auto& join : joins)
        {
            const auto term = join.exponent != 0 ? multiplied[taken++] : refs_[join.b];
            terms.insert(terms.end(), {refs_[join.a], term, refs_[join.a], term ^ NEGATED});
        }
        const auto scratch = std::make_unique<LaneScratch>();
        kernels_.add({.pairs = terms.data(),
            .count = 2 * joins.size(),
            .out = out,
            .scratch = scratch.get()});
        for (const auto& join : joins)
        {
            refs_[join.a] = reinterpret_cast<PointRef>(out++);
            refs_[join.b] = reinterpret_cast<PointRef>(out++);
        }
    }

    const FftDomain& domain_;
    const LaneKernels& kernels_;
    std::size_t size_;
    std::size_t used_;  ///< Positions from here on are infinity.
    LaneArray now_;     ///< Where the points lie …
    LaneArray next_;    ///< … and where the next layer puts them.
    std::vector<PointRef> refs_;
};

}  // namespace

std::vector<G1Affine> extend_points_to_coset(
    std::span<const G1Affine> data, const FftDomain& domain, const LaneKernels& kernels)
{
    ASHLAR_ASSERT(data.size() <= domain.size());
    PointTransform transform{data, domain, kernels};
    transform.inverse_unscaled();
    transform.scale_to_coset();
    transform.forward();
    return transform.points();
}

}  // namespace ashlar
