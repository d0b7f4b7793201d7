#include "commitments/blob_batch.hpp"

#include <atomic>
#include <optional>

#include "algebra/msm.hpp"
#include "algebra/wide_sum.hpp"
#include "base/mutex.hpp"
#include "base/parallel.hpp"
#include "base/pool.hpp"
#include "commitments/setup_msm.hpp"

namespace ashlar
{
namespace
{

/// Elements that one task sums over all blobs: 4 KiB of each blob, a page, so that the sums stay
/// in the first-level cache and every page is looked up once.
constexpr std::size_t ELEMENTS_PER_SLICE = 128;
constexpr std::size_t SLICES = ELEMENTS_PER_BLOB / ELEMENTS_PER_SLICE;

/// Claims with their coefficients: lists of equal length.
struct WeightedClaims
{
    std::span<const BlobClaim> claims;
    std::span<const SpreadCoefficient> gammas;

    [[nodiscard]] WeightedClaims part(std::size_t begin, std::size_t end) const
    {
        return {.claims = claims.subspan(begin, end - begin),
            .gammas = gammas.subspan(begin, end - begin)};
    }
};

/// Which blobs have an element not below r; set from several threads.
class Malformed
{
public:
    explicit Malformed(std::size_t count) : flags_{std::make_unique<std::atomic<bool>[]>(count)} {}

