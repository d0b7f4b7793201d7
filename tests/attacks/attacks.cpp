#include "tests/attacks/attacks.hpp"

#include <map>

#include "commitments/cells.hpp"

namespace ashlar::test
{
namespace
{

/// 2D = 1024: two folds to a final layer of 16; at K = D nothing is empty.
constexpr std::uint64_t CODE_DOMAIN = 512;

/// Draws per client that enter the measured rate: the least that a client makes.
constexpr std::uint64_t DRAWS_MEASURED = 74;

ObjectShape grouped_shape_of(std::uint64_t data)
{
    return ObjectShape::make({.data_blobs = data,
                                 .parity_blobs = ObjectShape::default_parity_blobs(data),
                                 .group_parities = 2})
        .value();
}

/// A world whose publisher is honest.
World honest_world(const ObjectShape& shape)
{
    return {.shape = shape,
        .walk_passes = std::vector<bool>(shape.position_count(), true),
        .answers = [](std::uint64_t, std::uint64_t, RandomSource&) { return true; }};
}

World world_of(const ScalarFold& made)
{
    auto world = honest_world(made.binding().shape);
    world.record_passes = made.record_passes_on_scalars();
    // The walks from one fiber open the same fibers.
    for (std::uint64_t n = 0; n < world.walk_passes.size(); n += FOLD_FIBER)
    {
        const bool passes = made.passes_on_scalars(n);
        for (std::uint64_t i = 0; i < FOLD_FIBER; ++i)
            world.walk_passes[n + i] = passes;
    }
    if (world.shape.data_blobs() < world.shape.domain())
        world.boundary_passes = world.walk_passes[world.shape.data_blobs()];
    return world;
}

/// Share of positions whose walk fails; 1 if the record or the boundary walk shows it already.
double failing_walks(const World& world)
{
    if (!world.record_passes || !world.boundary_passes)
        return 1;
    const auto failing = std::count(world.walk_passes.begin(), world.walk_passes.end(), false);
    return static_cast<double>(failing) / static_cast<double>(world.walk_passes.size());
}

/// Do real points and the real checker agree with the scalars, fiber by fiber?
bool points_agree(const ScalarFold& made)
{
    const auto checker = WalkChecker::make(made.binding(), made.fold().record);
    if (checker.has_value() != made.record_passes_on_scalars())
        return false;
    if (!checker)
        return true;
    std::vector<Walk> walks;
    for (std::uint64_t n = 0; n < made.binding().shape.position_count(); n += FOLD_FIBER)
        walks.push_back(made.walk(n));
    const auto checked = checker->check(walks);
    for (std::size_t f = 0; f < walks.size(); ++f)
    {
        if (checked[f].has_value() != made.passes_on_scalars(walks[f].start))
            return false;
    }
    return true;
}

/// A fold that an attacker makes, of points or of stand-ins.
using FoldMaker = std::function<ScalarFold(RandomSource&, Commit)>;

Attack fold_attack(std::string name, bool may_be_available, FoldMaker make)
{
    return {.name = std::move(name),
        .make_world =
            [make](RandomSource& random) { return world_of(make(random, Commit::by_bytes)); },
        .theory = failing_walks,
        .may_be_available = may_be_available,
        .real_check =
            [make] {
                SeededRandom random{1};
                return points_agree(make(random, Commit::by_points));
            }};
}

/// `count` distinct numbers below `bound`: neighbours, or anywhere.
std::vector<std::uint64_t> choose(
    std::uint64_t bound, std::uint64_t count, bool in_a_run, RandomSource& random)
{
    std::vector<std::uint64_t> all(bound);
    const auto first = random.below(bound);
    for (std::uint64_t i = 0; i < bound; ++i)
        all[i] = in_a_run ? (first + i) % bound : i;
    for (std::uint64_t i = 0; i < count && !in_a_run; ++i)
        std::swap(all[i], all[i + random.below(bound - i)]);
    all.resize(count);
    return all;
}

void add_off_codeword(std::vector<Attack>& attacks)
{
    for (const std::uint64_t percent : {1U, 10U, 25U, 50U})
    {
        for (const bool in_a_run : {true, false})
        {
            for (const bool honest_layers : {true, false})
            {
                auto make = [=](RandomSource& random, Commit commit) {
                    const auto shape = grouped_shape_of(CODE_DOMAIN);
                    const auto word = scalar_codeword(shape, random);
                    auto wrong = word;
                    const auto count = std::max<std::uint64_t>(wrong.size() * percent / 100, 1);
                    for (const auto n : choose(wrong.size(), count, in_a_run, random))
                        wrong[n] += random_scalar(random);
                    return ScalarFold{shape, std::move(wrong),
                        honest_layers ? LayerTamper{} : layers_of_word(word), commit};
                };
                attacks.push_back(fold_attack(fmt::format("{} % off the codeword, {}, {} layers",
                                                  percent, in_a_run ? "in a run" : "scattered",
                                                  honest_layers ? "honest" : "the codeword's"),
                    !honest_layers, make));
            }
        }
    }
}

void add_corrupted_layers(std::vector<Attack>& attacks)
{
    for (const std::size_t layer : {0U, 1U, 2U})
    {
        auto make = [=](RandomSource& random, Commit commit) {
            const auto shape = grouped_shape_of(CODE_DOMAIN);
            const auto word = scalar_codeword(shape, random);
            auto wrong = word;
            const auto error = random_scalar(random);
            const auto place = random.below(word.size() >> (3 * layer));
            if (layer == 0)
                wrong[place] += error;
            return ScalarFold{shape, wrong,
                [=, honest = layers_of_word(word)](
                    std::size_t j, const Fr& alpha, std::vector<Fr>& values) mutable {
                    honest(j, alpha, values);
                    if (j == layer)
                        values[place] += error;
                },
                commit};
        };
        // In the final layer, one wrong point is no codeword.
        attacks.push_back(fold_attack(
            fmt::format("one point of layer {} wrong, roots recomputed", layer), layer < 2, make));
    }
}

/// A codeword through the first half of a final layer.
void interpolate(std::vector<Fr>& values)
{
    std::vector<Fr> half(
        values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    auto other = half;
    extend_to_coset(Elements<Fr>{other}, FftDomain{half.size()});
    std::ranges::copy(other, values.begin() + static_cast<std::ptrdiff_t>(half.size()));
}

void add_final_layers(std::vector<Attack>& attacks)
{
    attacks.push_back(fold_attack("a random word, the final layer interpolated through it", false,
        [](RandomSource& random, Commit commit) {
            const auto shape = grouped_shape_of(CODE_DOMAIN);
            std::vector<Fr> word(shape.position_count());
            for (auto& value : word)
                value = random_scalar(random);
            return ScalarFold{shape, std::move(word),
                [](std::size_t j, const Fr&, std::vector<Fr>& values) {
                    if (j == 2)
                        interpolate(values);
                },
                commit};
        }));
    attacks.push_back(fold_attack(
        "a final layer that is no codeword", false, [](RandomSource& random, Commit commit) {
            const auto shape = grouped_shape_of(CODE_DOMAIN);
            const auto error = random_scalar(random);
            return ScalarFold{shape, scalar_codeword(shape, random),
                [=](std::size_t j, const Fr&, std::vector<Fr>& values) {
                    if (j == 2)
                        values[values.size() - 1] += error;
                },
                commit};
        }));
}

void add_empty_positions(std::vector<Attack>& attacks)
{
    constexpr std::uint64_t DATA = CODE_DOMAIN / 2 + 1;
    attacks.push_back(fold_attack("values at virtual positions, K = D/2 + 1, tree honest", false,
        [](RandomSource& random, Commit commit) {
            return ScalarFold{grouped_shape_of(DATA),
                scalar_codeword(grouped_shape_of(CODE_DOMAIN), random), {}, commit};
        }));
    attacks.push_back(fold_attack(
        "the same, infinity written into the tree", false, [](RandomSource& random, Commit commit) {
            const auto wide = scalar_codeword(grouped_shape_of(CODE_DOMAIN), random);
            auto word = wide;
            std::fill(word.begin() + DATA, word.begin() + CODE_DOMAIN, Fr{});
            return ScalarFold{
                grouped_shape_of(DATA), std::move(word), layers_of_word(wide), commit};
        }));
    attacks.push_back(fold_attack("the same, infinity in every layer, final layer interpolated",
        false, [](RandomSource& random, Commit commit) {
            const auto wide = scalar_codeword(grouped_shape_of(CODE_DOMAIN), random);
            auto word = wide;
            std::fill(word.begin() + DATA, word.begin() + CODE_DOMAIN, Fr{});
            return ScalarFold{grouped_shape_of(DATA), std::move(word),
                [honest = layers_of_word(wide)](
                    std::size_t j, const Fr& alpha, std::vector<Fr>& values) mutable {
                    honest(j, alpha, values);
                    const auto empty = EmptyPositions::of(grouped_shape_of(DATA), j);
                    std::fill(values.begin() + static_cast<std::ptrdiff_t>(empty.begin),
                        values.begin() + static_cast<std::ptrdiff_t>(empty.end), Fr{});
                    if (j == 2)
                        interpolate(values);
                },
                commit};
        }));
}

/// (0, 2) is on the curve and has order 3.
bool order_three_is_refused()
{
    blst_p1_affine point{};
    constexpr std::array<std::uint64_t, 6> TWO{2};
    blst_fp_from_uint64(&point.y, TWO.data());
    const bool on_curve = blst_p1_affine_on_curve(&point);
    SeededRandom random{1};
    const auto shape = grouped_shape_of(CODE_DOMAIN);
    const ScalarFold made{shape, scalar_codeword(shape, random)};
    std::vector<Bytes48> points(made.codeword().begin(), made.codeword().end());
    // P + T, so that only the subgroup check tells.
    blst_p1 sum;
    blst_p1_from_affine(&sum, &point);
    blst_p1_add_or_double_affine(&sum, &sum, &G1Affine::decompress(points[9]).value().raw());
    blst_p1_compress(reinterpret_cast<byte*>(points[9].data()), &sum);
    auto fold = made.fold();
    std::vector<Bytes32> leaves;
    for (std::size_t at = 0; at < points.size(); at += FOLD_FIBER)
        leaves.push_back(fiber_leaf(0, std::span{points}.subspan(at).first<FOLD_FIBER>()));
    fold.trees[0] = MerkleTree::make(std::move(leaves));
    auto binding = made.binding();
    binding.commitments_root = fold.trees[0].root();
    const auto checker = WalkChecker::make(binding, fold.record).value();
    const auto bytes = fold.walk(12, std::span{points}.subspan(8).first<FOLD_FIBER>());
    const auto walk = parse_walk(binding, fold.record, 12, bytes);
    return on_curve && walk && !checker.check({&*walk, 1})[0];
}

void add_order_three(std::vector<Attack>& attacks)
{
    attacks.push_back({.name = "order-3 points at 25 % of positions, in a run",
        .make_world =
            [](RandomSource& random) {
                auto world = honest_world(grouped_shape_of(CODE_DOMAIN));
                const auto fibers = world.walk_passes.size() / FOLD_FIBER;
                for (const auto fiber : choose(fibers, fibers / 4, true, random))
                {
                    for (std::size_t i = 0; i < FOLD_FIBER; ++i)
                        world.walk_passes[FOLD_FIBER * fiber + i] = false;
                }
                return world;
            },
        .theory = failing_walks,
        .may_be_available = false,
        .real_check = order_three_is_refused});
}

using Answers = std::function<bool(std::uint64_t, std::uint64_t, RandomSource&)>;

/// Which stored blobs are hidden.
using Hidden = std::function<bool(std::uint64_t stored)>;

/// `blobs` of them, anywhere.
Hidden hide_anywhere(const ObjectShape& shape, std::uint64_t blobs, RandomSource& random)
{
    std::vector<bool> hidden(shape.stored_count());
    for (const auto t : choose(shape.stored_count(), blobs, false, random))
        hidden[t] = true;
    return [hidden = std::move(hidden)](std::uint64_t stored) { return hidden[stored]; };
}

/// `blobs` of them, one after another: as good as anywhere against uniform draws, for any size.
Hidden hide_run(const ObjectShape& shape, std::uint64_t blobs, RandomSource& random)
{
    const auto first = random.below(shape.stored_count());
    return [=, count = shape.stored_count()](
               std::uint64_t stored) { return (stored + first) % count < blobs; };
}

/// All members of one group; runs are single blobs below 2¹⁶.
Hidden hide_group(const ObjectShape& shape, std::uint64_t /*blobs*/, RandomSource& random)
{
    const auto group = random.below(shape.stored_count() / RUNS_PER_STRIPE);
    return [=](std::uint64_t stored) { return stored / RUNS_PER_STRIPE == group; };
}

using Hide = Hidden (*)(const ObjectShape&, std::uint64_t, RandomSource&);

/// An honest publisher, and nodes that hide `blobs` blobs: `cells` cells of each.
Attack withheld(std::string name, std::uint64_t blobs, std::uint64_t cells, bool may_be_available,
    Hide hide = hide_anywhere, const ObjectShape& shape = grouped_shape_of(CODE_DOMAIN))
{
    const auto share = static_cast<double>(blobs * cells) /
                       static_cast<double>(shape.stored_count() * CELLS_PER_EXT_BLOB);
    return {.name = std::move(name),
        .make_world =
            [=](RandomSource& random) {
                auto world = honest_world(shape);
                auto hidden = hide(shape, blobs, random);
                const auto first = random.below(CELLS_PER_EXT_BLOB);
                world.answers = [=, hidden = std::move(hidden)](
                                    std::uint64_t stored, std::uint64_t cell, RandomSource&) {
                    return !hidden(stored) || (cell + first) % CELLS_PER_EXT_BLOB >= cells;
                };
                return world;
            },
        .theory = [=](const World&) { return share; },
        .may_be_available = may_be_available};
}

/// Nodes down, and commitments off the codeword.
Attack mixture(std::uint64_t down_percent, std::uint64_t wrong_percent)
{
    const auto shape = grouped_shape_of(CODE_DOMAIN);
    const auto blobs = shape.stored_count() * down_percent / 100;
    const auto nodes = withheld("", blobs, CELLS_PER_EXT_BLOB, true);
    return {.name = fmt::format(
                "mixture: {} % down, {} % off the codeword scattered", down_percent, wrong_percent),
        .make_world =
            [=](RandomSource& random) {
                auto world = nodes.make_world(random);
                const auto word = scalar_codeword(shape, random);
                auto wrong = word;
                for (const auto n :
                    choose(wrong.size(), wrong.size() * wrong_percent / 100, false, random))
                    wrong[n] += random_scalar(random);
                const auto publisher = world_of(
                    ScalarFold{shape, std::move(wrong), layers_of_word(word), Commit::by_bytes});
                world.walk_passes = publisher.walk_passes;
                return world;
            },
        .theory =
            [=](const World& world) {
                const auto failing = failing_walks(world);
                const auto down =
                    static_cast<double>(blobs) / static_cast<double>(shape.stored_count());
                return failing + (1 - failing) * down;
            },
        .may_be_available = true};
}

/// Lost by two things together: nodes are down, and of the rest of P + 1 blobs 65 cells are hidden.
Attack down_and_hidden(std::uint64_t down_percent)
{
    const auto shape = grouped_shape_of(CODE_DOMAIN);
    const auto lost = shape.parity_blobs() + 1;
    const auto down = shape.stored_count() * down_percent / 100;
    constexpr std::uint64_t CELLS = CELLS_PER_EXT_BLOB / 2 + 1;
    const auto cells = down * CELLS_PER_EXT_BLOB + (lost - down) * CELLS;
    const auto share =
        static_cast<double>(cells) / static_cast<double>(shape.stored_count() * CELLS_PER_EXT_BLOB);
    return {.name = fmt::format(
                "mixture: {} % down, 65 of 128 cells of the rest of P+1 withheld", down_percent),
        .make_world =
            [=](RandomSource& random) {
                auto world = honest_world(shape);
                std::vector<std::uint64_t> hidden_cells(shape.stored_count());
                const auto chosen = choose(shape.stored_count(), lost, false, random);
                for (std::size_t i = 0; i < chosen.size(); ++i)
                    hidden_cells[chosen[i]] = i < down ? CELLS_PER_EXT_BLOB : CELLS;
                world.answers = [hidden_cells = std::move(hidden_cells)](std::uint64_t stored,
                                    std::uint64_t cell,
                                    RandomSource&) { return cell >= hidden_cells[stored]; };
                return world;
            },
        .theory = [=](const World&) { return share; },
        .may_be_available = false};
}

/// What one client came to.
struct ClientEnd
{
    enum class Verdict : std::uint8_t
    {
        available,
        unavailable,
        invalid,
        unconfirmed,
    };
    Verdict verdict;
    double shown = 0;  ///< Of the first draws.
};

/// Accepting looks, each computed once.
class Looks
{
public:
    Looks(Fraction p, double epsilon) : schedule_{p, epsilon} {}

    [[nodiscard]] std::uint64_t at(std::uint64_t failures)
    {
        const auto found = looks_.find(failures);
        if (found != looks_.end())
            return found->second;
        const auto look = schedule_.draws_for(failures).value_or(SAMPLES_MAX + 1);
        looks_.emplace(failures, look);
        return look;
    }

private:
    AcceptSchedule schedule_;
    std::map<std::uint64_t, std::uint64_t> looks_;
};

/// Draws of one client, until the rule of DESIGN §4 gives a verdict.
ClientEnd run_client(const World& world, Looks& walk_looks, Looks& sample_looks,
    const RefuseSchedule& refuse, RandomSource& random)
{
    using Verdict = ClientEnd::Verdict;
    if (!world.record_passes || !world.boundary_passes)
        return {.verdict = Verdict::invalid, .shown = 1};
    std::uint64_t walks = 0;
    std::uint64_t samples = 0;
    std::uint64_t failures = 0;
    std::uint64_t shown = 0;
    std::optional<Verdict> verdict;
    while (!verdict || walks < DRAWS_MEASURED)
    {
        const auto position = random.below(world.shape.position_count());
        const auto cell = random.below(CELLS_PER_EXT_BLOB);
        const auto stored = world.shape.stored_index_of(position);
        ++walks;
        const bool walk_fails = !world.walk_passes[position];
        const bool sample_fails = stored && !world.answers(*stored, cell, random);
        shown += walks <= DRAWS_MEASURED && (walk_fails || sample_fails) ? 1 : 0;
        if (verdict)
            continue;
        samples += stored ? 1 : 0;
        failures += sample_fails ? 1 : 0;
        if (walk_fails)
            verdict = Verdict::invalid;
        else if (walks >= walk_looks.at(0) && samples >= sample_looks.at(failures))
            verdict = Verdict::available;
        else if (stored && refuse.refuses(samples, failures))
            verdict = Verdict::unavailable;
        else if (samples >= SAMPLES_MAX)
            verdict = Verdict::unconfirmed;
    }
    return {.verdict = *verdict,
        .shown = static_cast<double>(shown) / static_cast<double>(DRAWS_MEASURED)};
}

}  // namespace

std::vector<Attack> all_attacks()
{
    const auto shape = grouped_shape_of(CODE_DOMAIN);
    const auto hidden = shape.parity_blobs() + 1;
    std::vector<Attack> attacks;
    attacks.push_back(withheld("P+1 positions withheld", hidden, CELLS_PER_EXT_BLOB, false));
    attacks.push_back(withheld("65 of 128 cells of P+1 positions withheld", hidden, 65, false));
    const auto terabyte = grouped_shape_of(std::uint64_t{1} << 23);
    attacks.push_back(withheld("P+1 positions of a terabyte withheld", terabyte.parity_blobs() + 1,
        CELLS_PER_EXT_BLOB, false, hide_run, terabyte));
    attacks.push_back(withheld("one group destroyed (stays recoverable)", RUNS_PER_STRIPE,
        CELLS_PER_EXT_BLOB, true, hide_group));
    add_off_codeword(attacks);
    add_corrupted_layers(attacks);
    add_final_layers(attacks);
    add_empty_positions(attacks);
    add_order_three(attacks);
    for (const std::uint64_t percent : {10U, 30U, 49U})
        attacks.push_back(withheld(fmt::format("{} % of the nodes down (recoverable)", percent),
            shape.stored_count() * percent / 100, CELLS_PER_EXT_BLOB, true));
    attacks.push_back(mixture(10, 1));
    attacks.push_back(mixture(30, 10));
    attacks.push_back(down_and_hidden(10));
    attacks.push_back(down_and_hidden(30));
    return attacks;
}

AttackResult play(const Attack& attack, std::size_t clients, double epsilon)
{
    AttackResult result;
    SeededRandom random{1};
    std::optional<Looks> sample_looks;
    Looks walk_looks{{1, 4}, epsilon};
    for (std::size_t i = 0; i < clients; ++i)
    {
        const auto world = attack.make_world(random);
        if (!sample_looks)
            sample_looks.emplace(hidden_share(world.shape, SampleMode::cell), epsilon);
        const RefuseSchedule refuse{lost_share(world.shape), epsilon};
        const auto end = run_client(world, walk_looks, *sample_looks, refuse, random);
        result.shown_rate += end.shown / static_cast<double>(clients);
        result.theory_rate += attack.theory(world) / static_cast<double>(clients);
        using Verdict = ClientEnd::Verdict;
        result.available += end.verdict == Verdict::available ? 1 : 0;
        result.unavailable += end.verdict == Verdict::unavailable ? 1 : 0;
        result.invalid += end.verdict == Verdict::invalid ? 1 : 0;
        result.unconfirmed += end.verdict == Verdict::unconfirmed ? 1 : 0;
    }
    if (attack.real_check)
        result.real_check = attack.real_check();
    return result;
}

double false_accept_share(Fraction p, double epsilon, std::size_t clients)
{
    Looks looks{p, epsilon};
    SeededRandom random{1};
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < clients; ++i)
    {
        std::uint64_t failures = 0;
        for (std::uint64_t draws = 0; draws < SAMPLES_MAX; ++draws)
        {
            if (draws >= looks.at(failures))
            {
                ++accepted;
                break;
            }
            failures += random.below(p.denominator) < p.numerator ? 1 : 0;
        }
    }
    return static_cast<double>(accepted) / static_cast<double>(clients);
}

}  // namespace ashlar::test
