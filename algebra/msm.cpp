#include "algebra/msm.hpp"

#include <bit>
#include <cmath>
#include <numeric>

#include "algebra/bucket_sums.hpp"
#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t SCALAR_BITS = 255;

/// Under this, blst's Pippenger is faster: buckets that meet one point each gain nothing from
/// shared inversions.
constexpr std::size_t LANES_POINTS_MIN = 40;

/// Under this, even Pippenger's buckets cost more than one multiplication a point.
constexpr std::size_t PIPPENGER_POINTS_MIN = 4;

/// Points summed at a time: bounds the memory. Larger sums could have fewer, wider windows, but
/// not by much.
constexpr std::size_t POINTS_PER_CHUNK = std::size_t{1} << 17;

/// Additions of one pass, at least: enough to share inversions even in the tree's upper levels.
constexpr std::size_t ADDITIONS_PER_PASS = 8192;

constexpr unsigned WINDOW_BITS_MIN = 3;
constexpr unsigned WINDOW_BITS_MAX = 15;

/// Terms that contribute to the sum.
struct Terms
{
    std::vector<blst_p1_affine> points;
    std::vector<blst_scalar> scalars;
};

unsigned bit_length(const blst_scalar& scalar)
{
    for (std::size_t i = sizeof(scalar.b); i-- > 0;)
    {
        if (scalar.b[i] != 0)
            return static_cast<unsigned>(8 * i) +
                   static_cast<unsigned>(std::bit_width(scalar.b[i]));
    }
    return 0;
}

/// Windows that hold a scalar of `bits` bits: the last one has room for a carry.
unsigned window_count(unsigned bits, unsigned window_bits)
{
    return bits / window_bits + 1;
}

/// The width with the fewest additions. A window of n points takes n additions to fill its B
/// buckets and to sum them takes another for each that is not empty, B·(1 − e^(−n/B)) of them,
/// and for each bit of a bucket's number one for half of the grid's lines.
unsigned best_window_bits(std::size_t points, unsigned bits)
{
    const auto n = static_cast<double>(points);
    unsigned best = WINDOW_BITS_MIN;
    double least = 0;
    for (auto window = WINDOW_BITS_MIN; window <= WINDOW_BITS_MAX; ++window)
    {
        const BucketGrid grid{.bits = window - 1};
        const auto buckets = static_cast<double>(grid.buckets());
        const auto filled = buckets * -std::expm1(-n / buckets);
        const auto lines = 0.5 * static_cast<double>(grid.bits * grid.lines());
        const auto additions = window_count(bits, window) * (n + filled + lines);
        if (window == WINDOW_BITS_MIN || additions < least)
        {
            best = window;
            least = additions;
        }
    }
    return best;
}

/// Signed digits of integers, each readable on its own.
///
/// Half a window's range is added to every window but the last, once for all; taken off again
/// from a digit, that leaves −2^(w−1) … 2^(w−1) − 1, and no digit waits for another's carry. The
/// last digit stays positive, at most 2^(w−1).
class Digits
{
public:
    Digits(std::span<const blst_scalar> scalars, unsigned bits, unsigned window_bits)
      : window_bits_{window_bits}, window_count_{window_count(bits, window_bits)}
    {
        const auto halves = half_of_each_window();
        words_.reserve(scalars.size());
        for (const auto& scalar : scalars)
            words_.push_back(sum_of(scalar, halves));
    }

    [[nodiscard]] unsigned window_bits() const noexcept { return window_bits_; }
    [[nodiscard]] unsigned windows() const noexcept { return window_count_; }
    [[nodiscard]] std::size_t size() const noexcept { return words_.size(); }

    [[nodiscard]] std::int64_t at(std::size_t index, unsigned window) const noexcept
    {
        const auto position = window * window_bits_;
        const auto& words = words_[index];
        // A digit may lie across two words; the fifth is zero, and shifts stay below 64.
        const auto low = words[position / 64] >> (position % 64);
        const auto high = words[position / 64 + 1] << 1 << (63 - position % 64);
        const auto digit = (low | high) & ((std::uint64_t{1} << window_bits_) - 1);
        const auto half = window + 1 == window_count_ ? 0 : std::int64_t{1} << (window_bits_ - 1);
        return static_cast<std::int64_t>(digit) - half;
    }

private:
    using Words = std::array<std::uint64_t, 5>;