    void set(std::size_t i) noexcept { flags_[i].store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool at(std::size_t i) const noexcept { return flags_[i].load(); }

private:
    std::unique_ptr<std::atomic<bool>[]> flags_;
};

constexpr std::size_t BLOCKS_PER_SLICE = ELEMENTS_PER_SLICE / WIDE_SUM_ELEMENTS;

/// Adds one slice of Σγᵢ·blobᵢ to the sums.
void add_slice(const WeightedClaims& in, std::size_t slice, Malformed& malformed,
    std::span<WideSums, BLOCKS_PER_SLICE> sums)
{
    std::vector<PackedIntegers> integers;
    integers.reserve(in.claims.size());
    for (const auto& [blob, commitment] : in.claims)
    {
        const auto width = blob.bytes_per_element();
        integers.push_back(
            {.first = blob.bytes().data() + slice * ELEMENTS_PER_SLICE * width, .width = width});
    }
    const auto not_below_r = std::make_unique<bool[]>(in.claims.size());
    wide_sum_kernel()({.integers = integers.data(),
        .gammas = in.gammas.data(),
        .count = in.claims.size(),
        .sums = sums.data(),
        .blocks = sums.size(),
        .not_below_r = not_below_r.get()});
    for (std::size_t i = 0; i < in.claims.size(); ++i)
    {
        if (not_below_r[i])
            malformed.set(i);
    }
}

/// Elements of one slice of Σγᵢ·blobᵢ.
void combine_slice(
    const WeightedClaims& in, std::size_t slice, Malformed& malformed, std::span<Fr> out)
{
    std::array<WideSums, BLOCKS_PER_SLICE> sums{};
    add_slice(in, slice, malformed, sums);
    for (std::size_t e = 0; e < out.size(); ++e)
        out[e] = reduce(sums[e / WIDE_SUM_ELEMENTS], e % WIDE_SUM_ELEMENTS);
}

/// Elements of Σγᵢ·blobᵢ, of no meaning if some blob is malformed.
std::vector<Fr> combine_blobs(const WeightedClaims& in, Malformed& malformed)
{
    std::vector<Fr> combined(ELEMENTS_PER_BLOB);
    parallel_for(SLICES, [&](std::size_t s) {
        combine_slice(in, s, malformed,
            std::span{combined}.subspan(s * ELEMENTS_PER_SLICE, ELEMENTS_PER_SLICE));
    });
    return combined;
}

G1 combine_commitments(const WeightedClaims& in)
{
    std::vector<G1Affine> points;
    std::vector<blst_scalar> scalars;
    points.reserve(in.claims.size());
    scalars.reserve(in.claims.size());
    for (std::size_t i = 0; i < in.claims.size(); ++i)
    {
        points.push_back(in.claims[i].commitment.point());
        scalars.push_back(in.gammas[i].to_scalar());
    }
    return parallel_integer_msm(points, scalars);
}

/// commit(Σγᵢ·blobᵢ) − Σγᵢ·Cᵢ: infinity if all claims hold, and with probability 2⁻¹³⁰ if not.
/// Nothing if a blob is malformed.
std::optional<G1> difference(const WeightedClaims& in, Malformed& malformed)
{
    const auto elements = combine_blobs(in, malformed);
    for (std::size_t i = 0; i < in.claims.size(); ++i)
    {
        if (malformed.at(i))
            return std::nullopt;
    }
    return lagrange_msm().sum(elements) - combine_commitments(in);
}

/// Appends the false ones among well-formed claims, of which the first is number `first` of all.
///
/// The difference of a half is what that of the whole leaves, so only one half is calculated.
/// @pre whole is the difference of all of them, and not infinity
void collect_false(
    const WeightedClaims& in, const G1& whole, std::size_t first, std::vector<std::size_t>& out)
{
    const auto count = in.claims.size();
    if (count == 1)
    {
        out.push_back(first);
        return;
    }
    const auto half = count / 2;
    const auto left = in.part(0, half);
    Malformed none{half};
    const auto left_difference = difference(left, none);
    ASHLAR_ASSERT(left_difference.has_value());
    if (!left_difference->is_infinity())
        collect_false(left, *left_difference, first, out);
    const auto right_difference = whole - *left_difference;
    if (!right_difference.is_infinity())
        collect_false(in.part(half, count), right_difference, first + half, out);
}

}  // namespace

Result<void> verify_blobs(std::span<const BlobClaim> claims)
{
    const auto gammas = random_spread_coefficients(claims.size());
    Malformed malformed{claims.size()};
    const auto found = difference({.claims = claims, .gammas = gammas}, malformed);
    if (!found)
        return fail(ErrorKind::invalid_input, "a blob has an element not below the modulus");
    if (!found->is_infinity())
        return fail(ErrorKind::proof_invalid, "a blob does not match its commitment");
    return {};
}

std::vector<std::size_t> find_false_blobs(std::span<const BlobClaim> claims)
{
    auto gammas = random_spread_coefficients(claims.size());
    Malformed malformed{claims.size()};
    auto whole = difference({.claims = claims, .gammas = gammas}, malformed);
    if (whole && whole->is_infinity())
        return {};

    // Malformed blobs are known at once; the search is among the others.
    std::vector<std::size_t> out;
    std::vector<std::size_t> places;
    std::vector<BlobClaim> rest;
    for (std::size_t i = 0; i < claims.size(); ++i)
    {
        if (malformed.at(i))
        {
            out.push_back(i);
            continue;
        }
        gammas[rest.size()] = gammas[i];
        places.push_back(i);
        rest.push_back(claims[i]);
    }
    const WeightedClaims well_formed{
        .claims = rest, .gammas = std::span{gammas}.first(rest.size())};
    Malformed none{rest.size()};
    if (!whole && !rest.empty())
        whole = difference(well_formed, none);
    std::vector<std::size_t> found;
    if (!rest.empty() && !whole->is_infinity())
        collect_false(well_formed, *whole, 0, found);
    for (const auto i : found)
        out.push_back(places[i]);
    std::ranges::sort(out);
    return out;
}

namespace
{

/// Sums over the elements of blobs that one thread adds to.
using BlobSums = std::array<WideSums, ELEMENTS_PER_BLOB / WIDE_SUM_ELEMENTS>;

void add_sums(WideSums& into, const WideSums& more)
{
    for (std::size_t k = 0; k < WIDE_SUM_COLUMNS; ++k)
    {
        for (std::size_t e = 0; e < WIDE_SUM_ELEMENTS; ++e)
        {
            into.low[k][e] += more.low[k][e];
            into.high[k][e] += more.high[k][e];
        }
    }
}

/// Claims that are read and taken in together.
struct ReadBatch
{
    static constexpr std::size_t CLAIMS = 16;

