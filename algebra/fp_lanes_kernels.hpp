#pragma once

/// The batch algorithms of fp_lanes.hpp over any vector of field elements. Internal: included by
/// the file of each path, which gives a type F of static functions on F::Vector (F::WIDTH
/// elements) and F::Mask (a bit a lane). They are listed, with the ranges of their operands, in
/// fp_lanes_ifma.cpp.

#include "algebra/fp_lanes.hpp"

namespace ashlar
{

template <typename F>
class LaneAdder
{
public:
    static void add(const Additions& all)
    {
        Additions batch = part(all, 0);
        for (std::size_t v = 0; v * WIDTH < batch.count; ++v)
            prefetch(batch, v);
        for (std::size_t begin = 0; begin < all.count; begin += ADDITIONS_PER_INVERSION)
        {
            const Additions next = part(all, begin + batch.count);
            if (!add_batch<false>(batch, next))
                add_batch<true>(batch, next);
            batch = next;
        }
    }

    static void twice(const Doublings& all)
    {
        for (std::size_t begin = 0; begin < all.count; begin += ADDITIONS_PER_INVERSION)
        {
            const std::size_t left = all.count - begin;
            double_batch({.in = all.in + begin,
                .count = left < ADDITIONS_PER_INVERSION ? left : ADDITIONS_PER_INVERSION,
                .out = all.out + begin,
                .scratch = all.scratch});
        }
    }

private:
    using Vector = typename F::Vector;
    using Mask = typename F::Mask;

    static constexpr std::size_t WIDTH = F::WIDTH;

    /// Of one vector of additions, what the way back needs.
    struct Saved
    {
        Vector prefix;       ///< Product of the denominators of all vectors before.
        Vector denominator;  ///< x₂ − x₁
        Vector numerator;    ///< y₂ − y₁
        Vector x1;
        Vector y1;
    };
    static_assert(sizeof(Saved) * (ADDITIONS_PER_INVERSION / WIDTH) <= sizeof(LaneScratch));

    struct Operands
    {
        Vector x1, y1, x2, y2;
    };

    /// Lanes where the slope (y₂ − y₁)/(x₂ − x₁) is none.
    struct Special
    {
        Mask first_infinite, second_infinite, equal, opposite;
    };

    /// The batch that begins with addition `begin`.
    static Additions part(const Additions& all, std::size_t begin)
    {
        Additions out = all;
        out.pairs += 2 * begin;
        out.out += begin;
        out.count = all.count - begin < ADDITIONS_PER_INVERSION ? all.count - begin
                                                                : ADDITIONS_PER_INVERSION;
        return out;
    }

    /// The operands' references; lanes past the end repeat the last addition.
    struct Pairs
    {
        const PointRef* refs;
        PointRef padded[2 * WIDTH];

        Pairs(const Additions& batch, std::size_t v) : refs{batch.pairs + 2 * WIDTH * v}
        {
            const std::size_t lanes = batch.count - v * WIDTH;
            if (lanes >= WIDTH)
                return;
            for (std::size_t i = 0; i < 2 * WIDTH; ++i)
                padded[i] = refs[i < 2 * lanes ? i : 2 * lanes - 2 + i % 2];
            refs = padded;
        }
    };

    static Operands load(const Additions& batch, std::size_t v)
    {
        const Pairs pairs{batch, v};
        Operands out;
        F::load_points(pairs.refs, out.x1, out.y1);
        F::load_points(pairs.refs + 1, out.x2, out.y2);
        return out;
    }

    /// Always inlined: gcc 12 drops calls of a function that only prefetches, as without effect.
    [[gnu::always_inline]] static inline void prefetch(const Additions& batch, std::size_t v)
    {
        const std::size_t end = v * WIDTH + WIDTH < batch.count ? v * WIDTH + WIDTH : batch.count;
        for (std::size_t i = 2 * v * WIDTH; i < 2 * end; ++i)
        {
            const auto* const point = reinterpret_cast<const LanePoint*>(batch.pairs[i] & ~NEGATED);
            __builtin_prefetch(point);
            __builtin_prefetch(&point->y);
        }
    }

    /// The tangent's slope 3x²/2y of a point.
    static Vector doubled(const Vector& y) { return F::sub(y, F::negate(y)); }
    static Vector tripled_square(const Vector& x)
    {
        const Vector square = F::sqr(x);
        const Vector opposite = F::negate(square);
        return F::sub(F::sub(square, opposite), opposite);
    }

    static Special classify(const Operands& in)
    {
        Special out;
        // Of the curve's points outside G1, two have x = 0 as infinity has: (0, ±2), of order 3.
        out.first_infinite = F::both(F::is_infinite(in.x1), F::congruent(in.y1, F::zero()));
        out.second_infinite = F::both(F::is_infinite(in.x2), F::congruent(in.y2, F::zero()));
        const Mask finite = F::neither(out.first_infinite, out.second_infinite);
        const Mask same_x = F::both(finite, F::congruent(in.x1, in.x2));
        out.equal = F::both(same_x, F::congruent(in.y1, in.y2));
        out.opposite = F::and_not(same_x, out.equal);
        return out;
    }

