#include "algebra/fixed_base_msm.hpp"

#include <bit>
#include <numeric>

#include "algebra/bucket_sums.hpp"
#include "base/cache.hpp"
#include "base/random.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t SCALAR_BITS = 255;

/// An integer below 2²⁵⁵ that can be read at any bit, some way past its end too.
class ScalarBits
{
public:
    explicit ScalarBits(const blst_scalar& scalar)
    {
        static_assert(std::endian::native == std::endian::little);
        std::ranges::copy(scalar.b, bytes_.begin());
    }

    static constexpr unsigned READABLE = 57;

    /// At least READABLE bits from `position` on. @pre position < 320
    [[nodiscard]] std::uint64_t at(std::size_t position) const
    {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes_.data() + position / 8, sizeof(word));
        return word >> (position % 8);
    }

private:
    std::array<std::uint8_t, 48> bytes_{};
};

/// A digit of a scalar: its bucket and the table's point that goes there.
struct Digit
{
    static constexpr std::uint32_t NEGATIVE = 1U << 31;

    std::uint32_t bucket;
    std::uint32_t place;  ///< Index into the table, with NEGATIVE if it counts negatively.
};

}  // namespace

struct FixedBaseMsm::Workspace
{
    explicit Workspace(const LaneKernels& kernels) : adder{kernels} {}

    GroupAdder adder;
    std::vector<Digit> digits;
    std::size_t digit_count = 0;
    PointGroups buckets;
    std::vector<std::uint32_t> places;
};

/// In huge pages of our own, or in the cache's file.
class FixedBaseMsm::Table
{
public:
    explicit Table(LaneArray own) : own_{std::move(own)} {}
    explicit Table(MappedCache file) : file_{std::move(file)} {}

    [[nodiscard]] bool is_mapped() const noexcept { return file_.has_value(); }
    [[nodiscard]] const LanePoint* points() const noexcept
    {
        return file_ ? reinterpret_cast<const LanePoint*>(file_->bytes().data()) : own_.get();
    }

private:
    LaneArray own_;
    std::optional<MappedCache> file_;
};

FixedBaseMsm::FixedBaseMsm(std::span<const G1Affine> bases, const Options& options)
  : FixedBaseMsm{bases.size(),
        [bases] {
            return std::vector<G1Affine>{bases.begin(), bases.end()};
        },
        options}
{}

FixedBaseMsm::FixedBaseMsm(
    std::size_t base_count, const MakeBases& make_bases, const Options& options)
  : options_{options}, base_count_{base_count}
{
    ASHLAR_ASSERT(options.bases_per_sum != 0 && base_count % options.bases_per_sum == 0);
    // With digits wider than the step, none is 2^(window − 1) exactly: buckets need no last one.
    ASHLAR_ASSERT(options.step_bits != 0 && options.step_bits < options.window_bits);
    // Whole steps: a digit that is rounded up carries to where another may start.
    ASHLAR_ASSERT(options.window_bits % options.step_bits == 0 && options.window_bits <= 16);
    ASHLAR_ASSERT(row_count() * base_count < Digit::NEGATIVE);
    auto table = load_table();
    if (table == nullptr)
    {
        const auto bases = make_bases();
        ASHLAR_ASSERT(bases.size() == base_count);
        auto built = build_table(bases);
        if (!options.cache_name.empty())
            write_cache(
                cache_file(), std::as_bytes(std::span{built.get(), row_count() * base_count}));
        table = std::make_shared<Table>(std::move(built));
    }
    const MutexLock lock{mutex_};
    table_ = std::move(table);
}

FixedBaseMsm::~FixedBaseMsm() = default;

std::size_t FixedBaseMsm::row_count() const noexcept
{
    return SCALAR_BITS / options_.step_bits + 1;
}

std::size_t FixedBaseMsm::table_bytes() const noexcept
{
    return row_count() * base_count_ * sizeof(LanePoint);
}

std::string FixedBaseMsm::cache_file() const
{
    return fmt::format("{}-{}-{}-step{}", options_.cache_name, options_.kernels->name, base_count_,
        options_.step_bits);
}