    Bytes rooms = Bytes(CLAIMS * BYTES_PER_BLOB);
    std::vector<BlobClaim> claims;
};

}  // namespace

struct RunningBlobCheck::State
{
    Pool<BlobSums> sums{thread_count()};
    Pool<ReadBatch> batches{thread_count()};
    Mutex mutex;
    std::vector<G1Affine> points ASHLAR_GUARDED_BY(mutex);
    std::vector<blst_scalar> scalars ASHLAR_GUARDED_BY(mutex);
    bool has_malformed ASHLAR_GUARDED_BY(mutex) = false;
};

RunningBlobCheck::RunningBlobCheck() : state_{std::make_unique<State>()}
{}
RunningBlobCheck::~RunningBlobCheck() = default;

void RunningBlobCheck::add(std::span<const BlobClaim> claims)
{
    const auto gammas = random_spread_coefficients(claims.size());
    const WeightedClaims in{.claims = claims, .gammas = gammas};
    Malformed malformed{claims.size()};
    {
        const auto sums = state_->sums.borrow();
        for (std::size_t slice = 0; slice < SLICES; ++slice)
            add_slice(in, slice, malformed,
                std::span{*sums}.subspan(slice * BLOCKS_PER_SLICE).first<BLOCKS_PER_SLICE>());
    }
    const MutexLock lock{state_->mutex};
    for (std::size_t i = 0; i < claims.size(); ++i)
    {
        state_->has_malformed |= malformed.at(i);
        state_->points.push_back(claims[i].commitment.point());
        state_->scalars.push_back(gammas[i].to_scalar());
    }
}

Result<void> RunningBlobCheck::add_read(std::size_t count, const Reader& read)
{
    constexpr auto CLAIMS = ReadBatch::CLAIMS;
    return try_parallel_for((count + CLAIMS - 1) / CLAIMS, [&](std::size_t i) -> Result<void> {
        const auto begin = i * CLAIMS;
        const auto batch = state_->batches.borrow();
        batch->claims.clear();
        for (auto index = begin; index < std::min(begin + CLAIMS, count); ++index)
        {
            const auto room = std::span{batch->rooms}
                                  .subspan((index - begin) * BYTES_PER_BLOB)
                                  .first<BYTES_PER_BLOB>();
            ASHLAR_TRY(const auto claim, read(index, room));
            batch->claims.push_back(claim);
        }
        add(batch->claims);
        return {};
    });
}

Result<void> RunningBlobCheck::finish()
{
    const MutexLock lock{state_->mutex};
    if (state_->has_malformed)
        return fail(ErrorKind::invalid_input, "a blob has an element not below the modulus");
    if (state_->points.empty())
        return {};
    const auto sums = state_->sums.take_all();
    auto& total = *sums.front();
    for (std::size_t i = 1; i < sums.size(); ++i)
    {
        for (std::size_t block = 0; block < total.size(); ++block)
            add_sums(total[block], (*sums[i])[block]);
    }
    std::vector<Fr> elements;
    elements.reserve(ELEMENTS_PER_BLOB);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        elements.push_back(reduce(total[e / WIDE_SUM_ELEMENTS], e % WIDE_SUM_ELEMENTS));
    // Each side on a thread.
    std::array<G1, 2> sides;
    const auto points = std::move(state_->points);
    const auto scalars = std::move(state_->scalars);
    parallel_for(sides.size(), [&](std::size_t side) {
        sides[side] = side == 0 ? lagrange_msm().sum(elements) : integer_msm(points, scalars);
    });
    if (!(sides[0] - sides[1]).is_infinity())
        return fail(ErrorKind::proof_invalid, "a blob does not match its commitment");
    return {};
}

}  // namespace ashlar
