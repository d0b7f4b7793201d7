#include "commitments/walk.hpp"

#include <map>

#include "algebra/fp_lanes.hpp"
#include "algebra/msm.hpp"
#include "base/parallel.hpp"

namespace ashlar
{
namespace
{

/// Points of a fiber decompressed together with those of its neighbours.
constexpr std::size_t FIBERS_PER_TASK = 16;

/// What follows the points of a layer in a walk: its path, as it travels.
std::vector<Bytes32> parse_path(ByteView bytes)
{
    std::vector<Bytes32> path;
    for (; !bytes.empty(); bytes = bytes.subspan(sizeof(Bytes32)))
        path.push_back(to_array(bytes.first<sizeof(Bytes32)>()));
    return path;
}

/// Decompresses `valid.size()` points, each checked by itself.
void decompress(ByteView bytes, std::span<G1Affine> out, std::span<bool> valid)
{
    std::vector<blst_p1_affine> points(valid.size());
    lane_kernels().decompress(reinterpret_cast<const std::uint8_t*>(bytes.data()), points.data(),
        valid.data(), valid.size());
    for (std::size_t i = 0; i < points.size(); ++i)
        out[i] = valid[i] ? G1Affine{points[i]} : G1Affine{};
}

}  // namespace

Result<Walk> parse_walk(
    const FoldBinding& binding, const FoldRecord& record, std::uint64_t start, ByteView bytes)
{
    const auto geometry = FoldGeometry::of(binding.shape);
    ASHLAR_ASSERT(start < geometry.position_count);
    if (bytes.size() != geometry.walk_bytes())
        return fail(ErrorKind::proof_invalid, "the walk has {} bytes instead of {}", bytes.size(),
            geometry.walk_bytes());
    Walk walk{.start = start};
    for (std::size_t j = 0; j < geometry.final_layer; ++j)
    {
        auto& fiber = walk.fibers.emplace_back();
        std::ranges::copy(
            bytes.first(FIBER_BYTES), std::as_writable_bytes(std::span{fiber}).begin());
        const auto path_bytes = sizeof(Bytes32) * geometry.path_length(j);
        const auto path = parse_path(bytes.subspan(FIBER_BYTES, path_bytes));
        bytes = bytes.subspan(FIBER_BYTES + path_bytes);
        const auto& root = j == 0 ? binding.commitments_root : record.roots[j - 1];
        const auto followed = verify_merkle_path(root, fiber_leaf(j, fiber),
            FoldGeometry::fiber_of(start, j), geometry.path_length(j), path);
        if (!followed)
            return fail(ErrorKind::proof_invalid, "layer {} of the walk from {}: {}", j, start,
                followed.error().message);
    }
    return walk;
}

std::vector<Bytes32> commitment_path(const FoldBinding& binding, const Walk& walk, ByteView bytes)
{
    ASHLAR_ASSERT(!walk.fibers.empty());
    std::vector<Bytes32> leaves(FOLD_FIBER);
    std::ranges::transform(walk.fibers.front(), leaves.begin(), commitment_leaf);
    auto path = MerkleTree::make(std::move(leaves)).path(walk.start % FOLD_FIBER);
    const auto above = FoldGeometry::of(binding.shape).path_length(0);
    const auto rest = parse_path(bytes.subspan(FIBER_BYTES, sizeof(Bytes32) * above));
    path.insert(path.end(), rest.begin(), rest.end());
    return path;
}

/// The distinct fibers of some walks. Two walks through one fiber have the same bytes there,
/// because both paths lead to the same root.
struct WalkChecker::Batch
{
    struct Fiber
    {
        std::size_t layer;
        std::uint64_t index;
        const std::array<Bytes48, FOLD_FIBER>* bytes;
        std::array<G1Affine, FOLD_FIBER> points{};
        std::string fault{};  ///< Why its points will not do; empty if they will.
    };
    using Key = std::pair<std::size_t, std::uint64_t>;

    explicit Batch(std::span<const Walk> walks)
    {
        for (const auto& walk : walks)
        {
            for (std::size_t j = 0; j < walk.fibers.size(); ++j)
            {
                const auto index = FoldGeometry::fiber_of(walk.start, j);
                if (places.emplace(Key{j, index}, fibers.size()).second)
                    fibers.push_back({.layer = j, .index = index, .bytes = &walk.fibers[j]});
            }
        }
    }

    [[nodiscard]] std::size_t place(std::size_t layer, std::uint64_t index) const
    {
        return places.at({layer, index});
    }