std::shared_ptr<const FixedBaseMsm::Table> FixedBaseMsm::load_table() const
{
    if (options_.cache_name.empty() || base_count_ == 0)
        return nullptr;
    auto file = map_cache(cache_file(), table_bytes());
    if (!file)
        return nullptr;
    auto table = std::make_shared<Table>(std::move(*file));
    return is_column_of_multiples(table->points(), system_random().below(base_count_)) ? table
                                                                                       : nullptr;
}

/// Sums over a mapped file wait for the TLB, some 4 % of their time; a copy in huge pages of fresh
/// memory takes as long as some sums do, and is not for a program that needs but a few.
std::shared_ptr<const FixedBaseMsm::Table> FixedBaseMsm::table_for_sums() const
{
    constexpr std::uint64_t SUMS_BEFORE_COPY = 32;
    std::shared_ptr<const Table> table;
    {
        const MutexLock lock{mutex_};
        table = table_;
        if (++sums_begun_ != SUMS_BEFORE_COPY || !table->is_mapped())
            return table;
    }
    auto copy = make_lane_array(row_count() * base_count_);
    std::memcpy(copy.get(), table->points(), table_bytes());
    table = std::make_shared<Table>(std::move(copy));
    const MutexLock lock{mutex_};
    table_ = table;
    return table;
}

/// A table that another version of the program wrote, in a layout of its own, is not.
bool FixedBaseMsm::is_column_of_multiples(const LanePoint* table, std::size_t base) const
{
    const auto rows = row_count();
    const auto column = make_lane_array(rows);
    for (std::size_t row = 0; row < rows; ++row)
        column[row] = table[row * base_count_ + base];
    std::vector<blst_p1_affine> before(rows);
    std::vector<blst_p1_affine> after(rows);
    options_.kernels->points_from_lanes(column.get(), before.data(), rows);
    const auto scratch = std::make_unique<LaneScratch>();
    for (unsigned step = 0; step < options_.step_bits; ++step)
        options_.kernels->twice(
            {.in = column.get(), .count = rows, .out = column.get(), .scratch = scratch.get()});
    options_.kernels->points_from_lanes(column.get(), after.data(), rows);
    return std::equal(after.begin(), after.end() - 1, before.begin() + 1,
        [](const auto& a, const auto& b) { return blst_p1_affine_is_equal(&a, &b); });
}

LaneArray FixedBaseMsm::build_table(std::span<const G1Affine> bases) const
{
    const auto rows = row_count();
    auto table = make_lane_array(rows * base_count_);
    std::vector<blst_p1_affine> raw;
    raw.reserve(base_count_);
    for (const auto& base : bases)
        raw.push_back(base.raw());
    const auto& kernels = *options_.kernels;
    kernels.points_to_lanes(raw.data(), table.get(), base_count_);

    const auto scratch = std::make_unique<LaneScratch>();
    for (std::size_t row = 1; row < rows; ++row)
    {
        auto* const out = table.get() + row * base_count_;
        const auto* from = out - base_count_;
        for (unsigned step = 0; step < options_.step_bits; ++step, from = out)
            kernels.twice({.in = from, .count = base_count_, .out = out, .scratch = scratch.get()});
    }
    return table;
}

void FixedBaseMsm::append_digits(
    Workspace& work, const blst_scalar& scalar, std::size_t base, std::size_t first_bucket) const
{
    const auto step = options_.step_bits;
    const auto window = options_.window_bits;
    const auto mask = (std::uint64_t{1} << window) - 1;
    const ScalarBits bits{scalar};
    auto* next = work.digits.data() + work.digit_count;
    std::uint64_t carry = 0;  // One if the digit before was rounded up.
    for (std::size_t position = 0; position <= SCALAR_BITS;)
    {
        // With a carry, ones turn into zeros and carry on.
        const auto word = bits.at(position);
        const auto zeros = static_cast<unsigned>(std::countr_zero(word ^ (0 - carry)));
        const auto skipped = std::min(zeros, ScalarBits::READABLE - window) / step * step;
        position += skipped;
        if (zeros >= skipped + step)
            continue;
        const auto value = ((word >> skipped) & mask) + carry;
        carry = value >> (window - 1);
        // 2^window − value if that is rounded up: without a branch, which would go either way.
        const auto magnitude = (value ^ (0 - carry)) + carry + (carry << window);
        const auto bucket = static_cast<std::uint32_t>(first_bucket + magnitude);
        const auto place = static_cast<std::uint32_t>(position / step * base_count_ + base);
        *next++ = {
            .bucket = bucket, .place = place | static_cast<std::uint32_t>(carry) * Digit::NEGATIVE};
        ++work.buckets.counts[bucket];
        position += window;
    }
    work.digit_count = static_cast<std::size_t>(next - work.digits.data());
}