    [[nodiscard]] Words half_of_each_window() const
    {
        Words out{};
        for (unsigned window = 0; window + 1 < window_count_; ++window)
        {
            const auto bit = window * window_bits_ + window_bits_ - 1;
            out[bit / 64] |= std::uint64_t{1} << (bit % 64);
        }
        return out;
    }

    static Words sum_of(const blst_scalar& scalar, const Words& halves)
    {
        static_assert(std::endian::native == std::endian::little);
        Words out{};
        std::memcpy(out.data(), scalar.b, sizeof(scalar.b));
        std::uint64_t carry = 0;
        for (std::size_t i = 0; i < out.size(); ++i)
        {
            out[i] += carry;
            carry = static_cast<std::uint64_t>(out[i] < carry);
            out[i] += halves[i];
            carry += static_cast<std::uint64_t>(out[i] < halves[i]);
        }
        return out;
    }

    unsigned window_bits_;
    unsigned window_count_;
    std::vector<Words> words_;
};

/// One thread's work on some windows of a chunk.
class WindowSums
{
public:
    WindowSums(std::span<const LanePoint> points, const Digits& digits)
      : points_{points},
        digits_{&digits},
        grid_{.bits = digits.window_bits() - 1},
        adder_{lane_kernels()}
    {}

    /// Σ digit·point of `count` windows from `first` on, in one pass.
    [[nodiscard]] std::vector<G1> run(unsigned first, unsigned count)
    {
        entries_.clear();
        groups_.counts.assign(count * grid_.buckets(), 0);
        for (unsigned w = 0; w < count; ++w)
            append_window(first + w, w * grid_.buckets());
        sort_into_buckets();
        adder_.start(entries_.size() + count * grid_.additions_max());
        return weighted_sums(adder_, grid_, group_sums(adder_, groups_));
    }

private:
    struct Entry
    {
        std::size_t bucket;
        PointRef point;
    };

    void append(std::size_t bucket, PointRef point)
    {
        ++groups_.counts[bucket];
        entries_.push_back({.bucket = bucket, .point = point});
    }

    void append_window(unsigned window, std::size_t first_bucket)
    {
        for (std::size_t i = 0; i < digits_->size(); ++i)
        {
            const auto digit = digits_->at(i, window);
            if (digit == 0)
                continue;
            const auto point =
                reinterpret_cast<PointRef>(&points_[i]) | (digit < 0 ? NEGATED : PointRef{0});
            auto magnitude = static_cast<std::size_t>(std::abs(digit));
            // The greatest has no bucket: one less, and one more.
            if (magnitude == grid_.buckets())
            {
                append(first_bucket + 1, point);
                --magnitude;
            }
            append(first_bucket + magnitude, point);
        }
    }

    /// Counting sort.
    void sort_into_buckets()
    {
        places_.resize(groups_.counts.size());
        std::exclusive_scan(
            groups_.counts.begin(), groups_.counts.end(), places_.begin(), std::size_t{0});
        groups_.refs.resize(entries_.size());
        for (const auto& entry : entries_)
            groups_.refs[places_[entry.bucket]++] = entry.point;
    }

    std::span<const LanePoint> points_;
    const Digits* digits_;
    BucketGrid grid_;
    GroupAdder adder_;
    std::vector<Entry> entries_;
    PointGroups groups_;
    std::vector<std::size_t> places_;
};

/// Σ 2^(width·w)·sums[w] by Horner's rule.
G1 joined(std::span<const G1> sums, unsigned width)
{
    G1 total;
    for (std::size_t w = sums.size(); w-- > 0;)
    {
        for (unsigned bit = 0; bit < width; ++bit)
            total += total;
        total += sums[w];
    }
    return total;
}

/// Threads share the windows, so that they share the points too.
G1 sum_by_lanes(const Terms& terms, unsigned bits, std::size_t threads)
{
    const auto count = terms.points.size();
    const auto points = make_lane_array(count);
    lane_kernels().points_to_lanes(terms.points.data(), points.get(), count);
    const Digits digits{terms.scalars, bits, best_window_bits(count, bits)};

    const auto windows = digits.windows();
    const auto tasks = static_cast<unsigned>(std::min<std::size_t>(threads, windows));
    const auto at_once =
        static_cast<unsigned>(std::max<std::size_t>(ADDITIONS_PER_PASS / count, 1));
    std::vector<G1> sums(windows);
    parallel_for(tasks, [&](std::size_t task) {
        const auto t = static_cast<unsigned>(task);
        const auto end = windows * (t + 1) / tasks;
        WindowSums work{{points.get(), count}, digits};
        for (auto first = windows * t / tasks; first < end; first += at_once)
            std::ranges::copy(
                work.run(first, std::min(at_once, end - first)), sums.begin() + first);
    });
    return joined(sums, digits.window_bits());
}