    std::vector<Fiber> fibers;
    std::map<Key, std::size_t> places;
};

WalkChecker::WalkChecker(
    const FoldBinding& binding, std::vector<Fr> challenges, std::vector<G1Affine> final_points)
  : binding_{binding},
    geometry_{FoldGeometry::of(binding.shape)},
    challenges_{std::move(challenges)},
    final_points_{std::move(final_points)}
{}

Result<WalkChecker> WalkChecker::make(const FoldBinding& binding, const FoldRecord& record)
{
    std::vector<G1Affine> final_points;
    for (const auto& bytes : record.final_points)
    {
        auto point = G1Affine::decompress(bytes);
        if (!point)
            return fail(ErrorKind::proof_invalid, "final point {}: {}", final_points.size(),
                point.error().message);
        final_points.push_back(*point);
    }
    ASHLAR_CHECK(check_final_layer(binding.shape, final_points));

    const auto layers = FoldGeometry::of(binding.shape).final_layer;
    if (layers == 0)
    {
        std::vector<Bytes32> leaves(record.final_points.size());
        std::ranges::transform(record.final_points, leaves.begin(), commitment_leaf);
        if (merkle_root(std::move(leaves)) != binding.commitments_root)
            return fail(ErrorKind::proof_invalid, "the final layer is not the commitments");
    }
    std::vector<Fr> challenges;
    for (std::size_t j = 0; j < layers; ++j)
        challenges.push_back(
            fold_challenge(binding.shape, binding.commitments_root, record.roots, j));
    return WalkChecker{binding, std::move(challenges), std::move(final_points)};
}

void WalkChecker::check_points(Batch& batch) const
{
    const auto tasks = (batch.fibers.size() + FIBERS_PER_TASK - 1) / FIBERS_PER_TASK;
    parallel_for(tasks, [&](std::size_t task) {
        const auto begin = task * FIBERS_PER_TASK;
        const auto count = std::min(FIBERS_PER_TASK, batch.fibers.size() - begin);
        Bytes bytes;
        for (const auto& fiber : std::span{batch.fibers}.subspan(begin, count))
            append(bytes, std::as_bytes(std::span{*fiber.bytes}));
        std::array<G1Affine, FIBERS_PER_TASK * FOLD_FIBER> points;
        std::array<bool, FIBERS_PER_TASK * FOLD_FIBER> valid{};
        decompress(bytes, points, std::span{valid}.first(count * FOLD_FIBER));
        for (std::size_t i = 0; i < count * FOLD_FIBER; ++i)
        {
            auto& fiber = batch.fibers[begin + i / FOLD_FIBER];
            const auto position = FOLD_FIBER * fiber.index + i % FOLD_FIBER;
            fiber.points.at(i % FOLD_FIBER) = points.at(i);
            const auto empty = EmptyPositions::of(binding_.shape, fiber.layer);
            if (!valid.at(i))
                fiber.fault = fmt::format("position {} is no point of G1", position);
            else if (empty.contains(position) && !points.at(i).is_infinity())
                fiber.fault =
                    fmt::format("empty position {} is not the point at infinity", position);
        }
    });
}

bool WalkChecker::folds_hold_together(const Batch& batch) const
{
    // Σ ρ·(Σ λᵢ·Pᵢ − T) over all fibers, T being where the fiber folds to: one coefficient for
    // each point, as few multiplications as there are points.
    std::vector<G1Affine> points;
    for (const auto& fiber : batch.fibers)
        points.insert(points.end(), fiber.points.begin(), fiber.points.end());
    points.insert(points.end(), final_points_.begin(), final_points_.end());
    std::vector<Fr> coefficients(points.size());
    for (std::size_t f = 0; f < batch.fibers.size(); ++f)
    {
        const auto& [layer, index, bytes, fiber_points, fault] = batch.fibers[f];
        const auto rho = random_coefficient_128();
        const auto weights = fold_weights(geometry_.points(layer), index, challenges_[layer]);
        for (std::size_t i = 0; i < FOLD_FIBER; ++i)
            coefficients[FOLD_FIBER * f + i] += rho * weights.at(i);
        const auto target =
            layer + 1 == geometry_.final_layer
                ? FOLD_FIBER * batch.fibers.size() + index
                : FOLD_FIBER * batch.place(layer + 1, index / FOLD_FIBER) + index % FOLD_FIBER;
        coefficients[target] -= rho;
    }
    return parallel_msm(points, coefficients).is_infinity();
}

Result<void> WalkChecker::check_alone(const Batch& batch, const Walk& walk) const
{
    for (std::size_t j = 0; j < geometry_.final_layer; ++j)
    {
        const auto index = FoldGeometry::fiber_of(walk.start, j);
        const auto& fiber = batch.fibers[batch.place(j, index)];
        if (!fiber.fault.empty())
            return fail(ErrorKind::proof_invalid, "layer {} of the walk from {}: {}", j, walk.start,
                fiber.fault);
        const auto weights = fold_weights(geometry_.points(j), index, challenges_[j]);
        const auto folded = msm(fiber.points, weights).to_affine();
        const auto& expected = j + 1 == geometry_.final_layer
                                   ? final_points_[index]
                                   : batch.fibers[batch.place(j + 1, index / FOLD_FIBER)].points.at(
                                         index % FOLD_FIBER);
        if (!(folded == expected))
            return fail(ErrorKind::proof_invalid,
                "layer {} of the walk from {}: fiber {} does not fold to the next layer's point", j,
                walk.start, index);
    }
    return {};
}

std::vector<Result<Commitment>> WalkChecker::check(std::span<const Walk> walks) const
{
    Batch batch{walks};
    check_points(batch);
    const bool points_hold = std::ranges::all_of(
        batch.fibers, [](const Batch::Fiber& fiber) { return fiber.fault.empty(); });
    const bool all_hold = batch.fibers.empty() || (points_hold && folds_hold_together(batch));

    std::vector<Result<Commitment>> results;
    for (const auto& walk : walks)
    {
        if (!all_hold)
        {
            if (auto checked = check_alone(batch, walk); !checked)
            {
                results.emplace_back(tl::unexpected<Error>{std::move(checked).error()});
                continue;
            }
        }
        const auto& point = geometry_.final_layer == 0
                                ? final_points_[walk.start]
                                : batch.fibers[batch.place(0, walk.start / FOLD_FIBER)].points.at(
                                      walk.start % FOLD_FIBER);
        results.emplace_back(Commitment::from_point(point));
    }
    return results;
}

}  // namespace ashlar