void FixedBaseMsm::fill_buckets(Workspace& work, const LanePoint* table,
    std::span<const blst_scalar> scalars, std::size_t first_base) const
{
    const BucketGrid grid{.bits = options_.window_bits - 1};
    const auto sum_count = (scalars.size() + options_.bases_per_sum - 1) / options_.bases_per_sum;
    const auto digits_max = scalars.size() * (SCALAR_BITS / options_.window_bits + 1);
    if (work.digits.size() < digits_max)
        work.digits.resize(digits_max);
    work.digit_count = 0;
    work.buckets.counts.assign(sum_count * grid.buckets(), 0);
    for (std::size_t i = 0; i < scalars.size(); ++i)
        append_digits(
            work, scalars[i], first_base + i, i / options_.bases_per_sum * grid.buckets());

    // Counting sort by bucket.
    const auto& counts = work.buckets.counts;
    work.places.resize(counts.size());
    std::exclusive_scan(counts.begin(), counts.end(), work.places.begin(), 0U);
    work.buckets.refs.resize(work.digit_count);
    for (const auto& digit : std::span{work.digits}.first(work.digit_count))
    {
        const auto* const point = table + (digit.place & ~Digit::NEGATIVE);
        const auto sign = (digit.place & Digit::NEGATIVE) != 0 ? NEGATED : 0;
        work.buckets.refs[work.places[digit.bucket]++] = reinterpret_cast<PointRef>(point) | sign;
    }
}

std::vector<G1> FixedBaseMsm::sums(
    std::span<const blst_scalar> scalars, std::size_t first_sum) const
{
    const auto first_base = first_sum * options_.bases_per_sum;
    ASHLAR_ASSERT(first_base <= base_count_ && scalars.size() <= base_count_ - first_base);
    const auto table = table_for_sums();
    auto work = take_workspace();
    fill_buckets(*work, table->points(), scalars, first_base);

    const BucketGrid grid{.bits = options_.window_bits - 1};
    const auto sum_count = work->buckets.counts.size() / grid.buckets();
    const auto before = work->adder.additions();
    work->adder.start(work->digit_count + sum_count * grid.additions_max());
    const auto buckets = group_sums(work->adder, work->buckets);
    auto out = weighted_sums(work->adder, grid, buckets);
    const auto additions = work->adder.additions() - before;
    give_back(std::move(work), additions);
    return out;
}

G1 FixedBaseMsm::sum(std::span<const blst_scalar> scalars) const
{
    ASHLAR_ASSERT(scalars.size() <= options_.bases_per_sum);
    return scalars.empty() ? G1{} : sums(scalars).front();
}

G1 FixedBaseMsm::sum(std::span<const Fr> scalars) const
{
    std::vector<blst_scalar> integers;
    integers.reserve(scalars.size());
    for (const auto& scalar : scalars)
        integers.push_back(scalar.to_scalar());
    return sum(integers);
}

std::uint64_t FixedBaseMsm::additions() const
{
    const MutexLock lock{mutex_};
    return additions_;
}

std::unique_ptr<FixedBaseMsm::Workspace> FixedBaseMsm::take_workspace() const
{
    {
        const MutexLock lock{mutex_};
        if (!idle_.empty())
        {
            auto out = std::move(idle_.back());
            idle_.pop_back();
            return out;
        }
    }
    return std::make_unique<Workspace>(*options_.kernels);
}

void FixedBaseMsm::give_back(std::unique_ptr<Workspace> workspace, std::uint64_t additions) const
{
    const MutexLock lock{mutex_};
    idle_.push_back(std::move(workspace));
    additions_ += additions;
}

}  // namespace ashlar