    /// Slopes of tangents where the points are equal; where no slope is needed, 1/1.
    static void replace_slopes(const Operands& in, Saved& saved)
    {
        const Special special = classify(in);
        saved.denominator = F::select(special.equal, doubled(in.y1), saved.denominator);
        saved.numerator = F::select(special.equal, tripled_square(in.x1), saved.numerator);
        const Mask none =
            F::either(F::either(special.first_infinite, special.second_infinite), special.opposite);
        saved.denominator = F::select(none, F::one(), saved.denominator);
    }

    static void replace_sums(const Operands& in, Vector& x3, Vector& y3)
    {
        const Special special = classify(in);
        x3 = F::select(special.opposite, F::zero(), x3);
        y3 = F::select(special.opposite, F::zero(), y3);
        x3 = F::select(special.first_infinite, in.x2, x3);
        y3 = F::select(special.first_infinite, F::stored(in.y2), y3);
        x3 = F::select(special.second_infinite, in.x1, x3);
        y3 = F::select(special.second_infinite, F::stored(in.y1), y3);
    }

    /// @return  false, with nothing written, if SPECIAL is false and some addition needs it.
    template <bool SPECIAL>
    static bool add_batch(const Additions& batch, const Additions& next)
    {
        auto* const saved = static_cast<Saved*>(static_cast<void*>(batch.scratch->elements));
        const std::size_t vectors = (batch.count + WIDTH - 1) / WIDTH;
        Vector product = F::one();
        Mask infinite{};
        for (std::size_t v = 0; v < vectors; ++v)
        {
            const Operands in = load(batch, v);
            Saved& s = saved[v];
            s.x1 = in.x1;
            s.y1 = in.y1;
            s.denominator = F::sub(in.x2, in.x1);
            s.numerator = F::sub(in.y2, in.y1);
            if constexpr (SPECIAL)
                replace_slopes(in, s);
            else
                infinite =
                    F::either(infinite, F::either(F::is_infinite(in.x1), F::is_infinite(in.x2)));
            s.prefix = product;
            product = F::mul(product, s.denominator);
        }
        // Equal x-coordinates make the product zero: one test for the whole batch.
        if (F::any(infinite) || !F::invert(product))
            return false;
        for (std::size_t v = vectors; v-- > 0;)
        {
            // The way back reads nothing from afar: time to fetch what the next batch will read.
            prefetch(next, vectors - 1 - v);
            const Saved& s = saved[v];
            const Vector inverse = F::mul(product, s.prefix);
            product = F::mul(product, s.denominator);
            const Vector slope = F::mul(s.numerator, inverse);
            Operands in;
            if constexpr (SPECIAL)
                in = load(batch, v);
            else
                in.x2 = F::undo_sub(s.denominator, s.x1);
            Vector x3 = F::sqr_sub(slope, s.x1, in.x2);
            Vector y3 = F::mul_sub(slope, F::sub(s.x1, x3), s.y1);
            if constexpr (SPECIAL)
                replace_sums(in, x3, y3);
            store(batch, v, x3, y3);
        }
        return true;
    }

    static void double_batch(const Doublings& batch)
    {
        auto* const saved = static_cast<Saved*>(static_cast<void*>(batch.scratch->elements));
        const std::size_t vectors = (batch.count + WIDTH - 1) / WIDTH;
        Vector product = F::one();
        for (std::size_t v = 0; v < vectors; ++v)
        {
            Saved& s = saved[v];
            load(batch, v, s.x1, s.y1);
            // No other point of G1 has a vertical tangent: its order is odd.
            s.denominator = F::select(F::is_infinite(s.x1), F::one(), doubled(s.y1));
            s.prefix = product;
            product = F::mul(product, s.denominator);
        }
        static_cast<void>(F::invert(product));
        for (std::size_t v = vectors; v-- > 0;)
        {
            const Saved& s = saved[v];
            const Vector inverse = F::mul(product, s.prefix);
            product = F::mul(product, s.denominator);
            const Vector slope = F::mul(tripled_square(s.x1), inverse);
            const Vector x3 = F::sqr_sub(slope, s.x1, s.x1);
            const Vector y3 = F::mul_sub(slope, F::sub(s.x1, x3), s.y1);
            const Mask infinite = F::is_infinite(s.x1);
            store(batch, v, F::select(infinite, F::zero(), x3), F::select(infinite, F::zero(), y3));
        }
    }

    static void load(const Doublings& batch, std::size_t v, Vector& x, Vector& y)
    {
        PointRef refs[2 * WIDTH];
        for (std::size_t lane = 0; lane < WIDTH; ++lane)
        {
            const std::size_t i = v * WIDTH + lane;
            refs[2 * lane] =
                reinterpret_cast<PointRef>(&batch.in[i < batch.count ? i : batch.count - 1]);
        }
        F::load_points(refs, x, y);
    }

    template <typename Batch>
    static void store(const Batch& batch, std::size_t v, const Vector& x3, const Vector& y3)
    {
        const std::size_t begin = v * WIDTH;
        F::store_points(
            x3, y3, batch.out + begin, batch.count - begin < WIDTH ? batch.count - begin : WIDTH);
    }
};

}  // namespace ashlar