G1 sum_by_blst(const Terms& terms, unsigned bits)
{
    const auto count = terms.points.size();
    if (count < PIPPENGER_POINTS_MIN)
    {
        G1 sum;
        for (std::size_t i = 0; i < count; ++i)
        {
            blst_p1 point;
            blst_p1_from_affine(&point, &terms.points[i]);
            blst_p1_mult(&point, &point, terms.scalars[i].b, bits);
            sum += G1{point};
        }
        return sum;
    }
    // blst takes scalars side by side, as long as the longest.
    const std::size_t scalar_bytes = (bits + 7) / 8;
    std::vector<byte> packed;
    packed.reserve(count * scalar_bytes);
    for (const auto& scalar : terms.scalars)
        packed.insert(packed.end(), scalar.b, scalar.b + scalar_bytes);
    // Two entries each: what follows is "consecutive" when the next pointer is null.
    const blst_p1_affine* const point_pointers[2] = {terms.points.data(), nullptr};
    const byte* const scalar_pointers[2] = {packed.data(), nullptr};
    const auto scratch_bytes = blst_p1s_mult_pippenger_scratch_sizeof(count);
    std::vector<limb_t> scratch(scratch_bytes / sizeof(limb_t) + 1);
    blst_p1 sum;
    blst_p1s_mult_pippenger(&sum, point_pointers, count, scalar_pointers, bits, scratch.data());
    return G1{sum};
}

/// `scalar_at(i)` is the integer of term i.
template <typename ScalarAt>
G1 sum_of_terms(std::span<const G1Affine> points, std::size_t threads, const ScalarAt& scalar_at)
{
    G1 total;
    for (std::size_t begin = 0; begin < points.size(); begin += POINTS_PER_CHUNK)
    {
        const auto end = std::min(points.size(), begin + POINTS_PER_CHUNK);
        Terms terms;
        terms.points.reserve(end - begin);
        terms.scalars.reserve(end - begin);
        unsigned bits = 0;
        for (auto i = begin; i < end; ++i)
        {
            const blst_scalar scalar = scalar_at(i);
            const auto length = bit_length(scalar);
            // blst's Pippenger gives wrong sums for 2 to 64 points when one of them is infinity.
            if (length == 0 || points[i].is_infinity())
                continue;
            bits = std::max(bits, length);
            terms.points.push_back(points[i].raw());
            terms.scalars.push_back(scalar);
        }
        ASHLAR_ASSERT(bits <= SCALAR_BITS);
        total += terms.points.size() < LANES_POINTS_MIN ? sum_by_blst(terms, bits)
                                                        : sum_by_lanes(terms, bits, threads);
    }
    return total;
}

}  // namespace

G1 msm(std::span<const G1Affine> points, std::span<const Fr> scalars)
{
    ASHLAR_ASSERT(points.size() == scalars.size());
    return sum_of_terms(points, 1, [&](std::size_t i) { return scalars[i].to_scalar(); });
}

G1 integer_msm(std::span<const G1Affine> points, std::span<const blst_scalar> scalars)
{
    ASHLAR_ASSERT(points.size() == scalars.size());
    return sum_of_terms(points, 1, [&](std::size_t i) { return scalars[i]; });
}

G1 parallel_msm(std::span<const G1Affine> points, std::span<const Fr> scalars)
{
    ASHLAR_ASSERT(points.size() == scalars.size());
    return sum_of_terms(
        points, thread_count(), [&](std::size_t i) { return scalars[i].to_scalar(); });
}

G1 parallel_integer_msm(std::span<const G1Affine> points, std::span<const blst_scalar> scalars)
{
    ASHLAR_ASSERT(points.size() == scalars.size());
    return sum_of_terms(points, thread_count(), [&](std::size_t i) { return scalars[i]; });
}

}  // namespace ashlar
